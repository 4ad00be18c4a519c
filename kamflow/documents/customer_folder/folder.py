"""The folder that stays with the customer at the annual meeting: its pages, and which are handed over.

A page goes into the folder once the KAM ticked it. The tick holds for what the page said then (`digest`): a
page that says something else by now needs another one. The agenda names the pages that are handed over, so it
says something else as soon as those are others.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from kamflow.documents.customer_folder.pages import (
    Agenda,
    Figures,
    Next,
    Page,
    Services,
    Steps,
    Title,
    Topics,
)

# The pages in their order.
PAGES = ("title", "agenda", "topics", "figures", "services", "done", "plan", "next")
_AROUND = {"title", "agenda"}  # no points of the agenda themselves
Standing = Literal["ticked", "changed", "open"]


@dataclass(frozen=True, slots=True)
class Folder:
    """The pages of a folder; None is a page that is not in it. `language` is the customer's (`de_AT`)."""

    account: str
    year: str
    language: str
    currency: str
    as_of: date
    title: Title | None = None
    agenda: Agenda | None = None
    topics: Topics | None = None
    figures: Figures | None = None
    services: Services | None = None
    done: Steps | None = None
    plan: Steps | None = None
    next: Next | None = None

    @property
    def pages(self) -> tuple[str, ...]:
        """The codes of the pages in it."""
        return tuple(page for page in PAGES if getattr(self, page) is not None)

    def only(self, pages: Iterable[str]) -> "Folder":
        """The folder with these pages and no other."""
        kept = set(pages)
        return replace(self, **{page: None for page in PAGES if page not in kept})

    @property
    def filled(self) -> tuple[str, ...]:
        """Of the pages in it those on which something stands."""
        return tuple(name for name in self.pages if not _empty(getattr(self, name)))

    def about(self, pages: Iterable[str]) -> "Folder":
        """The folder with an agenda that names these of its pages, where the KAM wrote no agenda."""
        if self.agenda is None:
            return self
        named = set(pages) - _AROUND
        points = () if self.agenda.words else tuple(each for each in self.pages if each in named)
        return replace(self, agenda=replace(self.agenda, points=points))

    def digests(self) -> dict[str, str]:
        """Page -> what a tick on it holds for."""
        return {page: digest(getattr(self, page)) for page in self.pages}


def standing(digest_now: str, ticked: str | None) -> Standing:
    """How a page stands, by what it says now and what it said when it was ticked."""
    if ticked is None:
        return "open"
    return "ticked" if ticked == digest_now else "changed"


def ready(folder: Folder, ticks: Mapping[str, str | None]) -> Folder:
    """The folder as it may be handed over: the pages that were ticked as they are now."""
    folder = pointed(folder, ticks)
    return folder.only(_ticked(folder, ticks))


def pointed(folder: Folder, ticks: Mapping[str, str | None]) -> Folder:
    """The folder with an agenda that names the pages which may be handed over."""
    return folder.about(_ticked(folder, ticks))


def _ticked(folder: Folder, ticks: Mapping[str, str | None]) -> tuple[str, ...]:
    now = folder.digests()
    return tuple(page for page in now if standing(now[page], ticks.get(page)) == "ticked")


def _empty(page: Page) -> bool:
    match page:
        case Title() | Agenda():
            return False
        case Figures():
            said = page.total is not None
        case Topics():
            said = bool(page.topics)
        case Services():
            said = bool(page.given)
        case Steps():
            said = bool(page.steps)
        case Next():
            said = bool(page.talks or page.steps)
    return not said and not page.words


def digest(page: Page) -> str:
    """The same for the same page, whatever day it is."""
    told = json.dumps(asdict(page), default=_plain, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{type(page).__name__}{told}".encode()).hexdigest()


def _plain(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()
