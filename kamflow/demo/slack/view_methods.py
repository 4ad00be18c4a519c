"""views.open, views.push, views.update and views.publish."""

from typing import Any

from kamflow.demo.slack.views import DEPTH, TRIGGER_SECONDS, View, view_problems
from kamflow.demo.slack.workspace import Payload, SlackError, Workspace


def views_open(workspace: Workspace, payload: Payload) -> Payload:
    """Open a modal for whoever did what the trigger is of."""
    user, _ = _exchanged(workspace, payload)
    return {"view": workspace.views.add(user, _checked(payload, "modal")).answer()}


def views_push(workspace: Workspace, payload: Payload) -> Payload:
    """Lay a modal upon the one the trigger comes from."""
    user, below = _exchanged(workspace, payload)
    at = workspace.views.known.get(below or "")
    if at is None:
        raise SlackError("invalid_trigger_id")
    depth, lower = 1, at
    while lower.previous:
        depth, lower = depth + 1, workspace.views.known[lower.previous]
    if depth >= DEPTH:
        raise SlackError("push_limit_reached")
    return {"view": workspace.views.add(user, _checked(payload, "modal"), at).answer()}


def views_update(workspace: Workspace, payload: Payload) -> Payload:
    """Show something else in an open view; with `hash` only if nobody else did meanwhile."""
    view = workspace.views.known.get(str(payload.get("view_id", "")))
    if view is None or not view.open:
        raise SlackError("not_found")
    if payload.get("hash") not in (None, view.hash):
        raise SlackError("hash_conflict")
    change(workspace, view, _checked(payload, view.content["type"]))
    return {"view": view.answer()}


def views_publish(workspace: Workspace, payload: Payload) -> Payload:
    """Show a user's Home tab."""
    user = workspace.user(str(payload.get("user_id", ""))).id
    content = _checked(payload, "home")
    known = workspace.views.homes.get(user)
    if known is None:
        known = workspace.views.homes[user] = workspace.views.add(user, content)
    elif payload.get("hash") not in (None, known.hash):
        raise SlackError("hash_conflict")
    else:
        change(workspace, known, content)
    return {"view": known.answer()}


def change(workspace: Workspace, view: View, content: Payload) -> None:
    """Show other content in a view; what was entered stays where its field does."""
    kept = {block.get("block_id"): block for block in content["blocks"]}
    view.content, view.hash, view.errors = content, workspace.views.hash(), {}
    view.state = {block: values for block, values in view.state.items() if block in kept}


def checked(view: Any, kind: str) -> Payload:
    """A view that Slack takes.

    Raises:
        SlackError: it does not, and says what is wrong.
    """
    found = view_problems(view)
    if not found and view["type"] != kind:
        found = [f"[ERROR] must be one of: {kind} [json-pointer:/view/type]"]
    if found:
        raise SlackError("invalid_arguments", messages=found)
    return view


def _checked(payload: Payload, kind: str) -> Payload:
    return checked(payload.get("view"), kind)


def _exchanged(workspace: Workspace, payload: Payload) -> tuple[str, str | None]:
    trigger = workspace.views.triggers.get(str(payload.get("trigger_id", "")))
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if workspace.clock() - trigger.at > TRIGGER_SECONDS:
        raise SlackError("expired_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    trigger.used = True
    return trigger.user, trigger.view
