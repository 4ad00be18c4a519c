"""The defaults of the yearly cycle (design, section 6), changed by `[policy]` in kamflow.toml.

Days are working days (wd) unless a name says otherwise. Every default carries its source in the
comments of the kamflow.toml that `kamflow init` writes.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, model_validator

from kamflow.errors import ConfigError
from kamflow.settings import read_toml
from kamflow.thresholds import (
    AnnualMeeting,
    ContactShortfall,
    DepartmentRequests,
    MeasureFollowup,
    MonthDay,
    PlanCreation,
    QuarterlyControlling,
    SurveyDispatch,
    Table,
)


def _clock_time(value: object) -> object:
    # pydantic would take 830 for seconds after midnight, and a time with a zone cannot be compared.
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError("expected a time of day, such as 08:30")
    return time.fromisoformat(value)


RULES = (
    "contact_shortfall",
    "plan_creation",
    "quarterly_controlling",
    "measure_followup",
    "department_requests",
    "annual_meeting",
    "survey_dispatch",
)
CLASSES = ("key", "major", "target", "A", "B", "C")
# A quarter opens for all accounts on one day, and its report is one.
COMPANY_WIDE = frozenset(
    {f"quarterly_controlling.{knob}" for knob in ("opens_after", "opens_after_year", "report_after")}
    | {"survey_dispatch.wording"}  # the same words for every customer
)
ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class Cadence(Table):
    """When a person is told."""

    digest_at: ClockTime = Field(default=time(8, 30), description="local time")
    now_from: ClockTime = time(8, 0)
    now_until: ClockTime = time(18, 0)
    items: int = Field(default=7, ge=1, description="items in one digest")
    repeat_every: int = Field(default=3, description="wd while overdue")
    repeats: int = 2
    silence_after_done: int = Field(default=5, description="wd")
    snooze_past_due: int = Field(default=10, description="wd")
    return_digest_on: int = Field(default=2, description="the how-manieth day back after absence")
    quiet_from: MonthDay = "12-20"
    quiet_until: MonthDay = "01-06"

    @model_validator(mode="after")
    def _in_order(self) -> "Cadence":
        for name in ("digest_at", "now_from"):
            if getattr(self, name) >= self.now_until:
                raise ValueError(f"{name} must be before now_until: nothing would ever be told")
        return self


class Sponsors(Table):
    """What senior sponsors are spared."""

    classes: tuple[str, ...] = Field(default=("key",), description="accounts they look after")
    asks: int = Field(default=2, ge=0, description="asks a month beside the digest")
    accounts_board: int = Field(default=5, description="accounts of a board member before it is warned")
    accounts_second: int = Field(default=8, description="accounts of the second level")


class Starting(Table):
    """How kamflow begins. Without a day of going live it decides and tells from its first run on."""

    go_live: date | None = Field(default=None, description="nothing is decided or told before")
    pilot: tuple[str, ...] = Field(default=(), description="keys of accounts; empty: all of them")
    shadow_days: int = Field(default=10, ge=0, description="wd in which everything is decided, nothing told")
    ramp_days: int = Field(default=10, ge=0, description="own wd with few items a day after that")
    ramp_items: int = Field(default=3, ge=1, description="items in one digest in these days")


class Policy(Table):
    """Every number of the cycle; `by_class` and, for one account, `of` say where it differs."""

    contact_shortfall: ContactShortfall = ContactShortfall()
    plan_creation: PlanCreation = PlanCreation()
    quarterly_controlling: QuarterlyControlling = QuarterlyControlling()
    measure_followup: MeasureFollowup = MeasureFollowup()
    department_requests: DepartmentRequests = DepartmentRequests()
    annual_meeting: AnnualMeeting = AnnualMeeting()
    survey_dispatch: SurveyDispatch = SurveyDispatch()
    cadence: Cadence = Cadence()
    sponsors: Sponsors = Sponsors()
    starting: Starting = Starting()
    by_class: dict[str, dict[str, dict[str, Any]]] = Field(
        default_factory=dict, alias="class", description="class of accounts -> table -> what differs there"
    )
    _own: Mapping[int, "Policy"] = PrivateAttr(default_factory=dict)

    def of(self, account: int | None) -> "Policy":
        """What counts for an account: thresholds of its own or of its class, else these."""
        return self if account is None else self._own.get(account, self)

    def for_accounts(self, own: Mapping[int, "Policy"]) -> "Policy":
        """The same policy that knows, by account, where another one counts."""
        known = self.model_copy()
        known._own = own
        return known

    def differing_for(self, other: "Policy") -> set[int]:
        """The accounts for which another policy says something else, as far as they have one of their own."""
        accounts = self._own.keys() | other._own.keys()
        return {account for account in accounts if self.of(account) != other.of(account)}

    def of_class(self, name: str | None) -> dict[str, Any]:
        """Thresholds of a class of accounts by name, such as contact_shortfall.gap."""
        tables = self.by_class.get(name or "", {})
        return {f"{table}.{knob}": value for table, knobs in tables.items() for knob, value in knobs.items()}


def parse(data: Mapping[str, Any], where: str = "[policy]") -> Policy:
    """Policy from plain data.

    Raises:
        ConfigError: an unknown name or a value out of range.
    """
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_said(error)}") from None
    for name in policy.by_class:
        if name not in CLASSES:
            raise ConfigError(f"{where}: class.{name}: expected one of {', '.join(CLASSES)}")
        differing(policy, policy.of_class(name), f"{where}: class.{name}")
    return policy


def differing(policy: Policy, knobs: Mapping[str, Any], where: str) -> Policy:
    """A policy with other thresholds of rules; `knobs` by name, such as contact_shortfall.gap.

    Raises:
        ConfigError: names the knob, its value and the range.
    """
    tables: dict[str, dict[str, Any]] = {}
    for name, value in knobs.items():
        table, _, knob = name.partition(".")
        if name in COMPANY_WIDE:
            raise ConfigError(f"{where}: {name} counts for the whole company: set it in [policy]")
        if name not in settable():
            raise ConfigError(f"{where}: there is no threshold {name!r}: `kamflow policy show` lists them")
        tables.setdefault(table, {})[knob] = value
    changed = {table: _changed(getattr(policy, table), table, own, where) for table, own in tables.items()}
    return policy.model_copy(update=changed)


@cache
def settable() -> dict[str, str]:
    """The thresholds that may differ for a class or an account, by name, with what they mean."""
    tables = {name: type(getattr(Policy(), name)) for name in RULES}
    return {
        f"{table}.{knob}": field.description or ""
        for table, kind in tables.items()
        for knob, field in kind.model_fields.items()
        if f"{table}.{knob}" not in COMPANY_WIDE
    }


def _changed(table: Table, name: str, own: Mapping[str, Any], where: str) -> Table:
    try:
        return type(table).model_validate(table.model_dump() | dict(own))
    except ValidationError as error:
        raise ConfigError(f"{where}: {_said(error, name)}") from None


def _said(error: ValidationError, table: str = "") -> str:
    lines: list[str] = []
    for each in error.errors():
        name = ".".join(map(str, ([table] if table else []) + list(each["loc"])))
        value = "" if isinstance(each["input"], Mapping) else f" = {each['input']!r}"
        lines.append(f"{name}{value}: {each['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)


def load(home: Path) -> Policy:
    """Policy of a home."""
    return parse(read_toml(home).get("policy", {}), f"{home / 'kamflow.toml'} [policy]")
