"""Rows of meetings that contradict themselves, each other, or what the acts would let pass."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.intake.mapping import Mapping
from kamflow.intake.report import ImportReport
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.models.person import Person
from tests.intake.bringing import NOW, bring, counts, put, rows


@pytest.fixture
def crm(sqlite_engine: Engine, tmp_path: Path) -> Callable[..., ImportReport]:
    """`crm("round;day", "1;10.11.2026", "2;17.11.2026")` imports rows of Muster AG for 2026."""
    put(sqlite_engine, Person(id=1, key="w", name="Witt"), Account(id=1, key="M", name="Muster"))
    put(sqlite_engine, Account(id=2, key="C", name="Closed", closed_on=date(2026, 1, 1)))
    put(sqlite_engine, Contact(id=1, key="p", last_name="Paul"), Place(contact_id=1, account_id=1))

    def call(head: str, *lines: str, account: str = "M", later: int = 0, **options: Any) -> ImportReport:
        text = "\n".join([f"account;year;{head}", *(f"{account};2026;{line}" for line in lines)])
        (tmp_path / "meetings.csv").write_text(text + "\n", encoding="utf-8")
        options = options or {"preset": "kamflow"}
        return bring(sqlite_engine, tmp_path / "meetings.csv", now=NOW + timedelta(days=later), **options)

    return call


def clearing(*columns: str, **more: Any) -> Mapping:
    block = {"file": "meetings.csv", "empty": "clear", "columns": {name: name for name in columns}} | more
    return Mapping.model_validate({"source": "crm", "meetings": [block]})


def back(report: ImportReport) -> list[tuple[int, str, str]]:
    """Line, column and reason of what came back."""
    return [
        (record.row.line, problem.column, problem.expected)
        for record in report.rejects
        for problem in record.problems
    ]


# --- hour and day --------------------------------------------------------------------------------


def test_an_hour_on_another_day_than_the_row_says_comes_back(sqlite_engine: Engine, crm: Any) -> None:
    crm("day;starts_at", "10.11.2026;2026-11-10 09:00")
    report = crm("day;starts_at", "10.11.2026;2026-11-25 09:00", later=1)
    assert back(report) == [
        (2, "starts_at, starts at, beginn", "an hour of 2026-11-10, the day that the row says")
    ]
    [row] = rows(sqlite_engine, MeetingRound)
    assert (row.day, row.starts_at) == (date(2026, 11, 10), datetime(2026, 11, 10, 8, tzinfo=UTC))


def test_a_move_that_is_told_by_the_hour_only_is_one(sqlite_engine: Engine, crm: Any) -> None:
    crm("starts_at", "2026-11-10 00:30")  # in Berlin: in UTC it is the day before
    assert rows(sqlite_engine, MeetingRound)[0].day == date(2026, 11, 10)
    assert counts(crm("starts_at", "2026-11-25 09:00", later=1), "meetings") == (0, 1, 0, 0)
    [row] = rows(sqlite_engine, MeetingRound)
    assert (row.day, row.moved_from, row.revision) == (date(2026, 11, 25), date(2026, 11, 10), 1)


# --- what no act would let pass ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "lines", "line", "column", "why"),
    [
        (
            "kind;round;day",
            ["strategic;1;10.11.2026", "strategic;2;17.11.2026"],
            3,
            "round",
            "is one meeting",
        ),
        ("kind;day;agreed_on", ["strategic;1.9.2026;2.9.2026"], 2, "agreed_on", "agreed when it was held"),
        ("kind;day;agreed_on", ["negotiation;1.9.2026;1.1.2030"], 2, "agreed_on", "still to come"),
        ("kind;day;agreed_on", ["negotiation;1.9.2026;1.8.2026"], 2, "agreed_on", "before the first round"),
        ("day", ["10.11.2036"], 2, "day", "more than a year away"),
    ],
)
def test_what_an_act_would_refuse_comes_back(
    crm: Any, head: str, lines: list[str], line: int, column: str, why: str
) -> None:
    [(at, name, said)] = back(crm(head, *lines))
    assert (at, name.split(",")[0]) == (line, column)
    assert why in said


def test_nobody_is_met_at_an_account_that_is_closed(crm: Any) -> None:
    assert counts(crm("day", "10.3.2025", account="C"), "meetings") == (1, 0, 0, 0)
    [(_, _, said)] = back(crm("round;day", "1;10.11.2026", account="C"))
    assert "closed from 2026-01-01 on" in said


def test_what_was_so_before_is_nobodys_fault_now(sqlite_engine: Engine, crm: Any) -> None:
    put(
        sqlite_engine,
        AnnualMeeting(id=1, account_id=2, year_first=date(2026, 1, 1), year_last=date(2026, 12, 31)),
    )
    put(sqlite_engine, MeetingRound(meeting_id=1, day=date(2026, 11, 10)))
    assert counts(crm("day;place", "10.11.2026;Bonn", account="C"), "meetings") == (0, 1, 0, 0)


def test_several_rounds_are_a_negotiation_unless_somebody_says_so(sqlite_engine: Engine, crm: Any) -> None:
    talks = "1;10.11.2026", "2;17.11.2026"
    assert counts(crm("round;day", *talks), "meetings") == (2, 0, 0, 0)
    assert [each.kind for each in rows(sqlite_engine, AnnualMeeting)] == ["negotiation"]
    [(_, column, said)] = back(crm("kind;day", "strategic;10.11.2026", later=1))
    assert (column.split(",")[0], said) == ("kind", "it has several rounds: it stays a negotiation")
    assert [each.kind for each in rows(sqlite_engine, AnnualMeeting)] == ["negotiation"]


def test_a_round_comes_back_with_the_one_that_made_it_a_negotiation(sqlite_engine: Engine, crm: Any) -> None:
    crm("day", "10.11.2026")
    lines = "1;negotiation;10.11.2026;p;1.1.2030", "2;;17.11.2026;p;"
    report = crm("round;kind;day;contacts;agreed_on", *lines, later=1)
    assert [(line, name.split(",")[0]) for line, name, _ in back(report)] == [(2, "agreed_on"), (3, "round")]
    assert [each.kind for each in rows(sqlite_engine, AnnualMeeting)] == ["strategic"]


# --- rows of one meeting -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "one", "other", "column"),
    [
        ("round;day;kind", "1;1.6.2026;negotiation", "2;1.7.2026;strategic", "kind"),
        (
            "round;day;kind;agreed_on",
            "1;1.6.2026;negotiation;1.7.2026", "2;1.7.2026;negotiation;5.8.2026", "agreed_on",
        ),
    ],
)  # fmt: skip
def test_a_row_that_says_something_else_of_its_meeting_comes_back(
    sqlite_engine: Engine, crm: Any, head: str, one: str, other: str, column: str
) -> None:
    [(line, name, said)] = back(crm(head, one, other))
    assert (line, name.split(",")[0]) == (3, column)
    assert said == "the same as on line 2, which is of the same meeting"
    [row] = rows(sqlite_engine, AnnualMeeting)
    assert (row.kind, row.agreed_on) == ("negotiation", date(2026, 7, 1) if column == "agreed_on" else None)


def test_where_the_first_counts_the_other_row_says_nothing_of_the_meeting(
    sqlite_engine: Engine, crm: Any
) -> None:
    mapping = clearing("account", "year", "round", "day", "kind", repeats="first")
    report = crm("round;day;kind", "1;1.6.2026;negotiation", "2;1.7.2026;strategic", mapping=mapping)
    assert counts(report, "meetings") == (2, 0, 0, 0)
    assert rows(sqlite_engine, AnnualMeeting)[0].kind == "negotiation"


@pytest.mark.parametrize("first", ["1;negotiation;1.6.2026;1.7.2026", "1;negotiation;-;1.7.2026"])
def test_an_empty_cell_clears_no_agreement_that_another_row_says(
    sqlite_engine: Engine, crm: Any, first: str
) -> None:
    mapping, head = (
        clearing("account", "year", "round", "kind", "day", "agreed_on"),
        "round;kind;day;agreed_on",
    )
    crm(head, "1;negotiation;1.6.2026;1.7.2026", "2;negotiation;1.7.2026;", mapping=mapping)
    crm(head, first, "2;negotiation;1.7.2026;", mapping=mapping, later=1)
    assert rows(sqlite_engine, AnnualMeeting)[0].agreed_on == date(2026, 7, 1)
    crm(head, "1;negotiation;1.6.2026;", "2;negotiation;1.7.2026;", mapping=mapping, later=2)
    assert rows(sqlite_engine, AnnualMeeting)[0].agreed_on is None


# --- empty cells, and what came from a calendar --------------------------------------------------


def test_empty_cells_clear_hour_place_and_people_but_no_day(sqlite_engine: Engine, crm: Any) -> None:
    names = ("day", "starts_at", "place", "people", "contacts")
    mapping, head = clearing("account", "year", *names), ";".join(names)
    crm(head, "10.11.2026;2026-11-10 09:00;Bonn;w;p", mapping=mapping)
    assert counts(crm(head, ";;;;", mapping=mapping, later=1), "meetings") == (0, 1, 0, 0)
    [row] = rows(sqlite_engine, MeetingRound)
    assert (row.day, row.starts_at, row.place, row.entry_revision) == (date(2026, 11, 10), None, None, 1)
    assert rows(sqlite_engine, MeetingAttendee) == []
    assert counts(crm(head, ";;;;", mapping=mapping, later=2), "meetings") == (0, 0, 1, 0)


def test_an_empty_cell_takes_back_only_what_its_source_said(sqlite_engine: Engine, crm: Any) -> None:
    crm("day;place;people;contacts", "10.11.2026;Bonn;w;p")
    mapping = clearing("account", "year", "day", "place", "people", "contacts")
    report = crm("day;place;people;contacts", "10.11.2026;;;", mapping=mapping, later=1)
    assert counts(report, "meetings") == (0, 0, 1, 0)
    assert (rows(sqlite_engine, MeetingRound)[0].place, len(rows(sqlite_engine, MeetingAttendee))) == (
        "Bonn",
        2,
    )


def test_a_file_says_that_a_meeting_came_from_a_calendar(sqlite_engine: Engine, crm: Any) -> None:
    said: list[tuple[str, bool]] = []
    for later, word in enumerate(("", "ja", "ja", "no")):
        report = crm("day;aus kalender", f"10.11.2026;{word}", later=later)
        [state] = [name for name, count in report.counts["meetings"].items() if count]
        said.append((state, rows(sqlite_engine, MeetingRound)[0].from_calendar))
    assert said == [("new", False), ("changed", True), ("unchanged", True), ("changed", False)]
    assert rows(sqlite_engine, MeetingRound)[0].entry_revision == 0
