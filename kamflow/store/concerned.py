"""What a person has to do with: accounts, open nudges and pauses of these."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.account import Pause, Team
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.nudge import StoredNudge
from kamflow.store import encounters
from kamflow.store.run import Accounts


def accounts(
    session: Session, person: int, account: int | None, contact: int | None, today: date
) -> Accounts:
    """The account that is named, else those of the contact, else all with the person in team or targets."""
    if account is not None:
        return frozenset({account})
    if contact is not None:
        return frozenset(encounters.places(session, contact, today))
    team = select(col(Team.account_id)).where(
        col(Team.person_id) == person,
        or_(col(Team.from_day).is_(None), col(Team.from_day) <= today),
        or_(col(Team.until_day).is_(None), col(Team.until_day) >= today),
    )
    targets = (
        select(col(Place.account_id))
        .join(ContactTarget, col(ContactTarget.place_id) == col(Place.id))
        .where(col(ContactTarget.person_id) == person, col(ContactTarget.period_last) >= today)
    )
    return frozenset(number for query in (team, targets) for number in session.execute(query).scalars())


def nudges(
    session: Session, person: int, accounts: Accounts, contact: int | None
) -> list[tuple[int, int | None]]:
    """Number and account of the person's open nudges about these accounts, or about one contact."""
    nudge = StoredNudge
    rows = session.execute(
        select(col(nudge.id), col(nudge.account_id), col(nudge.facts))
        .where(or_(col(nudge.owner_id) == person, col(nudge.assignee_id) == person))
        .where(col(nudge.account_id).in_(accounts), col(nudge.closed_at).is_(None))
        .order_by(col(nudge.due_on), col(nudge.id))
    )
    return [
        (number, account)
        for number, account, facts in rows
        if number is not None and (contact is None or _names(facts, contact))
    ]


def _names(facts: dict[str, object], contact: int) -> bool:
    cells = facts.get("cells")
    listed = (
        [cell.get("contact") for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
    )
    return contact in (facts.get("contact"), *listed)


def pauses(session: Session, accounts: Accounts, today: date) -> list[tuple[int, date]]:
    """The accounts that are paused today, and until when."""
    pause = Pause
    rows = session.execute(
        select(col(pause.account_id), col(pause.until_day))
        .where(col(pause.account_id).in_(accounts), col(pause.until_day) >= today)
        .where(col(pause.resumed_at).is_(None), col(pause.rule).is_(None))
        .order_by(col(pause.account_id), col(pause.until_day))
    )
    return list(rows.tuples().all())
