"""What is taken out of the outbox, and what is written back: values only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kamflow.models.message import MessageState
from kamflow.store.new_messages import NewMessage

# What Slack was asked by a process that is no more it may still do; nearly always it is done in a second.
SETTLES = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours until `until`. `unsure`: an earlier attempt may have arrived. `ended_at`: since
    then whoever had it before is known, or thought, to have it no more."""

    id: int
    key: str
    kind: str
    channel: str
    template: str
    facts: Mapping[str, Any]
    person: int | None
    contact: int | None
    priority: int
    attempt: int
    mail_id: str | None
    instead_of: int | None
    until: datetime
    unsure: bool
    trace: str | None = None
    made_at: datetime | None = None
    was: MessageState = MessageState.WAITING
    due_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def settled_at(self) -> datetime | None:
        """From then on looking for a post tells whether it was posted; None: it always does."""
        return self.ended_at + SETTLES if self.ended_at and self.channel == "slack" else None


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of an attempt. `due_at` is the next attempt of what is retrying, ambiguous or put off.

    `tried` is the channel that was tried, if one was; it asked for patience until `patience`.
    """

    message: int
    state: MessageState
    cause: str | None = None
    due_at: datetime | None = None
    provider_id: str | None = None
    instead: NewMessage | None = None
    tried: str | None = None
    patience: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages to claim; None: any. `but` are those that the claimant has in hand already.

    `diverted`: only those that can go the other way.
    """

    channel: str | None = None
    kind: str | None = None
    but: Collection[int] = ()
    urgent: bool = False
    diverted: bool = False
