"""What depends on data that is too old waits, its reader knows why, and one catch-up comes with the data."""

from datetime import UTC, datetime, timedelta

import pytest

from kamflow.models.source import ImportedFile, Source
from notifications.deliver import Delivered
from notifications.render import examples, html, slack
from tests.notifications.conftest import Office, PostOffice, text


def came(office: Office, at: datetime) -> None:
    office.add(
        ImportedFile(source="crm", name="x", digest="1", rows=1, counts={"interactions": {}}, imported_at=at)
    )


@pytest.fixture
def late(post_office: PostOffice) -> PostOffice:
    """The CRM's data is of 20 August, and may be a week old."""
    post_office.add(Source(key="crm", age_limit_days=7))
    came(post_office, datetime(2026, 8, 20, 4, tzinfo=UTC))
    return post_office


def test_the_reader_is_told_once_what_waits_and_then_once_what_is_due(late: PostOffice) -> None:
    late.nudge(late.person(language="en"))
    late.compose()
    assert late.deliver(renderers=None) == Delivered(sent=1)
    mail = late.smtp.messages[0]
    assert "Reminders paused: CRM data of 20 August" in text(mail)
    assert late.told() == []

    late.clock.advance(days=1)
    assert late.compose().messages == 0

    late.clock.advance(days=1)
    came(late, late.clock())
    assert late.compose().told == 1
    assert late.deliver() == Delivered(sent=1)
    assert late.messages()[-1].facts["occasion"] == "catch-up"
    assert late.messages()[-1].facts["back"]

    late.clock.advance(days=1)
    assert late.compose().messages == 0


def test_what_needs_other_data_is_told_and_says_what_waits(late: PostOffice) -> None:
    anna = late.person(language="de")
    late.nudge(anna)
    other = late.nudge(
        anna, "measure", rule="measure_followup", facts={"measure": 1, "side": "ours", "due": "2026-09-21"}
    )
    late.compose()

    assert late.told() == [(other.id, 1, "opened")]
    assert late.messages()[0].facts["paused"] == [
        {"source": "crm", "day": "2026-08-20", "rules": ["contact_shortfall"]}
    ]


def test_when_the_data_comes_before_the_message_goes_it_is_not_sent(late: PostOffice) -> None:
    late.nudge(late.person())
    late.compose()
    came(late, late.clock())

    assert late.deliver(renderers=None) == Delivered(cancelled=1)
    late.clock.advance(days=1)
    assert late.compose().told == 1


def test_complete_figures_are_asked_about_and_missing_ones_from_their_owner(late: PostOffice) -> None:
    late.add(
        ImportedFile(
            source="crm", name="y", digest="2", rows=1, counts={"revenue": {}},
            imported_at=late.clock() - timedelta(days=30),
        )
    )  # fmt: skip
    anna = late.person()
    asked = [
        late.nudge(
            anna,
            step,
            rule="quarterly_controlling",
            identity=f"q{step}{state}",
            group_key=f"{step}{state}",
            facts={"state": state},
        )
        for step, state in (("comment", "preliminary"), ("comment", "complete"), ("no_data", "preliminary"))
    ]  # fmt: skip
    late.compose()

    assert [number for number, *_ in late.told()] == [asked[1].id, asked[2].id]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Erinnerungen ausgesetzt: CRM-Daten vom 14. März"),
        ("en", "Reminders paused: CRM data of 14 March"),
    ],
)
def test_mail_and_post_say_it_in_both_languages(language: str, words: str) -> None:
    only, beside = (examples.VIEWS["digest", case](language) for case in ("paused_only", "paused"))
    assert html.mail(only).subject == words
    for view in (only, beside):
        assert f"{words}." in slack.as_text(slack.post(view).blocks)
        assert f"{words}." in html.mail(view).text
