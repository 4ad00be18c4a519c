"""What a flow's body is given: one transaction under the rule's lock, and the values that stay fixed."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Engine
from sqlmodel import Session

from kamflow import spans
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import engine as db
from kamflow.store import events, own_policy, watermarks

Accounts: TypeAlias = frozenset[int]
NO_ACCOUNT = 0  # stands in a scope for what belongs to no account


@dataclass(frozen=True)
class Outcome:
    """What a run did. `superseded` accounts had been decided for a later day already."""

    opened: int = 0
    updated: int = 0
    closed: int = 0
    effects: int = 0
    superseded: int = 0
    accounts: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(*(a + b for a, b in zip(self.counts().values(), other.counts().values(), strict=True)))

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class Run:
    """One batch of one rule for one day. `now` is for stamps only; what is due depends on `today`.

    `policy` knows which accounts have thresholds of their own: ask `policy.of(account)`. `once`: what
    all batches share, of the whole company and costly to read; each value lies under a key that changes with
    what it was read from. `live`: mails reach their recipients, and not one address or nobody. `domain`: of
    the installation, for ids that must be its own in all the world.
    """

    session: Session
    rule: str
    today: date
    now: datetime
    policy: Policy
    company: Company
    once: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    live: bool = True
    domain: str = "kamflow.invalid"


Decide: TypeAlias = Callable[[Run, Accounts], Outcome]


@dataclass(frozen=True)
class Frame:
    """What all batches of a run share."""

    engine: Engine
    rule: str
    today: date
    now: datetime
    policy: Policy
    company: Company
    once: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    live: bool = True
    domain: str = "kamflow.invalid"


def run_batch(frame: Frame, decide: Decide, accounts: Accounts) -> Outcome:
    """Lock, then read, decide and write in one transaction on one state of the database.

    What a person does to a nudge of the rule takes the same lock: it counts before or after, never in
    between. Accounts that were decided for a later day are left out: a late run must not undo a newer one.
    """
    with (
        spans.span("batch", rule=frame.rule, accounts=len(accounts)),
        _no_search_for_cycles(),
        db.write_alone(frame.engine, frame.rule) as session,
    ):
        session.info[events.RULE] = frame.rule
        current = watermarks.current(session, frame.rule, frame.today, accounts)
        policy = own_policy.load(session, frame.policy, frame.today, current)
        run = Run(
            session, frame.rule, frame.today, frame.now, policy, frame.company, frame.once, frame.live,
            frame.domain,
        )  # fmt: skip
        outcome = decide(run, current) if current else Outcome()
        watermarks.advance(session, frame.rule, frame.today, current)
    return outcome + Outcome(superseded=len(accounts) - len(current), accounts=len(current))


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """A batch makes a hundred thousand small values and hardly a cycle: Python's search for cycles, over
    and over, took a third of a night. Between two batches it may."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
