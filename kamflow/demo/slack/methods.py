"""The Web API methods kamflow calls, each a function of the workspace and the payload."""

from collections.abc import Callable
from typing import Any

from kamflow.demo.slack.blocks import problems, too_long
from kamflow.demo.slack.view_methods import views_open, views_publish, views_push, views_update
from kamflow.demo.slack.workspace import Payload, SlackError, Workspace

MOST_TEXT = 40_000
MOST_METADATA = 8_000
TEAM = {"team": "kamflow demo", "team_id": "T0DEMO", "url": "https://demo.slack.example/"}

# What an app must have been granted; a method that is not named here needs nothing.
SCOPES = {
    "users.lookupByEmail": "users:read.email",
    "users.info": "users:read",
    "conversations.open": "im:write",
    "conversations.history": "im:history",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "apps.connections.open": "connections:write",
}

Method = Callable[[Workspace, Payload], Payload]


def auth_test(_: Workspace, _payload: Payload) -> Payload:
    """Say who the token is."""
    return {**TEAM, "user": "kamflow", "user_id": "U0BOT", "bot_id": "B0BOT"}


def users_lookup_by_email(workspace: Workspace, payload: Payload) -> Payload:
    """Find an active user by address."""
    return {"user": workspace.by_email(str(payload.get("email", ""))).answer()}


def users_info(workspace: Workspace, payload: Payload) -> Payload:
    """Find a user by id."""
    return {"user": workspace.user(str(payload.get("user", ""))).answer()}


def conversations_open(workspace: Workspace, payload: Payload) -> Payload:
    """Open the direct message with one user."""
    users = [user for user in str(payload.get("users", "")).split(",") if user]
    if len(users) != 1:
        raise SlackError("invalid_arguments", messages=["the fake opens conversations with one user only"])
    place, known = workspace.direct_message(users[0])
    return {"no_op": known, "already_open": known, "channel": {"id": place.id}}


def conversations_history(workspace: Workspace, payload: Payload) -> Payload:
    """Give the messages of a conversation, newest first, page by page."""
    place = workspace.conversation(str(payload.get("channel", "")))
    start, size = _page(payload)
    oldest = float(payload.get("oldest") or 0)
    latest = float(payload.get("latest") or "inf")
    ends = str(payload.get("inclusive", "")).lower() in ("1", "true")
    posts = [
        post
        for post in workspace.in_conversation(place.id)
        if oldest < float(post.ts) < latest or (ends and float(post.ts) in (oldest, latest))
    ]
    metadata = str(payload.get("include_all_metadata", "")).lower() in ("1", "true")
    more = len(posts) > start + size
    cursor = {"response_metadata": {"next_cursor": f"from:{start + size}"}} if more else {}
    messages = [post.answer(metadata) for post in posts[start : start + size]]
    return {"messages": messages, "has_more": more, **cursor}


def chat_post_message(workspace: Workspace, payload: Payload) -> Payload:
    """Post into a conversation, or into the direct message of a user id."""
    place = workspace.conversation(str(payload.get("channel", "")))
    text, blocks = _content(workspace, payload)
    post = workspace.add(place, text, blocks, _metadata(payload))
    return {"channel": post.channel, "ts": post.ts, "message": post.answer(with_metadata=True)}


def chat_update(workspace: Workspace, payload: Payload) -> Payload:
    """Replace text and blocks of a message."""
    place = workspace.conversation(str(payload.get("channel", "")))
    text, blocks = _content(workspace, payload)
    for post in workspace.in_conversation(place.id):
        if post.ts == payload.get("ts"):
            post.text, post.blocks, post.edited = text, blocks, True
            post.metadata = _metadata(payload) or post.metadata
            return {"channel": post.channel, "ts": post.ts, "text": text, "message": post.answer(True)}
    raise SlackError("message_not_found")


def chat_post_ephemeral(workspace: Workspace, payload: Payload) -> Payload:
    """Whisper to one user of a conversation."""
    place = workspace.conversation(str(payload.get("channel", "")))
    user = workspace.user(str(payload.get("user", "")))
    if place.user is not None and place.user.id != user.id:
        raise SlackError("user_not_in_channel")
    return {"message_ts": workspace.whisper(place.id, user.id, *_content(workspace, payload)).ts}


METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "users.lookupByEmail": users_lookup_by_email,
    "users.info": users_info,
    "conversations.open": conversations_open,
    "conversations.history": conversations_history,
    "chat.postMessage": chat_post_message,
    "chat.update": chat_update,
    "chat.postEphemeral": chat_post_ephemeral,
    "views.open": views_open,
    "views.push": views_push,
    "views.update": views_update,
    "views.publish": views_publish,
}


def _page(payload: Payload) -> tuple[int, int]:
    cursor, limit = str(payload.get("cursor") or "from:0"), int(payload.get("limit") or 100)
    if not cursor.startswith("from:"):
        raise SlackError("invalid_cursor")
    if not 0 < limit < 1000:
        raise SlackError("invalid_limit")
    return int(cursor.removeprefix("from:")), limit


def _content(workspace: Workspace, payload: Payload) -> tuple[str, list[Payload]]:
    text, blocks = str(payload.get("text") or ""), payload.get("blocks") or []
    attachments = payload.get("attachments") or []
    if not isinstance(blocks, list) or not isinstance(attachments, list):
        raise SlackError("invalid_blocks_format")
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > MOST_TEXT:
        raise SlackError("msg_too_long")
    _check_blocks(blocks, attachments)
    if workspace.enforce_limits and too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    return text, blocks


def _check_blocks(blocks: list[Any], attachments: list[Any]) -> None:
    found = problems(blocks)
    for index, attachment in enumerate(attachments):
        inner = attachment.get("blocks", []) if isinstance(attachment, dict) else None
        found += problems(inner, f"/attachments/{index}/blocks")
    if found:
        raise SlackError("invalid_blocks", messages=found)


def _metadata(payload: Payload) -> Payload | None:
    metadata = payload.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(str(metadata)) > MOST_METADATA:
        raise SlackError("metadata_too_large")
    return metadata
