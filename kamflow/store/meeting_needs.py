"""What departments are asked for before every annual meeting, and who there is in charge of an account."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import col

from kamflow.figures.deadline import Asked
from kamflow.figures.meeting_facts import Need
from kamflow.models.account import Team, TeamRole
from kamflow.models.meeting import Request
from kamflow.models.person import Person
from kamflow.models.training import CollaborationRule
from kamflow.store import asked
from kamflow.store.run import Run
from kamflow.workdays import Calendar

# Who belongs to the core team goes before who joined for a project.
ROLES = (TeamRole.CORE, TeamRole.AD_HOC)


@dataclass(frozen=True)
class Agreed:
    """The rules of collaboration for annual meetings, who answers them, and what was asked already.

    `specialists` by account and department; `leads` by department, the deputies last.
    """

    rules: tuple[tuple[int, str, int], ...]
    specialists: dict[tuple[int, int], list[int]]
    leads: dict[int, list[int]]
    asked: frozenset[tuple[int, int | None, str]]

    def people(self) -> set[int]:
        """Everybody whose calendar may count."""
        return {
            person for found in (self.specialists, self.leads) for each in found.values() for person in each
        }

    def needs(
        self, account: int, meeting: int, here: dict[int, Asked], company: Calendar
    ) -> tuple[Need, ...]:
        """What is needed for one meeting, by when as the one who is asked works."""
        made: list[Need] = []
        for department, kind, lead_time in self.rules:
            chain = (*self.specialists.get((account, department), ()), *self.leads.get(department, ()))
            days = next((here[person].calendar for person in chain if person in here), company)
            made.append(Need(department, kind, lead_time, days, (meeting, department, kind) in self.asked))
        return tuple(made)


def load(run: Run, accounts: Collection[int], meetings: Iterable[int]) -> Agreed:
    """What is agreed for the meetings of these accounts."""
    rule, row = CollaborationRule, Request
    rules = run.session.execute(
        select(col(rule.department_id), col(rule.kind), col(rule.lead_time))
        .where(col(rule.for_meeting).is_(True))
        .order_by(col(rule.id))
    )
    agreed = tuple((department, kind, days) for department, kind, days in rules)
    if not agreed:
        return Agreed((), {}, {}, frozenset())
    departments = {department for department, _, _ in agreed}
    there = run.session.execute(
        select(col(row.meeting_id), col(row.department_id), col(row.kind)).where(
            col(row.meeting_id).in_(list(meetings))
        )
    )
    return Agreed(
        agreed,
        specialists(run, accounts, departments),
        asked.leads(run, departments),
        frozenset((meeting, department, kind) for meeting, department, kind in there if meeting is not None),
    )


def specialists(
    run: Run, accounts: Collection[int], departments: Collection[int]
) -> dict[tuple[int, int], list[int]]:
    """(Account, department) -> those of the account's team who work there, the core team first."""
    rows = run.session.execute(
        select(col(Team.account_id), col(Person.department_id), col(Team.role), col(Team.person_id))
        .join(Person, col(Person.id) == col(Team.person_id))
        .where(col(Team.account_id).in_(accounts), col(Person.department_id).in_(departments))
        .where(col(Team.role).in_(ROLES))
        .where(or_(col(Team.from_day).is_(None), col(Team.from_day) <= run.today))
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= run.today))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= run.today))
        .order_by(col(Team.id))
    )
    found: dict[tuple[int, int], list[int]] = {}
    for account, department, _, person in sorted(rows, key=lambda row: ROLES.index(row[2])):
        found.setdefault((account, department), []).append(person)
    return found
