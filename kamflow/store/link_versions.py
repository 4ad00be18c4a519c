"""The versions that links carry: moments, so that none comes again, as the ids of rows do after a restore.

Signed links, answers by mail and surveys are made from the secret, an id and a version. A restored or copied
home gives out ids that other rows had after the copy was made: only the version tells their links apart.
"""

from datetime import UTC, datetime

from sqlalchemy import case, true, update
from sqlmodel import Session, col

from kamflow.models.person import Person
from kamflow.store import visits

_SINCE = datetime(2020, 1, 1, tzinfo=UTC)  # the seconds fit the column until 2088


def new(now: datetime) -> int:
    """The version of what begins now."""
    return max(1, int((now - _SINCE).total_seconds()))


def renew(session: Session, now: datetime) -> None:
    """Make worthless every link that one of our people was sent, and sign everybody out.

    Surveys keep theirs: those sent before have their rows, and new ones begin with a version of their own.
    """
    own, fresh = col(Person.links_version), new(now)
    session.execute(update(Person).values(links_version=case((own >= fresh, own + 1), else_=fresh)))
    visits.end_where(session, true(), now)
