"""Read CloudEvents out of a request: structured (the envelope in the body), binary (in headers), batched."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from kamflow.web.api.events import AnyEvent
from kamflow.web.api.problems import Flaw, Problem

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
PLAIN = "application/json"
MOST = 100  # events in a batch

_ANY: TypeAdapter[Any] = TypeAdapter(Any)
_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
_IN_HEADERS = "ce-"


@dataclass(frozen=True)
class Sent:
    """The events of a request; `batch` where the answer is a list."""

    events: tuple[AnyEvent, ...]
    batch: bool = False


async def sent(request: Request) -> Sent:
    """What a request carries.

    Raises:
        Problem: another content type, not JSON, or not as described; says where.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in (SINGLE, BATCH, PLAIN):
        raise Problem("media-type", f"The content type is {media[:80]!r}." if media else "There is none.")
    body = _json(await request.body())
    if media == BATCH:
        return Sent(tuple(_batch(body)), batch=True)
    if media == PLAIN and any(name.startswith(_IN_HEADERS) for name in request.headers):
        body = _from_headers(request.headers) | {"data": body}
    return Sent((_event(body),))


def pointer(path: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(each).replace("~", "~0").replace("/", "~1") for each in path)


def _json(body: bytes) -> Any:
    try:
        read = _ANY.validate_json(body)
        json.dumps(read, allow_nan=False)  # NaN and Infinity are no JSON, whoever reads them
    except ValidationError as error:
        what = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
        raise Problem("unreadable", f"The body: {what}.") from None
    except ValueError as error:
        raise Problem("unreadable", f"The body is not JSON: {error}.") from None
    return read


def _batch(body: Any) -> Iterable[AnyEvent]:
    if not isinstance(body, list) or not 1 <= len(body) <= MOST:
        raise Problem("unreadable", f"A batch is a JSON array of 1 to {MOST} events.")
    for at, each in enumerate(body):
        try:
            yield _event(each)
        except Problem as problem:
            raise problem.at(f"/{at}") from None


def _from_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    found = {name.removeprefix(_IN_HEADERS): unquote(value) for name, value in headers.items()
             if name.startswith(_IN_HEADERS)}  # fmt: skip
    return {**found, "datacontenttype": PLAIN}


def _event(body: Any) -> AnyEvent:
    if not isinstance(body, dict):
        raise Problem("unreadable", "A CloudEvent is a JSON object.")
    try:
        # As JSON, strictly: a number is no day, and text is no number.
        return _EVENT.validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> Problem:
    found = [
        Flaw(pointer(_path(each["loc"], each["type"])), each["msg"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    what = "; ".join(f"{each.pointer}: {each.detail}" for each in found[:3])
    return Problem("not-as-described", what + ("; …" if len(found) > 3 else ""), found)


def _path(place: tuple[str | int, ...], kind: str) -> tuple[str | int, ...]:
    """Where it is in the event: pydantic puts the type in front, once it knows it."""
    return ("type",) if kind.startswith("union_tag") else place[1:]
