"""What a form of a nudge's page does: each through the act that the command line uses too."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from kamflow.acts import fulfil, survey, target
from kamflow.acts import hand_over as handing
from kamflow.acts import log as logging
from kamflow.acts import snooze as snoozing
from kamflow.acts.acting import Acting
from kamflow.acts.log import Entry
from kamflow.acts.target import MOST, Wanted
from kamflow.errors import InputError
from kamflow.models.contact import ContactTarget
from kamflow.policy import Policy
from kamflow.store.nudge_choices import Choice
from kamflow.web.nudge_links.choices import KINDS, Choices, Days
from kamflow.web.nudge_links.sight import Seen

LONGEST = 300  # characters of a reason
Fields = Mapping[str, list[str]]


class Wrong(Exception):
    """Something typed cannot be used; `what` as templates/nudge_page words it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what: str = what


@dataclass(frozen=True)
class Deed:
    """One form that was sent."""

    desk: Acting
    policy: Policy
    seen: Seen
    choices: Choices
    fields: Fields

    @property
    def nudge(self) -> int:
        return self.seen.row.id or 0

    def one(self, name: str) -> str:
        return (self.fields.get(name) or [""])[0]

    def day(self, name: str, days: Days | None) -> date:
        try:
            day = date.fromisoformat(self.one(name))
        except ValueError:
            raise Wrong("day") from None
        if days is None or not days.first <= day <= days.last:
            raise Wrong("day")
        return day

    def chosen(self, name: str, offered: Collection[Choice]) -> list[int]:
        """The ids that were ticked, of those that were offered."""
        known = {str(each.id): each.id for each in offered}
        return [known[text] for text in self.fields.get(name, ()) if text in known]


def done(deed: Deed) -> str:
    """Done, in whatever way this nudge is."""
    said = fulfil.fulfil(deed.desk, deed.nudge, deed.policy, glass=deed.seen.glass)
    return {"closed": "done", "quiet": "quiet"}.get(said.state, "already")


def snooze(deed: Deed) -> str:
    until = deed.day("until", deed.choices.snooze)
    desk, glass = deed.desk, deed.seen.glass
    try:
        snoozing.snooze(
            desk.session, desk.actor, deed.nudge, until, desk.now, deed.policy, desk.company, glass=glass
        )
    except InputError as error:
        raise Wrong("day") from error
    return "snoozed"


def hand_over(deed: Deed) -> str:
    to = deed.chosen("to", deed.choices.takers)
    if not to:
        raise Wrong("taker")
    desk, glass = deed.desk, deed.seen.glass
    try:
        handing.hand_over(desk.session, desk.actor, deed.nudge, to[0], desk.now, desk.company, glass=glass)
    except InputError as error:
        raise Wrong("cannot") from error
    return "handed-over"


def contact(deed: Deed) -> str:
    return _log(deed, deed.day("day", deed.choices.held), "held", "logged")


def book(deed: Deed) -> str:
    return _log(deed, deed.day("day", deed.choices.booked), "booked", "booked")


def too_much(deed: Deed) -> str:
    """Another Soll for each cell whose number was changed."""
    changed = 0
    for cell in deed.choices.cells:
        typed = deed.one(f"soll-{cell.target}")
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 4 and int(typed) <= MOST):
            raise Wrong("number")
        row = deed.desk.session.get_one(ContactTarget, cell.target)
        period = f"{row.period_first}..{row.period_last}"
        account = deed.seen.row.account_id
        wanted = Wanted(row.person_id, cell.contact, int(typed), period, account=account)
        changed += target.set_target(deed.desk, wanted).state != "already"
    return "lowered" if changed else "kept"


def strike(deed: Deed) -> str:
    """Take a name off the list of a survey, with the reason."""
    facts, contact = deed.seen.row.facts, deed.chosen("contact", deed.choices.listed)
    if not contact and deed.one("contact") in {str(each["contact"]) for each in facts["contacts"]}:
        return "already"
    reason = deed.one("reason").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    if not contact or not 0 < len(reason) <= LONGEST:
        raise Wrong("reason")
    try:
        said = survey.strike(deed.desk, facts["wave"], contact[0], reason)
    except InputError as error:
        raise Wrong("too_late") from error
    return said.state


def _log(deed: Deed, day: date, state: str, said: str) -> str:
    choices, desk = deed.choices, deed.desk
    contacts = deed.chosen("contact", (*choices.asked, *choices.others))
    ours = deed.chosen("person", choices.ours)
    kind = deed.one("kind")
    if not contacts or not ours:
        raise Wrong("nobody")
    if kind not in KINDS:
        raise Wrong("kind")
    entry = Entry(ours, contacts, day, kind, state, deed.seen.row.account_id)
    receipts = logging.log(desk.session, desk.actor, entry, desk.now, desk.company)
    return "already-logged" if all(each.said.startswith("already") for each in receipts) else said


DEEDS: Mapping[str, Callable[[Deed], str]] = {
    "done": done,
    "snooze": snooze,
    "hand-over": hand_over,
    "contact": contact,
    "book": book,
    "too-much": too_much,
    "strike": strike,
}
