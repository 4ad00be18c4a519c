"""Annual meetings and their rounds, found again by account, fiscal year and number of the round."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import keyed
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound


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
    rounds = _rounds(ctx, settled, meetings)
    for record, one in zip(settled, rounds, strict=True):
        meeting = meetings[record.values["account"], record.values["first"]]
        ctx.done(record, meeting.state, one.state, _attendees(ctx, record, keyed.row_id(one)))


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


def _rounds(ctx: Context, settled: Sequence[Record], meetings: dict[tuple[int, Any], Wanted]) -> list[Wanted]:
    query = select(
        col(MeetingRound.meeting_id), col(MeetingRound.number), col(MeetingRound.id), col(MeetingRound.day),
        col(MeetingRound.revision),
    )  # fmt: skip
    known = {
        (meeting, number): (row, day, moves)
        for meeting, number, row, day, moves in ctx.session.execute(query)
    }
    wanted: list[Wanted] = []
    for record in settled:
        meeting = keyed.row_id(meetings[record.values["account"], record.values["first"]])
        row, day, moves = known.get((meeting, record.values["round"]), (None, None, 0))
        values = {"meeting_id": meeting, "number": record.values["round"]}
        values |= keyed.columns(record, ("day", "starts_at", "place"), {})
        if row and day and values.get("day", day) != day:
            values["revision"] = moves + 1
            ctx.happened("meeting.moved", record.values["account"], round=row, day=values["day"].isoformat())
        wanted.append(Wanted(values, row))
    upsert.write(ctx.session, MeetingRound, wanted)
    return wanted


def _attendees(ctx: Context, record: Record, round_id: int) -> str:
    told = {("person_id", each) for each in record.get("people") or ()}
    told |= {("contact_id", each) for each in record.get("contacts") or ()}
    if not told:
        return "unchanged"
    query = select(col(MeetingAttendee.person_id), col(MeetingAttendee.contact_id)).where(
        col(MeetingAttendee.round_id) == round_id
    )
    stored = {("person_id", p) if p else ("contact_id", c) for p, c in ctx.session.execute(query)}
    if stored == told:
        return "unchanged"
    ctx.session.execute(delete(MeetingAttendee).where(col(MeetingAttendee.round_id) == round_id))
    rows = [
        {"round_id": round_id, "person_id": None, "contact_id": None, side: row} for side, row in sorted(told)
    ]
    ctx.session.execute(insert(MeetingAttendee), rows)
    return "changed"
