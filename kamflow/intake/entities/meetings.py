"""Annual meetings and their rounds, found again by account, fiscal year and number of the round.

A round whose date, time or place an import changes has moved, as if a person had moved it: its revision
counts on, its requests follow, and so do the contacts that are booked for who attends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import meeting_contacts
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_contacts import Seen
from kamflow.errors import InputError
from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import keyed
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.store import requests_write, rounds
from kamflow.store.rounds import Talk

_WHEN = ("day", "starts_at", "place")


@dataclass(frozen=True)
class _Stored:
    """A round as the database has it."""

    id: int
    when: dict[str, Any]
    state: str
    revision: int
    fixed_on: Any
    moved_from: Any


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write meetings, one row of the file per round."""
    good = ctx.sort_out(records)
    for record in good:
        span = period(record.values["year"], *ctx.fiscal_years)
        if span is None:
            record.refuse("year", "a fiscal year such as 2026 or 2026/27")
        else:
            record.values |= {"first": span.first, "last": span.last, "round": record.get("round") or 1}
    settled = ctx.settle(
        ctx.sift(good), lambda r: (r.values["account"], r.values["first"], r.values["round"])
    )
    meetings = _meetings(ctx, settled)
    known = _known(ctx)
    written = _rounds(ctx, settled, meetings, known)
    for record, one in zip(settled, written, strict=True):
        meeting = meetings[record.values["account"], record.values["first"]]
        before = known.get((keyed.row_id(meeting), record.values["round"]))
        here = rounds.attendees(ctx.session, keyed.row_id(one))
        people = _attend(ctx, record, keyed.row_id(one), here)
        state = ctx.done(record, meeting.state, one.state, people)
        if state != "unchanged":
            _follow(ctx, keyed.row_id(one), _seen(before, here))


def _meetings(ctx: Context, settled: Sequence[Record]) -> dict[tuple[int, Any], Wanted]:
    query = select(col(AnnualMeeting.account_id), col(AnnualMeeting.year_first), col(AnnualMeeting.id))
    known = {(account, first): row for account, first, row in ctx.session.execute(query)}
    meetings: dict[tuple[int, Any], Wanted] = {}
    for record in settled:
        identity = (record.values["account"], record.values["first"])
        values = {"account_id": identity[0], "year_first": identity[1], "year_last": record.values["last"]}
        values |= keyed.columns(record, ("kind", "agreed_on"), {})
        wanted = meetings.setdefault(identity, Wanted({}, known.get(identity)))
        wanted.values |= values
    upsert.write(ctx.session, AnnualMeeting, list(meetings.values()))
    return meetings


def _known(ctx: Context) -> dict[tuple[int, int], _Stored]:
    row = MeetingRound
    query = select(
        col(row.meeting_id), col(row.number), col(row.id), col(row.day), col(row.starts_at), col(row.place),
        col(row.state), col(row.revision), col(row.fixed_on), col(row.moved_from),
    )  # fmt: skip
    return {
        (meeting, number): _Stored(number_id, dict(zip(_WHEN, when, strict=True)), *more)
        for meeting, number, number_id, *rest in ctx.session.execute(query)
        for when, more in [(rest[:3], rest[3:])]
    }


def _rounds(
    ctx: Context,
    settled: Sequence[Record],
    meetings: dict[tuple[int, Any], Wanted],
    known: dict[tuple[int, int], _Stored],
) -> list[Wanted]:
    wanted: list[Wanted] = []
    for record in settled:
        account = record.values["account"]
        meeting = keyed.row_id(meetings[account, record.values["first"]])
        stored = known.get((meeting, record.values["round"]))
        said = {name: value for name, value in keyed.columns(record, _WHEN, {}).items() if value is not None}
        values = {"meeting_id": meeting, "number": record.values["round"]} | said
        if stored is None:
            fixed = {"fixed_on": ctx.today} if said.get("day") else {}
            wanted.append(Wanted(values, defaults=fixed))
            continue
        wanted.append(Wanted(values | _moved(ctx, account, stored, said), stored.id))
    upsert.write(ctx.session, MeetingRound, wanted)
    return wanted


def _moved(ctx: Context, account: int, stored: _Stored, said: dict[str, Any]) -> dict[str, Any]:
    """What else changes in a round whose date, time or place is said to be another one."""
    now = stored.when | said
    if now == stored.when:
        return {}
    was, day = stored.when["day"], now["day"]
    found: dict[str, Any] = {"revision": stored.revision + (was is not None)}
    if was == day:
        return found | ({} if stored.fixed_on == ctx.today else {"moved_from": None})
    first = stored.moved_from if stored.fixed_on == ctx.today and stored.moved_from else was
    found |= {"fixed_on": ctx.today, "moved_from": None if first == day else first}
    if stored.state == "cancelled":
        found |= {"state": "booked", "moved_from": None}
    if was is not None:
        ctx.happened(
            "meeting.moved", account, round=stored.id, day=day.isoformat(), was=was.isoformat(),
            revision=found["revision"],
        )  # fmt: skip
    return found


def _attend(ctx: Context, record: Record, number: int, here: tuple[frozenset[int], frozenset[int]]) -> str:
    told = frozenset(record.get("people") or ()), frozenset(record.get("contacts") or ())
    if not any(told) or told == here:
        return "unchanged"
    rounds.attend(ctx.session, number, *told)
    return "changed"


def _seen(before: _Stored | None, here: tuple[frozenset[int], frozenset[int]]) -> Seen:
    if before is None:
        return Seen(None, None, None, cancelled=False, persons=frozenset(), contacts=frozenset())
    cancelled = before.state == "cancelled"
    people = (frozenset[int](), frozenset[int]()) if cancelled else here
    when = before.when
    return Seen(when["day"], when["starts_at"], when["place"], cancelled, *people)


def _follow(ctx: Context, number: int, before: Seen) -> None:
    """Let requests and contacts follow; who has no place at the account is met on nobody's plan."""
    row = ctx.session.get_one(MeetingRound, number, populate_existing=True)
    meeting = ctx.session.get_one(AnnualMeeting, row.meeting_id, populate_existing=True)
    requests_write.follow_meeting(ctx.session, row.meeting_id)
    desk, talk = Acting(ctx.session, None, ctx.now, ctx.company), Talk(meeting, row)
    try:
        meeting_contacts.follow(desk, talk, before, meeting_contacts.seen(desk, talk))
    except InputError:
        return
