"""Diligent people: whatever somebody is told is done on their next own working day.

What no day suffices for takes its time: a plan is handed in on its date, its sections are filled before
their milestones, and who approves takes five working days. Where facts close a nudge the fact happens; where
no act here makes it happen, the person says Done, which silences it for some days. Revenue comes as planned.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from flows.rehearsal import revenue
from flows.rehearsal.asked import Asked, asked
from flows.rehearsal.deeds import Deed
from flows.runtime import Home
from kamflow.errors import InputError
from kamflow.store.people import Member, People
from kamflow.store.run import NO_ACCOUNT, Accounts
from notifications.cadence.decide import Announcement

APPROVAL = 5  # working days from the hand-in
AGAIN = 5  # working days until somebody does once more what did not suffice


@dataclass(frozen=True)
class _Plan:
    nudge: int
    person: int


class Diligence:
    """Who means to do what on which day."""

    def __init__(self, everybody: People, home: Home) -> None:
        self._people, self._home = everybody, home
        self._days: defaultdict[date, list[_Plan]] = defaultdict(list)
        self._meant: set[int] = set()

    def hear(self, said: Announcement) -> None:
        """Mean to do what was told, except what others are to do."""
        member = self._people[said.person]
        for line in said.told:
            if line.reason != "ladder" and line.nudge not in self._meant:
                self._mean(line.nudge, member, said.day, 1)

    def act(self, session: Session, day: date, at: datetime) -> dict[str, Accounts]:
        """Do what is meant for the day; the accounts of each rule about which something changed."""
        meant = {plan.nudge: plan for plan in self._days.pop(day, ())}
        self._meant -= meant.keys()
        ready: list[Asked] = []
        for each in asked(session, {number: plan.person for number, plan in meant.items()}):
            later = self._later(each, day)
            if later is None:
                ready.append(each)
            else:
                self._put(each.nudge, each.person, later)
        deed = Deed(session, day, at, self._home)
        for each in ready:
            if not deed.do(each):
                self._mean(each.nudge, self._people[each.person], day, AGAIN)
        deed.write()
        touched: defaultdict[str, set[int]] = defaultdict(set)
        for each in ready:
            touched[each.rule].add(each.account or NO_ACCOUNT)
        return {rule: frozenset(accounts) for rule, accounts in touched.items()}

    def figures(self, session: Session, day: date) -> Accounts:
        """Let the revenue of the quarter arrive on its day; the accounts it belongs to."""
        return revenue.arrive(session, day, self._home.settings.company)

    def _mean(self, nudge: int, member: Member, day: date, working_days: int) -> None:
        try:
            self._put(nudge, member.id, member.calendar.add(day, working_days))
        except InputError:  # the person works no more
            return

    def _put(self, nudge: int, person: int, day: date) -> None:
        self._days[day].append(_Plan(nudge, person))
        self._meant.add(nudge)

    def _later(self, each: Asked, day: date) -> date | None:
        """The day on which it is really done, where that is still to come."""
        calendar = self._people[each.person].calendar
        if each.rule != "plan_creation":
            return None
        try:
            if each.step == "approve":
                wanted = calendar.add(each.since, APPROVAL)
            elif each.step == "hand_in":
                wanted = calendar.on_or_before(each.due_on)
            else:
                return None
        except InputError:
            return None
        return wanted if wanted > day else None
