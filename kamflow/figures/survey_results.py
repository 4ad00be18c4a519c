"""What surveys of an account came to: score and counts, coverage, expectation against experience. Pure.

Who was asked and did not answer counts as asked and nowhere else: no answer is not a score. Below
`shown_from` answers there is no figure, but what was answered, without names.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from kamflow.figures import nps
from kamflow.periods import Period

_TENTH = Decimal("0.1")
Pair = tuple[int, int]  # expectation, experience


class Heard(NamedTuple):
    """One who was asked, with what they said. `contact` is negative for an answer that nobody signed."""

    contact: int
    answered_on: date | None = None
    score: int | None = None
    ratings: Mapping[str, tuple[int | None, int | None]] = {}


@dataclass(frozen=True, slots=True)
class Held:
    """A survey of an account in a fiscal year. `scale` is that of another tool, None for 0 to 10."""

    wave: int
    account: int
    year: Period
    source: str
    people: tuple[Heard, ...]
    scale: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A dimension: means of those who rated both sides, `gap` is experience less expectation.

    Of fewer than `shown_from` there are the pairs instead.
    """

    dimension: str
    answers: int
    expectation: Decimal | None
    experience: Decimal | None
    gap: Decimal | None
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One survey, or all of a fiscal year together; `first` and `last` are days of answers.

    `answered`: said anything; `score` counts those who gave one.
    """

    year: Period
    waves: tuple[int, ...]
    sources: tuple[str, ...]
    scales: tuple[str, ...]
    asked: int
    answered: int
    score: nps.Score
    coverage: nps.Coverage
    gaps: tuple[Gap, ...]
    first: date | None
    last: date | None


Centre = Mapping[int, int | None]


def result(held: Sequence[Held], centre: Centre, shown_from: int = nps.SHOWN_FROM) -> Result:
    """What these surveys of one fiscal year came to; of each contact the newest answer counts."""
    people = _once(held)
    spoke = [each for each in people if each.answered_on is not None]
    days = [each.answered_on for each in spoke if each.answered_on is not None]
    scored = [each for each in spoke if each.score is not None]
    return Result(
        year=held[0].year,
        waves=tuple(sorted(each.wave for each in held)),
        sources=tuple(sorted({each.source for each in held})),
        scales=tuple(sorted({each.scale for each in held if each.scale})),
        asked=len(people),
        answered=len(spoke),
        score=nps.score((each.score for each in scored if each.score is not None), shown_from),
        coverage=nps.coverage(centre, (each.contact for each in scored)),
        gaps=tuple(_gaps(spoke, shown_from)),
        first=min(days, default=None),
        last=max(days, default=None),
    )


def by_year(held: Iterable[Held]) -> list[list[Held]]:
    """The surveys of each fiscal year, the newest year first."""
    years: defaultdict[Period, list[Held]] = defaultdict(list)
    for each in held:
        years[each.year].append(each)
    return [years[year] for year in sorted(years, reverse=True)]


def answered(held: Sequence[Held]) -> bool:
    """Tell whether anybody gave a score."""
    return any(person.score is not None for each in held for person in each.people)


def _once(held: Iterable[Held]) -> list[Heard]:
    """Everybody once: who answered two surveys of a year, with what they said last."""
    people: dict[int, Heard] = {}
    everybody = [person for each in held for person in each.people]
    for person in sorted(everybody, key=lambda each: each.answered_on or date.min):
        people[person.contact] = person
    return list(people.values())


def _gaps(spoke: Iterable[Heard], shown_from: int) -> Iterable[Gap]:
    pairs: defaultdict[str, list[Pair]] = defaultdict(list)
    for person in spoke:
        for dimension, (expectation, experience) in person.ratings.items():
            if expectation is not None and experience is not None:
                pairs[dimension].append((expectation, experience))
    found = [_gap(dimension, given, shown_from) for dimension, given in pairs.items()]
    # The widest disappointment first; what is too small for a figure last.
    return sorted(found, key=lambda each: (each.gap is None, each.gap or 0, each.dimension))


def _gap(dimension: str, pairs: list[Pair], shown_from: int) -> Gap:
    if len(pairs) < shown_from:
        return Gap(dimension, len(pairs), None, None, None, tuple(sorted(pairs, reverse=True)))
    expectation, experience = (Decimal(sum(side)) / len(pairs) for side in zip(*pairs, strict=True))
    gap = _rounded(experience - expectation)
    return Gap(dimension, len(pairs), _rounded(expectation), _rounded(experience), gap)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, ROUND_HALF_UP)
