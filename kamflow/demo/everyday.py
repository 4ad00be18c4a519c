"""What people do on an ordinary day: some of what they were told, a little of their plans, approvals.

Seeded, and nobody does everything: a reminder that nobody follows is part of the picture.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from random import Random

from sqlalchemy import exists, or_, select
from sqlmodel import Session, col

from kamflow.acts import rights
from kamflow.demo.cast import Cast
from kamflow.demo.duties import Duties
from kamflow.demo.stage import Stage
from kamflow.figures.plan_progress import missing
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.plan import AccountPlan, PlanState
from kamflow.store import people, plan_rows
from kamflow.store.engine import read
from kamflow.store.people import People
from kamflow.workdays import Calendar

AROUND = timedelta(days=60)
NEXT_YEAR = date(2027, 1, 1)
FOLLOWS = 0.18  # how likely somebody follows a reminder on a given day
KEEPS = 0.85  # a booked visit takes place and is logged the same day
WRITES = 0.18  # a KAM writes a section of a plan
DECIDES = 0.55  # an approver decides about a plan in the list


class Everyday:
    """The ordinary life of everybody on stage."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self._stage, self._cast = stage, cast
        self._random = Random("everyday life")
        self._duties = Duties(stage, cast)

    def live(self, day: date, taken: Collection[int] = ()) -> None:
        """The afternoon of a working day; nobody touches the plans of the accounts in `taken`."""
        with read(self._stage.home.engine) as session:
            company = self._stage.home.settings.company
            at_work = _at_work(people.load(session, company, day - AROUND, day + AROUND), day)
            booked = _booked_for(session, day)
            nudges = _told(session, day)
            drafts, waiting = self._plans(session)
        self._stage.clock.set(day, 14, 5)
        busy = self._cast.diary.today(day)
        for nudge in nudges:
            responsible = nudge.assignee_id or nudge.owner_id
            if responsible in at_work and (responsible, nudge.account_id) not in busy:
                self._follow(nudge, responsible, at_work[responsible])
        self._stage.clock.set(day, 15, 30)
        for (person, account), contacts in booked.items():
            if person in at_work and self._random.random() < KEEPS:
                self._cast.log(person, contacts, account)
        self._stage.clock.set(day, 16, 40)
        for account, kam, section in drafts:
            if kam in at_work and account not in taken and self._random.random() < WRITES:
                self._write(kam, account, section)
        for account, approver in waiting:
            if approver in at_work and account not in taken and self._random.random() < DECIDES:
                self._cast.approve(approver, account)
        self._duties.live(day, at_work)

    def _follow(self, nudge: StoredNudge, person: int, calendar: Calendar) -> None:
        visits = nudge.facts.get("meetings")
        if nudge.account_id is None or not visits or self._random.random() > FOLLOWS:
            return
        contacts, choice = visits[0]["contacts"], self._random.random()
        if choice < 0.5:
            kind = "visit" if len(contacts) > 1 else self._random.choice(("visit", "call", "video"))
            self._cast.log(person, contacts, nudge.account_id, kind=kind)
        elif choice < 0.85:
            ahead = calendar.add(self._stage.clock.today, self._random.randint(3, 9))
            self._cast.log(person, contacts, nudge.account_id, state="booked", day=ahead)
        else:
            later = calendar.add(self._stage.clock.today, 5)
            self._cast.snooze(person, nudge.id or 0, nudge.account_id, later)

    def _write(self, kam: int, account: int, section: int | None) -> None:
        if section is None:
            self._cast.submit(kam, account)
        else:
            self._cast.fill(kam, account, section)

    def _plans(self, session: Session) -> tuple[list[tuple[int, int, int | None]], list[tuple[int, int]]]:
        """Drafts with author and next empty section (None: hand in); submitted ones with who decides."""
        drafts, waiting = [], []
        query = select(AccountPlan).where(col(AccountPlan.year_first) == NEXT_YEAR)
        in_order = query.order_by(col(AccountPlan.hand_in_on), col(AccountPlan.id))
        for plan in session.execute(in_order).scalars():
            if plan.state == PlanState.SUBMITTED:
                deciding = rights.approvers(session, plan, self._stage.clock.today)
                waiting += [(plan.account_id, deciding[0])] if deciding else []
            elif plan.state == PlanState.DRAFT and plan.author_id is not None:
                drafts.append((plan.account_id, plan.author_id, self._next_section(session, plan)))
        return drafts, waiting

    def _next_section(self, session: Session, plan: AccountPlan) -> int | None:
        policy = self._stage.home.policy.plan_creation
        numbers = policy.key_sections if plan.form == "key" else policy.short_sections
        return next(iter(missing(plan_rows.filled(session, plan.id or 0), numbers)), None)


def _at_work(everybody: People, day: date) -> dict[int, Calendar]:
    return {number: member.calendar for number, member in everybody.items() if member.works(day)}


def _booked_for(session: Session, day: date) -> dict[tuple[int, int], list[int]]:
    """(person, account) -> contacts whose visit is booked for the day."""
    rows = session.execute(
        select(col(Encounter.person_id), col(Interaction.account_id), col(Encounter.contact_id))
        .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
        .where(col(Interaction.day) == day, col(Interaction.state) == InteractionState.BOOKED)
        .order_by(col(Interaction.id), col(Encounter.contact_id))
    )
    found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for person, account, contact in rows:
        if account is not None:
            found[person, account].append(contact)
    return found


def _told(session: Session, day: date) -> list[StoredNudge]:
    """Open shortfalls that somebody was told of and that are not put off."""
    told = exists().where(col(Telling.nudge_id) == col(StoredNudge.id))
    query = (
        select(StoredNudge)
        .where(col(StoredNudge.rule) == "contact_shortfall", col(StoredNudge.closed_at).is_(None), told)
        .where(or_(col(StoredNudge.snoozed_until).is_(None), col(StoredNudge.snoozed_until) <= day))
        .order_by(col(StoredNudge.id))
    )
    return list(session.execute(query).scalars())
