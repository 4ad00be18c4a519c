"""What every writer works with, and the steps they share."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.errors import Refused
from kamflow.intake.cells import split
from kamflow.intake.entities.catalogue import BY_NAME
from kamflow.intake.known import Known, Names, Several
from kamflow.intake.record import Record
from kamflow.intake.report import ImportReport, Unmatched
from kamflow.models.erasure import Erased
from kamflow.periods import Changes
from kamflow.settings import Company
from kamflow.store import suppressed
from kamflow.store.suppressed import Identity, Suppressed

_CENT = Decimal("0.01")
_RANK = ("unchanged", "changed", "new")


@dataclass(slots=True)
class Context:
    """One import on its way into the database."""

    session: Session
    known: Known
    report: ImportReport
    company: Company
    now: datetime
    rates: dict[str, list[tuple[date, Decimal]]]
    currency: str | None = None
    actor: int | None = None
    events: list[dict[str, object]] = field(default_factory=list)
    days: dict[tuple[str, str], set[date]] = field(default_factory=dict)
    secret: str | None = None
    erased: dict[Erased, Suppressed] = field(default_factory=dict)

    def kept_out(self, kind: Erased) -> Suppressed:
        """Whom no import may bring back.

        Raises:
            Refused: there is somebody, and no secret to know them by.
        """
        if kind not in self.erased:
            if self.secret is None and suppressed.anybody(self.session):
                raise Refused(
                    "people were erased, and without the secret key nobody can tell whether a row is about"
                    " one of them: set KAMFLOW_SECRET_KEY or secrets/secret_key"
                )
            self.erased[kind] = suppressed.load(self.session, kind, self.secret or "")
        return self.erased[kind]

    @property
    def source(self) -> str:
        return self.report.source

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.company.zone)).date()

    @property
    def fiscal_years(self) -> tuple[int, Changes]:
        """Their first month, and how it changes."""
        return self.company.fiscal_year_start, self.company.fiscal_year_changes

    def happened(self, name: str, account: int | None = None, **payload: object) -> None:
        """Note an event; all are written at the end of the transaction."""
        self.events.append(
            {"name": name, "at": self.now, "actor_id": self.actor, "account_id": account, "payload": payload}
        )

    def sort_out(self, records: Iterable[Record]) -> list[Record]:
        """Resolve references; send back (or leave out) what has a problem; return the rest."""
        good: list[Record] = []
        for record in records:
            self._resolve(record)
            if not record.problems:
                good.append(record)
                continue
            self._list_unmatched(record)
            self.send_back(record)
        return good

    def send_back(self, record: Record) -> None:
        """Reject a record, or skip it where the mapping says so."""
        if record.block.no_match == "skip" and all(each.unknown for each in record.problems):
            self.report.count(record.entity, "skipped", record.table.file)
        else:
            self.report.reject(record)

    def sift(self, records: Iterable[Record]) -> list[Record]:
        """Return what is still without a problem; the rest goes back."""
        good: list[Record] = []
        for record in records:
            if record.problems:
                self.send_back(record)
            else:
                good.append(record)
        return good

    def settle(self, records: Iterable[Record], identity: Callable[[Record], Hashable]) -> list[Record]:
        """Keep one record per identity; another one that says something else comes back."""
        first: dict[Hashable, Record] = {}
        for record in records:
            other = first.setdefault(identity(record), record)
            if other is record or other.block.repeats == "first" or other.values == record.values:
                continue
            differing = next(n for n in {**other.values, **record.values} if other.get(n) != record.get(n))
            record.refuse(differing, f"the same as on line {other.row.line}, which has the same key")
            self.report.reject(record)
        return list(first.values())

    def done(self, record: Record, *states: str) -> str:
        """Count a record by the strongest of the states of its rows."""
        state = max(states, key=_RANK.index)
        self.report.count(record.entity, state, record.table.file)
        if isinstance(record.get("day"), date):
            self.days.setdefault((record.entity, record.table.file), set()).add(record.values["day"])
        return state

    def money(self, record: Record, name: str, on: date | None) -> None:
        """Turn an amount into the company's currency, or send the row back for want of a rate."""
        given = record.get(name)
        if given is None:
            return
        amount, mark = given
        stated = record.get("currency") or record.block.currency or self.currency
        if mark and stated and mark != stated:
            record.refuse(name, f"an amount in {stated}, as the row says", f"{amount} {mark}")
            return
        currency = stated or mark or self.company.currency
        record.values |= {name: amount, f"original {name}": None, "currency": currency}
        if currency == self.company.currency:
            return
        rate = self.rate(currency, on)
        if rate is None:
            expected = (
                f"an amount in {self.company.currency}, or a rate for {currency} on {on}: import rates first"
            )
            record.refuse(name, expected, f"{amount} {currency}")
            return
        converted = (amount * rate).quantize(_CENT, ROUND_HALF_UP)
        record.values |= {name: converted, f"original {name}": amount}

    def rate(self, currency: str, on: date | None) -> Decimal | None:
        """The newest rate not younger than the day; without a day the newest."""
        dated = [each for each in self.rates.get(currency, []) if on is None or each[0] <= on]
        return max(dated)[1] if dated else None

    def _resolve(self, record: Record) -> None:
        for each in BY_NAME[record.entity].fields:
            written = record.get(each.name)
            if not isinstance(written, str):
                continue
            names = self.known.of(each.kind)
            if names is None:
                continue
            if each.kind in ("people", "contacts"):
                word = {"people": "person"}.get(each.kind, "contact")
                self._point_many(record, each.name, names, word)
            else:
                self._point(record, each.name, names, each.kind)

    def _point(self, record: Record, name: str, names: Names, word: str) -> None:
        written = record.values[name]
        found = self._find(record, name, names, word, written)
        record.values[name] = found
        if found is None and name in record.block.optional:
            del record.values[name]

    def _point_many(self, record: Record, name: str, names: Names, word: str) -> None:
        written = record.values[name]
        if names.find_or_none(written) is not None:  # a name may hold a semicolon
            found = [names.find_or_none(written)]
        else:
            found = [self._find(record, name, names, word, each) for each in split(written)]
        record.values[name] = tuple(sorted({each for each in found if each is not None}))

    def _find(self, record: Record, name: str, names: Names, word: str, written: str) -> int | None:
        try:
            found = names.find(written)
        except Several as error:
            record.refuse(name, str(error), written)
            return None
        if found is None and name not in record.block.optional:
            self._not_found(record, name, word, written)
        return found

    def _not_found(self, record: Record, name: str, word: str, written: str) -> None:
        if word in tuple(Erased):
            ids = frozenset({(self.source, written)})
            erased = self.kept_out(Erased(word)).of(Identity(ids, written, written))
            if erased is not None:
                record.withhold(f"nobody who was erased ({erased[1]}): erase them in the source, too")
                return
        record.refuse(name, f"no {word} {written!r}: import it first, or map it", written, unknown=True)

    def _list_unmatched(self, record: Record) -> None:
        column = record.column("account")
        for problem in record.problems:
            if problem.unknown and problem.column == column:
                listed = self.report.unmatched.setdefault(record.entity, {})
                entry = listed.setdefault(problem.value, Unmatched())
                amount = record.get("amount") or record.get("value")
                entry.rows += 1
                entry.amount += amount[0] if isinstance(amount, tuple) else 0
