"""Modals and Home tabs: what Slack checks of a view, and those that are open."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kamflow.demo.slack.blocks import problems
from kamflow.demo.slack.checks import Check, anything, flag, listed, one_of, problem, shape, string, text

Payload = dict[str, Any]

MOST_BLOCKS = 100
DEPTH = 3  # views that may lie upon each other
TRIGGER_SECONDS = 3

_COMMON: dict[str, Check] = {
    "callback_id": string(255, least=0),
    "private_metadata": string(3000, least=0),
    "external_id": string(255, least=0),
}
_WORD = text(24, plain=True)
_MODAL = shape(
    {"type": one_of("modal"), "title": _WORD, "blocks": anything},
    {**_COMMON, "submit": _WORD, "close": _WORD, "clear_on_close": flag, "notify_on_close": flag},
)
_HOME = shape({"type": one_of("home"), "blocks": anything}, _COMMON)


def view_problems(view: object) -> list[str]:
    """Everything Slack would object to in a view, in its words."""
    return list(_problems(view, "/view"))


def _problems(view: object, at: str) -> Iterator[str]:
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        yield problem("must be a valid view", at)
        return
    yield from (_HOME if view["type"] == "home" else _MODAL)(view, at)
    blocks = view.get("blocks")
    yield from listed(anything, MOST_BLOCKS, least=0)(blocks, f"{at}/blocks")
    if not isinstance(blocks, list):
        return
    yield from problems(blocks, f"{at}/blocks", MOST_BLOCKS)
    asks = any(isinstance(each, dict) and each.get("type") == "input" for each in blocks)
    if asks and view["type"] == "modal" and "submit" not in view:
        yield problem("missing required field: submit", at)


@dataclass(slots=True)
class View:
    """A view as one user sees it. `hash` changes with every update; `state` is what was entered."""

    id: str
    user: str
    content: Payload
    hash: str
    root: str
    previous: str | None = None
    state: dict[str, dict[str, Payload]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    open: bool = True

    @property
    def blocks(self) -> list[Payload]:
        return self.content["blocks"]

    def answer(self) -> Payload:
        """The view object as Slack writes it."""
        return {
            "id": self.id,
            "team_id": "T0DEMO",
            "app_id": "A0DEMO",
            "bot_id": "B0BOT",
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "hash": self.hash,
            "private_metadata": "",
            "callback_id": "",
            "state": {"values": self.state},
            **self.content,
        }


@dataclass(slots=True)
class Trigger:
    """What a person's act hands over so that a modal may open: for three seconds, once."""

    user: str
    at: float
    view: str | None = None
    used: bool = False


@dataclass(slots=True)
class Views:
    """Every view that was opened, and the triggers that open them."""

    clock: Callable[[], float]
    known: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    counted: int = 0

    def trigger(self, user: str, view: str | None = None) -> str:
        """A new trigger id of something that `user` did (within a view)."""
        number = f"{len(self.triggers) + 1}.4242.demo"
        self.triggers[number] = Trigger(user, self.clock(), view)
        return number

    def add(self, user: str, content: Payload, previous: View | None = None) -> View:
        """Show a view, upon another one where there is one."""
        self.counted += 1
        number = f"V{self.counted:04d}"
        made = View(number, user, content, self.hash(), previous.root if previous else number)
        made.previous = previous.id if previous else None
        self.known[number] = made
        return made

    def hash(self) -> str:
        """Another one each time it is asked for."""
        self.counted += 1
        return f"1788762600.{self.counted:08x}"

    def top(self, user: str) -> View | None:
        """The modal that lies on top for a user."""
        shown = [each for each in self.known.values() if each.user == user and each.open]
        modals = [each for each in shown if each.content["type"] == "modal"]
        return modals[-1] if modals else None
