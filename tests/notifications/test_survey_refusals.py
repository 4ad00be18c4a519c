"""Why a contact is not asked, in the words in which `kamflow why-not` says it to the KAM, German and English.

Each case is a customer of its own with one contact, and what speaks against asking that contact.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine

from kamflow.acts import survey as surveys
from kamflow.acts.acting import Acting
from kamflow.acts.survey_objection import object_to_surveys
from kamflow.models.account import Account, AccountClosing, Pause
from kamflow.models.contact import Contact
from kamflow.models.meeting import AnnualMeeting
from kamflow.models.person import Person
from kamflow.models.survey import SurveyWave
from kamflow.models.training import Complaint
from kamflow.store import engine as db
from kamflow.store.rows import stored
from notifications import why_not, why_not_text
from tests.surveyed import M, Surveyed
from tests.world import STAMP

# The wave is put together, sent, and reminds.
PREPARED, SENT, REMINDS = date(2026, 6, 30), date(2026, 7, 7), date(2026, 7, 14)
LAST_YEAR = {"year_first": date(2025, 1, 1), "year_last": date(2025, 12, 31)}


@dataclass
class Case:
    """A contact at a key account whose survey is due, and at another account that has none."""

    world: Surveyed
    witt: Person
    name: str
    account: Account = field(init=False)
    other: Account = field(init=False)
    meeting: AnnualMeeting = field(init=False)
    contact: Contact = field(init=False)

    def __post_init__(self) -> None:
        self.account = self.world.account(f"{self.name} AG", self.witt, account_class="key")
        self.other = self.world.account(f"{self.name} GmbH", account_class="B")
        self.meeting = self.world.meeting(self.account, M)
        self.contact = self.world.contact(self.name, self.account, self.other)

    def change(self, **values: Any) -> None:
        self.world.change(self.contact, **values)

    def listed(self, **more: Any) -> SurveyWave:
        return self.world.wave(self.account, self.contact, send_on=SENT, **more)

    def act(self, day: date, act: Callable[[Acting], object]) -> None:
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
        with db.write(self.world.engine) as session:
            act(Acting(session, self.witt.id, at, self.world.settings.company))


def objects_on_the_page(case: Case) -> None:
    case.listed(invited_on=date(2025, 7, 1), **LAST_YEAR)
    asked = stored(case.world.invitation(case.contact).id)
    case.act(date(2025, 7, 2), lambda desk: object_to_surveys(desk, asked, "Bitte nicht mehr fragen"))


def strikes_the_name(case: Case) -> None:
    wave, contact = stored(case.listed().id), stored(case.contact.id)
    case.act(date(2026, 7, 3), lambda desk: surveys.strike(desk, wave, contact, "gerade erst gesprochen"))


def answers_elsewhere(case: Case) -> None:
    case.world.wave(case.account, case.contact, source="survey tool", imported=True)
    case.world.answer(case.contact, 7, date(2026, 4, 14))


def complains(case: Case, account: Account) -> None:
    case.world.add(Complaint(account_id=account.id, subject="late", opened_on=date(2026, 6, 1)))


def pauses(case: Case) -> None:
    case.world.add(Pause(account_id=case.account.id, until_day=M, reason="merger", paused_at=STAMP))


def has_weightier_colleagues(case: Case) -> None:
    for number in range(5):
        case.world.contact(f"{case.name} {number}", case.account, influence=9)


def shares_a_mailbox(case: Case) -> None:
    case.world.contact(f"{case.name} 2", case.account, influence=9, email=f"{case.contact.email} ".upper())


def closes_for_the_summer(case: Case) -> None:
    case.listed()
    span = {"from_day": date(2026, 7, 6), "until_day": date(2026, 10, 30)}
    case.world.add(AccountClosing(account_id=case.account.id, **span))


# What happened, the day of the question, and the answer in German and English.
CASES: dict[str, tuple[Callable[[Case], Any], date, str, str]] = {
    "no consent": (
        lambda c: c.change(survey_consent=None),
        PREPARED, "es gibt keine Einwilligung", "there is no consent"),
    "objection": (
        lambda c: c.change(survey_consent="objected", consent_on=date(2025, 3, 1)),
        PREPARED, "der Kontakt hat widersprochen", "the contact has objected"),
    "objection on the page": (
        objects_on_the_page,
        PREPARED, "der Kontakt hat widersprochen", "the contact has objected"),
    "objection after the mail": (
        lambda c: (c.listed(invited_on=SENT), c.change(survey_consent="objected")),
        REMINDS, "der Kontakt hat widersprochen", "the contact has objected"),
    "relationship without notice": (
        lambda c: c.change(survey_consent="relationship"),
        PREPARED, "der Hinweis auf das Widerspruchsrecht ist nicht belegt",
        "the notice of the right to object is not on record"),
    "asked in spring": (
        lambda c: c.world.wave(c.other, c.contact, invited_on=date(2026, 4, 14)),
        PREPARED, "der Kontakt wurde vor Kurzem befragt; würde sprechen am 11. Oktober 2026",
        "the contact was asked lately; would speak on 11 October 2026"),
    "answered elsewhere": (
        answers_elsewhere,
        PREPARED, "der Kontakt wurde vor Kurzem befragt; würde sprechen am 11. Oktober 2026",
        "the contact was asked lately; would speak on 11 October 2026"),
    "negotiation not agreed": (
        lambda c: c.world.meeting(c.other, date(2026, 5, 5), kind="negotiation"),
        PREPARED, "es wird verhandelt", "negotiations are under way"),
    "negotiation ahead": (
        lambda c: c.world.meeting(c.other, date(2026, 8, 4), kind="negotiation"),
        PREPARED, "es wird verhandelt", "negotiations are under way"),
    "complaint": (
        lambda c: complains(c, c.account),
        PREPARED, "eine Reklamation ist offen", "a complaint is open"),
    "complaint at another account": (
        lambda c: complains(c, c.other),
        PREPARED, "eine Reklamation ist offen", "a complaint is open"),
    "pause": (pauses, PREPARED, "der Kunde ist pausiert", "the account is paused"),
    "account closed": (
        lambda c: (c.listed(invited_on=SENT), c.world.change(c.account, closed_on=date(2026, 7, 8))),
        REMINDS, "der Kunde ist geschlossen", "the account is closed"),
    "contact gone": (
        lambda c: (c.listed(), c.world.leaves(c.contact, date(2026, 7, 6))),
        SENT, "jemand von beiden ist nicht mehr da", "one of the two is no longer there"),
    "no address": (
        lambda c: c.change(email=None),
        PREPARED, "es gibt keine Adresse, die erreicht wird", "there is no address that works"),
    "address that bounced": (
        lambda c: c.change(unreachable_on=date(2026, 5, 4)),
        PREPARED, "es gibt keine Adresse, die erreicht wird", "there is no address that works"),
    "name struck": (
        strikes_the_name,
        SENT, "der KAM hat den Namen gestrichen", "the KAM struck the name"),
    "called off": (
        lambda c: c.listed(stopped_on=date(2026, 7, 3)),
        SENT, "die Umfrage ist angehalten", "the survey was stopped"),
    "two accounts": (
        lambda c: c.world.wave(c.other, c.contact),
        PREPARED, "der Kontakt steht in einer anderen Umfrage", "the contact is in another survey"),
    "two entries of one address": (
        shares_a_mailbox,
        PREPARED, "jemand anderes mit derselben Adresse wird gefragt",
        "another one with the same address is asked"),
    "five others": (
        has_weightier_colleagues,
        PREPARED, "andere haben mehr Einfluss, und die Liste ist voll",
        "others weigh more, and the list is full"),
    "school holidays": (
        lambda c: (c.change(region="ST"), c.listed()),
        SENT, "es ist noch nicht so weit; würde sprechen am 18. August 2026",
        "it is not time yet; would speak on 18 August 2026"),
    "weekday": (
        lambda c: c.listed(),
        date(2026, 7, 3), "es ist noch nicht so weit; würde sprechen am 7. Juli 2026",
        "it is not time yet; would speak on 7 July 2026"),
    "closed all summer": (
        closes_for_the_summer,
        SENT, "die Zeit für die Umfrage ist vorbei", "the time for the survey has passed"),
    "meeting cancelled": (
        lambda c: (c.listed(), c.world.cancel(c.meeting)),
        SENT, "es gibt kein Jahresgespräch", "there is no annual meeting"),
}  # fmt: skip


def said(world: Surveyed, witt: Person, day: date) -> dict[tuple[str, str], list[str]]:
    """Language and contact -> what `kamflow why-not witt` says of asking them, without the year."""
    now = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    with db.read(world.engine) as session:
        answer = why_not.look(session, why_not.Asked(stored(witt.id)), now, world.settings, world.policy)
    found: dict[tuple[str, str], list[str]] = {}
    for language, rule, year in (("de_DE", "Umfrage", "(Jahr"), ("en_GB", "survey", "(year")):
        for line in why_not_text.text(answer, language):
            head, _, why = (
                line.replace("\N{NO-BREAK SPACE}", " ").strip().removeprefix(f"{rule}: ").partition(": ")
            )
            text = "".join(
                part.partition(")")[2] if at else part.strip() for at, part in enumerate(why.split(year))
            )
            found.setdefault((language, head.removeprefix(f"{head.partition(', ')[0]}, ")), []).append(text)
    return found


def test_every_refusal_is_said_in_words(sqlite_engine: Engine) -> None:
    world = Surveyed(sqlite_engine)
    witt = world.person("Witt")
    for name, (happens, *_) in CASES.items():
        happens(Case(world, witt, name))
    lines = {day: said(world, witt, day) for day in {day for _, day, *_ in CASES.values()}}
    missing = [
        (name, text, lines[day].get((language, name)))
        for name, (_, day, german, english) in CASES.items()
        for language, text in (("de_DE", german), ("en_GB", english))
        if text not in lines[day].get((language, name), ())
    ]

    assert missing == []
    assert len(CASES) >= 20
