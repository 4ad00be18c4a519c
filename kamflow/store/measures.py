"""The facts of `measure_followup`: measures of open accounts, and who follows them up."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.models.plan import Measure
from kamflow.rules.measure_followup import MeasureFacts
from kamflow.store import asked
from kamflow.store.run import Accounts, Run

# How long a measure that is done can still be asked about (`why-not`).
REMEMBERED = timedelta(days=90)


def facts(run: Run, accounts: Accounts) -> list[MeasureFacts]:
    """Measures of these accounts that are open, or were done lately."""
    rows = run.session.execute(_measures(accounts, run.today)).all()
    kams = asked.kams(run, {row.account_id for row in rows})
    people = asked.here(run, {*kams.values(), *(row.owner_id for row in rows)})
    return [
        MeasureFacts(
            measure=row.id,
            account=row.account_id,
            side=row.side,
            owner=people.get(row.owner_id),
            kam=people.get(kams.get(row.account_id, 0)),
            due_on=row.due_on,
            moved=row.moved_reason is not None,
            done_on=row.done_on if row.done_on is not None and row.done_on <= run.today else None,
        )
        for row in rows
    ]


def _measures(accounts: Accounts, today: date) -> Any:
    return (
        select(
            col(Measure.id),
            col(Measure.account_id),
            col(Measure.side),
            col(Measure.owner_id),
            col(Measure.due_on),
            col(Measure.moved_reason),
            col(Measure.done_on),
        )
        .join(Account, col(Account.id) == col(Measure.account_id))
        .where(col(Measure.account_id).in_(accounts))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
        .where(or_(col(Measure.done_on).is_(None), col(Measure.done_on) >= today - REMEMBERED))
        .order_by(col(Measure.id))
    )
