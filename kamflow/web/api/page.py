"""The events as a page to read: a table per event, from the same schema, without a script."""

from dataclasses import dataclass
from typing import Any, get_args

from fastapi import Depends, Response
from pydantic import BaseModel

from kamflow.web.api.events import AnyEvent
from kamflow.web.api.problems import KINDS
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of


@dataclass(frozen=True)
class FieldSaid:
    """One field of an event as the page says it."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class EventSaid:
    """One event as the page says it."""

    name: str
    about: str
    fields: tuple[FieldSaid, ...]


def docs(site: Site = Depends(site_of)) -> Response:
    """What may be told, and what is answered."""
    return page(site, "api_docs/page.html.j2", "en", events=events(), problems=KINDS)


def events() -> list[EventSaid]:
    """All events, in the order of their schema."""
    union = get_args(AnyEvent)[0]
    return [_event(each) for each in get_args(union)]


def _event(model: type[BaseModel]) -> EventSaid:
    name = get_args(model.model_fields["type"].annotation)[0]
    data = model.model_fields["data"].annotation
    assert isinstance(data, type) and issubclass(data, BaseModel)  # noqa: S101, PT018 - events.py says so
    schema = data.model_json_schema()
    required = schema.get("required", [])
    fields = tuple(
        FieldSaid(key, _kind(said), key in required, _about(said))
        for key, said in schema["properties"].items()
    )
    return EventSaid(name, " ".join((data.__doc__ or "").replace("`", "").split()), fields)


def _about(said: dict[str, Any]) -> str:
    """What it means; where it may be left out, that of what it is otherwise."""
    return said.get("description") or next(filter(None, map(_about, said.get("anyOf", []))), "")


def _kind(said: dict[str, Any]) -> str:
    """A type in a word or two."""
    if "anyOf" in said:
        return _kind(next(each for each in said["anyOf"] if each.get("type") != "null"))
    if "enum" in said:
        return " | ".join(said["enum"])
    if said.get("type") == "array":
        return "list of text"
    return {"date": "day, 2026-09-30", "date-time": "2026-09-30T10:00:00+02:00"}.get(
        said.get("format", ""), {"string": "text", "integer": "whole number"}.get(said.get("type", ""), "")
    )
