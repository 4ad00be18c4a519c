"""What happens on stage in quarters, measures, requests, meetings and surveys, whatever the dice say."""

from collections.abc import Callable
from datetime import date, time

from kamflow.acts.meeting_round import Booking
from kamflow.acts.quarter import NewMeasure
from kamflow.demo import drop, looking
from kamflow.demo.answers import answer
from kamflow.demo.cast import Cast
from kamflow.demo.company.business import MISSING
from kamflow.demo.diary import Act
from kamflow.demo.stage import Stage
from kamflow.store.rows import stored

MUSTER, BRENKHOFF, RAUTENFELS, KESTRUP, ESCHENRIED, PAUSED = "K001", "K002", "K003", "K004", "K007", "K017"
COMMENT = (
    "Zwei Baureihen sind ausgelaufen, die neue startet im Oktober. Der Abstand bleibt bis zum Jahresende; der"
    " Rahmenvertrag gleicht ihn 2027 aus."
)
MEASURE = "Anlauf der neuen Baureihe mit der Konstruktion absichern"
POINTS = (
    ("raise", "Anlauf der neuen Baureihe: Muster bis November"),
    ("ask", "Wer entscheidet über die Werkstoffe?"),
    ("avoid", "Die Preiserhöhung vom Juli"),
)


class CycleScenes:
    """The scripted part of the rest of the cycle. A scene that finds nobody to play it is left out."""

    def __init__(self, stage: Stage, cast: Cast) -> None:
        self._stage, self._cast = stage, cast
        self._people = stage.people
        self._script: dict[date, list[Callable[[], object]]] = {
            date(2026, 9, 8): [self._deliver],
            date(2026, 9, 9): [self._refuse, self._arrange],
            date(2026, 9, 10): [self._bring_revenue, self._look_through_list],
            date(2026, 9, 11): [self._let_revenue_in],
            date(2026, 9, 14): [self._comment_quarter],
            date(2026, 9, 15): [self._finish_measure],
            date(2026, 9, 16): [self._move_meeting, self._put_measure_off, self._answer_badly],
            date(2026, 9, 17): [self._reply, self._answer_well],
            date(2026, 9, 18): [self._pause],
            date(2026, 9, 21): [self._release],
            date(2026, 9, 22): [self._decide_conflict],
        }

    def play(self, day: date) -> None:
        """The scenes of a day, around noon."""
        for number, scene in enumerate(self._script.get(day, ())):
            self._stage.clock.set(day, 12, 20 + 10 * number)
            scene()

    def _deliver(self) -> None:
        for row in looking.open_requests(self._stage, MUSTER, "Lieferleistung")[:1]:
            self._cast.deliver(self._people["lech"], row.account_id, stored(row.id), row.kind)

    def _refuse(self) -> None:
        for row in looking.open_requests(self._stage, BRENKHOFF, "Machbarkeitsprüfung")[:1]:
            self._cast.refuse(self._people["petzold"], row.account_id, stored(row.id), row.kind, "conflict")

    def _decide_conflict(self) -> None:
        for nudge in looking.open_nudges(self._stage, "conflict"):
            self._cast.done(nudge.owner_id, stored(nudge.id), nudge.account_id)

    def _arrange(self) -> None:
        """Aydın agrees a day with the customer: our people get an entry for their calendars."""
        if KESTRUP in self._stage.accounts:
            kam, sponsor = self._people["aydin"], self._people["kruse"]
            theirs = looking.of_account(self._stage, self._stage.accounts[KESTRUP])[:2]
            day, place = date(2026, 12, 3), "Bremerhaven"
            booking = Booking(
                self._stage.accounts[KESTRUP], day, time(10), place, persons=(kam, sponsor), contacts=theirs
            )
            self._cast.book_meeting(kam, booking)

    def _move_meeting(self) -> None:
        """The customer wants to meet almost four weeks earlier."""
        if BRENKHOFF in self._stage.accounts:
            account = self._stage.accounts[BRENKHOFF]
            self._cast.move_meeting(self._people["hollerbach"], account, date(2026, 10, 8))

    def _release(self) -> None:
        """Witt says what to raise, what to ask and what to leave alone, and lets the page go out."""
        for nudge in looking.open_nudges(self._stage, "release", "witt", MUSTER):
            for kind, text in POINTS:
                self._cast.point(nudge.owner_id, nudge.account_id or 0, kind, text)
            self._cast.release(nudge.owner_id, nudge.account_id or 0)

    def _bring_revenue(self) -> None:
        """The quarter that was missing goes into the drop folder: the night finds it."""
        if self._stage.made.late:
            drop.revenue(self._stage)
            person, account = self._people["maibach"], self._stage.accounts[MISSING]
            self._cast.diary.acts.append(Act(self._stage.clock(), person, "revenue", account))

    def _let_revenue_in(self) -> None:
        """A file so much shorter than the last one is held; operations are told, and look at it."""
        if self._stage.made.late:
            drop.let_in(self._stage)
            self._cast.diary.acts.append(Act(self._stage.clock(), self._people["hansen"], "accepted"))

    def _comment_quarter(self) -> None:
        agreed = NewMeasure(MEASURE, date(2026, 10, 30))
        for nudge in looking.open_nudges(self._stage, "comment", "kleinfeld", RAUTENFELS):
            self._cast.comment(nudge.owner_id, nudge.account_id or 0, COMMENT, agreed)

    def _finish_measure(self) -> None:
        person = self._people["witt"]
        for row in looking.open_measures(self._stage, person)[:1]:
            self._cast.finish_measure(person, row.account_id, stored(row.id))

    def _put_measure_off(self) -> None:
        person, to = self._people["hollerbach"], date(2026, 10, 15)
        for row in looking.open_measures(self._stage, person)[:1]:
            self._cast.move_measure(person, row.account_id, stored(row.id), to, "Der Kunde prüft noch")

    def _pause(self) -> None:
        """Prigge's customer is being sold: nobody shall ask anything for a while."""
        if PAUSED in self._stage.accounts:
            account, until = self._stage.accounts[PAUSED], date(2026, 10, 30)
            self._cast.pause(self._people["prigge"], account, until, "Der Kunde wird verkauft")

    def _look_through_list(self) -> None:
        """Witt strikes a name from the list of those who are asked at Eschenried."""
        for nudge in looking.open_nudges(self._stage, "list", "witt", ESCHENRIED):
            account, wave = nudge.account_id or 0, nudge.facts["wave"]
            last = nudge.facts["contacts"][-1]["contact"]
            self._cast.strike(nudge.owner_id, account, wave, last, "Geht im Oktober in Rente")
            self._cast.done(nudge.owner_id, stored(nudge.id), account)

    def _answer_badly(self) -> None:
        answer(self._stage, self._cast, ESCHENRIED, 4, "Zweimal zu spät, und niemand rief an.")

    def _answer_well(self) -> None:
        answer(self._stage, self._cast, ESCHENRIED, 9)

    def _reply(self) -> None:
        """Whoever was told of the unhappy customer rings up and says so."""
        for nudge in looking.open_nudges(self._stage, "answer", account=ESCHENRIED):
            if nudge.stage == "detractor":
                self._cast.done(nudge.owner_id, stored(nudge.id), nudge.account_id)
