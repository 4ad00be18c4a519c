"""The account plan [Accountplan] with sections, milestones, measures, open questions and goals."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import INTERNAL, Instant, Json, Money


class PlanState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


class Side(StrEnum):
    OURS = "ours"
    CUSTOMER = "customer"
    JOINT = "joint"


class AccountPlan(SQLModel, table=True):
    """One plan per account and fiscal year; `form` is key (10 categories) or short."""

    __tablename__ = "account_plan"
    __table_args__ = (
        UniqueConstraint("account_id", "year_first"),
        Index("ix_account_plan_author", "author_id"),
        INTERNAL,
    )
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    year_first: date
    year_last: date
    form: str = "key"
    state: str = PlanState.DRAFT
    author_id: int | None = Field(default=None, foreign_key="person.id")
    start_on: date | None = None
    hand_in_on: date | None = Field(default=None, description="fixed when the draft is created")
    submitted_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    decided_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    comment: str | None = Field(default=None, sa_column=Column(Text))
    document_url: str | None = None
    imported: bool = False
    uid: str | None = Field(default=None, description="of the calendar entry for its hand-in")
    sequence: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class PlanSection(SQLModel, table=True):
    """One of the 10 categories. `filled_on` is empty while nothing stands in it."""

    __tablename__ = "plan_section"
    __table_args__ = INTERNAL
    plan_id: int = Field(foreign_key="account_plan.id", primary_key=True)
    number: int = Field(primary_key=True)
    body: str | None = Field(default=None, sa_column=Column(Text))
    answers: dict[str, str] | None = Field(default=None, sa_column=Column(Json))
    filled_on: date | None = None
    reviewed_on: date | None = None
    version: int = 1


class PlanMilestone(SQLModel, table=True):
    """One of the seven steps of making a plan; done when its sections are filled, or by word."""

    __tablename__ = "plan_milestone"
    plan_id: int = Field(foreign_key="account_plan.id", primary_key=True)
    step: int = Field(primary_key=True)
    due_on: date
    done_on: date | None = None


class Measure(SQLModel, table=True):
    """A task from the plan [Maßnahme]: whose side does it, who owns it, until when."""

    __table_args__ = (Index("ix_measure_account", "account_id"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    plan_id: int | None = Field(default=None, foreign_key="account_plan.id")
    title: str
    topic: str | None = Field(default=None, description="marketing, solutions, prices and conditions")
    side: str = Side.OURS
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    due_on: date | None = None
    moved_reason: str | None = None
    done_on: date | None = None
    for_customer: bool | None = Field(
        default=None, description="may the customer read of it; unless said, what is not ours alone"
    )
    version: int = 1


class OpenQuestion(SQLModel, table=True):
    """A "?" of the plan: who finds it out, until when, from whom; closed by its answer."""

    __tablename__ = "open_question"
    __table_args__ = (
        Index("ix_open_question_account", "account_id"),
        Index("ix_open_question_plan", "plan_id"),
        INTERNAL,
    )
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    plan_id: int | None = Field(default=None, foreign_key="account_plan.id")
    section: int | None = None
    code: str | None = Field(default=None, description="the question of the plan's form it stands for")
    question: str = Field(sa_column=Column(Text, nullable=False))
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    due_on: date | None = None
    ask_contact_id: int | None = Field(default=None, foreign_key="contact.id")
    answer: str | None = Field(default=None, sa_column=Column(Text))
    answered_on: date | None = None
    version: int = 1


class Goal(SQLModel, table=True):
    """A figure to reach with a date: revenue, margin, share, or one the company defines. Internal."""

    __table_args__ = INTERNAL
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    plan_id: int | None = Field(default=None, foreign_key="account_plan.id")
    figure: str
    amount: Decimal | None = Field(default=None, sa_column=Column(Money))
    unit: str | None = None
    due_on: date | None = None
    text: str | None = None
    version: int = 1
