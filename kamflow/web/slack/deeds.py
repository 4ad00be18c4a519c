"""What a click does, in one transaction, and what is said of it.

Every act asks for the right itself; what it refuses is said in the reader's words, without a name.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import structlog
from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import done as finishing
from kamflow.acts import fulfil as fulfilling
from kamflow.acts import hand_over as handing
from kamflow.acts import log as logging
from kamflow.acts import rights
from kamflow.acts import snooze as snoozing
from kamflow.acts import target as targeting
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.web.site import Site
from kamflow.web.slack.member import Member

VIA = "slack"
log = structlog.get_logger()


@dataclass(frozen=True)
class Said:
    """What became of it. `line` takes the place of the nudge's row, `whisper` is for whoever acted, `errors`
    stand in the modal by the field they are about. `changed`: something is different now."""

    line: str | None = None
    whisper: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    changed: bool = False


class Not(Exception):
    """It cannot be done; `words` say why, `at` is the field they belong to."""

    def __init__(self, words: str, at: str = "", line: str | None = None) -> None:
        super().__init__(words)
        self.words, self.at, self.line = words, at, line


def refused(site: Site, me: Member, doing: Callable[..., Said], *arguments: object) -> Said:
    """Do something; what it refuses becomes words."""
    try:
        return doing(site, me, *arguments)
    except Not as no:
        return Said(no.line, None if no.at else no.words, {no.at: no.words} if no.at else {})
    except NotAllowed:
        log.warning("slack.not_allowed", person=me.person, act=doing.__name__)
        return Said(whisper=me.words.answer("not_yours"))
    except NotFound:
        return Said(whisper=me.words.answer("gone"))
    except InputError:
        log.warning("slack.not_possible", person=me.person, act=doing.__name__)
        return Said(whisper=me.words.answer("not_possible"))


def done(site: Site, me: Member, nudge: int) -> Said:
    """Say that it is done (read, replied …)."""
    with _open(site, me, nudge, "say that it is done") as (desk, row):
        if row.rule == "contact_shortfall":
            raise Not(me.words("contacts_only"))
        said = fulfilling.fulfil(desk, nudge, site.policy)
    if said.state == "already":
        return Said(me.line("already"), me.words.answer("already"))
    back = me.formats.day(said.until) if said.until else ""
    return Said(me.line("quiet" if said.until else "done", back), changed=True)


def snooze(site: Site, me: Member, nudge: int, until: date | None) -> Said:
    """Put it off until a day."""
    if until is None:
        raise Not(me.words.answer("day_needed"), "day")
    with _open(site, me, nudge, "snooze it") as (desk, row):
        if until <= desk.today:
            raise Not(me.words.answer("day_past"), "day")
        asked, company = row.assignee_id or row.owner_id, site.settings.company
        calendar = days.calendar(desk.session, asked, row.due_on, company)
        latest = calendar.add(row.due_on, site.policy.cadence.snooze_past_due)
        reads = me.person in rights.sees(desk.session, row)
        if until > latest and reads:
            late = latest <= desk.today
            words = me.words("no_more_snooze") if late else me.words("too_late", me.formats.day(latest))
            raise Not(words, "day")
        said = snoozing.snooze(desk.session, me.person, nudge, until, desk.now, site.policy, company)
    line = me.line("snooze", me.formats.day(until))
    return Said(line, me.words.answer("already") if said.state == "already" else None, changed=True)


def hand_over(site: Site, me: Member, nudge: int, to: int | None) -> Said:
    """Give it to somebody else."""
    if to is None:
        raise Not(me.words.answer("no_person"), "to")
    with _open(site, me, nudge, "hand it over") as (desk, _):
        try:
            said = handing.hand_over(desk.session, me.person, nudge, to, desk.now, site.settings.company)
        except InputError as error:
            raise Not(me.words.answer("no_person"), "to") from error
        name = desk.session.get_one(Person, to).name
    line = me.line("hand_over", name)
    return Said(line, me.words.answer("already") if said.state == "already" else None, changed=True)


def contact(
    site: Site,
    me: Member,
    nudge: int | None,
    contacts: Sequence[int],
    day: date | None = None,
    kind: str = "visit",
    account: int | None = None,
) -> Said:
    """Log or book a contact: of the nudge's owner where it is about a nudge, else one's own."""
    if not contacts:
        raise Not(me.words.answer("no_contacts"), "contacts")
    if nudge is None:
        with site.acting(me.person, VIA) as desk:
            return _logged(site, me, desk, logging.Entry([me.person], contacts, day, kind, account=account))
    with _open(site, me, nudge, "log its contacts") as (desk, row):
        where = account or row.account_id
        return _logged(site, me, desk, logging.Entry([row.owner_id], contacts, day, kind, account=where))


def targets(site: Site, me: Member, nudge: int, wanted: dict[int, int]) -> Said:
    """Lower (or raise) the Soll of cells of a nudge: contact target -> contacts per period."""
    with _open(site, me, nudge, "change its targets") as (desk, row):
        known = {cell["target"] for cell in row.facts.get("cells", ())}
        states = [_set(desk, row, number, soll) for number, soll in wanted.items() if number in known]
    if all(state == "already" for state in states):
        return Said(whisper=me.words.answer("already"))
    return Said(me.line("too_much"), changed=True)


def _set(desk: Acting, row: StoredNudge, number: int, soll: int) -> str:
    target = desk.session.get_one(ContactTarget, number)
    place = desk.session.get_one(Place, target.place_id)
    period = f"{target.period_first}..{target.period_last}"
    wanted = targeting.Wanted(row.owner_id, place.contact_id, soll, period, account=place.account_id)
    return targeting.set_target(desk, wanted).state


def _logged(site: Site, me: Member, desk: Acting, entry: logging.Entry) -> Said:
    receipts = logging.log(desk.session, me.person, entry, desk.now, site.settings.company)
    booked = entry.day is not None and entry.day > desk.today
    line = me.line("book" if booked else "contact", me.formats.day(entry.day) if entry.day else "")
    new = [each for each in receipts if not each.said.startswith("already")]
    if not new:
        return Said(line, me.words.answer("already"))
    return Said(line, changed=True)


@contextmanager
def _open(site: Site, me: Member, nudge: int, act: str) -> Iterator[tuple[Acting, StoredNudge]]:
    """A transaction with a nudge that is one's own and still open."""
    with site.acting(me.person, VIA) as desk:
        row = finishing.held(desk.session, nudge)
        rights.for_nudge(desk.session, me.person, row, act, desk.today)
        if row.closed_at is not None:
            raise Not(me.words.answer("already"), line=me.line("already"))
        yield desk, row


def shown(session: Session, me: Member, nudge: int, act: str) -> StoredNudge:
    """A nudge that is one's own and still open, to be looked at.

    Raises:
        Not, NotAllowed, NotFound: as `refused` says it.
    """
    row = session.get(StoredNudge, nudge)
    if row is None:
        raise NotFound(f"no nudge {nudge}")
    rights.for_nudge(session, me.person, row, act, me.today)
    if row.closed_at is not None:
        raise Not(me.words.answer("already"), line=me.line("already"))
    return row
