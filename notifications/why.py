"""Why a nudge is there: its rule, the figures with date and source, what closes it, who was told.

The rule's own words are those of its message; what stands around them is here, in both languages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from kamflow.models.nudge import StoredNudge
from kamflow.settings import Settings
from kamflow.store import told
from kamflow.store.told import Told
from notifications import views
from notifications.outbox import Claimed
from notifications.render.formats import Formats, locale_of
from notifications.render.item import Item, Letter
from notifications.render.letter import letter
from notifications.render.view import ItemView, NudgesView, NudgeView, PersonView

_GERMAN = {
    "rule": "Regel",
    "threshold": "Schwelle",
    "since": "seit {since}, fällig am {due}",
    "figures": "Zahlen",
    "why": "Warum",
    "closes": "Erledigt, sobald",
    "next": "Wie es weitergeht",
    "told": "Gesagt wurde es",
    "nobody": "noch niemandem",
    "telling": "{day}: {person}, {number}. Mal ({reason}), per {channel}, {state}",
    "closed": "geschlossen am {day} ({how})",
    "silent": "still bis {day}",
    "contact": "ein Kontakt eingetragen oder gebucht ist",
    "submitted": "der Plan abgegeben ist",
    "step": "die Abschnitte gefüllt sind oder der Schritt als erledigt gemeldet ist",
    "decided": "der Plan freigegeben oder zurückgegeben ist",
    "word": "es jemand als erledigt meldet",
    "facts": "die Daten es zeigen",
    "opened": "neu",
    "stage": "geändert",
    "due": "fällig",
    "overdue": "überfällig",
    "back": "wieder da",
    "ladder": "zur Kenntnis",
    "email": "E-Mail",
    "slack": "Slack",
    "waiting": "wartet",
    "sending": "wird gesendet",
    "sent": "gesendet",
    "retrying": "wird noch einmal versucht",
    "ambiguous": "ungewiss",
    "failed": "nicht zustellbar",
    "cancelled": "nicht gesendet",
    "done": "erledigt",
    "lapsed": "Zeitraum vorbei",
    "paused": "pausiert",
    "account closed": "Kunde geschlossen",
    "by pace": "hinter dem gleichmäßigen Tempo",
    "by latest_start": "spätester Beginn erreicht",
    "by both": "hinter dem Tempo und spätester Beginn erreicht",
    "by no_data": "kein Kontakt in den Daten",
    "by hand_in": "Abgabe vor dem Geschäftsjahr (Kalendertage)",
    "by milestone": "Meilenstein des Plans (Schritte)",
    "by approval": "Frist für die Freigabe (Arbeitstage)",
    "gap": "Rückstand ab",
    "lead": "Vorlauf in Arbeitstagen",
    "days": "Wert",
    "next_after": "weiter nach Arbeitstagen",
}
_ENGLISH = {
    "rule": "Rule",
    "threshold": "Threshold",
    "since": "since {since}, due on {due}",
    "figures": "Figures",
    "why": "Why",
    "closes": "Closes as soon as",
    "next": "What happens next",
    "told": "Told so far",
    "nobody": "nobody yet",
    "telling": "{day}: {person}, no. {number} ({reason}), by {channel}, {state}",
    "closed": "closed on {day} ({how})",
    "silent": "silent until {day}",
    "contact": "a contact is logged or booked",
    "submitted": "the plan is submitted",
    "step": "its sections are filled, or the step is said to be done",
    "decided": "the plan is approved or returned",
    "word": "somebody says that it is done",
    "facts": "the data show it",
    "opened": "new",
    "stage": "changed",
    "back": "back again",
    "ladder": "for their information",
    "email": "e-mail",
    "slack": "Slack",
    "retrying": "to be tried again",
    "ambiguous": "uncertain",
    "cancelled": "not sent",
    "lapsed": "its period is over",
    "by pace": "behind an even pace",
    "by latest_start": "latest start reached",
    "by both": "behind the pace and latest start reached",
    "by no_data": "no contact in the data",
    "by hand_in": "hand-in before the fiscal year (calendar days)",
    "by milestone": "milestone of the plan (steps)",
    "by approval": "time for the approval (working days)",
    "gap": "gap from",
    "lead": "lead in working days",
    "days": "figure",
    "next_after": "on after working days",
}
_WORDS: Mapping[str, Mapping[str, str]] = {"de": _GERMAN, "en": _ENGLISH}
# These of `why` are said in words of their own.
_SAID_APART = ("threshold", "closes", "next")


@dataclass(frozen=True)
class Explained:
    """What is known about a nudge, for one reader. `item` is missing once it is closed."""

    nudge: StoredNudge
    locale: str
    today: date
    told: tuple[Told, ...]
    item: Item | None = None
    labels: tuple[str, str] = ("", "")


def explain(
    session: Session, nudge: StoredNudge, reader: PersonView, settings: Settings, now: datetime, today: date
) -> Explained:
    """Collect what is known, with every name looked up as of now; `today` is the reader's."""
    locale = locale_of(reader.language)
    known = tuple(told.of_nudge(session, nudge.id or 0))
    if nudge.closed_at is not None:
        return Explained(nudge, locale, today, known)
    shown = _shown(session, nudge, reader, settings, now, today)
    return Explained(nudge, locale, today, known, shown.items[0], (shown.labels.why, shown.labels.next))


def text(explained: Explained) -> list[str]:
    """The explanation in the reader's language, line by line."""
    return list(_lines(explained, _words(explained.locale), Formats(explained.locale, explained.today)))


def _words(locale: str) -> Mapping[str, str]:
    return _WORDS["de" if locale.startswith("de") else "en"]


def _lines(explained: Explained, words: Mapping[str, str], formats: Formats) -> Iterator[str]:
    nudge, item = explained.nudge, explained.item
    if item is not None:
        yield item.title
        yield from (f"  {' '.join(filter(None, (line.lead, line.head)))}: {line.text}" for line in item.lines)
    yield words["since"].format(since=formats.dated(nudge.since), due=formats.dated(nudge.due_on))
    if nudge.closed_on is not None:
        how = words.get(nudge.closed_as or "", nudge.closed_as or "")
        yield words["closed"].format(day=formats.dated(nudge.closed_on), how=how)
    silent = [day for day in (nudge.snoozed_until, nudge.quiet_until) if day and day > explained.today]
    yield from (words["silent"].format(day=formats.dated(day)) for day in silent[-1:])
    yield f"{words['rule']}: {nudge.rule}, {words['threshold']}: {_threshold(nudge.why, words, formats)}"
    if item is not None:
        yield from (f"{each.label}: {each.value} ({each.as_of}, {each.source})" for each in item.figures)
        yield f"{explained.labels[0]}: {item.why}"
        yield f"{explained.labels[1]}: {item.next}"
    yield f"{words['closes']} {words.get(nudge.why.get('closes', ''), words[nudge.closes_by])}"
    yield f"{words['told']}: {words['nobody']}" if not explained.told else f"{words['told']}:"
    for each in explained.told:
        yield "  " + words["telling"].format(
            day=formats.dated(each.on),
            person=each.person,
            number=each.number,
            reason=words.get(each.reason, each.reason),
            channel=words.get(each.channel, each.channel),
            state=words.get(each.state, each.state) + (f": {each.cause}" if each.cause else ""),
        )


def _threshold(why: Mapping[str, Any], words: Mapping[str, str], formats: Formats) -> str:
    """What the rule compared with: its name, then its numbers."""
    name = str(why.get("threshold", ""))
    numbers = [
        f"{words.get(key, key)} {formats.number(value)}"
        for key, value in why.items()
        if key not in _SAID_APART and isinstance(value, int | float)
    ]
    return ", ".join([words.get(f"by {name}", name), *numbers])


def _shown(
    session: Session, nudge: StoredNudge, reader: PersonView, settings: Settings, now: datetime, today: date
) -> Letter:
    """The nudge as its message would say it today, whoever it is for."""
    known = views.load(session, [_as_if_claimed(nudge, now, today)], settings)
    content = known.contents[nudge.id or 0]
    view = NudgeView(
        id=content.id,
        rule=content.rule,
        step=content.step,
        stage=content.stage,
        account=content.account,
        owner=content.owner,
        since=content.since,
        due_on=content.due_on,
        urgency=content.urgency,
        weight=content.weight,
        facts=content.facts,
        why=content.why,
        reason="opened",
    )
    return letter(
        NudgesView(
            recipient=reader,
            day=today,
            items=(ItemView((view,)),),
            names=known.names,
            company=settings.company.name,
            account_url=settings.crm.account_url,
        )
    )


def _as_if_claimed(nudge: StoredNudge, now: datetime, today: date) -> Claimed:
    """A message that was never stored: what looks up the names asks for one."""
    line = {"id": nudge.id, "reason": "opened", "number": 1, "for_person": None}
    return Claimed(
        id=0,
        key="why",
        kind="nudges",
        channel="email",
        template="now",
        facts={"day": today.isoformat(), "occasion": "now", "items": [{"nudges": [line]}], "more": 0},
        person=nudge.owner_id,
        contact=None,
        priority=0,
        attempt=0,
        mail_id=None,
        instead_of=None,
        until=now,
        unsure=False,
    )
