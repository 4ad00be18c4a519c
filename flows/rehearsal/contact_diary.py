"""The days of `contact_shortfall`: an account is looked at again when a cell of it may say something else.

While no row of an account changes, everything said about a cell moves in one direction only as days pass
(kamflow/figures/contact_gap.py): so the first day that differs is found by halving.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from flows.rehearsal import edges
from flows.rehearsal.diary import Agenda
from kamflow.errors import InputError
from kamflow.figures import contact_gap as gap
from kamflow.figures.contact_cell import Cell, Due, NotDue, look
from kamflow.nudge import Decision
from kamflow.rules import contact_shortfall as rule
from kamflow.rules.contact_shortfall import AccountContacts
from kamflow.store import contacts, scope
from kamflow.store.run import NO_ACCOUNT, Accounts, Run
from kamflow.thresholds import ContactShortfall
from kamflow.workdays import Calendar


class ContactDiary:
    """Keeps the facts of every account, reads anew what changed, and knows when to look again."""

    def __init__(self) -> None:
        self._agenda = Agenda()
        self._facts: dict[int, AccountContacts] = {}
        self._nexts: dict[int, list[date | None]] = {}  # per cell, as long as the facts are the same
        self._edges: edges.Edges = {}
        self._stale: set[int] = set()
        self._seen = Seen()
        self._everywhere: set[date] | None = None

    def touch(self, accounts: Iterable[int]) -> None:
        self._stale.update(accounts)

    def due(self, run: Run) -> Accounts:
        if self._everywhere is None:
            self._everywhere = edges.everywhere(run) | {run.today}
            self._edges = edges.of_contacts(run.session, run.today)
        elif self._stale:
            touched = frozenset(self._stale)
            for account in touched:
                self._edges.pop(account, None)
            self._edges.update(edges.of_contacts(run.session, run.today, touched))
        if run.today in self._everywhere:
            self._stale.update(scope.whole(run.session, run.rule, run.today))
        due = self._agenda.take(run.today)
        self._stale |= {account for account in due if run.today in self._edges.get(account, ())}
        return frozenset(due | self._stale)

    def decide(self, run: Run, accounts: Accounts) -> Decision:
        self._read(run, accounts & self._stale)
        self._stale -= accounts
        found = [self._facts[account] for account in sorted(accounts) if account in self._facts]
        decision = rule.decide(found, run.today, run.policy)
        for account in accounts - {NO_ACCOUNT}:
            self._plan(account, run)
        return decision

    def _read(self, run: Run, accounts: Accounts) -> None:
        for account in accounts:
            self._facts.pop(account, None)
            self._nexts.pop(account, None)
        for batch in scope.batches(accounts):
            for fact in contacts.cells(run, batch):
                self._facts[fact.account] = self._seen.shared(fact)

    def _plan(self, account: int, run: Run) -> None:
        """Put down the next day on which the rule may say something else."""
        known, fact = self._edges.get(account, set()), self._facts.get(account)
        policy = run.policy.of(account).contact_shortfall
        if fact is not None:
            # A past booking is believed for some days; the day on which it no longer is, is an edge too.
            for lapse in self._seen.lapses(fact, policy):
                if lapse > run.today:
                    known.add(lapse)
            self._edges[account] = known
        later = [day for day in known if day > run.today]
        if fact is not None and fact.as_of is not None:
            limit = min(later, default=None)
            self._nexts[account] = nexts = list(
                self._seen.changes(fact, self._nexts.get(account), run.today, limit, policy)
            )
            later += [day for day in nexts if day is not None]
        if later:
            self._agenda.put(account, min(later))


class Seen:
    """Working days of every pair of calendars, worked out once for the whole rehearsal."""

    def __init__(self) -> None:
        self._calendars: dict[Calendar, Calendar] = {}
        self._spans: dict[tuple[int, date, date], tuple[gap.Span, array[int]]] = {}

    def shared(self, fact: AccountContacts) -> AccountContacts:
        """The same facts; equal calendars are one object, so that their years are worked out once."""
        own: dict[int, Calendar] = {}
        cells: list[Cell] = []
        for cell in fact.cells:
            calendar = own.get(id(cell.calendar))
            if calendar is None:
                calendar = self._calendars.setdefault(cell.calendar, cell.calendar)
                own[id(cell.calendar)] = calendar
            cells.append(cell._replace(calendar=calendar))
        return AccountContacts(fact.account, fact.kam, fact.as_of, fact.source, cells)

    def lapses(self, fact: AccountContacts, policy: ContactShortfall) -> Iterator[date]:
        """The days on which bookings that nobody confirmed no longer count."""
        for cell in fact.cells:
            for day in cell.booked:
                try:
                    yield cell.calendar.add(day, policy.unconfirmed + 1)
                except InputError:  # nobody works any more
                    yield max(day, cell.last)

    def changes(
        self,
        fact: AccountContacts,
        known: Sequence[date | None] | None,
        today: date,
        limit: date | None,
        policy: ContactShortfall,
    ) -> Iterator[date | None]:
        """The next day of each cell, before `limit`; what is known of it and still to come is taken over."""
        for number, cell in enumerate(fact.cells):
            if known is not None and ((day := known[number]) is None or day > today):
                yield day
            else:
                yield self._change(cell, today, min(limit or cell.last, cell.last), policy)

    def _change(self, cell: Cell, today: date, last: date, policy: ContactShortfall) -> date | None:
        verdict = self._look(cell, today, policy)
        if isinstance(verdict, NotDue):
            return verdict.until
        said = _said(verdict)
        if last <= today or _said(self._look(cell, last, policy)) == said:
            return None
        low, high = today.toordinal(), last.toordinal()
        while high - low > 1:
            middle = (low + high) // 2
            same = _said(self._look(cell, date.fromordinal(middle), policy)) == said
            low, high = (middle, high) if same else (low, middle)
        return date.fromordinal(high)

    def _look(self, cell: Cell, day: date, policy: ContactShortfall) -> Due | NotDue:
        return look(cell, day, policy, {(id(cell.calendar), cell.first, cell.last): self._span(cell, day)})

    def _span(self, cell: Cell, day: date) -> gap.Span:
        """What `gap.span` says, without going through the calendar again."""
        key = (id(cell.calendar), cell.first, cell.last)
        known = self._spans.get(key)
        if known is None:
            known = gap.span(cell.calendar, cell.first, cell.last, day), _workdays(cell)
            self._spans[key] = known
        span, days = known
        at = day.toordinal()
        return replace(span, begun=bisect_right(days, at), elapsed=bisect_left(days, at))


def _said(verdict: Due | NotDue) -> tuple[object, ...] | None:
    """What of a verdict reaches a nudge."""
    if isinstance(verdict, NotDue):
        return None
    told = verdict.unconfirmed, verdict.coming, verdict.fits
    return verdict.since, verdict.behind, verdict.mode, *told


def _workdays(cell: Cell) -> "array[int]":
    days = range(cell.first.toordinal(), cell.last.toordinal() + 1)
    return array("l", (day for day in days if cell.calendar.is_workday(date.fromordinal(day))))
