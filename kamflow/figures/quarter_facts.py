"""What the rule `quarterly_controlling` is told: the quarter that ended last, and the accounts in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kamflow.figures.account_figures import AccountFigures
from kamflow.figures.deadline import Asked
from kamflow.figures.quarter_dates import State
from kamflow.periods import Period
from kamflow.workdays import Calendar, Quiet


@dataclass(frozen=True, slots=True)
class Quarter:
    """The fiscal quarter that ended last before today, `year` being its fiscal year.

    `asked_until`: the last day of the quarter that follows; then its own figures are due. `complete_on`: the
    day from which all sources of revenue called it complete. `calendar`: the company's. `heads`: the heads
    of KAM who are here.
    """

    period: Period
    year: Period
    asked_until: date
    complete_on: date | None
    calendar: Calendar
    quiet: Quiet
    heads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountQuarter:
    """An open account in that quarter.

    `group`: the account above it, into whose figures its own are counted. `source`: where its revenue came
    from last, else the company's only source of revenue; `source_owner`: who is here and owns it.
    `arrived`: the first day on which revenue of the quarter was known, None where that is not known.
    `kept`: the state of the scorecard that is already kept, "no_data" where complete figures were none;
    `kept_digest`: that of its figures.
    """

    figures: AccountFigures
    kam: Asked | None
    group: int | None = None
    source: str | None = None
    source_owner: Asked | None = None
    arrived: date | None = None
    commented_on: date | None = None
    kept: State | Literal["no_data"] | None = None
    kept_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Controlling:
    """The facts: the quarter, and the accounts in scope."""

    quarter: Quarter
    accounts: Sequence[AccountQuarter]
