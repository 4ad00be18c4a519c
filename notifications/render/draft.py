"""What a rule's `item.j2` writes into: `{% call it.title() %}…{% endcall %}` and so on.

Values stay values: nothing is parsed back out of rendered text, so a customer's text cannot become
another line, link or heading.
"""

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from notifications.render.drawn import Caller, Drawn, flat
from notifications.render.item import Actions, Figure, Item, Line, Link, Progress, Tone
from notifications.render.reader import Reader
from notifications.render.view import NudgeView

_GRAVITY: tuple[Tone, ...] = ("calm", "due", "over")
_due_on = attrgetter("due_on")


class Draft(Drawn):
    """One item while its template fills it; `it` in the templates."""

    def __init__(
        self,
        reader: Reader,
        nudges: tuple[NudgeView, ...] = (),
        recipient: int | None = None,
        room: int = 8,
    ) -> None:
        super().__init__()
        self.names = reader
        self.formats = reader.formats
        self.today: date = reader.today
        self.nudges = nudges
        if nudges:
            self.nudge: NudgeView = nudges[0]
            self.facts: Mapping[str, Any] = nudges[0].facts
            # The nudge with the nearest date.
            self.first: NudgeView = min(nudges, key=_due_on)
            self.due_on: date = self.first.due_on
        self.recipient = recipient
        self.room = room
        self._texts: dict[str, str] = {}
        self._link: Link | None = None
        self._lines: list[Line] = []
        self._figures: list[Figure] = []
        self._proposals: list[str] = []
        self._marks: list[str] = []
        self._tone: Tone | None = None

    @property
    def by_account(self) -> list[tuple[int | None, list[NudgeView]]]:
        """The nudges of each account together, the account with the nearest date first."""
        groups: dict[int | None, list[NudgeView]] = {}
        for nudge in sorted(self.nudges, key=_due_on):
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

    def mark(self, tone: Tone = "calm", *, caller: Caller) -> str:
        """A word on the whole item, such as how fresh it is; the gravest tone is the item's."""
        self._marks.append(flat(caller()))
        if self._tone is None or _GRAVITY.index(tone) > _GRAVITY.index(self._tone):
            self._tone = tone
        return ""

    def proposal(self, caller: Caller) -> str:
        self._proposals.append(flat(caller()))
        return ""

    def link(self, url: str | None, caller: Caller) -> str:
        """A link below the item; none without an address."""
        self._link = Link(flat(caller()), url) if url else None
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
                head=flat(head),
                lead=flat(lead),
                about=flat(about),
                text=flat(caller()),
                notes=tuple(note for note in map(flat, notes or ()) if note),
                badge=flat(badge),
                tone=tone,
                progress=Progress(*progress) if progress else None,
                url=url,
            )
        )
        return ""

    def figure(self, value: str, as_of: str, source: str, caller: Caller) -> str:
        """A number; the block is its label."""
        self._figures.append(Figure(flat(caller()), flat(value), flat(as_of), flat(source)))
        return ""

    def finished(
        self, kind: str, due: str, tone: Tone, marks: tuple[str, ...], actions: tuple[Actions, ...] = ()
    ) -> Item:
        """The item as it was filled, within what the frame knows of it."""
        text = self._texts.get
        return Item(
            kind=kind,
            title=text("title", ""),
            due=due,
            tone=self._tone or tone,
            marks=(*marks, *self._marks),
            link=self._link,
            lines=tuple(self._lines),
            rest=text("rest", ""),
            proposals=tuple(self._proposals),
            figures=tuple(self._figures),
            why=text("why", ""),
            next=text("next", ""),
            charts=tuple(self.charts),
            tables=tuple(self.tables),
            actions=actions,
        )

    def _keep(self, place: str, caller: Caller) -> str:
        self._texts[place] = flat(caller())
        return ""
