"""What a rule returns: frozen values, no rows.

A `Nudge` is one thing one person should do; an `Effect` a one-off consequence beside nudges; a
`Silence` the reason why nothing is asked. `Decision` carries what a rule wants to be true today.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import Any, Literal

Urgency = Literal["now", "daily"]
# Made once: a night spells tens of thousands. What a rule says has no cycles to look for.
_SPELL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
ClosesBy = Literal["facts", "word"]


def subject(**ids: int) -> str:
    """A stable subject of an identity: `subject(account=17, person=4)` is "account.17+person.4"."""
    return "+".join(f"{kind}.{number}" for kind, number in sorted(ids.items()))


def canonical(facts: Mapping[str, Any]) -> str:
    """JSON of ids, figures and ISO dates in one spelling, for storing and comparing."""
    return _SPELL.encode(facts)


@dataclass(frozen=True)
class Nudge:
    """One thing one person should do.

    `facts` and `why` hold ids, figures, codes and ISO dates only (JSON types): names are looked up
    when a message is rendered. `since` and `due_on` come from the facts, never from the day of the
    run. `group` is what the cadence shows and counts as one item.
    """

    rule: str
    subject: str
    period: str
    step: str
    account: int | None
    owner: int
    since: date
    due_on: date
    facts: Mapping[str, Any]
    why: Mapping[str, Any]
    group: str = ""
    weight: float = 0.0
    urgency: Urgency = "daily"
    stage: str = ""
    closes_by: ClosesBy = "facts"

    @property
    def identity(self) -> str:
        return f"{self.rule}:{self.subject}:{self.period}:{self.step}"

    @cached_property
    def fingerprint(self) -> str:
        """Digest of everything the rule says beside the identity."""
        head = (
            f"{self.account}|{self.owner}|{self.since}|{self.due_on}|{self.urgency}|{self.weight:.6g}"
            f"|{self.group}|{self.stage}|{self.closes_by}|"
        )
        body = head + canonical(self.facts) + canonical(self.why)
        return blake2b(body.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class Effect:
    """A one-off consequence. Inserted once by its key, in the transaction of the nudges."""

    name: str
    subject: str
    period: str
    step: str
    account: int | None
    facts: Mapping[str, Any]
    revision: int = 0

    @property
    def key(self) -> str:
        tail = f":{self.revision}" if self.revision else ""
        return f"{self.name}:{self.subject}:{self.period}:{self.step}{tail}"


@dataclass(frozen=True)
class Silence:
    """Why a rule asks nothing of a subject. `until` is the date on which it would speak, if known."""

    rule: str
    subject: str
    account: int | None
    reason: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    until: date | None = None


@dataclass(frozen=True)
class Decision:
    """What should be open today, and what follows."""

    nudges: tuple[Nudge, ...] = ()
    effects: tuple[Effect, ...] = ()
