"""Which rows of a file of meetings come back: what contradicts itself, and what no act would let pass."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from kamflow.acts import meeting_fit, met_at
from kamflow.acts.meeting_fit import Flaw, Wanted
from kamflow.errors import InputError
from kamflow.intake.context import Context
from kamflow.intake.entities import meeting_words
from kamflow.intake.entities.meeting_book import Book, Year
from kamflow.intake.entities.meeting_row import Row
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.models.meeting import MeetingKind
from kamflow.periods import Period


def year(record: Record) -> Year:
    """Which meeting a row is of."""
    return record.values["account"], record.values["first"]


def by_year(rows: Sequence[Row]) -> dict[Year, list[Row]]:
    """The rows of each meeting."""
    found: dict[Year, list[Row]] = {}
    for row in rows:
        found.setdefault(row.year, []).append(row)
    return found


def date_rows(ctx: Context, records: Sequence[Record]) -> None:
    """Give each row its fiscal year and its day, that of its hour where it has no other."""
    for record in records:
        if not isinstance(record.get("year"), str):
            continue  # sent back already
        span = period(record.values["year"], *ctx.fiscal_years)
        if span is None:
            record.refuse("year", "a fiscal year such as 2026 or 2026/27")
            continue
        record.values |= {"first": span.first, "last": span.last, "round": record.get("round") or 1}
        at = record.get("starts_at")
        if at is None:
            continue
        day = at.astimezone(ZoneInfo(ctx.company.zone)).date()
        if record.get("day") not in (None, day):
            record.refuse("starts_at", f"an hour of {record.values['day']}, the day that the row says")
        record.values["day"] = day


def agree(records: Sequence[Record], everything: Sequence[Record]) -> None:
    """Send back the row that says something else of its meeting than one before it.

    What a row says, even one that comes back, the empty cell of another does not clear.
    """
    first: dict[tuple[Year, str], Record] = {}
    for record in records:
        for name, value in meeting_words.of_meeting(record).items():
            if value is None:
                continue
            other = first.setdefault((year(record), name), record)
            if other.values[name] == value:
                continue
            if record.block.repeats == "first":
                record.values[name] = other.values[name]
            else:
                record.refuse(name, f"the same as on line {other.row.line}, which is of the same meeting")
    dated = [each for each in everything if isinstance(each.get("account"), int) and each.get("first")]
    said = {year(each) for each in dated if each.get("agreed_on")}
    for record in records:
        if year(record) in said and record.values.get("agreed_on", "") is None:
            del record.values["agreed_on"]


def let_pass(ctx: Context, book: Book, rows: Sequence[Row]) -> list[Row]:
    """The rows after which all is as it can be; what was wrong before them is not theirs."""
    for row in rows:
        _refuse_strangers(ctx, row)
    good = _sift(ctx, rows)
    while True:
        for here in by_year(good).values():
            _refuse_unfit(ctx, book, here)
        left = _sift(ctx, good)
        if len(left) == len(good):
            return left
        good = left  # one that came back may have been what made another one fit


def kind(rows: Sequence[Row]) -> str:
    """The kind of a new meeting of which nobody says it."""
    several = any(row.number > 1 for row in rows)
    return MeetingKind.NEGOTIATION if several else MeetingKind.STRATEGIC


def _sift(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    ctx.sift([row.record for row in rows])
    return [row for row in rows if not row.record.problems]


def _refuse_strangers(ctx: Context, row: Row) -> None:
    """Send back who has no place at the account: nothing could be booked for them."""
    now = row.now
    if row.state == "unchanged" or not now.persons or now.day is None or now.day < ctx.today:
        return
    for contact in sorted(now.contacts):
        try:
            met_at.account(ctx.session, contact, now.day, row.year[0])
        except InputError as error:
            row.record.refuse("contacts", str(error), ctx.known.contacts.keys[contact])


def _refuse_unfit(ctx: Context, book: Book, rows: Sequence[Row]) -> None:
    """Send back what an act would refuse, of the rows of one meeting."""
    before = book.wanted(rows[0].year)
    known = meeting_fit.flaws(before, ctx.today) if before else []
    for flaw in meeting_fit.flaws(_wanted(ctx, book, rows, before), ctx.today):
        if flaw not in known:
            for row in _who_said(flaw, rows):
                row.record.refuse(flaw.field, flaw.said)


def _wanted(ctx: Context, book: Book, rows: Sequence[Row], before: Wanted | None) -> Wanted:
    account, first = rows[0].year
    words = meeting_words.of_rows([row.record for row in rows])
    new = meeting_words.new(book.meetings.get(rows[0].year), ctx.source, words)
    days = {row.number: row.now.day for row in rows}
    return Wanted(
        Period(first, rows[0].record.values["last"]),
        new.get("kind", before.kind if before else kind(rows)),
        {**(before.days if before else {}), **days},
        before.known if before else frozenset(),
        new.get("agreed_on", before.agreed_on if before else None),
        book.closed_on.get(account),
    )


def _who_said(flaw: Flaw, rows: Sequence[Row]) -> Sequence[Row]:
    return next(found for found in _blamed(flaw, rows) if found)


def _blamed(flaw: Flaw, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The row of the round, else those that say the field, the day or the kind anew, else all."""
    if flaw.round is not None:
        yield [row for row in rows if row.number == flaw.round]
    else:
        yield [row for row in rows if row.record.get(flaw.field) is not None]
        yield [row for row in rows if row.before.day != row.now.day]
        yield [row for row in rows if row.record.get("kind") is not None]
    yield rows
