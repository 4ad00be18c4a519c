"""What the forms of a nudge's page offer: days, people of both sides, the Soll that are behind."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import fulfil, rights, survey
from kamflow.errors import NotAllowed
from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.store import nudge_choices, teams
from kamflow.store.nudge_choices import Cell, Choice
from kamflow.web.by_link import Holder
from kamflow.web.nudge_links.sight import Seen
from kamflow.web.site import Site
from notifications.render import offers
from notifications.why_words import words_of

KINDS = ("visit", "call", "video", "mail", "event")
A_DAY = timedelta(days=1)
BOOKED_AHEAD = 366  # days: nobody books further off by mistake


@dataclass(frozen=True)
class Days:
    """The first and the last that may be chosen, and the one that stands there already."""

    first: date
    last: date
    chosen: date


@dataclass(frozen=True)
class Choices:
    """Empty where an act is not offered. `snooze` None: it cannot be put off any more.

    `deed`: Done is the fact itself; `by_word`: Done closes it; else it is silent until `quiet_until`, and
    `closes` says what closes it.
    """

    acts: tuple[str, ...]
    done_word: str
    deed: bool
    by_word: bool
    closes: str
    quiet_until: date
    snooze: Days | None
    held: Days
    booked: Days
    takers: tuple[Choice, ...] = ()
    ours: tuple[Choice, ...] = ()
    asked: tuple[Choice, ...] = ()
    others: tuple[Choice, ...] = ()
    cells: tuple[Cell, ...] = ()
    listed: tuple[Choice, ...] = ()


def of(session: Session, site: Site, holder: Holder, seen: Seen | None) -> Choices | None:
    """The choices of a nudge for its reader; None where it is closed, or not theirs."""
    if seen is None or seen.view is None:
        return None
    row, view = seen.row, seen.view
    listed = tuple(_listed(session, row, holder))
    acts: tuple[str, ...] = (*offers.acts(view), *(("strike",) if listed else ()))
    asked_person = row.assignee_id or row.owner_id
    calendar = days.calendar(session, asked_person, holder.today, site.settings.company)
    next_day = calendar.add(holder.today, 1)
    cadence = site.policy.cadence
    contacts = _contacts(session, row, holder.today) if "contact" in acts else ()
    own = {each["contact"] for each in row.facts.get("cells", ())}
    return Choices(
        acts=acts,
        done_word=offers.done_word(view, holder.language),
        deed=fulfil.is_deed(row.rule, row.step),
        by_word=row.closes_by == "word",
        closes=_closes(row, holder.language),
        quiet_until=calendar.add(holder.today, cadence.silence_after_done),
        snooze=_until(holder.today, next_day, calendar.add(row.due_on, cadence.snooze_past_due)),
        held=Days(holder.today - timedelta(days=BOOKED_AHEAD), holder.today, holder.today),
        booked=Days(holder.today + A_DAY, holder.today + timedelta(days=BOOKED_AHEAD), next_day),
        takers=tuple(nudge_choices.takers(session, row, holder.today)) if "hand_over" in acts else (),
        ours=tuple(_ours(session, row, holder)) if "contact" in acts else (),
        asked=tuple(each for each in contacts if each.id in own),
        others=tuple(each for each in contacts if each.id not in own),
        cells=tuple(nudge_choices.cells(session, row, holder.today)) if "too_much" in acts else (),
        listed=listed,
    )


def _until(today: date, next_day: date, latest: date) -> Days | None:
    if latest <= today:
        return None
    return Days(today + A_DAY, latest, min(next_day, latest))


def _closes(row: StoredNudge, language: str) -> str:
    """What closes it, as `kamflow why` says it; a sentence without its end."""
    words, closes = words_of(language), str(row.why.get("closes", ""))
    return words.get(f"until {closes}") or words.get(closes, words["facts"])


def _contacts(session: Session, row: StoredNudge, day: date) -> tuple[Choice, ...]:
    if row.account_id is None:
        return ()
    first = [each["contact"] for each in row.facts.get("cells", ())]
    return tuple(nudge_choices.contacts(session, row.account_id, first, day))


def _listed(session: Session, row: StoredNudge, holder: Holder) -> list[Choice]:
    """The names on a survey's list, for who may strike them."""
    if row.account_id is None or row.rule != survey.RULE:
        return []
    account = session.get_one(Account, row.account_id)
    try:
        rights.for_kam(session, holder.person, account, survey.RULE, "strike a name", holder.today)
    except NotAllowed:
        return []
    return nudge_choices.on_list(session, row, holder.today)


def _ours(session: Session, row: StoredNudge, holder: Holder) -> list[Choice]:
    """Who may have been there: first whose contact is missing (a deputy logs theirs), then the reader and
    the customer's team. Where any contact will do, the reader comes first."""
    team = teams.team(session, row.account_id, holder.today) if row.account_id is not None else {}
    missing = row.owner_id if row.facts.get("cells") else holder.person
    order = (missing, holder.person, row.owner_id, *team)
    return nudge_choices.people(session, order, holder.today)
