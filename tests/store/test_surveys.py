"""Who may be asked, as the tables say it: each row of the governor's table goes through the real queries."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, event, update

from kamflow.models.account import Account, AccountClosing, Pause
from kamflow.models.contact import Contact, Place
from kamflow.models.meeting import AnnualMeeting
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.survey import SurveyWave
from kamflow.models.training import Complaint
from kamflow.policy import Policy
from kamflow.store import engine as db
from kamflow.thresholds import SurveyDispatch
from notifications.silence_words import REASONS
from tests.surveyed import RULE, M, Surveyed
from tests.world import STAMP

PREPARED, SENT = date(2026, 6, 30), date(2026, 7, 7)
JULY = [date(2026, 7, day) for day in range(1, 32)]


def july(day: int) -> date:
    return JULY[day - 1]


@pytest.fixture
def world(engine: Engine) -> Surveyed:
    return Surveyed(engine)


@pytest.fixture
def witt(world: Surveyed) -> Person:
    return world.person("Witt")


@pytest.fixture
def muster(world: Surveyed, witt: Person) -> Account:
    account = world.account("Muster AG", witt, account_class="key")
    world.meeting(account, M)
    return account


class Customer(NamedTuple):
    account: Account
    other: Account
    meeting: AnnualMeeting
    contact: Contact


def people(world: Surveyed, witt: Person, cases: Iterable[str]) -> dict[str, Customer]:
    """For each case a key account with its meeting, a contact there, and another account of the contact."""
    made: dict[str, Customer] = {}
    for case in cases:
        account = world.account(f"{case} AG", witt, account_class="key")
        other = world.account(f"{case} GmbH", account_class="B")
        meeting = world.meeting(account, M)
        made[case] = Customer(account, other, meeting, world.contact(case, account, other))
    return made


def said(world: Surveyed, day: date, made: Mapping[str, Customer]) -> dict[str, Any]:
    found = world.said(day)
    return {case: found.get(customer.contact.id) for case, customer in made.items()}


# What is known of a contact on 30 June -> the day on which the wave would ask, or why it does not.
NOTICE = {"consent_on": date(2025, 3, 1), "consent_wording": "You may object at any time."}
KNOWN: dict[str, tuple[dict[str, Any], Any]] = {
    "consent": ({}, july(7)),
    "relationship with the notice": ({"survey_consent": "relationship"} | NOTICE, july(7)),
    "relationship, its notice not on record": (
        {"survey_consent": "relationship", "consent_on": date(2025, 3, 1)},
        ("no_notice", None),
    ),
    "no consent": ({"survey_consent": None}, ("no_consent", None)),
    "objection": ({"survey_consent": "objected"} | NOTICE, ("objected", None)),
    "no address": ({"email": None}, ("no_address", None)),
    "an address that bounced": ({"unreachable_on": date(2026, 5, 4)}, ("no_address", None)),
    "an address that bounces later": ({"unreachable_on": july(2)}, july(7)),
    "school holidays from 4 July": ({"region": "ST"}, date(2026, 8, 18)),
    "school holidays that nobody knows": ({"country": "CH", "region": "ZH"}, july(7)),
}


def complaint(world: Surveyed, account: Account, **more: Any) -> None:
    said = {"account_id": account.id, "subject": "late", "opened_on": date(2026, 6, 1)}
    world.add(Complaint(**said | more))


# What happened around a contact. `c` is the customer.
AROUND: dict[str, tuple[Callable[[Surveyed, Customer], Any], Any]] = {
    "complaint": (lambda w, c: complaint(w, c.account), ("complaint", None)),
    "complaint of tomorrow": (lambda w, c: complaint(w, c.account, opened_on=july(1)), july(7)),
    "complaint that was closed": (lambda w, c: complaint(w, c.account, closed_on=PREPARED), july(7)),
    "complaint at another account": (lambda w, c: complaint(w, c.other), ("complaint", None)),
    "complaint of its own": (
        lambda w, c: complaint(w, w.account("Alt"), contact_id=c.contact.id),
        ("complaint", None),
    ),
    "survey 180 days before": (lambda w, c: w.wave(c.other, c.contact, invited_on=date(2026, 1, 8)), july(7)),
    "survey 179 days before": (lambda w, c: w.wave(c.other, c.contact, invited_on=date(2026, 1, 9)), july(8)),
    "survey in spring": (
        lambda w, c: w.wave(c.other, c.contact, invited_on=date(2026, 4, 14)),
        ("asked_lately", date(2026, 10, 11)),
    ),
    "answer to a survey held elsewhere": (
        lambda w, c: (
            w.wave(c.account, c.contact, source="survey tool", imported=True),
            w.answer(c.contact, 7, date(2026, 4, 14)),
        ),
        ("asked_lately", date(2026, 10, 11)),
    ),
    "list of another survey": (lambda w, c: w.wave(c.other, c.contact), ("other_wave", None)),
    "list of a survey that was called off": (
        lambda w, c: w.wave(c.other, c.contact, stopped_on=date(2026, 6, 1)),
        july(7),
    ),
    "list of a survey of last year": (
        lambda w, c: w.wave(c.other, c.contact, year_first=date(2025, 1, 1), year_last=date(2025, 12, 31)),
        july(7),
    ),
    "negotiation that is not agreed": (
        lambda w, c: w.meeting(c.other, date(2026, 5, 5), july(20), kind="negotiation"),
        ("talks", None),
    ),
    "negotiation that begins in August": (
        lambda w, c: w.meeting(c.other, date(2026, 8, 4), kind="negotiation"),
        ("talks", None),
    ),
    "negotiation that was agreed": (
        lambda w, c: w.meeting(c.other, date(2026, 5, 5), kind="negotiation", agreed_on=date(2026, 6, 29)),
        july(7),
    ),
    "negotiation of two years ago that nobody closed": (
        lambda w, c: w.meeting(c.other, date(2024, 5, 5), kind="negotiation"),
        july(7),
    ),
    "annual meeting elsewhere on 14 July": (lambda w, c: w.meeting(c.other, july(14)), july(15)),
    "pause": (
        lambda w, c: w.add(Pause(account_id=c.account.id, until_day=M, reason="merger", paused_at=STAMP)),
        ("paused", None),
    ),
    "end of the account": (lambda w, c: w.change(c.account, closed_on=M), ("account_closed", None)),
    "more influential people": (
        lambda w, c: [w.contact(f"C{number}", c.account, influence=9) for number in range(5)],
        ("wave_full", None),
    ),
}


def test_what_is_known_of_a_contact_decides(world: Surveyed, witt: Person) -> None:
    made = people(world, witt, KNOWN)
    for case, (more, _) in KNOWN.items():
        if more:
            world.change(made[case].contact, **more)

    assert said(world, PREPARED, made) == {case: expected for case, (_, expected) in KNOWN.items()}


def test_what_happens_around_a_contact_decides(world: Surveyed, witt: Person) -> None:
    made = people(world, witt, AROUND)
    for case, (happens, _) in AROUND.items():
        happens(world, made[case])

    assert said(world, PREPARED, made) == {case: expected for case, (_, expected) in AROUND.items()}


# What happens to a contact on the list of a wave -> the day of the mail, or why there is none on 7 July.
ON_LIST: dict[str, tuple[Callable[[Surveyed, Customer, SurveyWave], Any], Any]] = {
    "nothing": (lambda w, c, wave: None, SENT),
    "the KAM struck the name": (
        lambda w, c, wave: w.change(w.invitation(c.contact), struck_on=july(3)),
        ("struck", None),
    ),
    "called off": (lambda w, c, wave: w.change(wave, stopped_on=july(3)), ("stopped", None)),
    "objection": (lambda w, c, wave: w.change(c.contact, survey_consent="objected"), ("objected", None)),
    "gone": (lambda w, c, wave: w.leaves(c.contact, july(6)), ("gone", None)),
    "annual meeting cancelled": (lambda w, c, wave: w.cancel(c.meeting), ("no_meeting", None)),
    "account closed": (lambda w, c, wave: w.change(c.account, closed_on=july(6)), ("no_meeting", None)),
    "customer closed for a week": (
        lambda w, c, wave: w.add(
            AccountClosing(account_id=c.account.id, from_day=july(6), until_day=july(10))
        ),
        ("not_due", july(14)),
    ),
    "asked on Monday": (
        lambda w, c, wave: w.change(w.invitation(c.contact), invited_on=july(6)),
        ("not_due", july(14)),
    ),
}


def test_what_happens_to_a_list_decides(world: Surveyed, witt: Person) -> None:
    made = people(world, witt, ON_LIST)
    for case, (happens, _) in ON_LIST.items():
        happens(world, made[case], world.wave(made[case].account, made[case].contact, send_on=SENT))

    assert said(world, SENT, made) == {case: expected for case, (_, expected) in ON_LIST.items()}


def test_surveys_may_be_sent_on_thursdays_only(world: Surveyed, muster: Account) -> None:
    world.policy = Policy(survey_dispatch=SurveyDispatch(weekdays=(4,)))
    kruse = world.contact("Kruse", muster)
    world.wave(muster, kruse, send_on=SENT)

    assert world.said(SENT) == {kruse.id: ("not_due", july(9))}


def test_every_refusal_of_the_table_is_said_in_both_languages() -> None:
    refused = [found for table in (KNOWN, AROUND, ON_LIST) for _, found in table.values()]
    reasons = {found[0] for found in refused if isinstance(found, tuple)}

    assert len(reasons) > 12
    assert all(REASONS[reason][0] != REASONS[reason][1] for reason in reasons)


def test_holidays_of_the_contact_put_its_mail_off(world: Surveyed) -> None:
    # M on 17 November: the wave goes out on 14 July, a holiday in France.
    account = world.account("Halm", account_class="key")
    world.meeting(account, date(2026, 11, 17))
    kruse = world.contact("Kruse", account, country="FR", region=None)

    assert world.said(july(7)) == {kruse.id: july(15)}


def test_a_contact_at_two_accounts_is_asked_by_one_of_them(
    world: Surveyed, witt: Person, muster: Account
) -> None:
    second = world.account("Halm", witt, account_class="key")
    world.meeting(second, M)
    kruse = world.contact("Kruse", muster, second)

    assert world.dispatch(PREPARED) == [f"create_wave {kruse.id}"] * 2
    assert world.dispatch(SENT) == [f"invite {kruse.id}"]
    assert [world.dispatch(day) for day in (july(8), july(13))] == [[], []]
    reasons = [(each.reason, each.until) for each in world.silences(july(8)) if "contact" in each.figures]
    assert ("asked_lately", date(2027, 1, 4)) in reasons  # the mail still waits: it counts from today


def test_the_highest_influence_counts_and_what_is_not_known_is_said(world: Surveyed, muster: Account) -> None:
    kruse = world.contact("Kruse", muster, influence=4)
    world.add(Place(contact_id=kruse.id, account_id=muster.id, influence=8, until_day=date(2026, 6, 1)))
    world.add(Place(contact_id=kruse.id, account_id=muster.id, influence=6))
    world.contact("Lech", muster, influence=None, country="CH")

    first, second = next(fact for fact in world.facts(RULE, PREPARED) if fact.candidates).candidates

    assert (first.influence, second.influence, second.holidays) == (6, None, None)
    assert first.holidays == ((july(20), date(2026, 9, 1)),)


def test_people_are_looked_at_only_on_the_day_on_which_a_wave_is_put_together(
    world: Surveyed, muster: Account
) -> None:
    world.contact("Kruse", muster)

    assert not any(fact.candidates for fact in world.facts(RULE, date(2026, 6, 29)))
    assert any(fact.candidates for fact in world.facts(RULE, PREPARED))


def test_who_stands_in_is_asked_where_the_kam_has_left(world: Surveyed) -> None:
    head, deputy = world.person("Lang", "head"), world.person("Arnst")
    gone = world.person("Weg", deputy_id=deputy.id, left_on=date(2026, 6, 1))
    left, nobody = world.account("Alt", gone), world.account("Leer")

    asked = {fact.account: fact.kam.person for fact in world.facts(RULE, PREPARED)}

    assert asked == {left.id: deputy.id, nobody.id: head.id}


def test_a_closed_account_asks_for_no_reply(world: Surveyed, muster: Account) -> None:
    kruse = world.contact("Kruse", muster)
    world.wave(muster, kruse, invited_on=july(7))
    world.answer(kruse, 2, july(8))
    world.dispatch(july(9))
    assert [nudge.stage for nudge in world.nudges()] == ["detractor"]

    world.change(muster, closed_on=july(10))
    world.dispatch(july(10))
    assert [nudge.closed_as for nudge in world.nudges(living=False)] == ["account closed"]


@pytest.mark.parametrize(
    ("state", "sent_at", "asked"),
    [
        ("waiting", None, july(9)),  # it counts from when it leaves
        ("sent", datetime(2026, 7, 8, 7, tzinfo=UTC), july(8)),
        ("failed", None, None),
        ("cancelled", None, None),
    ],
)
def test_who_was_asked_is_known_from_what_became_of_the_mail(
    world: Surveyed, muster: Account, state: str, sent_at: datetime | None, asked: date | None
) -> None:
    world.contact("Kruse", muster)
    for day in (PREPARED, SENT):
        world.dispatch(day)
    with db.write(world.engine) as session:
        session.execute(update(StoredMessage).values(state=state, sent_at=sent_at))

    [fact] = [fact for fact in world.facts(RULE, july(9)) if fact.wave]
    assert fact.wave.invitations[0].invited_on == asked


def test_facts_of_many_accounts_take_as_many_queries_as_those_of_one(
    world: Surveyed, witt: Person, muster: Account
) -> None:
    world.wave(muster, world.contact("Kruse", muster), invited_on=july(7))
    asked: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    world.facts(RULE, july(8))
    once = len(asked)
    for number in range(12):
        account = world.account(f"A{number}", witt, account_class="key")
        world.meeting(account, M)
        world.wave(account, world.contact(f"C{number}", account), invited_on=july(7))
    asked.clear()
    world.facts(RULE, july(8))

    assert len(asked) == once


def test_columns_of_the_table_are_what_the_rule_is_told(world: Surveyed, muster: Account) -> None:
    kruse = world.contact("Kruse", muster)
    wave = world.wave(muster, kruse, invited_on=july(7), send_on=july(7))
    world.answer(kruse, 9, july(8))
    world.answer(kruse, 4, july(13))

    def seen(day: date) -> Any:
        [fact] = [fact for fact in world.facts(RULE, day) if fact.wave and fact.wave.id == wave.id]
        [one] = fact.wave.invitations
        return one.invited_on, one.answered_on, one.score

    assert seen(july(7)) == (july(7), None, None)
    assert seen(july(13)) == (july(7), july(13), 4)


@pytest.mark.parametrize(
    ("day", "stages"), [(date(2026, 9, 4), ["detractor"]), (date(2026, 8, 3), []), (date(2026, 2, 3), [])]
)
def test_an_unhappy_answer_of_another_tool_is_told_while_it_is_news(
    engine: Engine, day: date, stages: list[str]
) -> None:
    world = Surveyed(engine)
    account = world.account("Muster", world.person("Witt"))
    paul, silent = world.contact("Paul", account), world.contact("Silent", account, influence=9)
    world.wave(account, paul, silent, source="tool", imported=True, invited_on=day)
    world.answer(paul, 3, day)

    world.night("survey_dispatch", date(2026, 9, 7))
    assert [each.stage for each in world.nudges()] == stages
    assert [each.step for each in world.nudges()] == ["answer"] * len(stages)
