"""The people on stage and what they can do: the real acts, each in its own transaction.

An act that the product refuses (a snooze beyond its limit, a plan that lies with the approver) is not
done: people live with that.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from random import Random

from sqlmodel import Session

from kamflow.acts import absent as absences
from kamflow.acts import briefing as briefings
from kamflow.acts import done as words
from kamflow.acts import hand_over as handing
from kamflow.acts import log as logging
from kamflow.acts import measure as measures
from kamflow.acts import meeting as meetings
from kamflow.acts import pause as pauses
from kamflow.acts import plan as plans
from kamflow.acts import quarter as quarters
from kamflow.acts import request as requests
from kamflow.acts import snooze as snoozing
from kamflow.acts import survey as surveys
from kamflow.acts.acting import Acting
from kamflow.acts.log import Entry
from kamflow.acts.meeting_round import Booking
from kamflow.acts.quarter import NewMeasure
from kamflow.demo.company import sections
from kamflow.demo.diary import Act, Diary
from kamflow.demo.stage import Stage
from kamflow.errors import InputError
from kamflow.models.nudge import StoredNudge
from kamflow.settings import Company
from kamflow.store.engine import read, write


class Cast:
    """Acts on a stage and writes them into the diary. People and accounts are ids."""

    def __init__(self, stage: Stage, diary: Diary) -> None:
        self.stage, self.diary = stage, diary
        self._random = Random("what people write")
        self._customers = {stage.accounts[each.key]: each for each in stage.made.customers}

    def log(
        self,
        person: int,
        contacts: Iterable[int],
        account: int,
        *,
        state: str = "held",
        day: date | None = None,
        kind: str = "visit",
    ) -> bool:
        """Log a contact as held, booked or cancelled."""
        entry = Entry([person], list(contacts), day, kind, state, account)

        def act(session: Session) -> bool:
            receipts = logging.log(session, person, entry, self._now, self._company)
            return any(not receipt.said.startswith("already") for receipt in receipts)

        seen = Act(self._now, person, state, account, tuple(contacts), day or self.stage.clock.today)
        return self._try(act, seen)

    def snooze(self, person: int, nudge: int, account: int | None, until: date) -> bool:
        def act(session: Session) -> object:
            policy = self.stage.home.policy
            return snoozing.snooze(session, person, nudge, until, self._now, policy, self._company)

        return self._try(act, Act(self._now, person, "snoozed", account, until=until))

    def done(self, person: int, nudge: int, account: int | None) -> bool:
        def act(session: Session) -> object:
            policy = self.stage.home.policy
            said = words.done(session, person, nudge, self._now, policy, self._company)
            if said.state == "closed" and self.diary.days:
                self.diary.days[-1].closed += 1
            return said

        return self._try(act, Act(self._now, person, "done", account, step=self._step(nudge)))

    def hand_over(self, person: int, nudge: int, account: int | None, to: int) -> bool:
        def act(session: Session) -> object:
            return handing.hand_over(session, person, nudge, to, self._now, self._company)

        return self._try(act, Act(self._now, person, "handed over", account, other=to))

    def absent(self, person: int, first: date, last: date) -> bool:
        def act(session: Session) -> object:
            return absences.absent(session, person, person, first, last, self._now, self._company)

        return self._try(act, Act(self._now, person, "absent", day=first, until=last))

    def fill(self, person: int, account: int, section: int) -> bool:
        """Write a section of next year's plan."""
        body = sections.text(section, self._customers[account], 2027, self._random)

        def act(session: Session) -> object:
            return plans.fill(self._desk(session, person), account, section, body)

        return self._try(act, Act(self._now, person, "filled", account, section=section))

    def submit(self, person: int, account: int) -> bool:
        def act(session: Session) -> object:
            return plans.submit(self._desk(session, person), [account])

        return self._try(act, Act(self._now, person, "submitted", account))

    def approve(self, person: int, account: int) -> bool:
        def act(session: Session) -> object:
            return plans.approve(self._desk(session, person), [account])

        return self._try(act, Act(self._now, person, "approved", account))

    def give_back(self, person: int, account: int, comment: str) -> bool:
        def act(session: Session) -> object:
            return plans.give_back(self._desk(session, person), [account], comment)

        return self._try(act, Act(self._now, person, "returned", account))

    def finish_measure(self, person: int, account: int, number: int) -> bool:
        return self._act(
            lambda desk: measures.done(desk, [number]),
            Act(self._now, person, "measure done", account, measure=number),
        )

    def move_measure(self, person: int, account: int, number: int, to: date, reason: str) -> bool:
        return self._act(
            lambda desk: measures.move(desk, number, to, reason),
            Act(self._now, person, "measure moved", account, measure=number, day=to),
        )

    def deliver(self, person: int, account: int, number: int, kind: str) -> bool:
        return self._act(
            lambda desk: requests.deliver(desk, [number]),
            Act(self._now, person, "delivered", account, kind=kind),
        )

    def refuse(self, person: int, account: int, number: int, kind: str, cause: str) -> bool:
        return self._act(
            lambda desk: requests.refuse(desk, [number], cause),
            Act(self._now, person, "refused", account, kind=kind),
        )

    def comment(self, person: int, account: int, text: str, agreed: NewMeasure | None = None) -> bool:
        """Comment the quarter, having looked through the plan; a measure may follow."""
        return self._act(
            lambda desk: quarters.comment(desk, account, text, agreed, plan_reviewed=True),
            Act(self._now, person, "commented", account),
        )

    def pause(self, person: int, account: int, until: date, reason: str) -> bool:
        return self._act(
            lambda desk: pauses.pause(desk, account, until, reason),
            Act(self._now, person, "paused", account, until=until),
        )

    def book_meeting(self, person: int, booking: Booking) -> bool:
        return self._act(
            lambda desk: meetings.book(desk, booking),
            Act(self._now, person, "meeting booked", booking.account, day=booking.day),
        )

    def move_meeting(self, person: int, account: int, to: date) -> bool:
        return self._act(
            lambda desk: meetings.move(desk, account, to),
            Act(self._now, person, "meeting moved", account, day=to),
        )

    def release(self, person: int, account: int) -> bool:
        """Release the briefing for the sponsor and our other attendees."""
        return self._act(
            lambda desk: briefings.release(desk, account),
            Act(self._now, person, "released", account),
        )

    def point(self, person: int, account: int, kind: str, text: str) -> bool:
        """Add something to raise, to ask or to avoid to the briefing."""
        return self._act(
            lambda desk: briefings.point(desk, account, kind, text),
            Act(self._now, person, "noted", account, kind=kind),
        )

    def strike(self, person: int, account: int, wave: int, contact: int, reason: str) -> bool:
        """Take a name off the list of a survey."""
        return self._act(
            lambda desk: surveys.strike(desk, wave, contact, reason),
            Act(self._now, person, "struck", account, (contact,)),
        )

    def _act(self, act: Callable[[Acting], object], seen: Act) -> bool:
        return self._try(lambda session: act(Acting(session, seen.person, self._now, self._company)), seen)

    def _step(self, nudge: int) -> str:
        with read(self.stage.home.engine) as session:
            return session.get_one(StoredNudge, nudge).step

    @property
    def _now(self) -> datetime:
        return self.stage.clock()

    @property
    def _company(self) -> Company:
        return self.stage.home.settings.company

    def _desk(self, session: Session, person: int) -> plans.Desk:
        home = self.stage.home
        return plans.Desk(session, person, self._now, home.policy, self._company, 2027)

    def _try(self, act: Callable[[Session], object], seen: Act) -> bool:
        """Do it and write it down, unless the product refuses it or it was so already."""
        try:
            with write(self.stage.home.engine) as session:
                done = act(session)
        except InputError:
            return False
        if done is False:
            return False
        self.diary.acts.append(seen)
        return True
