"""Whether a way out takes messages at present, for all dispatchers and after a restart (the circuit breaker).

After `OPENS` failures in a row that were the channel's own, only one message at a time is tried, and all
others stay put; the first that is taken ends that, and what waited because of it goes out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, and_, func, not_, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.message import MessageState, MessageStep, Way, in_states
from kamflow.store.channel_health import AWAY, TAKES_NOTHING
from kamflow.store.messages import MESSAGE

OPENS = 5
PROBED_EVERY = timedelta(seconds=30)
# However long it asks for: somebody may have mended it meanwhile.
LONGEST_PAUSE = timedelta(hours=1)
# Refused or lost once the server had let us in: it counts such an attempt among those of the minute.
_REACHED = (
    "connection-lost",
    "content-refused",
    "deferred",
    "lost-after-data",
    "over-quota",
    "recipient-refused",
    "relay-refused",
    "sender-refused",
    "server-busy",
    "too-large",
)
# What was tried more often keeps to its times: a channel that comes and goes must not use up all tries.
_WOKEN, _SOON = 60, timedelta(minutes=1)

WAY = cast("Table", Way.__table__)  # pyright: ignore[reportAttributeAccessIssue]
_C, _M = WAY.c, MESSAGE.c


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel does. `cause`: of the last failure, while there is one."""

    failures: int = 0
    cause: str | None = None
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    paused_until: datetime | None = None

    @property
    def away(self) -> bool:
        return self.opened_at is not None

    def paused(self, now: datetime) -> bool:
        """Tell whether it asked for patience; what is too far ahead was written before the clock was set."""
        return self.paused_until is not None and now < self.paused_until <= now + LONGEST_PAUSE

    def may_be_probed(self, now: datetime) -> bool:
        """Tell whether nobody is trying it at present."""
        return self.probe_at is None or not now < self.probe_at <= now + PROBED_EVERY


def standing(session: Session, channel: str) -> Standing:
    """How a channel does; one nothing is known of does well."""
    columns = (_C.failures, _C.cause, _C.opened_at, _C.probe_at, _C.paused_until)
    row = session.execute(select(*columns).where(_C.channel == channel)).one_or_none()
    return Standing(*row) if row is not None else Standing()


def probed(session: Session, channel: str, now: datetime) -> None:
    """Note that one message is being tried: nobody tries another one for a while."""
    session.execute(update(WAY).where(_C.channel == channel).values(probe_at=now + PROBED_EVERY))


def not_probed(session: Session, channel: str) -> None:
    """Note that what was to be tried was not: somebody may try another one."""
    session.execute(update(WAY).where(_C.channel == channel).values(probe_at=None))


def pause(session: Session, channel: str, until: datetime, now: datetime) -> None:
    """Leave a channel alone for as long as it asked for; a shorter pause does not end a longer one."""
    longer = and_(_C.paused_until >= until, _C.paused_until <= now + LONGEST_PAUSE)
    _keep(session, channel, {"paused_until": until}, or_(_C.paused_until.is_(None), not_(longer)))


def heard(session: Session, answers: Sequence[tuple[str | None, str | None]], now: datetime) -> None:
    """Take in what became of attempts: (channel, cause). A word about one message shows that it is there."""
    for channel in {channel for channel, _ in answers if channel}:
        causes = [cause for way, cause in answers if way == channel]
        before = standing(session, channel)
        if all(cause in TAKES_NOTHING for cause in causes):
            _failed(session, channel, before, len(causes), causes[-1], now)
        elif before.failures:
            _keep(session, channel, {"failures": 0, "cause": None, "opened_at": None, "probe_at": None})
            wake(session, [channel], now)


def wake(session: Session, channels: Collection[str], now: datetime) -> None:
    """Something went out: what waits because its channel was away need not wait any longer."""
    vain = (MessageState.RETRYING, MessageState.AMBIGUOUS)
    away = and_(_M.state.in_(vain), _M.channel.in_(channels), _M.cause.in_(AWAY))
    waits = and_(_M.due_at > now + _SOON, _M.attempts < _WOKEN)
    session.execute(update(MESSAGE).where(away, waits).values(due_at=now))


def under_way(session: Session, channel: str, since: datetime, now: datetime) -> int:
    """How many went out by this channel since then, were tried in vain, or are being sent."""
    sent = [_M.channel == channel, _M.sent_at > since, _M.sent_at <= now]
    sending = [text(in_states((MessageState.SENDING,))), _M.channel == channel, _M.leased_until > now]
    counts = (select(func.count()).select_from(MESSAGE).where(*each) for each in (sent, sending))
    # In one statement: what is written down between two of them would be counted by neither.
    columns = [each.scalar_subquery() for each in (*counts, _tried(channel, since, now))]
    return sum(session.execute(select(*columns)).one())


def _tried(channel: str, since: datetime, now: datetime) -> Select[tuple[int]]:
    # Steps are many and in the order of their time: only the last ones are looked at.
    step, earlier = MessageStep, aliased(MessageStep)
    first = select(col(earlier.id)).where(col(earlier.at) <= since).order_by(col(earlier.id).desc()).limit(1)
    newer = col(step.id) > func.coalesce(first.scalar_subquery(), 0)
    reached = (newer, col(step.at) > since, col(step.at) <= now, col(step.cause).in_(_REACHED))
    tried = select(func.count()).select_from(MESSAGE).join(step, col(step.message_id) == _M.id)
    return tried.where(*reached, _M.channel == channel)


def _failed(
    session: Session, channel: str, before: Standing, times: int, cause: str | None, now: datetime
) -> None:
    failures = before.failures + times
    values: dict[str, Any] = {"failures": failures, "cause": cause}
    if failures >= OPENS and not before.away:
        values |= {"opened_at": now, "probe_at": now + PROBED_EVERY}
    _keep(session, channel, values)


def _keep(session: Session, channel: str, values: dict[str, Any], where: Any = None) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(WAY).values({"channel": channel, "failures": 0, **values})
    session.execute(new.on_conflict_do_update(index_elements=["channel"], set_=values, where=where))
