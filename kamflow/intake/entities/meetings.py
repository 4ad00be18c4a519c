"""Annual meetings and their rounds, found again by account, fiscal year and number of the round.

What an import changes counts as if a person had done it: the revision of the round counts on, requests and
booked contacts follow, the same events are written. Only what the source says anew counts
(`meeting_words`), of the attendees only the sides that it names. A round that was held is what those who
were there noted: no file changes it any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.acts import meeting as acts
from kamflow.acts import meeting_contacts, met_at
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_contacts import Seen
from kamflow.errors import InputError
from kamflow.intake.context import Context
from kamflow.intake.entities import meeting_book, meeting_words
from kamflow.intake.entities.meeting_book import NOBODY, Book, Sides
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.store import requests_write
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored

_Year = tuple[int, date]  # account and first day of the fiscal year


@dataclass(slots=True)
class _Row:
    """A row of the file with its round: as it was, and as it becomes. `talk` is None while it is new."""

    record: Record
    said: Mapping[str, Any]
    talk: Talk | None
    here: Sides
    people: Sides
    before: Seen
    now: Seen

    @property
    def year(self) -> _Year:
        return self.record.values["account"], self.record.values["first"]

    @property
    def state(self) -> str:
        if self.talk is None:
            return "new"
        return "unchanged" if (self.before, self.here) == (self.now, self.people) else "changed"

    @property
    def act(self) -> str:
        """What a person would have done to the same end."""
        if self.before.day is None or self.before.cancelled != self.now.cancelled:
            return "booked"
        return "changed" if self.before.day == self.now.day else "moved"


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write meetings, one row of the file per round."""
    settled = ctx.settle(
        ctx.sift(_dated(ctx, ctx.sort_out(records))),
        lambda r: (r.values["account"], r.values["first"], r.values["round"]),
    )
    book = meeting_book.load(ctx.session, {record.values["account"] for record in settled})
    rows = [_row(ctx, book, record) for record in settled]
    for row in rows:
        _refuse_strangers(ctx, row)
    ctx.sift(settled)
    rows = [row for row in rows if not row.record.problems]
    meetings = _meetings(ctx, book, rows)
    states = [row.state for row in rows]
    talks = _rounds(ctx, book, rows)
    for row, talk, state in zip(rows, talks, states, strict=True):
        ctx.done(row.record, meetings[row.year], state)
        if state != "unchanged":
            _follow(ctx, row, talk)
    _ask_anew(ctx, book, rows, meetings)


def _dated(ctx: Context, records: Sequence[Record]) -> Sequence[Record]:
    for record in records:
        span = period(record.values["year"], *ctx.fiscal_years)
        if span is None:
            record.refuse("year", "a fiscal year such as 2026 or 2026/27")
        else:
            record.values |= {"first": span.first, "last": span.last, "round": record.get("round") or 1}
    return records


def _row(ctx: Context, book: Book, record: Record) -> _Row:
    values = record.values
    talk = book.talks.get((values["account"], values["first"], values["round"]))
    row = talk.round if talk is not None else MeetingRound(meeting_id=0)
    said = meeting_words.of_round(record)
    new = {} if row.state == "held" else meeting_words.new(talk and row, ctx.source, said)
    here = book.people.get(row.id or 0, NOBODY)
    people = new.get("people", here[0]), new.get("contacts", here[1])
    cancelled = row.state == "cancelled"
    before = Seen(row.day, row.starts_at, row.place, cancelled, *(NOBODY if cancelled else here))
    day = new.get("day", row.day)
    off = cancelled and day == row.day
    place = new.get("place", row.place)
    now = Seen(day, _moment(ctx, row, new, day), place, off, *(NOBODY if off else people))
    return _Row(record, said, talk, here, people, before, now)


def _moment(ctx: Context, row: MeetingRound, new: Mapping[str, Any], day: date | None) -> datetime | None:
    """Its hour, which stays the same on another day where the source says only one of both."""
    at: datetime | None = new.get("starts_at", row.starts_at)
    if at is None or day is None or {"day", "starts_at"} <= new.keys() or not new.keys():
        return at
    local = at.astimezone(ZoneInfo(ctx.company.zone))
    return at if local.date() == day else datetime.combine(day, local.timetz()).astimezone(UTC)


def _refuse_strangers(ctx: Context, row: _Row) -> None:
    """Send back who has no place at the account: nothing could be booked for them."""
    now = row.now
    if row.state == "unchanged" or not now.persons or now.day is None or now.day < ctx.today:
        return
    for contact in sorted(now.contacts):
        try:
            met_at.account(ctx.session, contact, now.day, row.year[0])
        except InputError as error:
            row.record.refuse("contacts", str(error), ctx.known.contacts.keys[contact])


def _meetings(ctx: Context, book: Book, rows: Sequence[_Row]) -> dict[_Year, str]:
    """Write the meetings; tells what became of each."""
    said: dict[_Year, dict[str, Any]] = {}
    for row in rows:
        said.setdefault(row.year, {}).update(meeting_words.of_meeting(row.record))
    lasts = {row.year: row.record.values["last"] for row in rows}
    states: dict[_Year, str] = {}
    changes: dict[_Year, dict[str, Any]] = {}
    for year, words in said.items():
        known = book.meetings.get(year)
        row = known or AnnualMeeting(account_id=year[0], year_first=year[1], year_last=lasts[year])
        new = meeting_words.new(known, ctx.source, words)
        changes[year] = {name: value for name, value in new.items() if getattr(row, name) != value}
        states[year] = "new" if known is None else "changed" if changes[year] else "unchanged"
        for name, value in changes[year].items():
            setattr(row, name, value)
        row.version += states[year] == "changed"
        meeting_words.keep(row, ctx.source, words)
        book.meetings[year] = row
    ctx.session.add_all(book.meetings.values())
    ctx.session.flush()
    for year, changed in changes.items():
        _tell(ctx, book.meetings[year], changed, states[year])
    return states


def _tell(ctx: Context, meeting: AnnualMeeting, changed: Mapping[str, Any], state: str) -> None:
    number, account = stored(meeting.id), meeting.account_id
    if "kind" in changed and state == "changed":
        ctx.happened("meeting.changed", account, meeting=number, kind=meeting.kind)
    if "agreed_on" in changed:
        on = changed["agreed_on"]
        name = "meeting.agreed" if on else "meeting.changed"
        ctx.happened(name, account, meeting=number, on=on.isoformat() if on else None)


def _rounds(ctx: Context, book: Book, rows: Sequence[_Row]) -> list[Talk]:
    talks: list[Talk] = []
    for row in rows:
        meeting = book.meetings[row.year]
        number = row.record.values["round"]
        talk = row.talk or Talk(meeting, MeetingRound(meeting_id=stored(meeting.id), number=number))
        _set(ctx, talk.round, row)
        meeting_words.keep(talk.round, ctx.source, row.said)
        talks.append(talk)
    ctx.session.add_all(talk.round for talk in talks)
    ctx.session.flush()
    pairs = zip(rows, talks, strict=True)
    meeting_book.attend(ctx.session, {talk.id: row.people for row, talk in pairs if row.people != row.here})
    return talks


def _set(ctx: Context, talk: MeetingRound, row: _Row) -> None:
    """Let a round be as it becomes, with what the acts keep of its date."""
    before, now = row.before, row.now
    if before.day != now.day:
        again = talk.moved_from if talk.fixed_on == ctx.today and talk.moved_from else before.day
        talk.moved_from = again if row.act == "moved" and again != now.day else None
        talk.fixed_on = ctx.today
    talk.revision += before.moved(now)
    talk.entry_revision += before.differs(now)
    talk.day, talk.starts_at, talk.place = now.day, now.starts_at, now.place
    if before.cancelled and not now.cancelled:
        talk.state = "booked"


def _follow(ctx: Context, row: _Row, talk: Talk) -> None:
    """Let the contacts follow, and tell; a round without a day is nothing to tell of yet."""
    desk = Acting(ctx.session, None, ctx.now, ctx.company)
    meeting_contacts.follow(desk, talk, row.before, row.now)
    if row.now.day is not None:
        said = acts.said(talk, row.act, row.before.day if row.act == "moved" else None)
        ctx.happened(f"meeting.{row.act}", said.account, **acts.payload(said))


def _ask_anew(ctx: Context, book: Book, rows: Sequence[_Row], meetings: Mapping[_Year, str]) -> None:
    """Give requests the date of their meeting, where one of its rounds has another one now."""
    dated = {
        row.year for row in rows if (row.before.day, row.before.cancelled) != (row.now.day, row.now.cancelled)
    }
    for year in sorted(dated):
        if meetings[year] != "new":
            requests_write.follow_meeting(ctx.session, stored(book.meetings[year].id), ctx.now, ctx.actor)
