"""Why a nudge is there: its rule, the figures with date and source, what closes it, who was told.

The rule's own words are those of its message; what stands around them is in why_words.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from kamflow.models.nudge import StoredNudge
from kamflow.settings import Settings
from kamflow.store import told
from kamflow.store.told import Told
from notifications import views
from notifications.outbox import Claimed
from notifications.render.formats import Formats, locale_of
from notifications.render.item import Item, Letter
from notifications.render.letter import kind, letter
from notifications.render.view import ItemView, NudgesView, PersonView
from notifications.why_words import words_of


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
    return list(_lines(explained, words_of(explained.locale), Formats(explained.locale, explained.today)))


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
    threshold = "; ".join(_thresholds(nudge, words, formats))
    yield f"{words['rule']}: {kind(nudge.rule, explained.locale)}, {words['threshold']}: {threshold}"
    if item is not None:
        yield from (f"{each.label}: {each.value} ({each.as_of}, {each.source})" for each in item.figures)
        yield f"{explained.labels[0]}: {item.why}"
        yield f"{explained.labels[1]}: {item.next}"
        yield f"{words['closes']} {_closes(nudge, words)}"
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


def _thresholds(nudge: StoredNudge, words: Mapping[str, str], formats: Formats) -> Iterator[str]:
    """What the rule compared with, in words that hold the one figure that counted."""
    figures = {
        **{key: formats.number(value) for key, value in nudge.why.items() if isinstance(value, int | float)},
        **{
            key: formats.dated(nudge.facts[key])
            for key in ("limit_on", "returned_on")
            if nudge.facts.get(key)
        },
    }
    name = str(nudge.why.get("threshold", ""))
    for part in ("pace", "latest_start") if name == "both" else (name,):
        own = words.get(f"{nudge.rule} by {part}")
        wording = own or words.get(f"by {part}{_variant(part, nudge)}") or words.get(f"by {part}", part)
        yield wording.format_map(figures)


def _variant(part: str, nudge: StoredNudge) -> str:
    """Which wording of a threshold applies."""
    if part == "latest_start":
        return "" if nudge.why.get("lead") is None else " with lead"
    if part == "milestone":
        return f" {nudge.step}"
    if part == "hand_in" and nudge.facts.get("returned_on"):
        return " returned"
    return " meeting" if part == "hand_in" and nudge.facts.get("limit") == "meeting" else ""


def _closes(nudge: StoredNudge, words: Mapping[str, str]) -> str:
    closes = str(nudge.why.get("closes", ""))
    missing = sum(cell["gap"] for cell in nudge.facts.get("cells", ()))
    if closes == "contact" and missing > 1:
        return words["contacts"].format(missing=missing)
    return words.get(f"until {closes}") or words.get(closes, words[nudge.closes_by])


def _shown(
    session: Session, nudge: StoredNudge, reader: PersonView, settings: Settings, now: datetime, today: date
) -> Letter:
    """The nudge as its message would say it today, whoever it is for."""
    known = views.load(session, [_as_if_claimed(nudge, now, today)], settings, now)
    content = known.contents[nudge.id or 0]
    view = views.nudge_view({"reason": "opened"}, content)
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
