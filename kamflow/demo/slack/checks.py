"""Small checks of Block Kit JSON, each a function from a value and its place to what is wrong with it.

The words are those Slack answers in `response_metadata.messages`.
"""

import re
from collections.abc import Callable, Iterator, Mapping

Check = Callable[[object, str], Iterator[str]]


def problem(words: str, at: str) -> str:
    """`[ERROR] words [json-pointer:/blocks/0/text]`."""
    return f"[ERROR] {words} [json-pointer:{at}]"


def anything(_value: object, _at: str) -> Iterator[str]:
    """Accept whatever Slack looks at more closely than we need to."""
    yield from ()


def flag(value: object, at: str) -> Iterator[str]:
    """Check for true or false."""
    if not isinstance(value, bool):
        yield problem("must be a boolean", at)


def number(value: object, at: str) -> Iterator[str]:
    """Check for a number; Slack takes it as text too."""
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        yield problem("must be a number", at)


def string(most: int, least: int = 1) -> Check:
    """Check the length of a text."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif len(value) < least:
            yield problem(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield problem(f"must be less than {most + 1} characters", at)

    return check


def day(value: object, at: str) -> Iterator[str]:
    """Check for a date such as 2026-09-14."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        yield problem("must be in YYYY-MM-DD format", at)


def one_of(*allowed: str) -> Check:
    """Check for one of a few words."""

    def check(value: object, at: str) -> Iterator[str]:
        if value not in allowed:
            yield problem(f"must be one of: {', '.join(allowed)}", at)

    return check


def url(value: object, at: str) -> Iterator[str]:
    """Check for an address of at most 3000 characters that a click may lead to."""
    wrong = list(string(3000)(value, at))
    yield from wrong
    if not wrong and not str(value).startswith(("https://", "http://", "mailto:", "slack:", "tel:")):
        yield problem("invalid url", at)


def listed(check: Check, most: int, least: int = 1) -> Check:
    """Check the length of a list and each of its items."""

    def check_list(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", at)
            return
        if len(value) < least:
            yield problem(f"no fewer than {least} items allowed", at)
        if len(value) > most:
            yield problem(f"no more than {most} items allowed", at)
        for index, item in enumerate(value):
            yield from check(item, f"{at}/{index}")

    return check_list


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Check an object: nothing missing, nothing unknown, every value right."""
    known = {**required, **(optional or {})}

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        for name in required:
            if name not in value:
                yield problem(f"missing required field: {name}", at)
        for name, inner in value.items():
            if name in known:
                yield from known[name](inner, f"{at}/{name}")
            else:
                yield problem(f"invalid additional property: {name}", at)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """Check an object by what stands for its `type`."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
        elif check_kind := kinds.get(str(value.get("type"))):
            yield from check_kind(value, at)
        else:
            yield problem(f"unsupported type: {value.get('type')}", f"{at}/type")

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """Check a text object: `plain_text`, or `mrkdwn` where it is allowed."""
    words = {"type": anything, "text": string(most)}
    kinds = {"plain_text": shape(words, {"emoji": flag})}
    if not plain:
        kinds["mrkdwn"] = shape(words, {"verbatim": flag})
    return typed(kinds)
