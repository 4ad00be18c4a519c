"""The API as OpenAPI: what FastAPI cannot see, since one address takes three content types."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from kamflow.web.api import problems
from kamflow.web.api.envelope import BATCH, MOST, PLAIN, SINGLE
from kamflow.web.api.events import AnyEvent
from kamflow.web.api.problems import KINDS, ProblemDetails

_REF = "#/components/schemas/{model}"
_EVENT = {"$ref": "#/components/schemas/Event"}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            SINGLE: {"schema": _EVENT},
            BATCH: {"schema": {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": MOST}},
            PLAIN: {"schema": _EVENT},
        },
    }
}
_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After"}


def refusals(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The documented answers of these kinds of problems."""
    found: dict[int | str, dict[str, Any]] = {}
    for name in kinds:
        kind = KINDS[name]
        said = found.setdefault(kind.status, {"description": ""})
        said["description"] = f"{said['description']} {kind.title} {kind.mend}".strip()
        said["content"] = {problems.MEDIA: {"schema": {"$ref": _REF.format(model="ProblemDetails")}}}
        if kind.status in _HEADERS:
            said["headers"] = {_HEADERS[kind.status]: {"schema": {"type": "string"}}}
    return found


def described(app: FastAPI) -> dict[str, Any]:
    """The schema, with the events as components of their own."""
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes,
        servers=[{"url": "/api"}],
    )  # fmt: skip
    event = TypeAdapter(AnyEvent).json_schema(ref_template=_REF)
    problem = ProblemDetails.model_json_schema(ref_template=_REF)
    schemas = cast("dict[str, Any]", made.setdefault("components", {}).setdefault("schemas", {}))
    for each in (event, problem):
        schemas |= each.pop("$defs", {})
    schemas |= {"Event": event, "ProblemDetails": problem}
    return made
