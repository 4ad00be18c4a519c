"""The plans for 2027 until the first Monday: drafts since 1 July, each a good way through its seven steps.

The drafts are what the rule decides, the sections are filled by the real act.
"""

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select, update
from sqlmodel import Session, col

from flows.runtime import Home
from kamflow.acts import plan as plans
from kamflow.demo.company import sections
from kamflow.demo.company.customers import Customer
from kamflow.demo.company.past import MONDAY
from kamflow.demo.company.storing import accounts
from kamflow.figures.plan_progress import STEP_SECTIONS
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.plan import AccountPlan, OpenQuestion, PlanMilestone
from kamflow.nudge import Decision
from kamflow.rules import plan_creation
from kamflow.store import hand_in_entries, scope
from kamflow.store import plans as plan_facts
from kamflow.store.apply import apply
from kamflow.store.engine import read, write
from kamflow.store.messages import history
from kamflow.store.run import Accounts, Frame, Outcome, Run, run_batch

START = date(2026, 7, 1)
# How far ahead of (or behind) its milestones a plan is, in steps.
PROGRESS = (1, 0, 1, 0, 1, -1, 1, 0, 2, 1)


def plan_2027(home: Home, customers: list[Customer]) -> None:
    """Create the drafts of 1 July and fill what was written until September."""
    _create_drafts(home)
    random = Random("plans for 2027")
    with write(home.engine) as session:
        by_id = {number: key for key, number in accounts(session).items()}
        by_key = {customer.key: customer for customer in customers}
        for number, draft in enumerate(_drafts(session)):
            customer = by_key[by_id[draft.account_id]]
            _write_sections(session, home, draft, customer, PROGRESS[number % len(PROGRESS)], random)
            _ask(session, draft, customer, number, random)


def _create_drafts(home: Home) -> None:
    """Run the rule as of 1 July and keep its effects: of what is asked nobody was told anything then."""
    now = datetime.combine(START, time(3), UTC)
    with read(home.engine) as session:
        everything = scope.whole(session, plan_creation.RULE, START)
    frame = Frame(home.engine, plan_creation.RULE, START, now, home.policy, home.settings.company)
    for batch in scope.batches(everything):
        run_batch(frame, _effects_only, batch)
    with write(home.engine) as session:
        _sent(session, now + timedelta(days=1))


def _sent(session: Session, at: datetime) -> None:
    """The days of hand-in have stood in calendars since July."""
    entry = StoredMessage
    waiting = update(entry).where(col(entry.kind) == hand_in_entries.KIND)
    sent = waiting.values(state=MessageState.SENT, sent_at=at).returning(col(entry.id))
    numbers = list(session.execute(sent).scalars())
    history(session, [(number, at, MessageState.SENT, None) for number in numbers if number is not None])


def _effects_only(run: Run, accounts: Accounts) -> Outcome:
    found = plan_creation.decide(plan_facts.facts(run, accounts), run.today, run.policy)
    return apply(run, Decision((), found.effects), accounts)


def _drafts(session: Session) -> list[AccountPlan]:
    query = select(AccountPlan).where(col(AccountPlan.year_first) == date(2027, 1, 1))
    return list(session.execute(query.order_by(col(AccountPlan.hand_in_on), col(AccountPlan.id))).scalars())


def _write_sections(
    session: Session, home: Home, draft: AccountPlan, customer: Customer, ahead: int, random: Random
) -> None:
    steps = session.execute(
        select(PlanMilestone).where(col(PlanMilestone.plan_id) == draft.id).order_by(col(PlanMilestone.step))
    ).scalars()
    due = {row.step: row.due_on for row in steps}
    passed = sum(day < MONDAY for day in due.values())
    for step in range(1, min(6, passed + ahead) + 1):
        day = min(due[step] - timedelta(days=random.randint(0, 4)), MONDAY - timedelta(days=3))
        desk = plans.Desk(
            session=session,
            actor=draft.author_id,
            now=datetime.combine(day, time(13, 10), UTC),
            policy=home.policy,
            company=home.settings.company,
            year=2027,
        )
        for number in STEP_SECTIONS[step]:
            if draft.form == "key" or number in home.policy.plan_creation.short_sections:
                plans.fill(desk, draft.account_id, number, sections.text(number, customer, 2027, random))


def _ask(session: Session, draft: AccountPlan, customer: Customer, number: int, random: Random) -> None:
    """A good plan shows "?" where something is not known."""
    if number % 3:
        return
    known = sections.ENGLISH_QUESTIONS if customer.abroad else sections.QUESTIONS
    section, question = known[number // 3 % len(known)]
    session.add(
        OpenQuestion(
            account_id=draft.account_id,
            plan_id=draft.id,
            section=section,
            question=sections.filled_in(question, customer, random),
            owner_id=draft.author_id,
            due_on=date(2026, 10, 9),
        )
    )
