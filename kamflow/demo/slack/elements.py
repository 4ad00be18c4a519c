"""Block Kit's elements (buttons, menus, inputs) with Slack's limits, as tables of checks."""

from collections.abc import Iterator, Mapping

from kamflow.demo.slack.checks import (
    Check,
    anything,
    day,
    flag,
    listed,
    number,
    one_of,
    problem,
    shape,
    string,
    text,
    typed,
    url,
)

_CONFIRM = shape(
    {"title": text(100, plain=True), "text": text(300), "confirm": text(30, plain=True)},
    {"deny": text(30, plain=True), "style": one_of("primary", "danger")},
)
_OPTION = shape({"text": text(75), "value": string(150)}, {"description": text(75), "url": url})
_OPTIONS = listed(_OPTION, 100)
_GROUP = shape({"label": text(75, plain=True), "options": _OPTIONS})
_GROUPS = listed(_GROUP, 100)
_PLACEHOLDER = {"placeholder": text(150, plain=True)}
_NAMES = listed(string(255), 1000)


def _element(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    common = {"action_id": string(255), "confirm": _CONFIRM, "focus_on_load": flag}
    return shape({"type": anything, **required}, {**common, **(optional or {})})


def _either(first: str, second: str, check: Check) -> Check:
    """Demand exactly one of two fields beside what `check` says."""

    def check_both(value: object, at: str) -> Iterator[str]:
        yield from check(value, at)
        if isinstance(value, dict) and (first in value) == (second in value):
            yield problem(f"one of {first}, {second} is required, not both", at)

    return check_both


def _static(initial: Mapping[str, Check]) -> Check:
    lists = {"options": _OPTIONS, "option_groups": _GROUPS}
    return _either("options", "option_groups", _element({}, {**_PLACEHOLDER, **lists, **initial}))


def _menu(*words: str, several: bool = False) -> Check:
    extra: dict[str, Check] = dict.fromkeys(words, anything)
    if several:
        extra["max_selected_items"] = number
    return _element({}, {**_PLACEHOLDER, **extra})


def _choice(initial: Mapping[str, Check]) -> Check:
    return _element({"options": listed(_OPTION, 10)}, initial)


def _input(*words: str) -> Check:
    return _element(
        {}, {**_PLACEHOLDER, "dispatch_action_config": anything, **dict.fromkeys(words, anything)}
    )


IMAGE = _either(
    "image_url",
    "slack_file",
    shape({"type": anything, "alt_text": string(2000)}, {"image_url": url, "slack_file": anything}),
)
BUTTON = _element(
    {"text": text(75, plain=True)},
    {
        "url": url,
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)

INTERACTIVE: dict[str, Check] = {
    "button": BUTTON,
    "overflow": _element({"options": listed(_OPTION, 5)}),
    "checkboxes": _choice({"initial_options": listed(_OPTION, 10)}),
    "radio_buttons": _choice({"initial_option": _OPTION}),
    "datepicker": _element({}, {**_PLACEHOLDER, "initial_date": day}),
    "timepicker": _menu("initial_time", "timezone"),
    "datetimepicker": _menu("initial_date_time"),
    "static_select": _static({"initial_option": _OPTION}),
    "multi_static_select": _static({"initial_options": _OPTIONS, "max_selected_items": number}),
    "external_select": _menu("initial_option", "min_query_length"),
    "multi_external_select": _menu("initial_options", "min_query_length", several=True),
    "users_select": _menu("initial_user"),
    "multi_users_select": _menu("initial_users", several=True),
    "channels_select": _menu("initial_channel", "response_url_enabled"),
    "multi_channels_select": _menu("initial_channels", several=True),
    "conversations_select": _menu(
        "initial_conversation", "default_to_current_conversation", "response_url_enabled", "filter"
    ),
    "multi_conversations_select": _menu(
        "initial_conversations", "default_to_current_conversation", "filter", several=True
    ),
}
INPUTS: dict[str, Check] = {
    **{kind: check for kind, check in INTERACTIVE.items() if kind not in ("button", "overflow")},
    "plain_text_input": _input("initial_value", "multiline", "min_length", "max_length"),
    "email_text_input": _input("initial_value"),
    "url_text_input": _input("initial_value"),
    "number_input": _element(
        {"is_decimal_allowed": flag},
        {**_PLACEHOLDER, "dispatch_action_config": anything}
        | dict.fromkeys(("initial_value", "min_value", "max_value"), string(100)),
    ),
}

ACCESSORY = typed({**INTERACTIVE, "image": IMAGE})
ACTION = typed(INTERACTIVE)
INPUT = typed(INPUTS)
