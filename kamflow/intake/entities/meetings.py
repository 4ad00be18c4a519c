"""Annual meetings and their rounds, found again by account, fiscal year and number of the round.

What an import changes counts as if a person had done it: the revision of the round counts on, requests and
booked contacts follow, the same events are written. Only what the source says anew counts
(`meeting_words`), of the attendees only the sides that it names. A round that was held is what those who
were there noted: no file changes it any more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from kamflow.acts import meeting as acts
from kamflow.acts import meeting_contacts
from kamflow.acts.acting import Acting
from kamflow.intake.context import Context
from kamflow.intake.entities import meeting_book, meeting_row, meeting_words
from kamflow.intake.entities import meeting_checks as checks
from kamflow.intake.entities.meeting_book import Book, Year
from kamflow.intake.entities.meeting_row import Row
from kamflow.intake.record import Record
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.store import requests_write
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write meetings, one row of the file per round."""
    good = ctx.sort_out(records)
    checks.date_rows(ctx, records)
    settled = ctx.settle(ctx.sift(good), lambda each: (*checks.year(each), each.values["round"]))
    checks.agree(settled, records)
    settled = ctx.sift(settled)
    book = meeting_book.load(ctx.session, {record.values["account"] for record in settled})
    rows = checks.let_pass(ctx, book, [meeting_row.row(ctx, book, record) for record in settled])
    meetings = _meetings(ctx, book, rows)
    states = [row.state for row in rows]
    talks = _rounds(ctx, book, rows)
    for row, talk, state in zip(rows, talks, states, strict=True):
        ctx.done(row.record, meetings[row.year], state)
        if state != "unchanged":
            _follow(ctx, row, talk)
    _ask_anew(ctx, book, rows, meetings)


def _meetings(ctx: Context, book: Book, rows: Sequence[Row]) -> dict[Year, str]:
    """Write the meetings; tells what became of each."""
    states: dict[Year, str] = {}
    changes: dict[Year, dict[str, Any]] = {}
    for year, here in checks.by_year(rows).items():
        words = meeting_words.of_rows([each.record for each in here])
        known = book.meetings.get(year)
        row = known or _meeting(here)
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


def _meeting(rows: Sequence[Row]) -> AnnualMeeting:
    (account, first), last = rows[0].year, rows[0].record.values["last"]
    return AnnualMeeting(account_id=account, year_first=first, year_last=last, kind=checks.kind(rows))


def _tell(ctx: Context, meeting: AnnualMeeting, changed: Mapping[str, Any], state: str) -> None:
    number, account = stored(meeting.id), meeting.account_id
    if "kind" in changed and state == "changed":
        ctx.happened("meeting.changed", account, meeting=number, kind=meeting.kind)
    if "agreed_on" in changed:
        on = changed["agreed_on"]
        name = "meeting.agreed" if on else "meeting.changed"
        ctx.happened(name, account, meeting=number, on=on.isoformat() if on else None)


def _rounds(ctx: Context, book: Book, rows: Sequence[Row]) -> list[Talk]:
    talks: list[Talk] = []
    for row in rows:
        meeting = book.meetings[row.year]
        talk = row.talk or Talk(meeting, MeetingRound(meeting_id=stored(meeting.id), number=row.number))
        _set(ctx, talk.round, row)
        meeting_words.keep(talk.round, ctx.source, row.said)
        talks.append(talk)
    ctx.session.add_all(talk.round for talk in talks)
    ctx.session.flush()
    pairs = zip(rows, talks, strict=True)
    meeting_book.attend(ctx.session, {talk.id: row.people for row, talk in pairs if row.people != row.here})
    return talks


def _set(ctx: Context, talk: MeetingRound, row: Row) -> None:
    """Let a round be as it becomes, with what the acts keep of its date."""
    before, now = row.before, row.now
    if before.day != now.day and now.day is not None:
        again = talk.moved_from if talk.fixed_on == ctx.today and talk.moved_from else before.day
        talk.moved_from = again if row.act == "moved" and again != now.day else None
        # A day that has passed corrects one that was known: only a new round becomes known today.
        talk.fixed_on = ctx.today if before.day is None or now.day >= ctx.today else talk.fixed_on
    talk.revision += before.moved(now)
    talk.entry_revision += before.differs(now)
    talk.day, talk.starts_at, talk.place = now.day, now.starts_at, now.place
    talk.from_calendar = row.from_calendar
    if before.cancelled and not now.cancelled:
        talk.state = "booked"


def _follow(ctx: Context, row: Row, talk: Talk) -> None:
    """Let the contacts follow, and tell; a round without a day is nothing to tell of yet."""
    desk = Acting(ctx.session, None, ctx.now, ctx.company)
    meeting_contacts.follow(desk, talk, row.before, row.now)
    if row.now.day is not None:
        said = acts.said(talk, row.act, row.before.day if row.act == "moved" else None)
        ctx.happened(f"meeting.{row.act}", said.account, **acts.payload(said))


def _ask_anew(ctx: Context, book: Book, rows: Sequence[Row], meetings: Mapping[Year, str]) -> None:
    """Give requests the date of their meeting, where one of its rounds has another one now."""
    dated = {
        row.year for row in rows if (row.before.day, row.before.cancelled) != (row.now.day, row.now.cancelled)
    }
    for year in sorted(dated):
        if meetings[year] != "new":
            requests_write.follow_meeting(ctx.session, stored(book.meetings[year].id), ctx.now, ctx.actor)
