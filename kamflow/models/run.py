"""The ledger of runs, and the watermarks that keep a late run from undoing a newer one."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class RunState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CRASHED = "crashed"
    COVERED = "covered"


class FlowRun(SQLModel, table=True):
    """One run of a flow for a day. `whole` runs cover all accounts; `accounts` counts those asked for."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_flow_day", "flow", "as_of"), Index("ix_run_state", "state", "flow"))
    id: int | None = Field(default=None, primary_key=True)
    flow: str
    as_of: date
    whole: bool = True
    accounts: int | None = None
    state: str = RunState.RUNNING
    counts: dict[str, Any] | None = Field(default=None, sa_column=Column(Json))
    error: str | None = None
    prefect_id: str | None = None
    covered_by_id: int | None = Field(default=None, foreign_key="run.id")
    trace: str | None = Field(default=None, description="what set it in motion: event-7, run-12")
    worker: str | None = Field(default=None, description="host:pid:start of the process that does it")
    seen_at: datetime | None = Field(default=None, sa_column=Column(Instant), description="alive, by itself")
    started_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class Watermark(SQLModel, table=True):
    """The newest day a rule has decided for an account; account 0 stands for "no account"."""

    rule: str = Field(primary_key=True)
    account_id: int = Field(primary_key=True)
    as_of: date
