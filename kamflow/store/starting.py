"""How kamflow begins in a company: from a day on, for some accounts first, silently for some days.

Everything here answers "as if not started" with an empty set or None where no day of going live is named:
then kamflow decides and tells from its first run on.
"""

from dataclasses import replace
from datetime import date

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account, Team
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import PersonRole, Role
from kamflow.nudge import Decision, Effect, Nudge
from kamflow.policy import Starting
from kamflow.settings import Company
from kamflow.store import calendars
from kamflow.store.run import NO_ACCOUNT, Accounts, Run

WELCOME = "welcome"
# Effects that reach somebody: in the shadow they wait, for a rule returns them again the next day.
HEARD = frozenset({"invite", "remind", "send_document", "calendar"})
# Of an effect's facts: until when it is of use, where several dates are named the first of these.
_DATES = ("last", "customer_date", "day", "on")


def live(starting: Starting, today: date) -> bool:
    """Tell whether kamflow has begun."""
    return starting.go_live is None or today >= starting.go_live


def told_from(starting: Starting, company: Company) -> date | None:
    """The first day on which nudges are told: after the shadow, in working days of the company."""
    if starting.go_live is None:
        return None
    days = calendars.company_calendar(company)
    return days.add(days.on_or_after(starting.go_live), starting.shadow_days)


def waiting(run: Run, accounts: Accounts) -> Accounts:
    """Those of the accounts about which nothing is decided yet: all before going live, later the rest
    of a pilot's. "No account" begins with the first of them."""
    starting = run.policy.starting
    if not live(starting, run.today):
        return accounts
    if starting.go_live is None or not starting.pilot:
        return frozenset()
    chosen = run.session.execute(select(col(Account.id)).where(col(Account.key).in_(starting.pilot)))
    return accounts - {NO_ACCOUNT, *chosen.scalars()}


def begun(run: Run, decision: Decision) -> Decision:
    """The decision without what fell due before going live, and in the shadow without what is heard."""
    first, heard = run.policy.starting.go_live, told_from(run.policy.starting, run.company)
    if first is None or heard is None:
        return decision
    early = set(before(run, decision))
    nudges = tuple(nudge for nudge in decision.nudges if nudge.identity not in early)
    effects = tuple(effect for effect in decision.effects if (_of_use_until(effect) or first) >= first)
    if run.today < heard:
        effects = tuple(effect for effect in effects if effect.name not in HEARD)
    return replace(decision, nudges=nudges, effects=effects)


def before(run: Run, decision: Decision) -> dict[str, Nudge]:
    """By identity what fell due before going live, and so is not asked."""
    first = run.policy.starting.go_live or date.min
    return {nudge.identity: nudge for nudge in decision.nudges if nudge.due_on < first}


def _of_use_until(effect: Effect) -> date | None:
    """The day of the visit a paper is for, the last of a mail, else that on which it was due.

    None of what nobody hears of: scorecards of a quarter before are what the next one is compared with.
    """
    dates = (effect.facts.get(name) for name in _DATES)
    day = next((each for each in dates if each), None)
    return date.fromisoformat(day) if day else None


def welcomed(session: Session) -> dict[int, date]:
    """The day of each person's welcome."""
    message = StoredMessage
    rows = session.execute(
        select(col(message.person_id), col(message.facts)["day"].as_string()).where(
            col(message.template) == WELCOME, col(message.instead_of_id).is_(None)
        )
    )
    return {person: date.fromisoformat(day) for person, day in rows if person is not None}


def concerned(session: Session, starting: Starting, today: date) -> set[int]:
    """Who will hear from kamflow: the teams of the accounts that begin, the heads of KAM, and whoever
    something is open for."""
    team = (
        select(col(Team.person_id))
        .join(Account, col(Account.id) == col(Team.account_id))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= today))
    )
    if starting.pilot:
        team = team.where(col(Account.key).in_(starting.pilot))
    nudge = StoredNudge
    queries = (
        team,
        select(col(PersonRole.person_id)).where(col(PersonRole.role) == Role.HEAD),
        select(func.coalesce(col(nudge.assignee_id), col(nudge.owner_id))).where(
            col(nudge.closed_at).is_(None)
        ),
    )
    return {number for query in queries for number in session.execute(query).scalars()}
