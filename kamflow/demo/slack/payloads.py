"""What Slack tells an app of what a user did, in the shape of its documentation."""

from typing import Any

from kamflow.demo.slack.views import View
from kamflow.demo.slack.workspace import Payload, Post, SlackUser, Whisper

TEAM = {"id": "T0DEMO", "domain": "demo"}
COMMON: Payload = {"api_app_id": "A0DEMO", "token": "", "enterprise": None, "is_enterprise_install": False}
# What a user chose in each kind of element, under the name Slack gives it.
CHOSEN = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "plain_text_input": "value",
    "number_input": "value",
}
ONE, SEVERAL = ("static_select", "external_select", "overflow", "radio_buttons"), ("checkboxes",)


def person(user: SlackUser) -> Payload:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": TEAM["id"]}


def acted(element: Payload, block_id: str, chosen: Any, at: str) -> Payload:
    """One entry of `actions`: an element that was clicked or chosen from."""
    kind = element["type"]
    said: Payload = {
        "type": kind,
        "action_id": element.get("action_id", ""),
        "block_id": block_id,
        "action_ts": at,
    }
    if kind == "button":
        return said | {name: element[name] for name in ("text", "value", "style") if name in element}
    return said | value_of(element, chosen)


def value_of(element: Payload, chosen: Any) -> Payload:
    """What an element holds, as `actions` and `state.values` say it."""
    kind = element["type"]
    if kind in ONE:
        return {"selected_option": _option(element, chosen) if chosen is not None else None}
    if kind in SEVERAL or (kind.startswith("multi_") and kind.endswith(("static_select", "external_select"))):
        return {"selected_options": [_option(element, each) for each in chosen or ()]}
    return {CHOSEN[kind]: chosen}


def initial(element: Payload) -> Payload:
    """What an input holds before anybody touched it."""
    kind = element["type"]
    if "initial_option" in element:
        return {"selected_option": element["initial_option"]}
    if "initial_options" in element:
        return {"selected_options": element["initial_options"]}
    if kind in CHOSEN:
        name = {"datepicker": "initial_date", "users_select": "initial_user"}.get(kind, "initial_value")
        return {CHOSEN[kind]: element.get(name)}
    return value_of(element, None)


def on_message(
    user: SlackUser, post: Post | Whisper, action: Payload, trigger: str, response_url: str
) -> Payload:
    """`block_actions` of a message; of one that only the user sees Slack does not say what it was."""
    seen = {"message": post.answer(with_metadata=True)} if isinstance(post, Post) else {}
    return {
        "type": "block_actions",
        **COMMON,
        "user": person(user),
        "team": TEAM,
        "trigger_id": trigger,
        "container": {
            "type": "message",
            "message_ts": post.ts,
            "channel_id": post.channel,
            "is_ephemeral": isinstance(post, Whisper),
        },
        "channel": {"id": post.channel, "name": "directmessage"},
        **seen,
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }


def on_view(user: SlackUser, view: View, action: Payload, trigger: str) -> Payload:
    """`block_actions` of a modal or of the Home tab."""
    return {
        "type": "block_actions",
        **COMMON,
        "user": person(user),
        "team": TEAM,
        "trigger_id": trigger,
        "container": {"type": "view", "view_id": view.id},
        "view": view.answer(),
        "actions": [action],
    }


def submission(user: SlackUser, view: View, trigger: str) -> Payload:
    """`view_submission`."""
    return {
        "type": "view_submission",
        **COMMON,
        "user": person(user),
        "team": TEAM,
        "trigger_id": trigger,
        "view": view.answer(),
        "response_urls": [],
    }


def suggestion(user: SlackUser, view: View, element: Payload, block_id: str, typed: str) -> Payload:
    """`block_suggestion`: the options of a menu that the app fills."""
    return {
        "type": "block_suggestion",
        **COMMON,
        "user": person(user),
        "team": TEAM,
        "container": {"type": "view", "view_id": view.id},
        "view": view.answer(),
        "action_id": element["action_id"],
        "block_id": block_id,
        "value": typed,
    }


def command(user: SlackUser, name: str, text: str, channel: str, trigger: str, response_url: str) -> Payload:
    """A slash command; these are strings all, as in a form."""
    return {
        "token": "",
        "team_id": TEAM["id"],
        "team_domain": TEAM["domain"],
        "channel_id": channel,
        "channel_name": "directmessage",
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": COMMON["api_app_id"],
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def home_opened(user: SlackUser, number: int) -> Payload:
    """The event that somebody looks at the app's Home tab."""
    event = {"type": "app_home_opened", "user": user.id, "channel": f"D{user.id[1:]}", "tab": "home"}
    return {
        "type": "event_callback",
        "team_id": TEAM["id"],
        "api_app_id": COMMON["api_app_id"],
        "token": "",
        "event_id": f"Ev{number:04d}",
        "event_time": 1_788_762_600,
        "authorizations": [{"team_id": TEAM["id"], "user_id": "U0BOT", "is_bot": True}],
        "event": {**event, "event_ts": f"1788762600.{number:06d}"},
    }


def _option(element: Payload, value: str) -> Payload:
    known = element.get("options") or [
        each for group in element.get("option_groups", ()) for each in group["options"]
    ]
    return next((each for each in known if each["value"] == value), {"value": value})
