"""Revenue entries [Umsatz], the rates that make them comparable, and projects."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column, Index, Numeric, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Money


class RevenueKind(StrEnum):
    ACTUAL = "actual"
    TARGET = "target"
    FORECAST = "forecast"


class ProjectState(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class RevenueEntry(SQLModel, table=True):
    """One posting. Months and quarters are sums. `amount` is in the company's currency;
    `original_amount`/`currency` keep what the file said where it was another one."""

    __tablename__ = "revenue_entry"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_revenue_entry_account_day", "account_id", "day"),
    )
    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_id: str
    account_id: int = Field(foreign_key="account.id")
    day: date
    product_group: str | None = None
    kind: str = RevenueKind.ACTUAL
    amount: Decimal = Field(sa_column=Column(Money, nullable=False))
    currency: str
    original_amount: Decimal | None = Field(default=None, sa_column=Column(Money))
    margin: Decimal | None = Field(default=None, sa_column=Column(Money))


class ExchangeRate(SQLModel, table=True):
    """One unit of `currency` in the company's currency from a day on."""

    __tablename__ = "exchange_rate"
    currency: str = Field(primary_key=True)
    from_day: date = Field(primary_key=True)
    rate: Decimal = Field(sa_column=Column(Numeric(18, 8), nullable=False))
    source: str | None = None


class Project(SQLModel, table=True):
    """An opportunity [Projekt]: open, won or lost (to whom), its value and chance (0-100 %)."""

    __table_args__ = (Index("ix_project_account", "account_id"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    name: str
    state: str = ProjectState.OPEN
    stage: str | None = None
    product_group: str | None = None
    value: Decimal | None = Field(default=None, sa_column=Column(Money))
    currency: str | None = None
    chance: int | None = None
    opened_on: date | None = None
    close_on: date | None = Field(default=None, description="expected while open, actual afterwards")
    lost_to: str | None = None
    owner_id: int | None = Field(default=None, foreign_key="person.id")
