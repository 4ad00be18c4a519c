"""The one content model of all channels: plain text in named places, every name already looked up.

A template folder fills an `Item` (`draft.py`), the frame around it is a `Letter` (`letter.py`);
`html.py`, `slack.py` and `pdf.py` only lay out. Nothing here is HTML, mrkdwn or typst.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Tone = Literal["over", "due", "calm"]
# What a reader can do about a nudge. `page` only opens a page of ours, `crm` the CRM's own form.
Act = Literal["contact", "book", "too_much", "done", "snooze", "hand_over", "read", "briefing", "page", "crm"]


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of `of` is done, and how much more is booked."""

    done: int
    booked: int
    of: int

    @property
    def shares(self) -> tuple[tuple[str, int, str], ...]:
        """The parts of a bar that are there: name, percent, and which of them it is."""
        whole = max(self.of, self.done + self.booked, 1)
        parts = {"held": self.done, "booked": self.booked, "open": whole - self.done - self.booked}
        there = {name: round(100 * count / whole) for name, count in parts.items() if count}
        places = ["only"] if len(there) == 1 else ["first", *[""] * (len(there) - 2), "last"]
        return tuple((*part, place) for part, place in zip(there.items(), places, strict=True))


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of the contact matrix, one plan, one file. `badge` is what is missing, in a word."""

    head: str
    lead: str = ""
    about: str = ""
    text: str = ""
    notes: tuple[str, ...] = ()
    badge: str = ""
    tone: Tone = "calm"
    progress: Progress | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its date and its source, both in words: unknown is said, never left out."""

    label: str
    value: str
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; `numbers` are the columns set flush right, counted from 0."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Values along the labels of a chart; None is not known and leaves a gap, never a zero."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """What is, against what was aimed at and what was: over time, or one bar a name (`lying`).

    `name` is what the picture's file is called, `alt` says the same in words, with its figures.
    """

    name: str
    alt: str
    unit: str
    labels: tuple[str, ...]
    actual: Series
    target: Series | None = None
    before: Series | None = None
    lying: bool = False
    begun: int | None = None  # how many labels have begun: what is still to come is not unknown


@dataclass(frozen=True, slots=True)
class Point:
    """A name in a field, "" where it is only one of many; both axes from 0 to 100."""

    label: str
    x: float
    y: float
    tone: Tone = "calm"


@dataclass(frozen=True, slots=True)
class Field:
    """Points in four named quarters (top left, top right, bottom left, bottom right): the portfolio."""

    name: str
    alt: str
    x_label: str
    y_label: str
    quarters: tuple[str, str, str, str]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Lines over time, such as NPS by wave; `low` and `high` are the ends of the scale."""

    name: str
    alt: str
    unit: str
    labels: tuple[str, ...]
    lines: tuple[Series, ...]
    low: float
    high: float


Chart: TypeAlias = Bars | Field | Trend


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its word, and where it leads from a mail. In a post it acts at once, but `page` and `crm`."""

    act: Act
    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """What can be done about one nudge; `about` tells it from others of its item, "" where it is alone."""

    nudge: int
    actions: tuple[Action, ...]
    about: str = ""

    @property
    def linked(self) -> tuple[Action, ...]:
        """Those that lead somewhere from a mail."""
        return tuple(each for each in self.actions if each.url)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: what, by when, on which facts, why it is told, what happens next."""

    kind: str
    title: str
    due: str = ""
    tone: Tone = "calm"
    marks: tuple[str, ...] = ()
    link: Link | None = None
    lines: tuple[Line, ...] = ()
    rest: str = ""
    proposals: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    why: str = ""
    next: str = ""
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    actions: tuple[Actions, ...] = ()

    @property
    def leads(self) -> bool:
        """Whether anything can be done about it from a mail."""
        return any(each.linked for each in self.actions)


@dataclass(frozen=True, slots=True)
class Labels:
    """The frame's own words."""

    proposal: str
    why: str
    next: str
    further: str
    left_out: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole message."""

    locale: str
    subject: str
    preheader: str
    banner: str
    day: str
    heading: str
    intro: str
    items: tuple[Item, ...]
    more: str
    footer: tuple[str, ...]
    labels: Labels
    brand: str = ""  # who writes, where it is not kamflow
    on: date | None = None  # the day of a document's facts
    badge: str = ""  # the light of a whole document, in a word
    tone: Tone = "calm"
    kind: str = ""  # of a document, in a word; its heading is then whom it is about
    link: Link | None = None  # where a document can be read, and a draft be released

    @property
    def language(self) -> str:
        """As in the `lang` attribute: `de-DE`."""
        return self.locale.replace("_", "-")
