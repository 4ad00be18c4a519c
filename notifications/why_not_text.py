"""The answer to why-not as text, in the reader's language."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from notifications.render.formats import Formats
from notifications.silence_words import AROUND, REASONS, RULES, STEPS, TELLING, say
from notifications.why_not import Held, Kept, NotTold

LISTED = 8  # silences of one rule and reason that are listed by name


def text(answer: NotTold, locale: str) -> list[str]:
    """Line by line; what is alike is put together."""
    return list(_Said(answer, locale).lines())


class _Said:
    def __init__(self, answer: NotTold, locale: str) -> None:
        self._answer, self._locale = answer, locale
        self._formats = Formats(locale, answer.today)

    def lines(self) -> Iterator[str]:
        answer = self._answer
        if not answer.silences and not answer.open:
            yield self._around("nothing")
        if answer.open:
            yield self._around("open") + ":"
            yield from map(self._held, answer.open)
        if answer.silences:
            yield self._around("silent") + ":"
            yield from self._silences()
        if answer.telling:
            yield self._around("telling") + ":"
            for code, figures in answer.telling:
                yield "  " + say(TELLING, code, self._locale, **self._readable(figures))

    def _silences(self) -> Iterator[str]:
        alike: defaultdict[tuple[Any, ...], list[Kept]] = defaultdict(list)
        soonest = sorted(self._answer.silences, key=lambda each: each.until or date.max)
        for each in soonest:
            alike[each.rule, each.reason, each.until, each.who].append(each)
        for (rule, *_), kept in alike.items():
            for each in kept[:LISTED]:
                yield f"  {say(RULES, rule, self._locale)}: {self._silence(each)}"
            if len(kept) > LISTED:
                yield "    " + self._around("others", count=len(kept) - LISTED)

    def _silence(self, kept: Kept) -> str:
        """Such as `Muster AG, Paul: it is on pace (1 held of 2, last on 3 May); would speak on 9 August`."""
        figures = ", ".join(self._figures(kept))
        why = say(REASONS, kept.reason, self._locale)
        parts = [f"{self._about(kept)}: {why}" + (f" ({figures})" if figures else "")]
        if kept.who is not None:
            who = self._answer.names.persons.get(kept.who, str(kept.who))
            parts.append(say(REASONS, "not_yours", self._locale, who=who))
        if kept.until is not None:
            parts.append(self._around("speaks", day=self._formats.dated(kept.until)))
        return "; ".join(parts)

    def _about(self, kept: Kept) -> str:
        names = self._answer.names
        account = names.accounts.get(kept.account or 0)
        contact = names.contacts.get(kept.contact or 0)
        named = [each.name for each in (account, contact) if each is not None]
        return ", ".join(named) or str(kept.account or "")

    def _figures(self, kept: Kept) -> Iterator[str]:
        figures = kept.figures
        if figures.get("step") in STEPS:
            yield say(STEPS, figures["step"], self._locale)
        if figures.get("soll") is not None:
            yield self._around("held", held=figures.get("held", 0), soll=figures["soll"])
        if figures.get("booked"):
            days = self._formats.listed(self._formats.day(day) for day in figures["booked"])
            yield self._around("booked", days=days)
        for name in ("last", "due", "start", "customer_date"):
            if figures.get(name):
                yield self._around(name, day=self._formats.dated(figures[name]))
        for name in ("year", "quarter"):
            if isinstance(figures.get(name), str):
                first, _, last = figures[name].partition("..")
                period = f"{self._formats.dated(first)} – {self._formats.dated(last)}"
                yield self._around(name, period=period)
        if kept.as_of is not None:
            yield self._around("as_of", day=self._formats.dated(kept.as_of))
        if kept.source:
            yield self._around("source", source=kept.source)

    def _held(self, held: Held) -> str:
        account = self._answer.names.accounts.get(held.account or 0)
        about = f"{account.name}, " if account else ""
        due = self._around("due", day=self._formats.dated(held.due_on))
        why = say(TELLING, held.reason, self._locale, **self._readable(held.days))
        return f"  {held.nudge} {say(RULES, held.rule, self._locale)}: {about}{due}: {why}"

    def _readable(self, figures: Mapping[str, Any]) -> dict[str, Any]:
        names = self._answer.names.accounts
        said: dict[str, Any] = {}
        for key, value in figures.items():
            if isinstance(value, date):
                said[key] = self._formats.dated(value)
            elif key == "account":
                said[key] = names[value].name if value in names else value
            else:
                said[key] = value
        return said

    def _around(self, code: str, **figures: object) -> str:
        return say(AROUND, code, self._locale, **figures)
