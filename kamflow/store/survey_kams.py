"""Who is asked about surveys at an account: an answer must reach somebody."""

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlmodel import col

from kamflow.figures.deadline import Asked
from kamflow.models.account import Team, TeamRole
from kamflow.models.person import Person
from kamflow.store import asked, teams
from kamflow.store.run import Accounts, Run


def in_charge(run: Run, accounts: Accounts) -> dict[int, Asked]:
    """The KAM of each account; else the deputy of one who left, the deputy's deputy, the first head."""
    found = asked.kams(run, accounts)
    missing = accounts - found.keys()
    first = _deputies_of_kams(run, missing)
    second = _deputies(run, first.values())
    heads = teams.heads(run.session, run.today)[:1]
    here = asked.here(run, {*found.values(), *first.values(), *second.values(), *heads})
    chosen: dict[int, Asked] = {}
    for account in accounts:
        deputy = first.get(account, 0)
        order = (found.get(account, 0), deputy, second.get(deputy, 0), *heads)
        who = next((here[person] for person in order if person in here), None)
        if who is not None:
            chosen[account] = who
    return chosen


def _deputies_of_kams(run: Run, accounts: Accounts) -> dict[int, int]:
    """The deputy of each account's KAM, whether or not that one has left."""
    today = run.today
    rows = run.session.execute(
        select(col(Team.account_id), col(Person.deputy_id))
        .join(Person, col(Person.id) == col(Team.person_id))
        .where(col(Team.account_id).in_(accounts), col(Team.role) == TeamRole.KAM)
        .where(or_(col(Team.from_day).is_(None), col(Team.from_day) <= today))
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= today))
        .where(col(Person.deputy_id).is_not(None))
        .order_by(col(Team.id).desc())
    )
    return {account: deputy for account, deputy in rows if deputy is not None}


def _deputies(run: Run, people: Iterable[int]) -> dict[int, int]:
    rows = run.session.execute(
        select(col(Person.id), col(Person.deputy_id)).where(
            col(Person.id).in_(set(people)), col(Person.deputy_id).is_not(None)
        )
    )
    return dict(rows.tuples().all())
