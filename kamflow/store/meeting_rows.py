"""Annual meetings and their rounds as the tables hold them: read for many accounts at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.periods import Period

DAY = timedelta(days=1)


class AccountRow(NamedTuple):
    """An open account; `month` is the planned month of its meeting, set on `month_on`."""

    id: int
    account_class: str | None
    month: int | None
    month_on: date | None


class MeetingRow(NamedTuple):
    """An annual meeting of one account and fiscal year."""

    id: int
    account: int
    year: Period
    kind: str
    agreed_on: date | None


class RoundRow(NamedTuple):
    """A talk that has a date."""

    id: int
    meeting: int
    number: int
    day: date
    starts_at: datetime | None
    state: str
    revision: int
    fixed_on: date | None
    moved_from: date | None
    released_on: date | None
    released_revision: int | None
    from_calendar: bool
    entry_revision: int


@dataclass(frozen=True)
class Meetings:
    """Meetings by account, in the order of their years, and the rounds of each."""

    by_account: dict[int, list[MeetingRow]] = field(default_factory=dict)
    rounds: dict[int, list[RoundRow]] = field(default_factory=dict)

    def of(self, account: int, year: Period) -> MeetingRow | None:
        found = self.by_account.get(account, ())
        return next((each for each in found if each.year.first == year.first), None)

    def last_month(self, account: int, year: Period) -> int | None:
        """The month of the first round that stood in the fiscal year before."""
        for meeting in self.by_account.get(account, ()):
            if meeting.year.last == year.first - DAY:
                days = [each.day for each in self.rounds_of(meeting) if each.state != "cancelled"]
                return min(days).month if days else None
        return None

    def rounds_of(self, meeting: MeetingRow | None) -> list[RoundRow]:
        return self.rounds.get(meeting.id, []) if meeting else []


def open_accounts(session: Session, accounts: Collection[int], today: date) -> dict[int, AccountRow]:
    """Those of the accounts that are not closed, in the order of their ids."""
    rows = session.execute(
        select(
            col(Account.id),
            col(Account.account_class),
            col(Account.meeting_month),
            col(Account.meeting_month_on),
        )
        .where(col(Account.id).in_(accounts))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
        .order_by(col(Account.id))
    )
    return {row[0]: AccountRow(*row) for row in rows}


def load(session: Session, accounts: Collection[int], first: date, last: date) -> Meetings:
    """The meetings of these accounts in fiscal years that touch the days from first to last."""
    row = AnnualMeeting
    rows = session.execute(
        select(
            col(row.id), col(row.account_id), col(row.year_first), col(row.year_last), col(row.kind),
            col(row.agreed_on),
        )
        .where(col(row.account_id).in_(accounts))
        .where(col(row.year_last) >= first, col(row.year_first) <= last)
        .order_by(col(row.account_id), col(row.year_first))
    )  # fmt: skip
    by_account: defaultdict[int, list[MeetingRow]] = defaultdict(list)
    for number, account, begins, ends, kind, agreed_on in rows:
        by_account[account].append(MeetingRow(number, account, Period(begins, ends), kind, agreed_on))
    meetings = [each.id for found in by_account.values() for each in found]
    return Meetings(dict(by_account), _rounds(session, meetings))


def rounds(session: Session, numbers: Iterable[int]) -> dict[int, RoundRow]:
    """These rounds, as far as they have a date."""
    rows = session.execute(_dated().where(col(MeetingRound.id).in_(list(numbers))))
    return {row[0]: RoundRow(*row) for row in rows}


def cancelled(session: Session, meetings: Iterable[int | None]) -> set[int]:
    """Those of these meetings whose rounds were all cancelled."""
    row = MeetingRound
    rows = session.execute(
        select(col(row.meeting_id))
        .where(col(row.meeting_id).in_({each for each in meetings if each is not None}))
        .group_by(col(row.meeting_id))
        .having(func.count(case((col(row.state) != "cancelled", 1))) == 0)
    )
    return set(rows.scalars())


def _rounds(session: Session, meetings: Iterable[int]) -> dict[int, list[RoundRow]]:
    rows = session.execute(_dated().where(col(MeetingRound.meeting_id).in_(list(meetings))))
    found: defaultdict[int, list[RoundRow]] = defaultdict(list)
    for each in rows:
        found[each[1]].append(RoundRow(*each))
    return dict(found)


def _dated() -> Any:
    row = MeetingRound
    columns = (row.id, row.meeting_id, row.number, row.day, row.starts_at, row.state, row.revision)
    more = (row.fixed_on, row.moved_from, row.released_on, row.released_revision, row.from_calendar)
    more = (*more, row.entry_revision)
    return select(*map(col, (*columns, *more))).where(col(row.day).is_not(None)).order_by(col(row.id))
