"""What those on stage look up before they act: open nudges, contacts, requests, measures, rounds."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from kamflow.demo.stage import Stage
from kamflow.models.contact import Contact, Place
from kamflow.models.meeting import Request, RequestState
from kamflow.models.nudge import StoredNudge
from kamflow.models.plan import Measure
from kamflow.store.engine import read


def open_nudges(
    stage: Stage, step: str, person: str | None = None, account: str | None = None
) -> list[StoredNudge]:
    """Open nudges of a step, the latest due date first."""
    query = select(StoredNudge).where(col(StoredNudge.closed_at).is_(None), col(StoredNudge.step) == step)
    if person is not None:
        query = query.where(col(StoredNudge.owner_id) == stage.people[person])
    if account is not None:
        query = query.where(col(StoredNudge.account_id) == stage.accounts.get(account))
    latest_first = query.order_by(col(StoredNudge.due_on).desc(), col(StoredNudge.id))
    with read(stage.home.engine) as session:
        return list(session.execute(latest_first).scalars())


def contacts(stage: Stage, *keys: str) -> tuple[int, ...]:
    """The ids of these contacts."""
    with read(stage.home.engine) as session:
        query = select(col(Contact.key), col(Contact.id)).where(col(Contact.key).in_(keys))
        found = dict(session.execute(query).tuples().all())
    return tuple(found[key] for key in keys)


def of_account(stage: Stage, account: int) -> list[int]:
    """Everybody known at an account."""
    with read(stage.home.engine) as session:
        query = select(col(Place.contact_id)).where(col(Place.account_id) == account)
        return list(session.execute(query.order_by(col(Place.id))).scalars())


def open_requests(stage: Stage, account: str, kind: str) -> list[Request]:
    """What was asked for an account and is not answered yet."""
    query = select(Request).where(
        col(Request.account_id) == stage.accounts.get(account),
        col(Request.kind) == kind,
        col(Request.state) == RequestState.OPEN,
    )
    with read(stage.home.engine) as session:
        return list(session.execute(query.order_by(col(Request.id))).scalars())


def open_measures(stage: Stage, person: int) -> list[Measure]:
    """The measures of a person that are not done, the nearest date first."""
    query = select(Measure).where(
        col(Measure.owner_id) == person,
        col(Measure.done_on).is_(None),
        col(Measure.due_on) > date.min,
    )
    with read(stage.home.engine) as session:
        return list(session.execute(query.order_by(col(Measure.due_on), col(Measure.id))).scalars())
