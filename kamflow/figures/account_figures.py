"""What is known of one account and quarter: the input of the scorecard."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kamflow.periods import Period


class Known(NamedTuple):
    """An amount in the company's currency, as known on a day from a source."""

    amount: Decimal
    as_of: date
    source: str


class Counted(NamedTuple):
    """How many of how many, and since when and from where that is known."""

    done: int
    of: int
    as_of: date
    source: str


class Nps(NamedTuple):
    """The latest survey: `score` is None where too few answered, then `raw` has the answers.

    `coverage` in % of influence.
    """

    score: int | None
    answers: int
    coverage: float | None
    as_of: date
    source: str
    raw: tuple[int, ...] = ()


class Projects(NamedTuple):
    """Projects open at the end of the quarter, won and lost within it; values where known."""

    open: int
    open_value: Decimal | None
    won: int
    won_value: Decimal | None
    lost: int
    lost_value: Decimal | None
    as_of: date
    source: str


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """What is known of one account and quarter (with all sites below it); None is unknown, never 0.

    Of the quarter: `revenue`, `goal`, `margin` (before services), `margin_goal`, `services` (value given and
    not charged), `margin_on` (the revenue whose margin is known). `previous`, `previous_goal`: the quarter
    before. `year_ago`: `quarter_dates.year_before`. `last_year`, `year_before` and `company` (revenue of all
    accounts): the `twelve_months` that end with the quarter, and those before. `measures`: done of those due
    in the quarter. `contacts`: held (at most Soll each) of Soll in the fiscal year. `unused`: services its
    class is entitled to and did not get in 12 months. `not_bought`: product groups that others bought in 12
    months and it did not, best sold first.
    """

    account: int
    quarter: Period
    year: Period
    account_class: str | None = None
    revenue: Known | None = None
    goal: Known | None = None
    previous: Known | None = None
    previous_goal: Known | None = None
    year_ago: Known | None = None
    last_year: Known | None = None
    year_before: Known | None = None
    company: Known | None = None
    margin: Known | None = None
    margin_on: Decimal | None = None
    margin_goal: Known | None = None
    services: Known | None = None
    measures: Counted | None = None
    contacts: Counted | None = None
    nps: Nps | None = None
    projects: Projects | None = None
    unused: tuple[int, ...] = ()
    not_bought: tuple[str, ...] = ()
