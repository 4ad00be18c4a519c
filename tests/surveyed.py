"""A customer who may be asked: a company with contacts, annual meetings and surveys."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from flows.runtime import Home
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.models.nudge import StepDone
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.nudge import Silence
from kamflow.store import engine as db
from kamflow.store.registry import RULES
from tests.world import STAMP, YEAR, World

RULE = "survey_dispatch"
# M is a Tuesday; 90 working days of Bavaria before it are Tuesday 7 July. The wave is put together on
# 30 June, the KAM sees its list on 2 July.
M = date(2026, 11, 10)


@dataclass
class Surveyed(World):
    """A world whose clock stands at `at`: a night of a day is at 05:18 in Berlin."""

    at: datetime = field(default=STAMP)

    def home(self) -> Home:
        return Home(self.settings, self.policy, self.engine, lambda: self.at)

    def dispatch(self, day: date) -> list[str]:
        """One night: the effects that were new, as `name contact`."""
        known = {each.key for each in self.effects()}
        self.at = datetime(day.year, day.month, day.day, 3, 18, tzinfo=UTC)
        self.night(RULE, day)
        new = (each for each in self.effects() if each.key not in known)
        return [" ".join([each.name, *map(str, _contact(each.facts))]) for each in new]

    def contact(self, name: str, *accounts: Account, influence: int | None = 5, **more: Any) -> Contact:
        """Someone with consent and an address, in Northrhine-Westphalia, with a place at these accounts."""
        said = {"email": f"{name.lower()}@example.de", "survey_consent": "given", "country": "DE",
                "region": "NW"}  # fmt: skip
        contact = self.add(Contact(key=name.lower(), last_name=name, **said | more))
        for account in accounts:
            self.add(Place(contact_id=contact.id, account_id=account.id, influence=influence))
        return contact

    def meeting(self, account: Account, *days: date, kind: str = "strategic", **more: Any) -> AnnualMeeting:
        """The annual meeting of 2026 with a round on each of these days."""
        year = {"year_first": YEAR[0], "year_last": YEAR[1]}
        found = self.add(AnnualMeeting(account_id=account.id, kind=kind, **year | more))
        for number, day in enumerate(days, start=1):
            self.add(MeetingRound(meeting_id=found.id, number=number, day=day))
        return found

    def wave(self, account: Account, *contacts: Contact, **more: Any) -> SurveyWave:
        """A wave that lists these contacts; `invited_on` is of all of them."""
        invited_on = more.pop("invited_on", None)
        said = {"year_first": YEAR[0], "year_last": YEAR[1], "send_on": date(2026, 7, 1), "created_at": STAMP}
        wave = self.add(SurveyWave(account_id=account.id, **said | more))
        for contact in contacts:
            self.add(SurveyInvitation(wave_id=wave.id, contact_id=contact.id, invited_on=invited_on))
        return wave

    def answer(self, contact: Contact, score: int | None, day: date) -> None:
        """What a contact says at noon of a day to the wave that listed it last, or changes then."""
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        number = self.invitation(contact).id
        with db.write(self.engine) as session:
            known = session.get(SurveyAnswer, number)
            first = known.first_at if known else at
            session.merge(SurveyAnswer(invitation_id=number, score=score, first_at=first, changed_at=at))

    def change(self, row: Any, **values: Any) -> None:
        """Set columns of a row."""
        with db.write(self.engine) as session:
            session.execute(update(type(row)).where(col(type(row).id) == row.id).values(values))

    def invitation(self, contact: Contact) -> SurveyInvitation:
        """The newest of a contact."""
        row = SurveyInvitation
        query = select(row).where(col(row.contact_id) == contact.id).order_by(col(row.id).desc())
        with db.read(self.engine) as session:
            return session.execute(query.limit(1)).scalar_one()

    def leaves(self, contact: Contact, day: date) -> None:
        """A contact's places end."""
        with db.write(self.engine) as session:
            ended = update(Place).where(col(Place.contact_id) == contact.id).values(until_day=day)
            session.execute(ended)

    def cancel(self, meeting: AnnualMeeting) -> None:
        with db.write(self.engine) as session:
            rounds = update(MeetingRound).where(col(MeetingRound.meeting_id) == meeting.id)
            session.execute(rounds.values(state="cancelled"))

    def silences(self, day: date) -> list[Silence]:
        return list(RULES[RULE].silent(self.facts(RULE, day), day, self.policy))

    def word(self, step: str, day: date, person: int) -> None:
        """Somebody says that the one open step of that name is done."""
        [nudge] = [each for each in self.nudges() if each.step == step]
        self.add(StepDone(identity=nudge.identity, person_id=person, done_on=day, done_at=STAMP))

    def said(self, day: date) -> dict[int, Any]:
        """Contact -> the day on which it would be asked, or why not: (reason, until)."""
        facts = self.facts(RULE, day)
        found: dict[int, Any] = {}
        for silence in RULES[RULE].silent(facts, day, self.policy):
            if "contact" in silence.figures:
                found.setdefault(silence.figures["contact"], (silence.reason, silence.until))
        for effect in RULES[RULE].decide(facts, day, self.policy).effects:
            for each in effect.facts.get("contacts", [effect.facts]):
                found[each["contact"]] = date.fromisoformat(each.get("day") or each["on"])
        return found


def _contact(facts: Any) -> list[int]:
    return [facts["contact"]] if "contact" in facts else [each["contact"] for each in facts["contacts"]]
