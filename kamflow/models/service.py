"""The service catalogue by class, and what was given to whom, with its value and what was asked in return."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column, Index, Numeric, Text
from sqlmodel import Field, SQLModel

from kamflow.models.columns import INTERNAL, Money


class Entitlement(StrEnum):
    INCLUDED = "included"
    PAID = "paid"
    NO = "no"


class Charge(StrEnum):
    CHARGED = "charged"
    WAIVED = "waived"


class Service(SQLModel, table=True):
    """One service of the catalogue."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    unit: str | None = None
    value: Decimal | None = Field(default=None, sa_column=Column(Money))
    version: int = 1


class ServiceClass(SQLModel, table=True):
    """What customers of a class are entitled to. Internal: no customer reads what others get."""

    __tablename__ = "service_class"
    __table_args__ = INTERNAL
    service_id: int = Field(foreign_key="service.id", primary_key=True)
    account_class: str = Field(primary_key=True)
    entitlement: str = Entitlement.NO


class ServiceGiven(SQLModel, table=True):
    """A service that an account received. `value` in the company's currency; hours and kg CO2 saved;
    `charge` is None where nobody said."""

    __tablename__ = "service_given"
    __table_args__ = (Index("ix_service_given_account", "account_id", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    service_id: int = Field(foreign_key="service.id")
    day: date
    quantity: Decimal | None = Field(default=None, sa_column=Column(Numeric(14, 3)))
    value: Decimal | None = Field(default=None, sa_column=Column(Money))
    hours: Decimal | None = Field(default=None, sa_column=Column(Numeric(14, 2)))
    co2_kg: Decimal | None = Field(default=None, sa_column=Column(Numeric(14, 2)))
    charge: str | None = None
    asked_in_return: str | None = Field(default=None, sa_column=Column(Text))
    source: str = "kamflow"
    version: int = 1
