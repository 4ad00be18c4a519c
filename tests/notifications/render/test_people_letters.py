"""What is told around the rules: the ladder, the welcome, the page of an account handed over."""

from dataclasses import replace

import pytest

from notifications.render import examples, html, letter
from notifications.render import people_example as around
from notifications.render import training_example as made
from notifications.render.item import Letter


def told(*nudges: object, language: str = "en", **more: object) -> Letter:
    return letter.letter(made.view(tuple(nudges), language=language, **more))


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Muster AG has no account plan: overdue for 10 working days"),
        ("de", "Muster AG hat keinen Accountplan: seit 10 Arbeitstagen überfällig"),
    ],
)
def test_the_ladder_speaks_of_the_customer(language: str, title: str) -> None:
    found = told(around.climbed(), language=language)
    mail = html.laid_out(found)

    assert found.items[0].title == title
    assert found.subject == title.partition(":")[0]
    # The reader is greeted; nobody else is named.
    assert "Henrike Kruse" not in mail.text
    assert "Ruth Albers" not in mail.text


def test_it_says_why_it_is_told_and_that_it_is_told_once() -> None:
    item = told(around.climbed()).items[0]

    assert item.marks == ("for information, told once",)
    assert item.why.startswith("10 working days after the date the head of KAM is told")
    assert item.next.startswith("This is told once.")


def test_a_lead_is_told_how_much_time_is_left() -> None:
    item = told(around.asked_of_the_lead()).items[0]

    assert item.title.endswith("due in 2 working days")
    assert "the department's lead" in item.why


def test_several_customers_are_listed_and_one_day_is_one_day() -> None:
    item = told(around.climbed(), around.climbed(2, 1)).items[0]

    assert item.title == "2 items are still open at customers"
    assert [line.badge for line in item.lines] == [
        "overdue for 10 working days",
        "overdue for 1 working day",
    ]


@pytest.mark.parametrize(
    ("rule", "step", "says"),
    [
        ("plan_creation", "approve", "the account plan is waiting for a decision"),
        ("quarterly_controlling", "comment", "has no comment on the quarter"),
        ("annual_meeting", "arrange", "has no date for the annual meeting"),
        ("annual_meeting", "minutes", "has no minutes"),
        ("survey_dispatch", "answer", "is waiting for a reply"),
        ("measure_followup", "followup", "is not done"),
        ("a_rule_to_come", "step", "something is open"),
    ],
)
def test_every_rule_has_its_words(rule: str, step: str, says: str) -> None:
    facts = {"measure": 1}
    nudge = replace(around.climbed(), rule=rule, step=step, facts=facts)

    assert says in told(nudge).items[0].title


def test_once_a_week_a_head_reads_how_many_customers_nobody_looks_after() -> None:
    assert "4 customers have no key account manager" in told(around.climbed(), without_kam=4).more
    assert told(around.climbed()).more == ""


def test_the_welcome_says_when_how_often_and_how_much() -> None:
    shadow = examples.example("welcome", "shadow", "en")
    later = examples.example("welcome", "later", "en")

    assert shadow.subject == "kamflow begins on 21 September"
    assert later.subject == "kamflow begins tomorrow"
    assert [line.head for line in shadow.items[0].lines][-1] == "Who sees it"
    assert later.items[0].lines[0].text.startswith("One message a month")


def test_the_page_has_a_part_for_everything_there_is() -> None:
    page = examples.example("account_handover", "one", "en")
    bare = examples.example("account_handover", "bare", "en")

    assert [item.kind for item in page.items] == ["Contacts", "Promised", "Not known", "Next 90 days"]
    assert page.items[0].title == "Muster AG, from 7 September; before: Henrike Kruse"
    assert [item.kind for item in bare.items] == ["Contacts"]
    assert bare.items[0].lines[0].head == "No contact is planned here"


def test_a_long_page_says_what_it_leaves_out() -> None:
    page = examples.example("account_handover", "long", "en")

    assert [len(item.lines) for item in page.items] == [12, 12, 6, 12]
    assert page.items[0].rest == "6 more follow."
    assert len(html.laid_out(page).html.encode()) < html.LIMIT
