"""What people did to a meeting stays until the source says something else; what an import changes is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from kamflow.acts import meeting as meetings
from kamflow.acts import meeting_held
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_held import Held
from kamflow.acts.meeting_round import Booking
from kamflow.intake.report import ImportReport
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.event import Event
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound, Request
from kamflow.models.person import Person
from kamflow.settings import Company
from kamflow.store.engine import write
from tests.intake.bringing import NOW, bring, counts, put, rows


@pytest.fixture
def crm(sqlite_engine: Engine, tmp_path: Path) -> Callable[..., ImportReport]:
    """`crm(day="10.11.2026", place="Bonn")` imports one row with these columns, as the CRM tells it."""
    put(sqlite_engine, Person(id=1, key="w", name="Witt"), Person(id=2, key="k", name="Kruse"))
    put(sqlite_engine, Account(id=1, key="M", name="Muster"), Account(id=2, key="O", name="Other"))
    put(sqlite_engine, *(Contact(id=at, key=key, last_name=key) for at, key in enumerate("pqz", 1)))
    put(sqlite_engine, *(Place(contact_id=at, account_id=1 + at // 3) for at in (1, 2, 3)))

    def call(later: int = 0, round: int = 1, **said: str) -> ImportReport:  # noqa: A002 - a column
        names, cells = ["account", "year", "round", *said], ["M", "2026", str(round), *said.values()]
        path = tmp_path / "meetings.csv"
        path.write_text(f"{';'.join(names)}\n{';'.join(cells)}\n", encoding="utf-8")
        return bring(sqlite_engine, path, preset="kamflow", now=NOW + timedelta(days=later))

    return call


@pytest.fixture
def act(sqlite_engine: Engine) -> Callable[..., None]:
    """`act(lambda desk: …, later=1)` does what a person does some days later."""

    def call(does: Callable[[Acting], Any], later: int = 1) -> None:
        with write(sqlite_engine) as session:
            does(Acting(session, None, NOW + timedelta(days=later), Company()))

    return call


FULL = {"day": "10.11.2026", "starts_at": "10.11.2026 09:00", "place": "Köln", "people": "w", "contacts": "p"}


def full(day: str) -> dict[str, str]:
    return FULL | {"day": day, "starts_at": f"{day} 09:00"}


def told_of(engine: Engine, since: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """The events of meetings and requests, with what they say."""
    found = [each for each in rows(engine, Event) if each.name.startswith(("meeting.", "request."))]
    return [(each.name, each.payload) for each in found[since:]]


def test_the_same_file_does_not_move_back_what_a_person_moved(sqlite_engine: Engine, crm: Any, act: Any):
    crm(**FULL)
    act(lambda desk: meetings.move(desk, 1, date(2026, 11, 24), where="Bonn"))
    before = rows(sqlite_engine, MeetingRound), rows(sqlite_engine, Interaction)
    assert counts(crm(2, **FULL), "meetings") == (0, 0, 1, 0)
    assert (rows(sqlite_engine, MeetingRound), rows(sqlite_engine, Interaction)) == before
    [row] = before[0]
    assert (row.day, row.place) == (date(2026, 11, 24), "Bonn")
    assert row.starts_at == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def test_what_the_source_says_anew_counts_and_the_rest_stays(sqlite_engine: Engine, crm: Any, act: Any):
    crm(**FULL)
    act(lambda desk: meetings.move(desk, 1, date(2026, 11, 24), where="Bonn"))
    later = full("17.11.2026")
    assert counts(crm(2, **later), "meetings") == (0, 1, 0, 0)
    assert counts(crm(3, **later), "meetings") == (0, 0, 1, 0)
    [row] = rows(sqlite_engine, MeetingRound)
    assert (row.day, row.place, row.moved_from) == (date(2026, 11, 17), "Bonn", date(2026, 11, 24))
    assert row.starts_at == datetime(2026, 11, 17, 8, 0, tzinfo=UTC)


def test_each_source_has_its_own_last_word(sqlite_engine: Engine, crm: Any, tmp_path: Path):
    crm(day="10.11.2026")
    hand = tmp_path / "hand" / "meetings.csv"
    hand.parent.mkdir()
    hand.write_text("account;year;round;day\nM;2026;1;24.11.2026\n")
    bring(sqlite_engine, hand, preset="kamflow", source="hand", now=NOW + timedelta(days=1))
    crm(2, day="10.11.2026")
    assert rows(sqlite_engine, MeetingRound)[0].day == date(2026, 11, 24)


@pytest.mark.parametrize("day", ["15.09.2026", "16.09.2026"], ids=["same", "another"])
def test_a_held_round_keeps_day_time_and_place_and_counts_once(
    sqlite_engine: Engine, crm: Any, act: Any, day: str
):
    crm(**full("15.09.2026"))
    act(lambda desk: meeting_held.held(desk, Held(1, day=date(2026, 9, 10))), 3)
    before = [rows(sqlite_engine, each)[-1].model_dump() for each in (MeetingRound, Interaction, Encounter)]
    for later in (4, 9, 10):  # before its planned day, and after
        said = full(day) | {"place": "Bonn", "people": "k"}
        assert counts(crm(later, **said), "meetings") == (0, 0, 1, 0)
    after = [rows(sqlite_engine, each)[-1].model_dump() for each in (MeetingRound, Interaction, Encounter)]
    assert [each | {"told": None} for each in after] == [each | {"told": None} for each in before]


def test_only_the_named_side_of_the_attendees_is_replaced(sqlite_engine: Engine, crm: Any, act: Any):
    crm(day="10.11.2026", people="w")
    act(lambda desk: meetings.book(desk, Booking(1, date(2026, 11, 10), contacts=(1,))))
    assert counts(crm(2, day="10.11.2026", people="k"), "meetings") == (0, 1, 0, 0)
    assert counts(crm(3, day="10.11.2026", contacts="q"), "meetings") == (0, 1, 0, 0)
    attending = [(each.person_id, each.contact_id) for each in rows(sqlite_engine, MeetingAttendee)]
    assert attending == [(2, None), (None, 2)]
    states = [(each.state, each.day.day) for each in rows(sqlite_engine, Interaction)]
    assert states == [("cancelled", 10), ("cancelled", 10), ("booked", 10)]


def test_who_has_no_place_at_the_account_comes_back_and_nothing_is_written(sqlite_engine: Engine, crm: Any):
    crm(**FULL)
    before = [rows(sqlite_engine, each) for each in (MeetingRound, MeetingAttendee, Interaction)]
    report = crm(1, **full("17.11.2026") | {"contacts": "z"})
    assert counts(report, "meetings") == (0, 0, 0, 1)
    assert "z has no place at Muster (M) but at Other (O)" in report.rejects[0].problems[0].expected
    assert [rows(sqlite_engine, each) for each in (MeetingRound, MeetingAttendee, Interaction)] == before


def test_an_import_tells_the_same_events_as_the_acts(sqlite_engine: Engine, crm: Any, act: Any):
    crm(day="10.11.2026", kind="negotiation")
    put(sqlite_engine, Request(account_id=1, meeting_id=1, kind="x", customer_date=date(2026, 11, 10)))
    crm(1, day="17.11.2026", kind="negotiation")
    act(lambda desk: meetings.move(desk, 1, date(2026, 11, 24)), 2)
    booked, *moves = told_of(sqlite_engine)
    about = {"meeting": 1, "round": 1}
    assert booked == ("meeting.booked", about | {"day": "2026-11-10", "was": None, "revision": 0})
    assert sorted(name for name, _ in moves) == ["meeting.moved"] * 2 + ["request.moved"] * 2
    by_file, by_act = (payload for name, payload in moves if name == "meeting.moved")
    assert by_file == about | {"day": "2026-11-17", "was": "2026-11-10", "revision": 1}
    assert by_act == about | {"day": "2026-11-24", "was": "2026-11-17", "revision": 2}
    dates = [(each["before"], each["to"]) for name, each in moves if name == "request.moved"]
    assert dates == [("2026-11-10", "2026-11-17"), ("2026-11-17", "2026-11-24")]


def test_an_agreement_and_another_kind_raise_the_version_once(sqlite_engine: Engine, crm: Any, act: Any):
    crm(day="01.09.2026")
    agreed = {"day": "01.09.2026", "kind": "negotiation", "agreed_on": "05.09.2026"}
    assert counts(crm(1, **agreed), "meetings") == (0, 1, 0, 0)
    assert told_of(sqlite_engine, 1) == [
        ("meeting.changed", {"meeting": 1, "kind": "negotiation"}),
        ("meeting.agreed", {"meeting": 1, "on": "2026-09-05"}),
    ]
    act(lambda desk: correct(desk.session), 2)
    assert counts(crm(3, **agreed), "meetings") == (0, 0, 1, 0)
    [row] = rows(sqlite_engine, AnnualMeeting)
    assert (row.version, row.agreed_on) == (2, date(2026, 9, 6))


def test_an_agreement_is_taken_back_where_empty_cells_clear(sqlite_engine: Engine, crm: Any, tmp_path: Path):
    crm(day="01.09.2026", kind="negotiation", agreed_on="05.09.2026")
    mapping = tmp_path / "clear.toml"
    columns = "\n".join(f'columns.{name} = "{name}"' for name in ("account", "year", "agreed_on"))
    mapping.write_text(
        f'source = "kamflow"\n[[meetings]]\nfile = "meetings.csv"\nempty = "clear"\n{columns}\n'
    )
    table = tmp_path / "meetings.csv"
    table.write_text("account;year;agreed_on\nM;2026;\n")
    bring(sqlite_engine, table, mapping=mapping)
    [row] = rows(sqlite_engine, AnnualMeeting)
    assert (row.agreed_on, row.version, row.kind) == (None, 2, "negotiation")
    assert told_of(sqlite_engine)[-1] == ("meeting.changed", {"meeting": 1, "on": None})


def correct(session: Session) -> None:
    """What people did to the agreement meanwhile."""
    session.get_one(AnnualMeeting, 1).agreed_on = date(2026, 9, 6)


def test_a_cancelled_round_stays_so_until_the_source_names_another_day(
    sqlite_engine: Engine, crm: Any, act: Any
):
    crm(**FULL)
    act(lambda desk: meetings.cancel(desk, 1))
    crm(2, **FULL)
    assert [each.state for each in rows(sqlite_engine, MeetingRound)] == ["cancelled"]
    crm(3, **full("17.11.2026"))
    [row], contacts = rows(sqlite_engine, MeetingRound), rows(sqlite_engine, Interaction)
    assert (row.state, row.revision, row.moved_from) == ("booked", 1, None)
    assert [(each.state, each.day.day) for each in contacts] == [("cancelled", 10), ("booked", 17)]
    assert told_of(sqlite_engine)[-1][0] == "meeting.booked"


def test_the_number_of_queries_does_not_grow_with_the_rows(sqlite_engine: Engine, tmp_path: Path):
    put(sqlite_engine, Person(id=1, key="w", name="Witt"))
    put(sqlite_engine, *(Account(id=at, key=f"K{at}", name=f"Kunde {at}") for at in range(1, 61)))
    asked: list[int] = []
    for number in (10, 60):
        lines = "".join(f"K{at};2026;1;10.11.2026;w\n" for at in range(1, number + 1))
        (tmp_path / "meetings.csv").write_text(f"account;year;round;day;people\n{lines}")
        bring(sqlite_engine, tmp_path, preset="kamflow")
        asked.append(queries(sqlite_engine, lambda: bring(sqlite_engine, tmp_path, preset="kamflow")))
    assert asked[0] == asked[1]


def queries(engine: Engine, doing: Callable[[], object]) -> int:
    """How many statements something takes."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    doing()
    event.remove(engine, "before_cursor_execute", note)
    return len(found)
