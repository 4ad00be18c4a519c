"""Facts that hold texts themselves, with every text made literal: for documents that are kept nowhere."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from notifications.render.literal import clean

Facts = TypeVar("Facts")


def cleaned(facts: Facts) -> Facts:
    """The same facts; each text in them is one line that any channel can carry."""
    return _cleaned(facts)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        # A code is a text of its own type: it stays what it is.
        return clean(value).strip() if type(value) is str else value
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(map(_cleaned, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _cleaned(getattr(value, each.name)) for each in fields(value)})
    return value
