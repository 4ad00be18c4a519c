"""The Bolt app: which listener hears what. Slack is answered first, whatever takes longer follows."""

import logging
import re
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from kamflow.web.slack import clicks, command, home, opening, sending
from kamflow.web.slack.door import Door, log
from kamflow.web.slack.failures import FAILURES
from kamflow.web.slack.member import strangers

Body = Mapping[str, Any]
_OURS = re.compile(r"^kamflow:")


def bolt(door: Door) -> AsyncApp:
    """The app of a door. No call to Slack is needed to start, and none to know who we are."""
    settings = door.site.settings.slack
    token = settings.token.get_secret_value() if settings.token else ""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

    app = AsyncApp(
        name="kamflow",
        client=door.client,
        authorize=authorize,
        # Requests are checked by our own route, with our own clock; Socket Mode needs no check.
        request_verification_enabled=False,
        signing_secret="checked elsewhere",  # noqa: S106 - never used
        logger=_silent_log(),
    )
    _listen(app, door)
    return app


def _silent_log() -> logging.Logger:
    """Bolt's own log: its warnings hold whole requests."""
    silent = logging.getLogger("kamflow.slack_bolt")
    silent.setLevel(logging.ERROR)
    return silent


def _listen(app: AsyncApp, door: Door) -> None:
    @app.action("account")
    async def account(ack: Any, body: Body) -> None:
        await ack()
        await _safely(door, body, sending.chosen_account(door, body))

    @app.action(_OURS)
    async def click(ack: Any, body: Body) -> None:
        await ack()
        await _safely(door, body, clicks.clicked(door, body))

    @app.view(_OURS)
    async def sent(ack: Any, body: Body) -> None:
        await _safely(door, body, sending.sent(door, ack, body))

    @app.options("account")
    async def suggest(ack: Any, body: Body) -> None:
        me = await door.member(str(body["user"]["id"]))
        text = str(body.get("value") or "")
        await ack(options=await door.work(opening.suggested, door.site, me, text) if me else [])

    @app.command(command.COMMAND)
    async def typed(ack: Any, body: Body) -> None:
        await ack()
        await _safely(door, body, command.typed(door, body))

    @app.event("app_home_opened")
    async def opened(event: Body) -> None:
        if event.get("tab") == "home":
            await _safely(door, event, home.opened(door, str(event["user"])))


async def _safely(door: Door, body: Body, doing: Awaitable[None]) -> None:
    """Say that something went wrong where somebody waits for an answer; the log names no content."""
    try:
        await doing
    except Exception as error:  # noqa: BLE001 - whatever it is, who clicked must not wait for nothing
        log.error("slack.failed", error=type(error).__name__, kind=str(body.get("type") or "command"))
        if url := body.get("response_url"):
            # Where Slack itself is away, Bolt would log what failed with its address, which is a key.
            with suppress(*FAILURES):
                await door.answer(str(url), text=strangers(door.site).answer("trouble"))
