"""An account plan as a form shows it: what was written, and what stands beside it, read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.account import Account, TeamRole
from kamflow.models.event import Event
from kamflow.models.plan import AccountPlan, Goal, Measure, OpenQuestion, PlanSection
from kamflow.models.training import Competitor
from kamflow.periods import Period
from kamflow.store import plan_form_facts as facts
from kamflow.store import teams
from kamflow.store.plan_form_facts import ContactLine, ProjectLine, RevenueTable

BLANK = PlanSection(plan_id=0, number=0, version=0)


@dataclass(frozen=True, slots=True)
class PlanForm:
    """All of one account and fiscal year. `plan` is None before one is drafted. Names by row id."""

    account: Account
    year: Period
    today: date
    numbers: tuple[int, ...]
    plan: AccountPlan | None
    sections: Mapping[int, PlanSection]
    team: Mapping[str, Sequence[int]]
    approvers: Sequence[int]
    people: Mapping[int, str]
    contacts_by_id: Mapping[int, str]
    revenue: RevenueTable
    projects: Sequence[ProjectLine]
    contacts: Sequence[ContactLine]
    competitors: Sequence[Competitor]
    measures: Sequence[Measure]
    goals: Sequence[Goal]
    questions: Sequence[OpenQuestion]
    asked: Mapping[str, OpenQuestion] = field(default_factory=dict)

    def section(self, number: int) -> PlanSection:
        return self.sections.get(number, BLANK)

    def answer(self, number: int, code: str) -> str:
        """What stands under a code; of a question what it was answered with, here or elsewhere."""
        asked = self.asked.get(f"{number}.{code}")
        return (asked.answer if asked else None) or (self.section(number).answers or {}).get(code) or ""


def load(
    session: Session,
    account: Account,
    year: Period,
    today: date,
    numbers: tuple[int, ...],
    names: Mapping[str, Mapping[int, str]],
    approvers: Sequence[int] = (),
) -> PlanForm:
    """Read a form; `numbers` are the sections it has, `names` what people and contacts are called."""
    number = account.id or 0
    plan = plan_of(session, number, year)
    team = _team(session, number, today)
    found = questions(session, number, plan)
    measures = _measures(session, number, plan)
    return PlanForm(
        account, year, today, numbers, plan, sections(session, plan), team, approvers,
        names["person"], names["contact"],
        facts.revenue(session, number, year, today),
        facts.projects(session, number), facts.contacts(session, number, today),
        _rows(session, Competitor, number, Competitor.rank, Competitor.id),
        measures, _goals(session, number, plan, year),
        [each for each in found if each.code is None],
        {each.code: each for each in found if each.code is not None},
    )  # fmt: skip


def plan_of(session: Session, account: int, year: Period) -> AccountPlan | None:
    """The account's plan of a fiscal year, as it is now."""
    query = (
        select(AccountPlan)
        .where(col(AccountPlan.account_id) == account, col(AccountPlan.year_first) == year.first)
        .execution_options(populate_existing=True)
    )
    return session.execute(query).scalars().first()


def sections(session: Session, plan: AccountPlan | None) -> dict[int, PlanSection]:
    """The sections of a plan by number."""
    query = select(PlanSection).where(col(PlanSection.plan_id) == (plan.id if plan else None))
    rows = session.execute(query.execution_options(populate_existing=True)).scalars()
    return {each.number: each for each in rows}


def _team(session: Session, account: int, today: date) -> dict[str, list[int]]:
    """Who is KAM, who sponsor, who in the team besides."""
    found: dict[str, list[int]] = {"kam": [], "sponsor": [], "team": []}
    for person, held in teams.team(session, account, today).items():
        role = "kam" if TeamRole.KAM in held else "sponsor" if TeamRole.SPONSOR in held else "team"
        found[role].append(person)
    return found


def _rows(session: Session, model: type[Competitor], account: int, *order: object) -> list[Competitor]:
    query = select(model).where(col(model.account_id) == account)
    return list(session.execute(query.order_by(*order)).scalars())  # pyright: ignore[reportArgumentType]


def _measures(session: Session, account: int, plan: AccountPlan | None) -> list[Measure]:
    """What is open at the account, and what of this plan is done."""
    query = select(Measure).where(col(Measure.account_id) == account).order_by(col(Measure.id))
    number = plan.id if plan else None
    rows = session.execute(query.execution_options(populate_existing=True)).scalars()
    return [each for each in rows if each.done_on is None or (number and each.plan_id == number)]


def _goals(session: Session, account: int, plan: AccountPlan | None, year: Period) -> list[Goal]:
    """The goals of this plan, and those of no plan that are still to be reached."""
    query = select(Goal).where(col(Goal.account_id) == account).order_by(col(Goal.id))
    rows = list(session.execute(query.execution_options(populate_existing=True)).scalars())
    own = [each for each in rows if plan is not None and each.plan_id == plan.id]
    loose = [each for each in rows if each.plan_id is None and (each.due_on or year.first) >= year.first]
    return [*own, *loose]


def questions(session: Session, account: int, plan: AccountPlan | None) -> list[OpenQuestion]:
    """What is open at the account, and what of this plan is answered; the newest of a code counts."""
    query = select(OpenQuestion).where(col(OpenQuestion.account_id) == account).order_by(col(OpenQuestion.id))
    number = plan.id if plan else None
    found: dict[object, OpenQuestion] = {}
    for each in session.execute(query.execution_options(populate_existing=True)).scalars():
        if each.plan_id == number and number is not None:
            found[each.code or each.id] = each
        elif each.answered_on is None and each.code is None:
            found[each.id] = each
    return list(found.values())


def created(session: Session, plan: AccountPlan | None, zone: str) -> date | None:
    """The day on which the plan was drafted or taken over."""
    if plan is None:
        return None
    query = select(col(Event.at), col(Event.payload)).where(
        col(Event.account_id) == plan.account_id, col(Event.name).in_(("plan.created", "plan.imported"))
    )
    found = [at for at, payload in session.execute(query) if payload.get("plan") == plan.id]
    return min(found).astimezone(ZoneInfo(zone)).date() if found else plan.start_on


def has_rows(session: Session, kind: str, plan: AccountPlan) -> bool:
    """Whether the plan has a measure or a goal, or a competitor was noted since it was begun."""
    if kind == "competitor":
        noted = col(Competitor.noted_on) >= (plan.start_on or date.min)
        query = select(col(Competitor.id)).where(col(Competitor.account_id) == plan.account_id, noted)
    else:
        model = Measure if kind == "measure" else Goal
        query = select(col(model.id)).where(col(model.plan_id) == plan.id)
    return session.execute(query.limit(1)).first() is not None
