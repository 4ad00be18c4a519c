"""Open nudges as the cadence knows them, and from when one may be worth telling again."""

from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, func, select

from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.policy import Cadence
from kamflow.store.people import Member
from kamflow.store.tellings import OpenNudge

NUDGE = cast("Table", StoredNudge.__table__)  # pyright: ignore[reportAttributeAccessIssue]
ACCOUNT = cast("Table", Account.__table__)  # pyright: ignore[reportAttributeAccessIssue]
_N = NUDGE.c
_DAY = timedelta(days=1)


def worth_from(nudge: OpenNudge, reader: Member, today: date, policy: Cadence) -> date | None:
    """A day before which the cadence says nothing of a nudge it knows of; None: never, as it stands."""
    tomorrow = today + _DAY
    back = max((day for day in (nudge.snoozed_until, nudge.quiet_until) if day), default=None)
    if back is not None and back > today:
        return back
    own = (each for each in nudge.told if each.person == reader.id and each.reason != "ladder")
    told = [each for each in own if not (each.lost or each.unsent)]
    if not told or told[-1].stage != nudge.stage or (back is not None and told[-1].on < back):
        return tomorrow
    if today < nudge.due_on:
        return max(nudge.due_on, tomorrow)
    since = [each for each in told if each.on >= nudge.due_on]
    repeats = sum(each.reason == "overdue" for each in since[1:])
    return tomorrow if not since or repeats < policy.repeats else None


def rows() -> Select[Any]:
    """What `tellings.open_nudges` reads of a nudge, under the names of `OpenNudge`."""
    return (
        select(
            _N.id,
            _N.group_key.label("item"),
            func.coalesce(_N.assignee_id, _N.owner_id).label("responsible"),
            _N.opened_on,
            _N.staged_on,
            _N.due_on,
            _N.stage,
            _N.weight,
            _N.urgency,
            _N.snoozed_until,
            _N.quiet_until,
            _N.rule,
            _N.owner_id.label("owner"),
            ACCOUNT.c.account_class,
            _N.why,
            _N.facts["kam"].as_integer().label("kam"),
            _N.facts["lead"].as_integer().label("lead"),
            _N.account_id,
        )
        .join_from(NUDGE, ACCOUNT, ACCOUNT.c.id == _N.account_id, isouter=True)
        .where(_N.closed_at.is_(None))
    )
