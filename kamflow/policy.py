"""The defaults of the yearly cycle (design, section 6), changed by `[policy]` in kamflow.toml.

Days are working days (wd) unless a name says otherwise. Every default carries its source in the
comments of the kamflow.toml that `kamflow init` writes.
"""

import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kamflow.errors import ConfigError
from kamflow.settings import read_toml


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _clock_time(value: object) -> object:
    # pydantic would take 830 for seconds after midnight, and a time with a zone cannot be compared.
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError("expected a time of day, such as 08:30")
    return time.fromisoformat(value)


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class ContactShortfall(_Table):
    """Contacts behind plan. Pace applies from `pace_from_soll`; the latest start to every Soll."""

    pace_from_soll: int = 4
    gap: float = Field(default=1.0, gt=0, description="contacts behind the expected number")
    lead_board: int = Field(default=60, description="wd before the last possible day, board on either side")
    lead_influential: int = Field(default=30, description="wd, from `influential`")
    lead: int = Field(default=20, description="wd, everybody else")
    influential: int = Field(default=8, ge=1, le=10)
    lead_share: float = Field(default=0.8, gt=0, le=1, description="lead is at most this share of wd / Soll")
    unconfirmed: int = Field(default=5, description="wd for which a past booking counts as held")
    closing_days: int = Field(default=15, description="last wd of a period in which nothing new is asked")
    due_after: int = Field(default=10, description="wd from since to due_on")
    min_between: int = Field(default=5, description="wd between two contacts; less cannot fit")
    propose_share: float = Field(default=0.8, gt=0, le=1, description="share of gap x influence to close")


class PlanCreation(_Table):
    """Account plans: when they start, when they are handed in, who must tell whom."""

    starts_before: int = Field(default=184, description="calendar days before the fiscal year")
    budget_before: int = Field(default=62, description="calendar days before the fiscal year")
    before_meeting: int = Field(default=20, description="wd before the annual meeting")
    meeting_counts_after: int = Field(default=60, description="wd between start and a meeting that counts")
    stagger: int = Field(default=5, description="wd between two hand-ins of one person")
    approval: int = Field(default=10, description="wd for the approver")
    revise: int = Field(default=10, description="wd for the author of a returned plan")
    key_classes: tuple[str, ...] = ("key",)
    short_classes: tuple[str, ...] = ("major", "target")
    key_sections: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    short_sections: tuple[int, ...] = (1, 3, 5, 8, 9)


class Cadence(_Table):
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
    quiet_from: str = Field(default="12-20", pattern=r"^\d\d-\d\d$")
    quiet_until: str = Field(default="01-06", pattern=r"^\d\d-\d\d$")

    @model_validator(mode="after")
    def _in_order(self) -> "Cadence":
        for name in ("digest_at", "now_from"):
            if getattr(self, name) >= self.now_until:
                raise ValueError(f"{name} must be before now_until: nothing would ever be told")
        return self


class Policy(_Table):
    """Every number of the cycle."""

    contact_shortfall: ContactShortfall = ContactShortfall()
    plan_creation: PlanCreation = PlanCreation()
    cadence: Cadence = Cadence()


def parse(data: Mapping[str, Any], where: str = "[policy]") -> Policy:
    """Policy from plain data.

    Raises:
        ConfigError: an unknown name or a value out of range.
    """
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ConfigError(f"{where}: " + "; ".join(lines)) from None


def load(home: Path) -> Policy:
    """Policy of a home."""
    return parse(read_toml(home).get("policy", {}), f"{home / 'kamflow.toml'} [policy]")
