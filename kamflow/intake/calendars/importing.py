"""Calendars into interactions: only events with somebody of ours and a known contact leave a trace."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from kamflow.errors import Refused
from kamflow.intake.calendars import events, latecomers
from kamflow.intake.calendars.attendance import absent, counted
from kamflow.intake.calendars.events import Broken, Occurrence, Window
from kamflow.intake.calendars.receipts import receipt
from kamflow.intake.calendars.scanning import RawCalendar, RawEvent, scan
from kamflow.intake.context import Context
from kamflow.intake.dates import day
from kamflow.intake.entities.interactions import Meeting, account_of, save, state_on
from kamflow.intake.entities.last_word import PLANNED
from kamflow.intake.mapping import Block, CalendarForm
from kamflow.intake.record import Record
from kamflow.intake.rows import Row, Table
from kamflow.models.account import ExternalReference
from kamflow.models.interaction import Interaction, InteractionState
from kamflow.models.person import PersonRole, Role

NOT_THEIRS = "of others"  # by mail: who sends it neither takes part nor arranges meetings for others
# Answers of one attendee: they say nothing about who else comes.
_ANSWERS = {"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"}


@dataclass(slots=True)
class _Reading:
    """What was read from all files; `tally` is all that is left of the rest."""

    ctx: Context
    form: CalendarForm
    window: Window
    helpers: set[int]
    latest: dict[str, tuple[Occurrence, str]] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)
    tally: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    by_mail: bool = False  # one message of many about a meeting, in whatever order they come


def read_in(ctx: Context, form: CalendarForm, files: Sequence[Path]) -> None:
    """Import calendar files.

    Raises:
        Refused: none of the files is a calendar.
    """
    reading = _Reading(ctx, form, _window(ctx, form), _helpers(ctx))
    for path in files:
        _read(reading, path)
    if len(reading.refused) == len(files):
        raise Refused(reading.refused[0])
    _save(reading)
    for word, number in sorted(reading.tally.items()):
        ctx.report.notes.append(f"{word}: {number}")


def take_message(ctx: Context, form: CalendarForm, calendar: RawCalendar) -> Counter[str]:
    """Take what one mail says of a meeting; return what was left out, and why."""
    reading = _Reading(ctx, form, _window(ctx, form), _helpers(ctx), by_mail=True)
    _sift(reading, Path("invitation.ics"), calendar)
    _save(reading)
    return reading.tally


def _window(ctx: Context, form: CalendarForm) -> Window:
    first, last = ctx.today - timedelta(days=form.days_back), ctx.today + timedelta(days=form.days_ahead)
    return Window(first, last, ZoneInfo(ctx.company.zone))


def _helpers(ctx: Context) -> set[int]:
    """People who only arrange meetings for others."""
    query = select(col(PersonRole.person_id), col(PersonRole.role))
    roles: dict[int, set[str]] = {}
    for person, role in ctx.session.execute(query):
        roles.setdefault(person, set()).add(role)
    return {person for person, held in roles.items() if held == {Role.ASSISTANT}}


def _read(reading: _Reading, path: Path) -> None:
    try:
        calendar = scan(path)
    except Refused as error:
        _flaw(reading, path, 1, str(error))
        reading.refused.append(str(error))
        return
    for line, reason in calendar.flaws:
        _flaw(reading, path, line, reason)
    if calendar.flaws and not calendar.events:
        line, reason = calendar.flaws[0]
        reading.refused.append(f"{path.name}, line {line}: expected {reason}")
    for each in reading.ctx.report.files:
        if each.name == path.name:
            each.rows = len(calendar.events)
    _sift(reading, path, calendar)


def _sift(reading: _Reading, path: Path, calendar: RawCalendar) -> None:
    answer = bool(calendar.methods & _ANSWERS)
    for raw in calendar.events:
        if raw.private:
            reading.tally["private, unread"] += 1
        elif answer:
            reading.tally["answers to an invitation"] += 1
        elif not _concerns_us(reading.ctx, raw):
            reading.tally["without a known contact"] += 1
        elif reading.by_mail and not _theirs(reading, raw):
            reading.tally[NOT_THEIRS] += 1
        else:
            _take(reading, path, raw, calendar)


def _concerns_us(ctx: Context, raw: RawEvent) -> bool:
    known = ctx.known
    addresses = raw.addresses
    return any(a in known.people.by_email for a in addresses) and any(
        a in known.contacts.by_email for a in addresses
    )


def _theirs(reading: _Reading, raw: RawEvent) -> bool:
    """Whether the sender has a say in it, as whoever logs a contact must have."""
    actor, by_email = reading.ctx.actor, reading.ctx.known.people.by_email
    return actor in reading.helpers or any(actor in by_email.get(each, ()) for each in raw.addresses)


def _take(reading: _Reading, path: Path, raw: RawEvent, calendar: RawCalendar) -> None:
    try:
        found = events.occurrences(events.parse(raw, calendar), reading.window)
    except Broken as error:
        _flaw(reading, path, raw.line, str(error))
        return
    cancelled = "CANCEL" in calendar.methods
    for one in found:
        status = "CANCELLED" if cancelled else one.status
        known = reading.latest.get(one.external)
        # An exception to a series, or a later version, wins over what was read before.
        if known is None or (not one.series, one.sequence) >= (not known[0].series, known[0].sequence):
            reading.latest[one.external] = (one, status)
        if one.series or (cancelled and one.recurrence is None):
            reading.series.add(one.uid)


def _flaw(reading: _Reading, path: Path, line: int, expected: str) -> None:
    table = Table(path.name, path.stem, ("UID",), ())
    record = Record("interactions", table, Row(line, ("",)), Block())
    record.refuse("event", expected, "")
    reading.ctx.report.reject(record)


def _save(reading: _Reading) -> None:
    ctx = reading.ctx
    stored = _stored(ctx)
    if reading.by_mail:
        reading.tally["older than what is known"] += latecomers.drop(reading.latest, reading.series, stored)
    meetings: list[tuple[Meeting, Occurrence | None]] = []
    for one, status in reading.latest.values():
        old = stored.get(one.external)
        if old is not None and (old[1] or 0) > one.sequence:
            reading.tally["older than what is known"] += 1
            continue
        meeting = _meeting(reading, one, status, old is not None)
        if meeting is not None:
            meetings.append((meeting, one))
    meetings += [(each, None) for each in _dropped(reading, stored)]
    save(ctx, [meeting for meeting, _ in meetings])
    for meeting, one in meetings:
        ctx.report.counts["interactions"][meeting.state] += 1
        if one is not None and meeting.state != "unchanged":
            people = counted(ctx, reading.helpers, one, ctx.known.people)
            told = receipt(ctx, meeting, people, absent(ctx, reading.helpers, one))
            ctx.report.receipts.append(told)


def _stored(ctx: Context) -> dict[str, tuple[int, int | None, Any, str]]:
    """External id -> interaction, sequence, day and state, of this source."""
    query = (
        select(
            col(ExternalReference.external_id), col(Interaction.id), col(Interaction.sequence),
            col(Interaction.day), col(Interaction.state),
        )
        .join(Interaction, col(Interaction.id) == col(ExternalReference.row_id))
        .where(col(ExternalReference.kind) == "interaction", col(ExternalReference.source) == ctx.source)
    )  # fmt: skip
    return {
        external: (row, number, on, state) for external, row, number, on, state in ctx.session.execute(query)
    }


def _meeting(reading: _Reading, one: Occurrence, status: str, known: bool) -> Meeting | None:
    """What to store of a meeting; None where nobody of ours met a contact."""
    ctx = reading.ctx
    people = counted(ctx, reading.helpers, one, ctx.known.people)
    contacts = counted(ctx, reading.helpers, one, ctx.known.contacts)
    over = status == "CANCELLED" and not reading.by_mail  # by mail its request may still come
    if not known and (not people or not contacts or over):
        reading.tally["cancelled" if status == "CANCELLED" else "without both sides"] += 1
        return None
    on = day(one.start, reading.window.zone)
    state, told = state_on(on, ctx.today), PLANNED
    if status == "CANCELLED" or not people or not contacts:
        state = told = InteractionState.CANCELLED
    elif status == "TENTATIVE":
        state = told = InteractionState.BOOKED
    values = {
        "day": on,
        "starts_at": one.start if isinstance(one.start, datetime) else None,
        "minutes": one.minutes,
        "state": str(state),
        "kind": reading.form.kind,
        "account_id": account_of(ctx, contacts),
        "uid": one.uid,
        "sequence": one.sequence,
    }
    return Meeting(values, frozenset(product(people, contacts)), one.external, told=str(told))


def _dropped(reading: _Reading, stored: dict[str, tuple[int, int | None, Any, str]]) -> Iterable[Meeting]:
    """Booked repeats that their series no longer has are cancelled."""
    ctx = reading.ctx
    for external, (_, sequence, on, state) in stored.items():
        uid, mark, _ = external.rpartition("#")
        gone = mark and uid in reading.series and external not in reading.latest
        if gone and state == InteractionState.BOOKED and ctx.today <= on <= reading.window.last:
            values = {
                "day": on,
                "state": str(InteractionState.CANCELLED),
                "account_id": None,
                "sequence": sequence,
            }
            yield Meeting(values, frozenset(), external)
