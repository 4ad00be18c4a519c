"""What a briefing is made of, as the tables hold it on a day: ids, figures and dates by account.

Every query serves many accounts at once. What was entered after the day is not known on it. Sites below an
account count with it; each line names the `account` it stands at.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, case, func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.contact import Place
from kamflow.models.controlling import StoredScorecard
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.meeting import BriefingNote
from kamflow.models.plan import Measure, OpenQuestion
from kamflow.models.service import ServiceGiven
from kamflow.models.training import Complaint
from kamflow.store import families

Line: TypeAlias = dict[str, Any]
ByAccount: TypeAlias = dict[int, list[Line]]
# Services of the last twelve months are what is talked about.
GIVEN_WITHIN = timedelta(days=365)


def scorecards(session: Session, accounts: Collection[int], today: date) -> dict[int, Line]:
    """The scorecard kept last of each account."""
    card = StoredScorecard
    rows = session.execute(
        select(col(card.account_id), col(card.facts), col(card.kept_on))
        .where(col(card.account_id).in_(accounts), col(card.kept_on) <= today)
        .order_by(col(card.quarter_first))
    )
    return {account: {**facts, "kept_on": kept.isoformat()} for account, facts, kept in rows}


def measures(session: Session, accounts: Collection[int], today: date) -> ByAccount:
    """Measures that are open, the nearest date first."""
    row, family = Measure, families.below(accounts)
    columns = (row.account_id, row.id, row.side, row.owner_id, row.due_on)
    rows = session.execute(
        select(family.c.root, *map(col, columns))
        .join_from(family, row, col(row.account_id) == family.c.id)
        .where(here(family, today))
        .where(or_(col(row.done_on).is_(None), col(row.done_on) > today))
        .order_by(col(row.due_on).is_(None), col(row.due_on), col(row.id))
    )
    return by_account(
        (root, {"measure": number, "account": account, "side": side, "person": owner, "due": iso(due)})
        for root, account, number, side, owner, due in rows
    )


def questions(session: Session, accounts: Collection[int], today: date) -> ByAccount:
    """Questions of the account plans without an answer, the nearest date first."""
    row, family = OpenQuestion, families.below(accounts)
    rows = session.execute(
        select(family.c.root, col(row.account_id), col(row.id), col(row.ask_contact_id), col(row.due_on))
        .join_from(family, row, col(row.account_id) == family.c.id)
        .where(here(family, today))
        .where(or_(col(row.answered_on).is_(None), col(row.answered_on) > today))
        .order_by(col(row.due_on).is_(None), col(row.due_on), col(row.id))
    )
    return by_account(
        (root, {"question": number, "account": account, "contact": contact, "due": iso(due)})
        for root, account, number, contact, due in rows
    )


def complaints(session: Session, accounts: Collection[int], today: date) -> ByAccount:
    """Complaints that are open, the oldest first."""
    row, family = Complaint, families.below(accounts)
    rows = session.execute(
        select(family.c.root, col(row.account_id), col(row.id), col(row.contact_id), col(row.opened_on))
        .join_from(family, row, col(row.account_id) == family.c.id)
        .where(here(family, today), col(row.opened_on) <= today)
        .where(or_(col(row.closed_on).is_(None), col(row.closed_on) > today))
        .order_by(col(row.opened_on), col(row.id))
    )
    return by_account(
        (root, {"complaint": number, "account": account, "contact": contact, "opened": iso(opened)})
        for root, account, number, contact, opened in rows
    )


def services(session: Session, accounts: Collection[int], today: date) -> ByAccount:
    """Services given in the last twelve months, the newest first; to sites that were closed since too."""
    row, family = ServiceGiven, families.below(accounts)
    columns = (row.account_id, row.id, row.service_id, row.day, row.value, row.hours, row.co2_kg)
    more = (row.charge, row.asked_in_return, row.source)
    rows = session.execute(
        select(family.c.root, *map(col, (*columns, *more)))
        .join_from(family, row, col(row.account_id) == family.c.id)
        .where(col(row.day) <= today, col(row.day) > today - GIVEN_WITHIN)
        .order_by(col(row.day).desc(), col(row.id).desc())
    )
    return by_account(
        (
            root,
            {
                "service_given": number,
                "account": account,
                "service": service,
                "day": iso(day),
                "value": plain(value),
                "hours": plain(hours),
                "co2_kg": plain(co2),
                "charge": charge,
                "in_return": bool(in_return),
                "source": source,
            },
        )
        for root, account, number, service, day, value, hours, co2, charge, in_return, source in rows
    )


def places(
    session: Session, accounts: Collection[int], contacts: Collection[int], today: date
) -> dict[tuple[int, int], tuple[int, int | None, str]]:
    """(Account, contact) -> the contact's present place there, else at a site, with its influence and
    level."""
    family = families.below(accounts)
    own = case((col(Place.account_id) == family.c.root, 1), else_=0)
    columns = (Place.contact_id, Place.id, Place.influence, Place.level)
    rows = session.execute(
        select(family.c.root, *map(col, columns))
        .join_from(family, Place, col(Place.account_id) == family.c.id)
        .where(col(Place.contact_id).in_(contacts))
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= today))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .order_by(own, col(Place.influence).nulls_first(), col(Place.id))
    )
    return {(account, contact): (place, weight, level) for account, contact, place, weight, level in rows}


def last_contacts(session: Session, contacts: Collection[int], today: date) -> dict[int, Line]:
    """When each contact was met last, by whom of ours and how."""
    who, met = Encounter, Interaction
    newest = (
        select(col(who.contact_id).label("contact"), func.max(col(met.day)).label("day"))
        .join(met, col(met.id) == col(who.interaction_id))
        .where(col(who.contact_id).in_(contacts), col(met.day) <= today)
        .where(col(met.state) == InteractionState.HELD)
        .group_by(col(who.contact_id))
        .subquery()
    )
    rows = session.execute(
        select(col(who.contact_id), col(who.person_id), col(met.kind), col(met.day), col(met.source))
        .join(met, col(met.id) == col(who.interaction_id))
        .join(newest, (newest.c.contact == col(who.contact_id)) & (newest.c.day == col(met.day)))
        .where(col(met.state) == InteractionState.HELD)
        .order_by(col(met.id).desc(), col(who.person_id).desc())
    )
    return {
        contact: {"person": person, "kind": kind, "day": iso(day), "source": source}
        for contact, person, kind, day, source in rows
    }


def notes(session: Session, rounds: Collection[int], today: date) -> dict[int, list[BriefingNote]]:
    """What the KAM noted on the briefing of each round, in order."""
    row = BriefingNote
    rows = session.execute(
        select(row)
        .where(col(row.round_id).in_(rounds), col(row.noted_on) <= today)
        .order_by(col(row.id))
        .execution_options(populate_existing=True)
    )
    found: defaultdict[int, list[BriefingNote]] = defaultdict(list)
    for note in rows.scalars():
        found[note.round_id].append(note)
    return dict(found)


def here(family: FromClause, today: date) -> ColumnElement[bool]:
    """What stands at the account itself, or at a site that is not closed."""
    closed = select(col(Account.id)).where(col(Account.closed_on) <= today)
    return or_(family.c.id == family.c.root, family.c.id.not_in(closed))


def by_account(rows: Iterable[tuple[int, Line]]) -> ByAccount:
    found: defaultdict[int, list[Line]] = defaultdict(list)
    for account, line in rows:
        found[account].append(line)
    return dict(found)


def plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
