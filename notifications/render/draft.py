"""What a rule's `item.j2` writes into: `{% call it.title() %}…{% endcall %}` and so on.

Values stay values: nothing is parsed back out of rendered text, so a customer's text cannot become
another line, link or heading.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from kamflow.store.names import Names
from notifications.render.formats import Formats
from notifications.render.item import Figure, Item, Line, Link, Progress, Tone
from notifications.render.literal import clean, clip
from notifications.render.view import NudgeView

Caller = Callable[[], str]
# Longer texts are cut: no message gets too long for its channel by one name.
LONGEST = 600
_LONGEST_URL = 2000
# Line breaks are the template's own: names and topics have none left.
_LAYOUT = re.compile(" *\n[ \n]*")


class Reader:
    """Who reads, when, and the names as this reader may see them; `unknown` is what a gap is called."""

    def __init__(
        self,
        names: Names,
        formats: Formats,
        unknown: str,
        account_url: str | None = None,
        limit: int = LONGEST,
    ) -> None:
        self.formats = formats
        self.today: date = formats.today
        self._names = names
        self._unknown = unknown
        self._account_url = account_url
        self._limit = limit

    def brief(self, limit: int) -> "Reader":
        """The same reader with long names cut: for a subject line."""
        return Reader(self._names, self.formats, self._unknown, self._account_url, limit)

    def person(self, number: int) -> str:
        return self._shown(self._names.persons.get(number))

    def contact(self, number: int) -> str:
        known = self._names.contacts.get(number)
        return self._shown(known.name if known else None)

    def position(self, contact: int) -> str:
        """What the contact is there, or nothing."""
        known = self._names.contacts.get(contact)
        return clip(clean((known.position if known else None) or "").strip(), self._limit)

    def account(self, number: int | None) -> str:
        known = self._names.accounts.get(number) if number is not None else None
        return self._shown(known.name if known else None)

    def url(self, account: int | None) -> str | None:
        """The account's page in the CRM, where it has an id there."""
        known = self._names.accounts.get(account) if account is not None else None
        if known is None or not known.crm_id or not self._account_url:
            return None
        url = self._account_url.replace("{id}", quote(known.crm_id, safe="", errors="replace"))
        return url if len(url) <= _LONGEST_URL else None

    def topic(self, target: int) -> str:
        return clip(clean(self._names.targets.get(target) or "").strip(), self._limit)

    def question(self, number: int) -> str:
        return self._shown(self._names.questions.get(number))

    def measure(self, number: int) -> str:
        return self._shown(self._names.measures.get(number))

    def request(self, number: int) -> str:
        """What is asked for in the KAM's own words, or nothing."""
        return clip(clean(self._names.requests.get(number) or "").strip(), self._limit)

    def department(self, number: int) -> str:
        return self._shown(self._names.departments.get(number))

    def service(self, number: int) -> str:
        return self._shown(self._names.services.get(number))

    def text(self, kind: str, number: int) -> str:
        """The free text of a row (`complaints`, `notes`, `returns`, `places`), or nothing."""
        return clip(clean(getattr(self._names, kind).get(number) or "").strip(), self._limit)

    def plain(self, text: str) -> str:
        """A word from the data that is no id: a product group, a source, a kind of request."""
        return self._shown(text)

    def _shown(self, text: str | None) -> str:
        shown = clean(text or "").strip() or self._unknown
        return clip(shown, self._limit)


class Draft:
    """One item while its template fills it; `it` in the templates."""

    def __init__(
        self,
        reader: Reader,
        nudges: tuple[NudgeView, ...] = (),
        recipient: int | None = None,
        room: int = 8,
    ) -> None:
        self.names = reader
        self.formats = reader.formats
        self.today: date = reader.today
        self.nudges = nudges
        self.recipient = recipient
        self.room = room
        self._texts: dict[str, str] = {}
        self._link: Link | None = None
        self._lines: list[Line] = []
        self._figures: list[Figure] = []
        self._proposals: list[str] = []

    @property
    def nudge(self) -> NudgeView:
        return self.nudges[0]

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.nudge.facts

    @property
    def first(self) -> NudgeView:
        """The nudge with the nearest date."""
        return min(self.nudges, key=lambda nudge: nudge.due_on)

    @property
    def due_on(self) -> date:
        return self.first.due_on

    @property
    def by_account(self) -> list[tuple[int | None, list[NudgeView]]]:
        """The nudges of each account together, the account with the nearest date first."""
        groups: dict[int | None, list[NudgeView]] = {}
        for nudge in sorted(self.nudges, key=lambda nudge: nudge.due_on):
            groups.setdefault(nudge.account, []).append(nudge)
        return list(groups.items())

    def title(self, caller: Caller) -> str:
        return self._keep("title", caller)

    def why(self, caller: Caller) -> str:
        return self._keep("why", caller)

    def next(self, caller: Caller) -> str:
        return self._keep("next", caller)

    def rest(self, caller: Caller) -> str:
        """What is open but not listed."""
        return self._keep("rest", caller)

    def proposal(self, caller: Caller) -> str:
        self._proposals.append(_flat(caller()))
        return ""

    def link(self, url: str | None, caller: Caller) -> str:
        """A link below the item; none without an address."""
        self._link = Link(_flat(caller()), url) if url else None
        return ""

    def line(  # noqa: PLR0913 - the places of a line
        self,
        head: str,
        *,
        caller: Caller,
        lead: str = "",
        about: str = "",
        badge: str = "",
        tone: Tone = "calm",
        progress: tuple[int, int, int] | None = None,
        notes: list[str] | None = None,
        url: str | None = None,
    ) -> str:
        """One line; the block is its text, `progress` is done, booked, of."""
        self._lines.append(
            Line(
                head=_flat(head),
                lead=_flat(lead),
                about=_flat(about),
                text=_flat(caller()),
                notes=tuple(note for note in map(_flat, notes or ()) if note),
                badge=_flat(badge),
                tone=tone,
                progress=Progress(*progress) if progress else None,
                url=url,
            )
        )
        return ""

    def figure(self, value: str, as_of: str, source: str, caller: Caller) -> str:
        """A number; the block is its label."""
        self._figures.append(Figure(_flat(caller()), _flat(value), _flat(as_of), _flat(source)))
        return ""

    def finished(self, kind: str, due: str, tone: Tone, marks: tuple[str, ...]) -> Item:
        """The item as it was filled, within what the frame knows of it."""
        text = self._texts.get
        return Item(
            kind=kind,
            title=text("title", ""),
            due=due,
            tone=tone,
            marks=marks,
            link=self._link,
            lines=tuple(self._lines),
            rest=text("rest", ""),
            proposals=tuple(self._proposals),
            figures=tuple(self._figures),
            why=text("why", ""),
            next=text("next", ""),
        )

    def _keep(self, place: str, caller: Caller) -> str:
        self._texts[place] = _flat(caller())
        return ""


def _flat(text: str) -> str:
    return _LAYOUT.sub(" ", text).strip(" \n")
