"""Why nothing is said to a person: every rule that looked and stays silent, and what holds back telling.

A silence carries its figures with date and source and, where the rule knows it, the day on which it would
speak. What is open already has its reasons in the cadence: put off, told, away, not the day of the digest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.nudge import Nudge, Silence
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import concerned, contacts, data_age, names, own_policy, people, starting, tellings
from kamflow.store.names import Names
from kamflow.store.people import Member, People
from kamflow.store.registry import RULES
from kamflow.store.run import Accounts, Run
from kamflow.store.tellings import OpenNudge
from notifications.cadence.paused import Paused, old_ones
from notifications.held_back import telling

_AROUND = timedelta(days=120)


@dataclass(frozen=True)
class Kept:
    """A silence of a rule about an account or a contact. `who`: the KAM whose business it is instead."""

    rule: str
    reason: str
    account: int | None
    contact: int | None
    figures: Mapping[str, Any]
    until: date | None
    as_of: date | None = None
    source: str | None = None
    who: int | None = None


@dataclass(frozen=True)
class Held:
    """An open nudge and why it is not told today: a code and its days."""

    nudge: int
    rule: str
    account: int | None
    due_on: date
    reason: str
    days: Mapping[str, date | None] = field(default_factory=dict)


@dataclass(frozen=True)
class NotTold:
    """The whole answer. `telling` are codes with figures that hold for everything about the person."""

    person: int
    today: date
    silences: tuple[Kept, ...]
    open: tuple[Held, ...]
    telling: tuple[tuple[str, Mapping[str, Any]], ...]
    names: Names


@dataclass(frozen=True)
class Asked:
    """About whom is asked: a person, and perhaps one account or one contact."""

    person: int
    account: int | None = None
    contact: int | None = None


def look(session: Session, asked: Asked, now: datetime, settings: Settings, policy: Policy) -> NotTold:
    """Ask every rule, and the cadence, as of now."""
    company = settings.company
    day = now.astimezone(UTC).date()
    everybody = people.load(session, company, day - _AROUND, day + _AROUND)
    member = everybody[asked.person]
    today = now.astimezone(member.zone).date()
    accounts = concerned.accounts(session, asked.person, asked.account, asked.contact, today)
    day_here = now.astimezone(ZoneInfo(company.zone)).date()
    paused = Paused(old_ones(data_age.ages(session, day_here, company.zone)))
    held = tuple(_open(session, asked, everybody, accounts, today, policy, paused))
    kept = list(_silences(session, asked, accounts, now, today, settings, policy))
    kept += _nothing_known(asked, [*kept, *held])
    held_back = tuple(telling(session, member, accounts, now, settings, policy))
    return NotTold(
        asked.person, today, tuple(kept), held, held_back, _names(session, asked, kept, held, held_back)
    )


def _silences(
    session: Session,
    asked: Asked,
    accounts: Accounts,
    now: datetime,
    today: date,
    settings: Settings,
    policy: Policy,
) -> Iterator[Kept]:
    newest = contacts.newest_interactions(session, accounts, today)
    kams = contacts.accounts_kams(session, accounts, today)
    policy = own_policy.load(session, policy, today, accounts)
    for name, rule in RULES.items():
        live = settings.delivery.mode == "live"
        run = Run(session, name, today, now, policy, settings.company, live=live)
        waiting = starting.waiting(run, accounts)
        yield from _not_begun(name, waiting, asked, policy, today)
        facts = rule.query(run, accounts - waiting)
        early = starting.before(run, rule.decide(facts, today, policy)).values()
        yield from _too_early(early, asked)
        for silence in rule.silent(facts, today, policy):
            ids = _ids(silence.subject)
            if not _about(silence, ids, asked, accounts):
                continue
            on, source = newest.get(silence.account or 0, (None, None))
            contact = _contact(silence, ids)
            # Who else works for an account: what is asked of its KAM is not theirs.
            kam = kams.get(silence.account or 0)
            other = kam if "person" not in ids and kam not in (None, asked.person) else None
            figures, until = silence.figures, silence.until
            if name != "contact_shortfall":
                on, source = None, None
            yield Kept(name, silence.reason, silence.account, contact, figures, until, on, source, other)


def _not_begun(rule: str, waiting: Accounts, asked: Asked, policy: Policy, today: date) -> Iterator[Kept]:
    """Accounts about which nothing is decided yet."""
    live = starting.live(policy.starting, today)
    reason, until = ("not_in_pilot", None) if live else ("not_live", policy.starting.go_live)
    for account in sorted(waiting):
        yield Kept(rule, reason, account, asked.contact, {}, until)


def _too_early(early: Iterable[Nudge], asked: Asked) -> Iterator[Kept]:
    """What would be asked of the person, had it not fallen due before the start."""
    for nudge in early:
        contact = nudge.facts.get("contact")
        if nudge.owner == asked.person and asked.contact in (None, contact):
            figures = {"step": nudge.step, "due": nudge.due_on.isoformat()}
            yield Kept(nudge.rule, "before_go_live", nudge.account, contact, figures, None)


def _nothing_known(asked: Asked, said: Iterable[Kept | Held]) -> Iterator[Kept]:
    """The rules that had nothing about the one account or contact that is asked about."""
    heard = {each.rule for each in said}
    if asked.account is not None or asked.contact is not None:
        for name in RULES:
            if name not in heard:
                yield Kept(name, "nothing_known", asked.account, asked.contact, {}, None)


def _ids(subject: str) -> dict[str, int]:
    pairs = (part.partition(".") for part in subject.split("+"))
    return {kind: int(number) for kind, _, number in pairs}


def _about(silence: Silence, ids: Mapping[str, int], asked: Asked, accounts: Accounts) -> bool:
    if silence.account not in accounts or ids.get("person", asked.person) != asked.person:
        return False
    return asked.contact is None or _contact(silence, ids) == asked.contact


def _contact(silence: Silence, ids: Mapping[str, int]) -> int | None:
    return ids.get("contact", silence.figures.get("contact"))


def _open(
    session: Session,
    asked: Asked,
    everybody: People,
    accounts: Accounts,
    today: date,
    policy: Policy,
    paused: Paused,
) -> Iterator[Held]:
    """The person's open nudges about these accounts."""
    about = concerned.nudges(session, asked.person, accounts, asked.contact)
    known = {each.id: each for each in tellings.open_nudges(session, everybody.members)}
    for number, account in about:
        nudge = known.get(number)
        if nudge is not None:
            reason, days = _reason(nudge, everybody[asked.person], today, policy, paused)
            yield Held(number, nudge.rule, account, nudge.due_on, reason, days)


def _reason(
    nudge: OpenNudge, member: Member, today: date, policy: Policy, paused: Paused
) -> tuple[str, dict[str, date | None]]:
    """Why the person is not told of this one today."""
    if nudge.responsible != member.id:
        return "handed_over", {}
    for reason, until in (("snoozed", nudge.snoozed_until), ("quiet_until", nudge.quiet_until)):
        if until is not None and until > today:
            return reason, {"day": until}
    if paused.holds(nudge):
        return "data_old", {"day": min(each.day for each in paused.why([nudge.rule]))}
    told = [each for each in nudge.told if each.person == member.id and each.reason != "ladder"]
    told = [each for each in told if not each.lost]
    if not told or told[-1].stage != nudge.stage:
        return ("urgent" if nudge.urgency == "now" else "waits"), {}
    again = _again(nudge, [each.on for each in told if each.on >= nudge.due_on], member, today, policy)
    last = told[-1].on
    return ("told_out", {"day": last}) if again is None else ("told_next", {"day": last, "next": again})


def _again(
    nudge: OpenNudge, since_due: list[date], member: Member, today: date, policy: Policy
) -> date | None:
    """The day on which what was told is told again: its due date, then every few working days, twice."""
    if not since_due:
        return member.calendar.on_or_after(max(nudge.due_on, today))
    if len(since_due) > policy.cadence.repeats:
        return None
    return max(today, member.calendar.add(since_due[-1], policy.cadence.repeat_every))


def _names(
    session: Session,
    asked: Asked,
    kept: Iterable[Kept],
    held: Iterable[Held],
    telling: Iterable[tuple[str, Mapping[str, Any]]],
) -> Names:
    kept = list(kept)
    paused = {figures["account"] for _, figures in telling if "account" in figures}
    return names.load(
        session,
        persons={asked.person, *(each.who for each in kept if each.who is not None)},
        contacts={each.contact for each in kept if each.contact is not None},
        accounts={each.account for each in (*kept, *held) if each.account is not None} | paused,
    )
