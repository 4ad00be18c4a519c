"""The days of `survey_dispatch`: a contact with places at two accounts is asked for one of them at a time."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from flows.rehearsal import edges
from flows.rehearsal.while_open import WhileOpen
from kamflow.models.contact import Place


def diary() -> WhileOpen:
    """A wave of one account is a fact about those that share its contacts."""
    return WhileOpen("survey_dispatch", edges.of_surveys, beside=sharing)


def sharing(session: Session) -> Mapping[int, set[int]]:
    """Account -> other accounts at which some of its contacts have a place too."""
    several = select(col(Place.contact_id)).group_by(col(Place.contact_id))
    several = several.having(func.count(func.distinct(col(Place.account_id))) > 1)
    places: defaultdict[int, set[int]] = defaultdict(set)
    rows = select(col(Place.contact_id), col(Place.account_id)).where(col(Place.contact_id).in_(several))
    for contact, account in session.execute(rows):
        places[contact].add(account)
    found: defaultdict[int, set[int]] = defaultdict(set)
    for accounts in places.values():
        for account in accounts:
            found[account] |= accounts - {account}
    return found
