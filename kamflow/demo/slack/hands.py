"""What people do in the made-up workspace: click, choose, fill in, type a command, open the Home tab.

Each waits until the app has acknowledged it; what the app does then comes after: wait for it with `until`.
They may be awaited from any thread's loop.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from itertools import count
from typing import Any, TypeVar

from kamflow.demo.slack import payloads
from kamflow.demo.slack.link import Link
from kamflow.demo.slack.view_methods import change, checked
from kamflow.demo.slack.views import View
from kamflow.demo.slack.workspace import Payload, Post, Whisper, Workspace

T = TypeVar("T")


class Hands:
    """The acting side of a `SlackServer`, which says where its answers are to be sent (`reply_url`)."""

    workspace: Workspace
    link: Link
    loop: asyncio.AbstractEventLoop | None = None

    def __init__(self) -> None:
        self._times = count(1)
        self._changed = asyncio.Event()

    def reply_url(self, channel: str, user: str, ts: str | None) -> str:
        raise NotImplementedError

    async def click(
        self,
        where: Post | View | Whisper,
        action_id: str,
        user: str,
        chosen: Any = None,
        block: str | None = None,
    ) -> None:
        """Click on (choose from) an element of a post or view; `chosen` is the date or the option's value."""
        element, block_id = _element(where.blocks, action_id, block)
        action = payloads.acted(element, block_id, chosen, f"1788762600.{next(self._times):06d}")
        member = self.workspace.user(user)
        if isinstance(where, Post | Whisper):
            trigger = self.workspace.views.trigger(user)
            url = self.reply_url(where.channel, user, where.ts)
            said = payloads.on_message(member, where, action, trigger, url)
        else:
            trigger = self.workspace.views.trigger(user, where.id)
            where.state.setdefault(block_id, {})[action_id] = {"type": element["type"]} | {
                name: value for name, value in action.items() if name.startswith(("selected", "value"))
            }
            said = payloads.on_view(member, where, action, trigger)
        await self._here(self.link.deliver("interactive", said))

    async def command(self, user: str, text: str = "", name: str = "/kam") -> None:
        """Type a slash command into one's direct message with the app."""
        member, place = self.workspace.user(user), self.workspace.direct_message(user)[0]
        trigger, url = self.workspace.views.trigger(user), self.reply_url(place.id, user, None)
        said = payloads.command(member, name, text, place.id, trigger, url)
        answer = await self._here(self.link.deliver("slash_commands", said, answers=True))
        if answer:
            self.answered(place.id, user, None, answer)

    async def submit(self, view: View, values: Mapping[str, Any] | None = None) -> Mapping[str, str]:
        """Fill a modal in (action id -> what is chosen or typed) and send it; return the errors shown."""
        for block in view.blocks:
            if block["type"] == "input":
                element = block["element"]
                action, given = element["action_id"], dict(values or {})
                held = view.state.get(block["block_id"], {}).get(action) or payloads.initial(element)
                chosen = payloads.value_of(element, given[action]) if action in given else held
                view.state.setdefault(block["block_id"], {})[action] = {"type": element["type"], **chosen}
        said = payloads.submission(
            self.workspace.user(view.user), view, self.workspace.views.trigger(view.user, view.id)
        )
        answer = await self._here(self.link.deliver("interactive", said, answers=True))
        self._closed(view, answer)
        return view.errors

    async def typed(self, view: View, action_id: str, text: str = "") -> list[Payload]:
        """Look into a menu that the app fills; return its options."""
        element, block_id = _element(view.blocks, action_id, None)
        said = payloads.suggestion(self.workspace.user(view.user), view, element, block_id, text)
        answer = await self._here(self.link.deliver("interactive", said, answers=True))
        return answer.get("options", [])

    async def open_home(self, user: str) -> None:
        """Look at the app's Home tab."""
        said = payloads.home_opened(self.workspace.user(user), next(self._times))
        await self._here(self.link.deliver("events_api", said))

    async def until(self, found: Callable[[], T], seconds: float = 30) -> T:
        """Wait until the app has done what is looked for, and return it."""
        return await self._here(asyncio.wait_for(self._until(found), seconds))

    async def connected(self, seconds: float = 30) -> None:
        """Wait until the app is there."""
        await self._here(self.link.connected(seconds))

    async def told_again(self) -> None:
        """Let Slack tell once more what it told last, as if the app's answer had been lost."""
        await self._here(self.link.again(self.link.sent[-1]))

    async def refresh(self) -> None:
        """Let Slack ask the app to connect anew, and wait until it has."""
        await self._here(self.link.refresh())

    async def hang_up(self) -> None:
        """Let Slack close every connection without a word."""
        await self._here(self.link.hang_up())

    def answered(self, channel: str, user: str, ts: str | None, said: Payload) -> None:
        """The app answered a command or a click; `ts` is the post that was clicked on."""
        raise NotImplementedError

    def happened(self) -> None:
        """Look again whether what somebody waits for is there."""
        self._changed.set()

    async def _until(self, found: Callable[[], T]) -> T:
        while not (value := found()):
            self._changed.clear()
            await self._changed.wait()
        return value

    def _closed(self, view: View, answer: Payload) -> None:
        action = answer.get("response_action")
        if action == "errors":
            view.errors = dict(answer["errors"])
        elif action in ("update", "push"):
            content = checked(answer["view"], "modal")
            if action == "update":
                change(self.workspace, view, content)
            else:
                self.workspace.views.add(view.user, content, view)
        else:
            view.open, view.errors = False, {}

    async def _here(self, doing: Coroutine[Any, Any, T]) -> T:
        """Do it on the loop the server runs on, whoever asks."""
        if self.loop is None or asyncio.get_running_loop() is self.loop:
            return await doing
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(doing, self.loop))


def _element(blocks: list[Payload], action_id: str, block: str | None) -> tuple[Payload, str]:
    """The element with this action id, and the id of its block."""
    for each in blocks:
        inside = [*each.get("elements", ()), each.get("accessory"), each.get("element")]
        for element in inside:
            known = isinstance(element, dict) and element.get("action_id") == action_id
            if known and block in (None, each.get("block_id")):
                return element, str(each.get("block_id", ""))
    raise LookupError(f"no {action_id} in {block or 'any block'}")
