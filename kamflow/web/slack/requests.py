"""What Slack sends as requests to our own pages, where Socket Mode is not wanted: signed, at most five
minutes old. Off without a signing secret.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import PlainTextResponse

from kamflow.web import limits
from kamflow.web.site import Site, site_of

AT_MOST = 300  # seconds
PATHS = ("/slack/events", "/slack/commands", "/slack/interactions")

log = structlog.get_logger()
router = APIRouter()


@router.post("/slack/events")
@router.post("/slack/commands")
@router.post("/slack/interactions")
async def told(request: Request) -> Response:
    """Check that it is Slack, then hand it to Bolt."""
    site, body = site_of(request), await request.body()
    client = request.client.host if request.client else ""
    secret = site.settings.slack.signing_secret
    if secret is None or not secret.get_secret_value():
        return PlainTextResponse("not found", 404)
    why = wrong(secret.get_secret_value(), request, body, site.now())
    if why is not None:
        log.warning("slack.refused", path=request.url.path, why=why)
        if not site.limits.hit(limits.GUESSES, "slack", client):
            return PlainTextResponse("too many wrong requests: try again later", 429)
        return PlainTextResponse("not from Slack, or too old", 401)
    return await _dispatched(request.app, site, request, body)


def wrong(secret: str, request: Request, body: bytes, now: datetime) -> str | None:
    """Why a request is not Slack's; None: it is."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        return "no timestamp"
    signed = hmac.new(secret.encode(), b"v0:%b:%b" % (stamp.encode(), body), hashlib.sha256)
    if not hmac.compare_digest(f"v0={signed.hexdigest()}".encode(), signature.encode("utf-8", "replace")):
        return "signature"
    if abs((now - datetime.fromtimestamp(int(stamp), UTC)).total_seconds()) > AT_MOST:
        return "too old"
    return None


async def _dispatched(app: FastAPI, site: Site, request: Request, body: bytes) -> Response:
    # Not at the top: without Slack nobody waits for it to be loaded.
    from slack_bolt.request.async_request import AsyncBoltRequest  # noqa: PLC0415

    from kamflow.web.slack.app import bolt  # noqa: PLC0415
    from kamflow.web.slack.door import Door  # noqa: PLC0415

    if getattr(app.state, "slack", None) is None:
        app.state.slack = bolt(Door(site))
    headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in request.headers.items()}
    answer = await app.state.slack.async_dispatch(
        AsyncBoltRequest(body=body.decode("utf-8", "replace"), headers=headers)
    )
    return Response(answer.body, answer.status, media_type=answer.first_headers().get("content-type"))
