"""What happens on stage whatever the dice say: one scene for each thing a reminder has to cope with."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.demo import drop, looking
from kamflow.demo.cast import Cast
from kamflow.demo.company.staff import BY_KEY, KAMS
from kamflow.demo.diary import Act
from kamflow.demo.stage import Stage
from kamflow.models.contact import Contact
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, PlanSection, PlanState
from kamflow.store.engine import read

MUSTER = "K001"
PAUL, PHILIP, KARL = "K001-2", "K001-3", "K001-4"
COMMENT = "Die Maßnahmen brauchen Termine und Verantwortliche."


class Scenes:
    """The scripted part of the play. A scene that finds nobody to play it is left out."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self._stage, self._cast = stage, cast
        self._people = stage.people
        self.accounts: set[int] = set()  # whose plan is in a scene: the others keep off it
        self._script: dict[date, list[Callable[[], object]]] = {
            date(2026, 9, 7): [self._finish_a_plan],
            date(2026, 9, 8): [self._visit_muster],
            date(2026, 9, 9): [self._book_a_visit, self._return_the_plan, self._go_away],
            date(2026, 9, 11): [self._put_it_off, self._sponsor_books],
            date(2026, 9, 14): [self._move_the_visit, self._mend_the_plan],
            date(2026, 9, 15): [self._say_done],
            date(2026, 9, 16): [self._approve_the_plan],
            date(2026, 9, 17): [self._enter_last_contacts],
            date(2026, 9, 18): [self._read_a_calendar, self._give_it_to_another],
        }

    def play(self, day: date) -> None:
        """The scenes of a day, in the course of the morning."""
        for number, scene in enumerate(self._script.get(day, ())):
            self._stage.clock.set(day, 10 + number, 15)
            scene()

    def _visit_muster(self) -> None:
        """One visit, two cells of the classic matrix."""
        self._cast.log(self._people["witt"], self._contacts(PAUL, PHILIP), self._muster)

    def _book_a_visit(self) -> None:
        person = self._people["lech"]
        self._cast.log(person, self._contacts(PAUL), self._muster, state="booked", day=date(2026, 9, 16))

    def _move_the_visit(self) -> None:
        person, paul = self._people["lech"], self._contacts(PAUL)
        self._cast.log(person, paul, self._muster, state="cancelled", day=date(2026, 9, 16))
        self._cast.log(person, paul, self._muster, state="booked", day=date(2026, 9, 22))

    def _sponsor_books(self) -> None:
        for nudge in self._open("oelssner", "contacts")[:1]:
            contacts = nudge.facts["meetings"][0]["contacts"]
            person, account = self._people["oelssner"], nudge.account_id or 0
            self._cast.log(person, contacts, account, state="booked", day=date(2026, 10, 6))

    def _go_away(self) -> None:
        self._cast.absent(self._people["prigge"], date(2026, 9, 10), date(2026, 9, 15))

    def _put_it_off(self) -> None:
        for nudge in [*self._open("carter", "contacts"), *self._open(None, "contacts")][:1]:
            if not self._cast.snooze(nudge.owner_id, nudge.id or 0, nudge.account_id, date(2026, 9, 18)):
                self._cast.snooze(nudge.owner_id, nudge.id or 0, nudge.account_id, nudge.due_on)

    def _say_done(self) -> None:
        for nudge in self._open(None, "position")[:1]:
            self._cast.done(nudge.owner_id, nudge.id or 0, nudge.account_id)

    def _give_it_to_another(self) -> None:
        """A KAM gives the plan of an account to the colleague who stands in."""
        deputies = {self._people[key]: self._people[BY_KEY[key].deputy] for key in KAMS}
        for nudge in [each for each in self._open(None, "hand_in") if each.owner_id in deputies][:1]:
            self._cast.hand_over(nudge.owner_id, nudge.id or 0, nudge.account_id, deputies[nudge.owner_id])

    def _enter_last_contacts(self) -> None:
        """The account without a single contact gets its first one."""
        for nudge in self._open(None, "no_data"):
            contacts = looking.of_account(self._stage, nudge.account_id or 0)
            day = self._stage.clock.today - timedelta(days=3)
            self._cast.log(nudge.owner_id, contacts[:1], nudge.account_id or 0, day=day, kind="call")

    def _finish_a_plan(self) -> None:
        """Witt's furthest plan is completed and handed in."""
        for account, empty in self._furthest("witt"):
            self.accounts.add(account)
            for section in empty:
                self._cast.fill(self._people["witt"], account, section)
            self._cast.submit(self._people["witt"], account)

    def _return_the_plan(self) -> None:
        for account in self._in_state("witt", PlanState.SUBMITTED):
            self._cast.give_back(self._people["bohnsack"], account, COMMENT)

    def _mend_the_plan(self) -> None:
        for account in self._in_state("witt", PlanState.RETURNED):
            self._cast.fill(self._people["witt"], account, 9)
            self._cast.submit(self._people["witt"], account)

    def _approve_the_plan(self) -> None:
        for account in self._in_state("witt", PlanState.SUBMITTED):
            self._cast.approve(self._people["bohnsack"], account)

    def _read_a_calendar(self) -> None:
        """Witt's calendar knows of a talk nobody logged: an export of it goes into the drop folder."""
        stage, day = self._stage, self._stage.clock.today - timedelta(days=1)
        with read(stage.home.engine) as session:
            ours = session.get_one(Person, self._people["witt"]).email
            theirs = [session.get_one(Contact, number).email for number in self._contacts(PAUL, KARL)]
        drop.calendar(stage, "witt", MUSTER, day, str(ours), [str(each) for each in theirs])
        seen = Act(
            stage.clock(), self._people["witt"], "calendar", self._muster, self._contacts(PAUL, KARL), day
        )
        self._cast.diary.acts.append(seen)

    @property
    def _muster(self) -> int:
        return self._stage.accounts[MUSTER]

    def _contacts(self, *keys: str) -> tuple[int, ...]:
        return looking.contacts(self._stage, *keys)

    def _open(self, person: str | None, step: str) -> list[StoredNudge]:
        return looking.open_nudges(self._stage, step, person)

    def _in_state(self, author: str, state: PlanState) -> list[int]:
        with read(self._stage.home.engine) as session:
            return [plan.account_id for plan in self._plans(session, author) if plan.state == state]

    def _furthest(self, author: str) -> list[tuple[int, list[int]]]:
        """The account of the plan with the fewest empty sections, and these."""
        with read(self._stage.home.engine) as session:
            found = []
            for plan in self._plans(session, author):
                query = select(col(PlanSection.number)).where(
                    col(PlanSection.plan_id) == plan.id, col(PlanSection.filled_on).is_(None)
                )
                empty = sorted(session.execute(query).scalars(), key=lambda number: (number == 1, number))
                found.append((plan.account_id, empty))
        return sorted(found, key=lambda pair: len(pair[1]))[:1]

    def _plans(self, session: Session, author: str) -> list[AccountPlan]:
        query = (
            select(AccountPlan)
            .where(col(AccountPlan.author_id) == self._people[author])
            .where(col(AccountPlan.year_first) == date(2027, 1, 1))
            .order_by(col(AccountPlan.id))
        )
        return list(session.execute(query).scalars())
