"""What kamflow asks of Slack: each method of the Web API it calls, and the scope that method needs.

The manifest of the app and `kamflow doctor` are made from this table; a test compares it with the calls in
the code and with the made-up Slack.
"""

from typing import Any

from kamflow.settings import Settings
from kamflow.web.slack.command import COMMAND

# Method -> scope of the bot's token; None: any token will do.
METHODS: dict[str, str | None] = {
    "auth.test": None,
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "im:history",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "views.open": None,
    "views.publish": None,
    "views.update": None,
}
# What the app-level token needs; Slack knows no method to ask which scopes it has.
APP_METHODS = {"apps.connections.open": "connections:write"}
# Looks a post up whose answer was lost, where operations are told in a channel: public, or private.
CHANNEL = ("channels:history", "groups:history")
REQUESTS = {"events": "/slack/events", "interactions": "/slack/interactions", "commands": "/slack/commands"}


def needed(settings: Settings) -> list[str]:
    """The scopes of the bot's token for these settings."""
    called = {scope for scope in METHODS.values() if scope}
    return sorted(called | {"commands"} | (set(CHANNEL) if settings.operations.slack_channel else set()))


def manifest(settings: Settings) -> dict[str, Any]:
    """The app as Slack is to make it: Socket Mode, or requests where a signing secret is set."""
    requests = settings.slack.signing_secret is not None and settings.slack.app_token is None
    base = (settings.web.internal_url or "https://kamflow.example.com").rstrip("/")
    to = {name: base + path for name, path in REQUESTS.items()}
    command = {
        "command": COMMAND,
        "description": "Your list, log a contact, remind me later, why, briefing",
        "usage_hint": "list | log | snooze 17 14.9. | why 17 | briefing Muster",
        "should_escape": False,
    }
    urls = {"request_url": to["interactions"], "message_menu_options_url": to["interactions"]}
    return {
        "display_information": {"name": "kamflow", "description": "What is due with your key accounts"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "kamflow", "always_online": True},
            "slash_commands": [command | ({"url": to["commands"]} if requests else {})],
        },
        "oauth_config": {"scopes": {"bot": needed(settings)}},
        "settings": {
            "event_subscriptions": ({"request_url": to["events"]} if requests else {})
            | {"bot_events": ["app_home_opened"]},
            "interactivity": {"is_enabled": True} | (urls if requests else {}),
            "socket_mode_enabled": not requests,
            "token_rotation_enabled": False,
        },
    }
