"""What somebody who left still looks after: it is handed over before their name goes."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account, Team
from kamflow.models.person import Department, DepartmentLead, Person
from kamflow.models.plan import Measure, OpenQuestion
from kamflow.models.source import Source

MANY = 5


def by(session: Session, person: int, today: date) -> list[str]:
    """Each thing in a line, with the command that hands it over."""
    return list(_lines(session, person, today))


def _lines(session: Session, person: int, today: date) -> Iterator[str]:
    team, account, lead = Team, Account, DepartmentLead
    lasting = or_(col(team.until_day).is_(None), col(team.until_day) >= today)
    in_team = (select(col(account.key)).join(Team, col(team.account_id) == col(account.id)).distinct()).where(
        col(team.person_id) == person, lasting, col(account.closed_on).is_(None)
    )
    yield from _said(
        session, in_team, "in the team of", "`kamflow account hand-over`, or `until` in the import"
    )
    approves = select(col(account.key)).where(col(account.approver_id) == person)
    yield from _said(session, approves, "approver of", "name another approver in the import of accounts")
    leads = (
        select(col(Department.key))
        .join(DepartmentLead, col(lead.department_id) == col(Department.id))
        .where(col(lead.person_id) == person)
    )
    yield from _said(session, leads, "leads", "name another lead of the department")
    owns = select(col(Source.key)).where(col(Source.owner_id) == person)
    yield from _said(session, owns, "owner of the data of", "name another owner of the source")
    below = select(col(Person.key)).where(
        col(Person.superior_id) == person, or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)
    )
    yield from _said(session, below, "superior of", "name another superior in the import of people")
    measures = select(col(Measure.id)).where(col(Measure.owner_id) == person, col(Measure.done_on).is_(None))
    yield from _said(session, measures, "owner of the open measures", "hand them over, or say they are done")
    questions = select(col(OpenQuestion.id)).where(
        col(OpenQuestion.owner_id) == person, col(OpenQuestion.answered_on).is_(None)
    )
    yield from _said(session, questions, "owner of the open questions", "hand them over, or answer them")


def _said(
    session: Session, query: Select[tuple[str]] | Select[tuple[int | None]], what: str, how: str
) -> list[str]:
    found = sorted(map(str, session.execute(query).scalars()))
    if not found:
        return []
    more = f" and {len(found) - MANY} more" if len(found) > MANY else ""
    return [f"{what} {', '.join(found[:MANY])}{more}: {how}"]
