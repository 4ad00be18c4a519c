"""The acts of a rehearsal: the rows that the real acts would write, many at once and without their checks."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, update
from sqlmodel import Session, col

from flows.rehearsal.asked import Asked
from flows.runtime import Home
from kamflow.figures.plan_progress import STEP_SECTIONS
from kamflow.models.account import Account
from kamflow.models.contact import Place
from kamflow.models.controlling import QuarterComment
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.meeting import AnnualMeeting, MeetingRound, Request, RequestState
from kamflow.models.nudge import StepDone, StoredNudge
from kamflow.models.plan import AccountPlan, Measure, PlanSection, PlanState
from kamflow.store import calendars
from kamflow.workdays import Calendar

SOURCE = "rehearsal"
PLAN_STEPS = {"position": 4, "measures": 6, "hand_in": 7}


class Deed:
    """Everything that is done at one noon."""

    def __init__(self, session: Session, day: date, at: datetime, home: Home) -> None:
        self._session, self._day, self._at, self._home = session, day, at, home
        self._words: list[dict[str, Any]] = []
        self._closed: list[int] = []
        self._quiet: list[int] = []
        self._meetings: list[tuple[int, int, list[int]]] = []
        self._acts: dict[tuple[str, str], Callable[[Asked], bool]] = {
            ("contact_shortfall", "contacts"): self._meet,
            ("contact_shortfall", "no_data"): self._meet_anybody,
            ("plan_creation", "position"): self._fill,
            ("plan_creation", "measures"): self._fill,
            ("plan_creation", "hand_in"): self._hand_in,
            ("plan_creation", "approve"): self._approve,
            ("quarterly_controlling", "comment"): self._comment,
            ("measure_followup", "followup"): self._finish,
            ("department_requests", "deliver"): self._deliver,
            ("annual_meeting", "month"): self._choose_month,
            ("annual_meeting", "arrange"): self._book,
            ("annual_meeting", "release"): self._release,
        }

    def do(self, asked: Asked) -> bool:
        """Do what is asked; tell whether it need not be done again."""
        act = self._acts.get((asked.rule, asked.step))
        if act is not None:
            return act(asked)
        if asked.closes_by == "word":
            self._words.append(
                {
                    "identity": asked.identity,
                    "person_id": asked.person,
                    "done_on": self._day,
                    "done_at": self._at,
                }
            )
            self._closed.append(asked.nudge)
            return True
        self._quiet.append(asked.nudge)
        return True

    def write(self) -> None:
        """Write what can be written at once."""
        self._write_meetings()
        if self._words:
            self._write_words()
        if self._quiet:
            until = self._company.add(self._day, self._home.policy.cadence.silence_after_done)
            nudge = col(StoredNudge.id)
            self._session.execute(update(StoredNudge).where(nudge.in_(self._quiet)).values(quiet_until=until))

    @property
    def _company(self) -> Calendar:
        return calendars.company_calendar(self._home.settings.company)

    def _write_words(self) -> None:
        known = col(StepDone.identity)
        said = [row["identity"] for row in self._words]
        before = set(self._session.execute(select(known).where(known.in_(said))).scalars())
        rows = {row["identity"]: row for row in self._words if row["identity"] not in before}
        if rows:
            self._session.execute(insert(StepDone), list(rows.values()))
        self._session.execute(
            update(StoredNudge)
            .where(col(StoredNudge.id).in_(self._closed))
            .values(closed_at=self._at, closed_on=self._day, closed_as="done")
        )

    def _write_meetings(self) -> None:
        if not self._meetings:
            return
        newest = self._session.execute(select(func.max(col(Interaction.id)))).scalar() or 0
        numbered = list(enumerate(self._meetings, newest + 1))
        self._session.execute(
            insert(_table(Interaction)),
            [
                {
                    "id": number,
                    "account_id": account,
                    "kind": "visit",
                    "state": InteractionState.HELD,
                    "day": self._day,
                    "source": SOURCE,
                    "logged_by_id": person,
                }
                for number, (account, person, _) in numbered
            ],
        )
        self._session.execute(
            insert(_table(Encounter)),
            [
                {"interaction_id": number, "person_id": person, "contact_id": contact}
                for number, (_, person, contacts) in numbered
                for contact in contacts
            ],
        )

    def _meet(self, asked: Asked) -> bool:
        """One contact with everybody listed; what is further behind takes further visits."""
        cells = asked.facts["cells"]
        contacts = sorted({cell["contact"] for cell in cells})
        self._meetings.append((asked.account or 0, asked.person, contacts))
        return all(cell["gap"] <= 1 for cell in cells)

    def _meet_anybody(self, asked: Asked) -> bool:
        place = Place
        first = self._session.execute(
            select(func.min(col(place.contact_id))).where(col(place.account_id) == asked.account)
        ).scalar()
        if first is not None:
            self._meetings.append((asked.account or 0, asked.person, [first]))
        return True

    def _fill(self, asked: Asked) -> bool:
        last = PLAN_STEPS[asked.step]
        numbers = [number for step, own in STEP_SECTIONS.items() if step <= last for number in own]
        section = PlanSection
        self._session.execute(
            update(section)
            .where(col(section.plan_id) == self._plan(asked).scalar_subquery())
            .where(col(section.number).in_(numbers), col(section.filled_on).is_(None))
            .values(filled_on=self._day, reviewed_on=self._day)
        )
        return True

    def _hand_in(self, asked: Asked) -> bool:
        self._fill(asked)
        self._state(asked, state=PlanState.SUBMITTED, submitted_at=self._at)
        return True

    def _approve(self, asked: Asked) -> bool:
        self._state(asked, state=PlanState.APPROVED, decided_at=self._at, decided_by_id=asked.person)
        return True

    def _state(self, asked: Asked, **values: Any) -> None:
        number = self._plan(asked).scalar_subquery()
        self._session.execute(update(AccountPlan).where(col(AccountPlan.id) == number).values(values))

    def _plan(self, asked: Asked) -> Any:
        first = date.fromisoformat(asked.facts["year"]["first"])
        plan = AccountPlan
        return select(col(plan.id)).where(
            col(plan.account_id) == asked.account, col(plan.year_first) == first
        )

    def _comment(self, asked: Asked) -> bool:
        first, _, last = asked.period.partition("..")
        self._session.add(
            QuarterComment(
                account_id=asked.account or 0,
                quarter_first=date.fromisoformat(first),
                quarter_last=date.fromisoformat(last),
                text="-",
                plan_reviewed=True,
                person_id=asked.person,
                commented_on=self._day,
                commented_at=self._at,
            )
        )
        self._session.flush()
        return True

    def _finish(self, asked: Asked) -> bool:
        self._session.execute(
            update(Measure).where(col(Measure.id) == asked.facts["measure"]).values(done_on=self._day)
        )
        return True

    def _deliver(self, asked: Asked) -> bool:
        self._session.execute(
            update(Request)
            .where(col(Request.id) == asked.facts["request"])
            .values(state=RequestState.DELIVERED, decided_on=self._day)
        )
        return True

    def _choose_month(self, asked: Asked) -> bool:
        """November: the middle of the season of annual meetings."""
        self._session.execute(
            update(Account)
            .where(col(Account.id) == asked.account)
            .values(meeting_month=11, meeting_month_on=self._day)
        )
        return True

    def _release(self, asked: Asked) -> bool:
        facts, talk = asked.facts, MeetingRound
        self._session.execute(
            update(talk)
            .where(col(talk.id) == facts["round"])
            .values(released_on=self._day, released_revision=facts["revision"], released_by_id=asked.person)
        )
        return True

    def _book(self, asked: Asked) -> bool:
        """Book the day that the planned month stands for, or three weeks ahead where that is past."""
        year = asked.facts["year"]
        first, last = date.fromisoformat(year["first"]), date.fromisoformat(year["last"])
        wanted = date.fromisoformat(asked.facts["day"])
        day = wanted if wanted > self._day else self._company.add(self._day, 15)
        meeting = AnnualMeeting
        known = self._session.execute(
            select(col(meeting.id)).where(
                col(meeting.account_id) == asked.account, col(meeting.year_first) == first
            )
        ).scalar()
        if known is None:
            row = AnnualMeeting(account_id=asked.account or 0, year_first=first, year_last=last)
            self._session.add(row)
            self._session.flush()
            known = row.id
        self._session.add(MeetingRound(meeting_id=known or 0, number=1, day=day, fixed_on=self._day))
        self._session.flush()
        return True


def _table(model: Any) -> Table:
    return cast("Table", model.__table__)
