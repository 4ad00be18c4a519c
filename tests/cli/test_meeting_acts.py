from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.account import AccountPolicy
from kamflow.models.meeting import MeetingAttendee, MeetingRound
from kamflow.models.plan import Measure
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.store.engine import write
from tests.acts.world import Act, World, store

AS_WITT = ("--as", "witt")


@pytest.fixture
def add(world: World, engine: Engine) -> Callable[..., int]:
    """`add(Measure, title="T")` stores a row and returns its number."""

    def call(table: type[Any], **values: Any) -> int:
        with write(engine) as session:
            return store(session, table(**values)).id

    return call


@pytest.fixture
def booked(world: World, kamflow: Act) -> str:
    """Muster AG with a meeting of Witt, Kruse and Paul on 10 November at ten."""
    people = ("--attendee", "witt", "--attendee", "Dr. Kruse", "--attendee", "paul@example.de")
    return kamflow("meeting", "book", "muster", "2026-11-10", "--time", "10:00", *people, *AS_WITT).out


def test_a_meeting_is_booked_with_people_of_both_sides(booked: str, stored: Session) -> None:
    assert booked == "booked: Muster AG, round 1 on 2026-11-10\n"
    row = stored.execute(select(MeetingRound)).scalar_one()
    assert row.starts_at == datetime(2026, 11, 10, 9, tzinfo=UTC)
    assert len(stored.execute(select(MeetingAttendee)).all()) == 3


def test_a_move_says_what_it_means(booked: str, kamflow: Act) -> None:
    moved = kamflow("meeting", "move", "muster", "2026-09-21", *AS_WITT)
    again = kamflow("meeting", "move", "muster", "2026-09-21", "--as", "witt", "--json")

    assert moved.out.splitlines() == [
        "moved: Muster AG, round 1 on 2026-09-21 (was 2026-11-10)",
        "  2 dates moved, 2 already due, 0 dropped",
    ]
    assert again.json["meeting"]["state"] == "already"
    assert again.json["replanned"] is None


def test_a_meeting_is_cancelled_held_and_agreed(booked: str, kamflow: Act, world: World) -> None:
    assert kamflow("meeting", "cancel", "muster", *AS_WITT).out.startswith("cancelled: Muster AG")
    assert "was cancelled" in kamflow("meeting", "held", "muster", *AS_WITT).err
    negotiation = ("--kind", "negotiation", "--round", "2", "--year", "2026")
    kamflow("meeting", "book", "muster", "2026-09-07", *negotiation, *AS_WITT)

    held = kamflow("meeting", "held", "muster", "--attendee", "knut", *AS_WITT)
    agreed = kamflow("meeting", "agreed", "muster", *AS_WITT)

    assert held.out == "held: Muster AG, round 2 on 2026-09-07\n"
    assert agreed.out == "agreed: Muster AG, on 2026-09-07\n"
    assert kamflow("meeting", "agreed", "muster", *AS_WITT).out.startswith("agreed already")


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (("book", "muster", "10.11.2026"), "expected a day as 2026-09-07"),
        (("book", "muster", "2026-11-10", "--time", "ten"), "expected a time of day such as 10:00"),
        (("book", "muster", "2026-11-10", "--year", "Q4 2026"), "expected a fiscal year"),
        (("book", "muster", "2026-11-10", "--attendee", "nobody"), "nobody of ours and no contact"),
        (("move", "muster", "2026-11-10"), "kamflow meeting book"),
        (("month", "muster", "13"), "from 1 to 12"),
    ],
)
def test_what_cannot_be_is_said(world: World, kamflow: Act, tokens: tuple[str, ...], said: str) -> None:
    answer = kamflow("meeting", *tokens, *AS_WITT)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_a_month_is_planned(world: World, kamflow: Act) -> None:
    assert kamflow("meeting", "month", "muster", 11, *AS_WITT).out == "planned: Muster AG, month 11\n"
    assert kamflow("meeting", "month", "muster", 10, *AS_WITT).out == (
        "planned: Muster AG, month 10 (was 11)\n"
    )


def test_a_briefing_is_looked_through_and_released(
    world: World, booked: str, kamflow: Act, add: Callable[..., int]
) -> None:
    number = add(Measure, account_id=world.account("muster"), title="Price list", due_on=date(2026, 9, 30))
    line = f"measure.{number}"

    struck = kamflow("briefing", "strike", "muster", line, *AS_WITT)
    noted = kamflow("briefing", "note", "muster", "--raise", "prices", "--avoid", "golf", *AS_WITT)
    seen = kamflow("briefing", "lines", "muster", "--json", *AS_WITT).json["lines"]
    released = kamflow("briefing", "release", "muster", *AS_WITT)

    assert struck.out == f"struck: Muster AG, briefing for 2026-11-10, {line}\n"
    assert noted.out.count("noted: Muster AG") == 2
    assert [each["text"] for each in seen if each["what"] in ("raise", "avoid")] == ["prices", "golf"]
    assert released.out == "released: Muster AG, briefing for 2026-11-10\n"
    assert kamflow("briefing", "note", "muster", *AS_WITT).code == 2
    assert "measure.99" in kamflow("briefing", "strike", "muster", "measure.99", *AS_WITT).err
    assert kamflow("briefing", "restore", "muster", line, *AS_WITT).out.startswith("restored: Muster AG")


def test_the_briefing_of_the_next_meeting_is_shown_as_it_would_be_sent(
    booked: str, kamflow: Act, tmp_path: Path
) -> None:
    shown = ("preview", "briefing", "--account", "muster", "--language", "en")
    page = tmp_path / "briefing.pdf"

    draft, heads = kamflow(*shown, *AS_WITT).out, kamflow(*shown, "--as", "kruse").out
    kamflow("briefing", "release", "muster", *AS_WITT)
    released = kamflow(*shown, *AS_WITT, "--out", tmp_path / "briefing.html")
    written, nobodys = kamflow(*shown, *AS_WITT, "--out", page), kamflow(*shown, "--out", page)

    assert draft.startswith("Draft briefing for 10 November: Muster AG")
    assert heads.startswith("Briefing for 10 November, not reviewed: Muster AG")
    assert (released.code, written.out) == (0, f"{page}\n")
    assert (nobodys.code, "say who does (--as PERSON)" in nobodys.err) == (2, True)
    assert "Looked through and released" in (tmp_path / "briefing.html").read_text(encoding="utf-8")
    assert page.read_bytes().startswith(b"%PDF-1.7")


def test_without_a_meeting_there_is_no_briefing_to_show(world: World, kamflow: Act) -> None:
    answer = kamflow("preview", "briefing", "--account", "muster", *AS_WITT)
    assert answer.code == 2
    assert "no annual meeting of Muster AG is booked" in answer.err


def test_a_question_is_asked_listed_and_answered(world: World, kamflow: Act) -> None:
    asked = kamflow(
        "question", "add", "muster", "Who decides?", "--ask", "paul", "--by", "2026-10-01", "--json", *AS_WITT
    )
    number = asked.json["question"]

    listed = kamflow("question", "list", "--json", *AS_WITT).json["questions"]
    answered = kamflow("question", "answer", number, "Paul himself", *AS_WITT)

    assert [(each["text"], each["ask"], each["due"]) for each in listed] == [
        ("Who decides?", "Paul", "2026-10-01")
    ]
    assert answered.out == f"question {number} (Muster AG): answered on 2026-09-07\n"
    assert kamflow("question", "list", "muster", "--json", *AS_WITT).json["questions"] == []
    assert kamflow("question", "list", "muster").code == 2


def test_the_list_of_a_survey_is_seen_and_a_name_struck(
    world: World, kamflow: Act, add: Callable[..., int]
) -> None:
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    made = {"send_on": date(2026, 9, 15), "created_at": datetime(2026, 9, 1, tzinfo=UTC)}
    wave = add(SurveyWave, account_id=world.account("muster"), **year, **made)
    for key in ("paul", "knut"):
        add(SurveyInvitation, wave_id=wave, contact_id=world.contact(key))

    struck = kamflow("survey", "strike", "muster", "paul", "--reason", "ill", *AS_WITT)
    listed = kamflow("survey", "list", "muster", *AS_WITT).out.splitlines()
    stopped = kamflow("survey", "stop", "muster", "--reason", "merger", "--survey", wave, *AS_WITT)

    assert struck.out == f"struck: Paul, survey {wave} of Muster AG, on 2026-09-07\n"
    assert listed[0] == f"survey {wave} of Muster AG: first sent on 2026-09-15"
    assert listed[2].split("\t")[1:] == ["Paul", "struck", "2026-09-07", "ill"]
    assert stopped.out == f"stopped: survey {wave} of Muster AG, on 2026-09-07\n"
    assert "not one of" in kamflow("survey", "stop", "muster", "--reason", "x", "--survey", 99, *AS_WITT).err


def test_a_threshold_is_set_shown_and_unset(world: World, kamflow: Act, stored: Session) -> None:
    name = "contact_shortfall.gap"
    first = kamflow("policy", "set", "muster", name, 2, "--from", "2026-10-01", "--as", "berg")
    shown = kamflow("policy", "show", "muster", "--json").json["thresholds"]
    everywhere = kamflow("policy", "show").out
    back = kamflow("policy", "unset", "muster", name, "--from", "2026-10-02")

    assert first.out.startswith(f"set: Muster AG, {name} = 2 (was 1), from 2026-10-01 on\n")
    [row] = [each for each in shown if each["name"] == name]
    assert (row["value"], row["differs"]) == (1.0, "account: 2 from 2026-10-01")
    assert f"{name}\t1\tmuster: 2 from 2026-10-01\t" in everywhere
    assert back.out.startswith(f"default again: Muster AG, {name} = 1 (was 2)")
    values = stored.execute(select(col(AccountPolicy.value)).order_by(col(AccountPolicy.id))).scalars()
    assert list(values) == [2.0, None]


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (("contact_shortfall.gap", "0"), "contact_shortfall.gap = 0: Input should be greater than 0"),
        (("contact_shortfall.gpa", "2"), "there is no threshold 'contact_shortfall.gpa'"),
        (("survey_dispatch.send_from", "9 Uhr"), "survey_dispatch.send_from = '9 Uhr'"),
        (("survey_dispatch.weekdays", "[8]"), "expected weekdays from 1 (Monday) to 7 (Sunday)"),
    ],
)
def test_a_threshold_that_does_not_fit_is_named(
    world: World, kamflow: Act, tokens: tuple[str, ...], said: str
) -> None:
    answer = kamflow("policy", "set", "muster", *tokens, "--as", "berg")
    assert (answer.code, said in answer.err) == (2, True)


def test_a_policy_that_no_longer_fits_is_named_by_the_check(world: World, kamflow: Act, home: Any) -> None:
    assert kamflow("policy", "set", "muster", "annual_meeting.draft", 15, "--as", "berg").code == 0
    (home / "kamflow.toml").write_text("[policy.annual_meeting]\nagenda = 12\n", encoding="utf-8")

    warnings = kamflow("config", "check", "--json").json["warnings"]
    assert any(each.startswith("the policy of Muster AG: annual_meeting") for each in warnings)
