"""What the API answers when it does not take an event: problem details (RFC 9457) that say what is wrong,
where in the event, and how to mend it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from kamflow.errors import InputError, KamflowError, NotAllowed, NotFound
from kamflow.web.guard import TooLarge

MEDIA = "application/problem+json"
# Hints for the command line, as acts give them to people: `(--account KEY)`.
_COMMANDS = re.compile(r"\s*\((?:--|`kamflow)[^)]*\)|: `kamflow [^`]*`$")


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, its title, and what the sender does about it."""

    status: int
    title: str
    mend: str


KINDS: Mapping[str, Kind] = MappingProxyType({
    "unreadable": Kind(400, "This is not a CloudEvent.", "Correct the request; it will not become better."),
    "no-token": Kind(401, "No token that we know.", "Send the source's token: Authorization: Bearer TOKEN."),
    "not-allowed": Kind(403, "A source may not do that.", "Let a person do it in kamflow."),
    "unknown": Kind(404, "It is about something that kamflow does not know.",
                    "Import it first, then send the event again under the same id."),
    "no-such-page": Kind(404, "There is nothing at this address.", "Events are sent to POST /api/events."),
    "no-such-method": Kind(405, "This address does not take that method.", "See the header Allow."),
    "other-content": Kind(409, "This id was taken with another content.",
                          "Give what is new an id of its own."),
    "does-not-fit": Kind(409, "It does not fit what kamflow knows.",
                         "Correct the event, or what it is about in kamflow, then send it again."),
    "too-large": Kind(413, "The request is too large.", "Send fewer events at once."),
    "media-type": Kind(415, "This content type is not taken.",
                       "Send application/cloudevents+json, application/cloudevents-batch+json, or"
                       " application/json."),
    "not-as-described": Kind(422, "The event is not as described.",
                             "Correct the fields named in errors; /api/openapi.json describes them."),
    "too-many": Kind(429, "Too many requests.", "Wait as long as the header Retry-After says."),
    "trouble": Kind(503, "kamflow cannot take events now.", "Send the event again later under the same id."),
})  # fmt: skip
_OF_STATUS = {404: "no-such-page", 405: "no-such-method", 413: "too-large", 429: "too-many", 500: "trouble"}


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong: `pointer` is a JSON pointer into the event (RFC 6901), or names a header."""

    pointer: str
    detail: str


class Problem(Exception):
    """An event is not taken; nothing of the request was."""

    def __init__(
        self, kind: str, detail: str, errors: Sequence[Flaw] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(kind)
        self.kind: str = kind
        self.detail: str = detail
        self.errors: tuple[Flaw, ...] = tuple(errors)
        self.headers: dict[str, str] = dict(headers or {})

    def at(self, pointer: str) -> "Problem":
        """The same, of an event inside a batch."""
        moved = [Flaw(pointer + each.pointer, each.detail) for each in self.errors]
        return Problem(self.kind, self.detail, moved, self.headers)

    def answer(self) -> Response:
        """What the sender reads."""
        return answer(self.kind, self.detail, self.errors, self.headers)


class ProblemError(BaseModel):
    """One thing that is wrong."""

    pointer: str = Field(description="JSON pointer into the body (RFC 6901)", examples=["/data/people/0"])
    detail: str = Field(description="what is wrong there, and what was expected")


class ProblemDetails(BaseModel):
    """Why an event was not taken (RFC 9457)."""

    type: str = Field(description="the kind of problem", examples=["/api/docs#unknown"])
    title: str
    status: int
    detail: str = Field(description="what is wrong with this request")
    mend: str = Field(description="what to do about it")
    errors: list[ProblemError] = []


def answer(
    kind: str, detail: str, errors: Sequence[Flaw] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """The response of a problem."""
    known = KINDS[kind]
    body = {
        "type": f"/api/docs#{kind}",
        "title": known.title,
        "status": known.status,
        "detail": detail,
        "mend": known.mend,
        "errors": [asdict(each) for each in errors],
    }
    return Response(json.dumps(body, ensure_ascii=False), known.status, headers, MEDIA)


def worded(status: int, detail: str, headers: Mapping[str, str]) -> Response:
    """What the guard of the listener refused, as a problem."""
    kept = {name: value for name, value in headers.items() if name == "retry-after"}
    return answer(_OF_STATUS.get(status, "unreadable"), detail, headers=kept)


def of(error: InputError) -> Problem:
    """What an act refused, in the API's terms."""
    kind = "unknown" if isinstance(error, NotFound) else "does-not-fit"
    kind = "not-allowed" if isinstance(error, NotAllowed) else kind
    # Who may do it are names of our people, which another system need not have.
    said = KINDS[kind].title if kind == "not-allowed" else _COMMANDS.sub("", str(error))
    return Problem(kind, said, [Flaw("/data", said)])


def add(app: FastAPI) -> None:
    """Let the API answer every error in its own way."""
    app.add_exception_handler(Problem, lambda _, error: error.answer())  # type: ignore[attr-defined]
    app.add_exception_handler(TooLarge, lambda _, __: answer("too-large", "The body does not end."))
    app.add_exception_handler(KamflowError, lambda _, __: answer("trouble", "Try again later."))
    app.add_exception_handler(HTTPException, _http)
    # Answered so; then it goes on to the guard, which logs its kind.
    app.add_exception_handler(Exception, lambda _, __: answer("trouble", "Try again later."))


def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    kind = _OF_STATUS.get(error.status_code, "unreadable")
    return answer(kind, KINDS[kind].title, headers=error.headers)
