"""The one content model of all channels: plain text in named places, every name already looked up.

A template folder fills an `Item` (`draft.py`), the frame around it is a `Letter` (`letter.py`);
`html.py` and `slack.py` only lay out. Nothing here is HTML or mrkdwn.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["over", "due", "calm"]


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

    @property
    def language(self) -> str:
        """As in the `lang` attribute: `de-DE`."""
        return self.locale.replace("_", "-")
