"""From a view to the one content model: the rules' items inside the frame that every message shares."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from kamflow.documents import briefing
from kamflow.store.names import Names
from notifications.render import speech
from notifications.render.draft import Draft
from notifications.render.environment import line, module, phrase
from notifications.render.formats import Formats, locale_of
from notifications.render.item import Actions, Item, Labels, Letter, Link, Tone
from notifications.render.literal import clean, clip, header
from notifications.render.offers import WORDS, offered
from notifications.render.reader import LONGEST, Reader
from notifications.render.view import NudgesView

# An account's name in a subject line; the text below has it in full.
_NAME_IN_SUBJECT = 24
_PREHEADER = 160
# A subject line, and up to which length it says several things.
_SUBJECT, _JOINED = 78, 70
# Why an item is told, the one that says most first.
_REASONS = ("ladder", "back", "overdue", "stage", "opened")
# Lines listed of one item: all that fit a screen where there are few items, the heaviest of many.
_FEW, _LINES, _LINES_OF_MANY = 3, 8, 4
_NOTICE_DAY = date(1, 1, 1)
# What customers read, and a formal answer about stored data: always "Sie", whatever colleagues say.
TO_CUSTOMERS = frozenset({"survey_invitation", "survey_page", "customer_folder", "person_data"})
# What a document says of its facts.
_READ: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {"briefing": briefing.once}


class _Words:
    """The frame's texts as the reader is spoken to, as plain strings."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, name: str, *arguments: Hashable) -> str:
        return phrase(self.language, "digest/words.j2", name, *arguments)


def letter(view: NudgesView) -> Letter:
    """A digest or an urgent message, whichever channel carries it."""
    locale = locale_of(view.recipient.language)
    words = _Words(view.recipient.language)
    formats = Formats(locale, view.day, view.currency)
    reader = Reader(view.names, formats, words("unknown"), view.account_url)
    told = [item.nudges for item in view.items if item.nudges]
    room = _LINES if len(told) <= _FEW else _LINES_OF_MANY
    drafts = [Draft(reader, nudges, view.recipient.id, room) for nudges in told]
    items = tuple(
        _item(each, words, offered(each.nudges, reader, words.language, view.ways)) for each in drafts
    )
    name = _named(view.recipient.name) or words("unknown")
    waits = [kind(rule, view.recipient.language) for each in view.paused for rule in each.rules]
    kinds = formats.listed(dict.fromkeys(item.kind for item in items) or dict.fromkeys(waits))
    paused = _paused(view, reader, words)
    drafted = [Draft(reader.brief(_NAME_IN_SUBJECT), nudges) for nudges in told]
    return Letter(
        locale=locale,
        subject=_subject(drafted, words) if drafted else header(paused, _SUBJECT),
        preheader=clip(" · ".join(item.title for item in items), _PREHEADER),
        banner=words("banner", _named(view.redirected_from)) if view.redirected_from else "",
        day=formats.weekday(view.day),
        heading=words("heading", name),
        intro=_intro(view, words, paused),
        items=items,
        more=" ".join(filter(None, (words("more", view.more), words("without_kam", view.without_kam)))),
        footer=(
            words("footer_why", name, kinds, _named(view.company)),
            *((words("footer_reply"),) if view.answered else ()),
            words("footer_rhythm", view.occasion),
            words("footer_setting"),
        ),
        labels=_labels(words),
    )


def _paused(view: NudgesView, reader: Reader, words: _Words) -> str:
    """Of which day the data is that reminders wait for."""
    days = tuple((reader.plain(each.source), reader.formats.day(each.day)) for each in view.paused)
    return words("paused", days) if days else ""


def _intro(view: NudgesView, words: _Words, paused: str) -> str:
    """How many things there are to do, and which reminders wait; or only why they do."""
    if not view.items:
        return f"{paused}. {words('paused_why')}"
    said = words("intro", "data-back" if view.back else view.occasion, len(view.items))
    return f"{said} {paused}." if paused else said


def notice(
    template: str,
    language: str,
    facts: Mapping[str, Any],
    company: str = "",
    day: date | None = None,
    redirected_from: str | None = None,
    names: Names | None = None,
) -> Letter:
    """A message that no nudge is behind: `rejects`, `held_file`, `alert`, a document.

    It has one item; a template with `parts` has one for each of them that has a title. A document's template
    may say `document` (what it is), `customer` (its heading), `badge` and `tone` (its light).
    """
    language = speech.formal(language) if template in TO_CUSTOMERS else language
    locale = locale_of(language)
    words = _Words(language)
    formats = Formats(locale, day or _NOTICE_DAY, str(facts.get("currency", "EUR")))
    reader = Reader(names or Names(), formats, words("unknown"))
    macros = module(language, f"{template}/item.j2")
    read = _READ.get(template, dict)(facts)
    said = {key: _named(value) if isinstance(value, str) else value for key, value in read.items()}
    items = tuple(_parts(macros, reader, said))

    def own(name: str) -> str:
        return line(getattr(macros, name)(Draft(reader), said)) if hasattr(macros, name) else ""

    return Letter(
        locale=locale,
        subject=header(line(macros.subject(Draft(reader.brief(_NAME_IN_SUBJECT)), said)), _SUBJECT),
        preheader=clip(" · ".join(item.title for item in items), _PREHEADER),
        banner=words("banner", _named(redirected_from)) if redirected_from else "",
        day=formats.weekday(day) if day else "",
        heading=own("customer") or line(macros.heading(said)),
        intro=line(macros.intro(said)),
        items=items,
        more="",
        footer=_own_footer(macros, reader, said)
        or ((words("footer_notice", _named(company)),) if company else ()),
        labels=_labels(words),
        brand=line(macros.brand(said)) if hasattr(macros, "brand") else "",
        on=day,
        kind=own("document"),
        badge=own("badge"),
        tone=_tone(own("tone")),
        link=_opens(language, said),
    )


def _opens(language: str, said: Mapping[str, Any]) -> Link | None:
    """The button of a document that has a page of its own."""
    url = said.get("opens")
    text = phrase(language, WORDS, "document", said.get("paper", "")) if url else ""
    return Link(text, url) if url else None


def _own_footer(macros: Any, reader: Reader, said: Mapping[str, Any]) -> tuple[str, ...]:
    """The last lines of a notice that does not speak for kamflow, such as a mail to a customer."""
    text = str(macros.footer(Draft(reader), said)) if hasattr(macros, "footer") else ""
    return tuple(each.strip() for each in text.split("\n") if each.strip())


def kind(rule: str, language: str) -> str:
    """What a rule's items are called in the reader's words."""
    return phrase(language, f"{rule}/item.j2", "kind")


def _parts(macros: Any, reader: Reader, said: Mapping[str, Any]) -> Iterator[Item]:
    """The items of a notice, each filled by its template."""
    for part in getattr(macros, "parts", [None]):
        draft = Draft(reader)
        macros.item(draft, said, *([part] if part else []))
        kind = macros.kind(*([part] if part else []))
        item = draft.finished(line(kind), due="", tone="calm", marks=())
        if item.title:
            yield item


def _item(draft: Draft, words: _Words, actions: tuple[Actions, ...]) -> Item:
    template = _template(draft)
    macros = module(words.language, template)
    macros.item(draft)
    state, tone = _state(draft)
    own = line(macros.due(draft, state)) if hasattr(macros, "due") else ""
    due = own or words("due", state, draft.formats.day(draft.due_on))
    kind = phrase(words.language, template, "kind")
    return draft.finished(kind, due, tone, tuple(_marks(draft, words)), actions)


def _template(draft: Draft) -> str:
    """A rule speaks to who has to act; to the next one on its ladder all rules speak alike."""
    return "ladder/item.j2" if draft.nudge.reason == "ladder" else f"{draft.nudge.rule}/item.j2"


def _state(draft: Draft) -> tuple[str, Tone]:
    if draft.due_on < draft.today:
        return "over", "over"
    if draft.due_on == draft.today:
        return "today", "due"
    return "later", "due" if any(nudge.urgency == "now" for nudge in draft.nudges) else "calm"


def _marks(draft: Draft, words: _Words) -> Iterable[str]:
    """Why it is told now, and in whose place; a group says it once."""
    told = {nudge.reason for nudge in draft.nudges}
    reason = next((each for each in _REASONS if each in told), None)
    if reason:
        yield words("mark", reason, max(each.reminder for each in draft.nudges if each.reason == reason))
    away = dict.fromkeys(nudge.for_person for nudge in draft.nudges if nudge.for_person is not None)
    if away:
        yield words("behalf", draft.formats.listed(map(draft.names.person, away)))


def _subject(drafts: list[Draft], words: _Words) -> str:
    """What to do and by when: as many kinds of things as fit, the others as a number."""
    by_template: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_template.setdefault(_template(draft), []).append(draft)
    said = (str(module(words.language, name).subject(own)) for name, own in by_template.items())
    parts = [part.strip() for lines in said for part in lines.split("\n") if part.strip()]
    shown = 1
    while shown < len(parts) and len("; ".join(parts[: shown + 1])) <= _JOINED:
        shown += 1
    text = "; ".join(parts[:shown]) or "kamflow"
    left = len(parts) - shown
    rest = f" {words('subject_more', left)}" if left > 0 else ""
    if rest and len(text) + len(rest) > _SUBJECT:
        rest = f" (+{left})"
    return header(f"{clip(f'{text[:1].upper()}{text[1:]}', _SUBJECT - len(rest))}{rest}", _SUBJECT)


def _tone(text: str) -> Tone:
    return "over" if text == "over" else "due" if text == "due" else "calm"


def _labels(words: _Words) -> Labels:
    return Labels(
        proposal=words("label", "proposal"),
        why=words("label", "why"),
        next=words("label", "next"),
        further=words("label", "further"),
        left_out=words("left_out"),
    )


def _named(text: str) -> str:
    return clip(clean(text).strip(), LONGEST)
