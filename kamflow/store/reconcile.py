"""Make the stored nudges of a rule match what the rule says should be open today.

What is new is opened, what changed is updated, what is no longer due is closed. Nothing outside the
given accounts is touched, so the same decision applied twice, late or in parts ends in the same state.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, insert, or_, select, update
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.nudge import Nudge
from kamflow.store import events, pauses, traces
from kamflow.store.run import NO_ACCOUNT, Accounts, Outcome, Run

NUDGE = cast("Table", StoredNudge.__table__)  # pyright: ignore[reportAttributeAccessIssue]


class Living(NamedTuple):
    """A stored nudge, as far as it takes to compare it."""

    id: int
    identity: str
    fingerprint: str
    account: int | None
    period: str
    owner: int
    stage: str
    due_on: date
    opened_on: date


def reconcile(run: Run, nudges: Iterable[Nudge], accounts: Accounts) -> Outcome:
    """Open, update and close nudges of `run.rule` within `accounts`."""
    paused = pauses.unasked(run, accounts)
    asked = accounts - paused
    wanted = {nudge.identity: nudge for nudge in nudges if (nudge.account or NO_ACCOUNT) in asked}
    living = {row.identity: row for row in _living(run, accounts)}
    new = [nudge for identity, nudge in wanted.items() if identity not in living]
    changed = [
        (living[identity], nudge)
        for identity, nudge in wanted.items()
        if identity in living and living[identity].fingerprint != nudge.fingerprint
    ]
    ended = [row for identity, row in living.items() if identity not in wanted]
    _open(run, new)
    _update(run, changed)
    _close(run, ended, paused)
    return Outcome(opened=len(new), updated=len(changed), closed=len(ended))


def _living(run: Run, accounts: Accounts) -> Iterable[Living]:
    column = NUDGE.c
    scope = column.account_id.in_(bindparam("accounts", sorted(accounts), expanding=True))
    if NO_ACCOUNT in accounts:
        scope = or_(scope, column.account_id.is_(None))
    rows = run.session.execute(
        select(
            column.id,
            column.identity,
            column.fingerprint,
            column.account_id,
            column.period,
            column.owner_id,
            column.stage,
            column.due_on,
            column.opened_on,
        ).where(column.rule == run.rule, column.closed_at.is_(None), scope)
    )
    return map(Living._make, rows.all())


def _open(run: Run, nudges: list[Nudge]) -> None:
    if not nudges:
        return
    trace = traces.current()
    rows = [
        _values(nudge)
        | {
            "identity": nudge.identity,
            "rule": nudge.rule,
            "subject": nudge.subject,
            "period": nudge.period,
            "step": nudge.step,
            "account_id": nudge.account,
            "opened_at": run.now,
            "opened_on": run.today,
            "staged_on": run.today,
            "trace": trace,
        }
        for nudge in nudges
    ]
    run.session.execute(insert(NUDGE), rows)
    _record(run, "nudge.opened", ((n.account, {"identity": n.identity, "owner": n.owner}) for n in nudges))


def _values(nudge: Nudge) -> dict[str, Any]:
    return {
        "owner_id": nudge.owner,
        "since": nudge.since,
        "due_on": nudge.due_on,
        "urgency": nudge.urgency,
        "weight": nudge.weight,
        "group_key": nudge.group or nudge.identity,
        "stage": nudge.stage,
        "closes_by": nudge.closes_by,
        "facts": dict(nudge.facts),
        "why": dict(nudge.why),
        "fingerprint": nudge.fingerprint,
    }


def _update(run: Run, changed: list[tuple[Living, Nudge]]) -> None:
    if not changed:
        return
    names = tuple(_values(changed[0][1]))
    run.session.execute(
        update(NUDGE)
        .where(NUDGE.c.id == bindparam("row"))
        .values({name: bindparam(f"new_{name}", type_=NUDGE.c[name].type) for name in names}),
        [
            {"row": row.id} | {f"new_{name}": value for name, value in _values(nudge).items()}
            for row, nudge in changed
        ],
    )
    staged = [row.id for row, nudge in changed if row.stage != nudge.stage]
    moved = [row.id for row, nudge in changed if row.owner != nudge.owner]
    if staged:
        run.session.execute(update(NUDGE).where(NUDGE.c.id.in_(staged)).values(staged_on=run.today))
    if moved:
        # Hand-over, snooze and Done are the old owner's: a new one hears of it.
        run.session.execute(
            update(NUDGE)
            .where(NUDGE.c.id.in_(moved))
            .values(assignee_id=None, snoozed_until=None, quiet_until=None)
        )
    _record(run, "nudge.changed", _told_changes(changed))


def _told_changes(
    changed: list[tuple[Living, Nudge]],
) -> Iterable[tuple[int | None, Mapping[str, Any]]]:
    for row, nudge in changed:
        differs = {
            "owner": (row.owner, nudge.owner),
            "stage": (row.stage, nudge.stage),
            "due": (row.due_on.isoformat(), nudge.due_on.isoformat()),
        }
        what = {name: list(pair) for name, pair in differs.items() if pair[0] != pair[1]}
        if what:
            yield nudge.account, {"identity": nudge.identity, "nudge": row.id} | what


def _close(run: Run, ended: list[Living], paused: frozenset[int]) -> None:
    if not ended:
        return
    closed, left = _closed_accounts(run, ended), _left(run, ended)
    reasons = {row.id: _reason(row, run.today, paused, closed, left) for row in ended}
    for reason in set(reasons.values()):
        ids = [number for number, given in reasons.items() if given == reason]
        run.session.execute(
            update(NUDGE)
            .where(NUDGE.c.id.in_(ids))
            .values(closed_at=run.now, closed_on=run.today, closed_as=reason)
        )
    _record(
        run,
        "nudge.closed",
        ((row.account, {"identity": row.identity, "nudge": row.id, "as": reasons[row.id]}) for row in ended),
    )


def _reason(
    row: Living, today: date, paused: frozenset[int], closed: frozenset[int], left: frozenset[int]
) -> str:
    if (row.account or NO_ACCOUNT) in paused:
        return "paused"
    if row.account in closed:
        return "account closed"
    if row.owner in left:
        return "gone"
    # Periods end with their last ISO day; a survey's wave has none and never lapses. A past quarter
    # is asked about after its end: what was opened then is done, not lapsed.
    _, dots, last = row.period.partition("..")
    return "lapsed" if dots and row.opened_on.isoformat() <= last < today.isoformat() else "done"


def _closed_accounts(run: Run, ended: list[Living]) -> frozenset[int]:
    rows = run.session.execute(
        select(col(Account.id))
        .where(col(Account.id).in_({row.account for row in ended if row.account is not None}))
        .where(col(Account.closed_on) <= run.today)
    )
    return frozenset(number for number in rows.scalars() if number is not None)


def _left(run: Run, ended: list[Living]) -> frozenset[int]:
    rows = run.session.execute(
        select(col(Person.id)).where(
            col(Person.id).in_({row.owner for row in ended}), col(Person.left_on) < run.today
        )
    )
    return frozenset(number for number in rows.scalars() if number is not None)


def _record(run: Run, name: str, rows: Iterable[tuple[int | None, Mapping[str, Any]]]) -> None:
    events.record_many(
        run.session,
        [
            {"name": name, "at": run.now, "actor_id": None, "account_id": account, "payload": dict(payload)}
            for account, payload in rows
        ],
    )
