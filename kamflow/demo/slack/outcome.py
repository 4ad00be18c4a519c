"""What a rule of the fake may let happen instead of an answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from kamflow.demo.slack.workspace import Payload, SlackError

# "drop" and "hang" come before the method is carried out; with "answer" it is, and its answer is lost.
Lost = Literal["drop", "hang", "drop answer", "hang answer"]


@dataclass(frozen=True, slots=True)
class Done:
    """The method is carried out, and this is answered nevertheless."""

    says: web.StreamResponse | SlackError


Outcome = Payload | web.StreamResponse | SlackError | Lost | Done | None
Rule = Callable[[str, Payload], Outcome]


def answer(outcome: Outcome) -> web.StreamResponse | None:
    """The answer that an outcome is, if it is one."""
    if isinstance(outcome, Done):
        return answer(outcome.says)
    if isinstance(outcome, SlackError):
        return refusal(outcome)
    if isinstance(outcome, web.StreamResponse):
        return outcome
    return web.json_response(outcome) if isinstance(outcome, dict) else None


def refusal(error: SlackError) -> web.Response:
    """Slack's no, as it goes over the wire."""
    if error.retry_after is None:
        return web.json_response(error.answer())
    return web.json_response(error.answer(), status=429, headers={"Retry-After": str(error.retry_after)})
