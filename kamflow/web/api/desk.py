"""What carries an event out is handed: an open transaction, and who is telling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.acts.acting import Acting
from kamflow.intake import mentioned
from kamflow.intake.context import Context
from kamflow.intake.known import Known, Names, Several
from kamflow.intake.mentioned import Mentioned
from kamflow.intake.report import ImportReport
from kamflow.settings import Company
from kamflow.store import events
from kamflow.web.api.problems import Flaw, Problem


@dataclass(frozen=True)
class Done:
    """What was written: its kind, its number, and whether anything is different now."""

    kind: str
    number: int
    changed: bool


@dataclass(frozen=True)
class Parties:
    """Who an event names, as rows of ours."""

    account: int | None
    people: tuple[int, ...]
    contacts: tuple[int, ...]
    known: Known


@dataclass(frozen=True)
class Desk:
    """A source at one moment. It acts as an import does: nobody's word, no person's rights."""

    session: Session
    source: str
    now: datetime
    company: Company

    @property
    def acting(self) -> Acting:
        """For acts: operations enter what other systems know."""
        return Acting(self.session, None, self.now, self.company)

    def context(self, known: Known) -> Context:
        """For the writers of imports."""
        return Context(self.session, known, ImportReport(self.source), self.company, self.now, {})

    def record(self, ctx: Context) -> None:
        """Write down what the writers say has happened; send back what they refused."""
        events.record_many(self.session, ctx.events)
        flaws = [
            Flaw(f"/data/{each.column}", f"{each.value}: expected {each.expected}")
            for record in ctx.report.rejects
            for each in record.problems
        ]
        if flaws:
            raise Problem("does-not-fit", "; ".join(each.detail for each in flaws), flaws)

    def parties(
        self,
        account: str | None = None,
        people: Sequence[str] = (),
        contacts: Sequence[str] = (),
        contact_at: str | None = None,
    ) -> Parties:
        """Find all that an event names (Problem with each that is not known)."""
        named = Mentioned(people, [account] if account else [], contacts)
        known = mentioned.load(self.session, self.source, named)
        flaws: list[Flaw] = []
        found = (
            [_row(known.accounts, account, "/data/account", flaws)] if account else [None],
            [_row(known.people, each, f"/data/people/{at}", flaws) for at, each in enumerate(people)],
            [
                _row(known.contacts, each, contact_at or f"/data/contacts/{at}", flaws)
                for at, each in enumerate(contacts)
            ],
        )
        refuse_unknown(flaws)
        ours, theirs = ({each for each in rows if each is not None} for rows in found[1:])
        return Parties(found[0][0], tuple(sorted(ours)), tuple(sorted(theirs)), known)

    def person(self, called: str, pointer: str) -> int:
        """One of our people (Problem where nobody is called so)."""
        known = mentioned.load(self.session, self.source, Mentioned(people=[called]))
        flaws: list[Flaw] = []
        found = _row(known.people, called, pointer, flaws)
        refuse_unknown(flaws)
        return found or 0

    def hour(self, day: date, starts_at: datetime | None) -> datetime | None:
        """An hour of that day, where the company is (Problem where it is of another one)."""
        if starts_at is None:
            return None
        try:
            local = starts_at.astimezone(ZoneInfo(self.company.zone))
        except (OverflowError, ValueError):  # in the years 1 and 9999
            local = None
        if local is None or local.date() != day:
            what = f"expected an hour of {day} in {self.company.zone}"
            raise Problem("does-not-fit", f"/data/starts_at: {what}", [Flaw("/data/starts_at", what)])
        return local


def refuse_unknown(flaws: Sequence[Flaw]) -> None:
    """Say what is not known, if anything is."""
    if flaws:
        raise Problem("unknown", "; ".join(f"{each.pointer}: {each.detail}" for each in flaws), flaws)


def _row(names: Names, called: str, pointer: str, flaws: list[Flaw]) -> int | None:
    try:
        found = names.find(called)
    except Several as error:
        flaws.append(Flaw(pointer, f"not clear: expected {error}"))
        return None
    if found is None:
        flaws.append(Flaw(pointer, "not known: expected your id, kamflow's key or an e-mail address"))
    return found
