"""Net promoter score, and how much of the buying centre stands behind it.

Of the answers 0 to 10, 9 and 10 are promoters, 7 and 8 passives, 0 to 6 detractors; the score is the share
of promoters less the share of detractors, -100 to +100. Three people are no percentage: below `shown_from`
answers there is no score but the answers themselves. Coverage weighs people by their influence.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from kamflow.errors import InputError

Kind = Literal["promoter", "passive", "detractor"]
LOWEST, PASSIVE_FROM, PROMOTER_FROM, HIGHEST = 0, 7, 9, 10
SHOWN_FROM = 3
_TENTH = Decimal("0.1")


class Score(NamedTuple):
    """The answers of a survey. `raw` holds them, highest first, where they are too few for a score."""

    promoters: int
    passives: int
    detractors: int
    raw: tuple[int, ...]

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def nps(self) -> Decimal | None:
        """With one decimal, rounded away from zero at the half; None where too few answered."""
        if self.raw or not self.answers:
            return None
        return (Decimal(100 * (self.promoters - self.detractors)) / self.answers).quantize(
            _TENTH, ROUND_HALF_UP
        )

    @property
    def whole(self) -> int | None:
        """The score as a whole number, rounded from the counts and not from `nps`."""
        if self.nps is None:
            return None
        exact = Decimal(100 * (self.promoters - self.detractors)) / self.answers
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


class Coverage(NamedTuple):
    """Influence points of those who answered, of all points of the buying centre.

    Whose influence is not known has no points, but is counted: `people` answered of `of_people`, and of
    `unknown` nobody can say how much they weigh.
    """

    points: int
    of_points: int
    people: int
    of_people: int
    unknown: int

    @property
    def percent(self) -> float | None:
        """With one decimal, rounded down: all is only said where all is meant. None without any points."""
        return 1000 * self.points // self.of_points / 10 if self.of_points else None


def kind(score: int) -> Kind:
    """Promoter, passive or detractor.

    Raises:
        InputError: no whole number from 0 to 10.
    """
    if not LOWEST <= score <= HIGHEST:
        raise InputError(f"score {score}: expected 0 to 10; declare another scale before it is imported")
    if score >= PROMOTER_FROM:
        return "promoter"
    return "passive" if score >= PASSIVE_FROM else "detractor"


def score(answers: Iterable[int], shown_from: int = SHOWN_FROM) -> Score:
    """Count the answers (InputError as in `kind`)."""
    given = sorted(answers, reverse=True)
    kinds = [kind(answer) for answer in given]
    return Score(
        kinds.count("promoter"),
        kinds.count("passive"),
        kinds.count("detractor"),
        tuple(given) if len(given) < shown_from else (),
    )


def coverage(buying_centre: Mapping[int, int | None], answered: Iterable[int]) -> Coverage:
    """How much of the buying centre (contact -> influence 1 to 10, or None) stands behind the answers.

    Who answered and is not in the buying centre any more does not count.
    """
    there = buying_centre.keys() & set(answered)
    return Coverage(
        sum(buying_centre[contact] or 0 for contact in there),
        sum(influence or 0 for influence in buying_centre.values()),
        len(there),
        len(buying_centre),
        sum(influence is None for influence in buying_centre.values()),
    )
