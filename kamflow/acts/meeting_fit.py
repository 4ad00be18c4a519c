"""What cannot be true of an annual meeting, whether a person says it or a file. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from kamflow.errors import InputError
from kamflow.models.meeting import MeetingKind
from kamflow.periods import Period

# A meeting about a year may take place before it, and a negotiation may run on after it.
_AWAY = timedelta(days=366)


Days = Mapping[int, date | None]  # of rounds by number


class Flaw(NamedTuple):
    """`field` is kind, round, day or agreed_on; `round` is None where it is about the whole meeting."""

    field: str
    said: str
    round: int | None = None


@dataclass(frozen=True)
class Wanted:
    """An annual meeting as it would be.

    `days`: of its rounds by number; `known`: the rounds that were there before; `closed_on`: of its account.
    """

    year: Period
    kind: str
    days: Days
    known: frozenset[int] = frozenset()
    agreed_on: date | None = None
    closed_on: date | None = None


def near(year: Period, day: date) -> bool:
    """Tell whether a day can belong to the meeting about a fiscal year."""
    return max(year.first - day, day - year.last) <= _AWAY


def flaws(wanted: Wanted, today: date) -> list[Flaw]:
    """All that cannot be."""
    agreed = _agreement(wanted.kind, wanted.days, wanted.agreed_on, today) if wanted.agreed_on else ()
    return [*_kind(wanted), *_days(wanted), *agreed]


def check(wanted: Wanted, today: date) -> None:
    """Refuse what cannot be (InputError)."""
    for flaw in flaws(wanted, today):
        raise InputError(flaw.said)


def check_agreement(kind: str, days: Days, agreed: date, today: date) -> None:
    """Refuse an agreement that cannot be (InputError)."""
    for flaw in _agreement(kind, days, agreed, today):
        raise InputError(flaw.said)


def _kind(wanted: Wanted) -> Iterator[Flaw]:
    if wanted.kind != MeetingKind.STRATEGIC:
        return
    if len(wanted.known) > 1:
        yield Flaw("kind", "it has several rounds: it stays a negotiation")
    for number in sorted(wanted.days.keys() - wanted.known):
        if number > 1:
            said = "a strategic meeting is one meeting: rounds belong to one of kind negotiation"
            yield Flaw("round", said, number)


def _days(wanted: Wanted) -> Iterator[Flaw]:
    for number, day in sorted(wanted.days.items()):
        if day is None:
            continue
        if wanted.closed_on is not None and wanted.closed_on <= day:
            said = f"its account is closed from {wanted.closed_on} on: there is nobody to meet"
            yield Flaw("day", said, number)
        if not near(wanted.year, day):
            said = f"{day} is more than a year away from the fiscal year that it is about ({wanted.year})"
            yield Flaw("day", said, number)


def _agreement(kind: str, days: Days, agreed: date, today: date) -> Iterator[Flaw]:
    first = min((day for day in days.values() if day is not None), default=agreed)
    if kind == MeetingKind.STRATEGIC:
        yield Flaw("agreed_on", "it is a strategic one: it is agreed when it was held")
    elif agreed > today:
        yield Flaw("agreed_on", f"{agreed} is still to come: note it once you agreed")
    elif agreed < first:
        yield Flaw("agreed_on", f"{agreed} lies before the first round ({first})")
