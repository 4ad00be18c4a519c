"""The kinds of documents: which template tells them, and how their facts are found.

A document comes from an effect `send_document`, whose facts name it; it is known to the outbox by its
template. Facts hold ids, figures and dates, never names or free text.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from kamflow.nudge import Effect
from kamflow.store import briefing_delta, briefing_facts, briefings_sent, quarter_summary
from kamflow.store.run import Run

Facts: TypeAlias = dict[str, Any]
# What the effect says that the page says too; its `document` is the page's `paper`.
SAID = ("person", "round", "revision", "reviewed", "released_on", "again")


class Kind(NamedTuple):
    """A kind of document. `copied`: the assistant of its reader has it too."""

    template: str
    facts: Callable[[Run, Sequence[Effect]], Sequence[Facts]]
    copied: bool = False


def _reports(run: Run, effects: Sequence[Effect]) -> list[Facts]:
    return [_report(run, effect.facts) for effect in effects]


def _report(run: Run, asked: Mapping[str, Any]) -> Facts:
    first, last = (date.fromisoformat(asked["quarter"][end]) for end in ("first", "last"))
    return quarter_summary.summary(run, first, last) | {"day": run.today.isoformat()}


def _briefings(run: Run, effects: Sequence[Effect]) -> list[Facts]:
    """Draft and briefing: the same page, at two times."""
    known = briefing_facts.gather(run, {effect.facts["round"] for effect in effects})
    return [known[effect.facts["round"]] | _said(effect) for effect in effects]


def _mornings(run: Run, effects: Sequence[Effect]) -> list[Facts]:
    """Only what changed since the paper that was sent last."""
    accounts = {effect.account for effect in effects if effect.account is not None}
    rounds = {effect.facts["round"] for effect in effects}
    known = briefing_facts.gather(run, rounds)
    sent = briefings_sent.last(run.session, accounts, rounds)
    made: list[Facts] = []
    for effect in effects:
        now = known[effect.facts["round"]]
        before = sent[effect.facts["round"], effect.facts["person"]]
        kept = ("as_of", "account", "meeting", "day", "starts_at", "compared")
        changes = briefing_delta.changes(before, now["compared"])
        made.append({key: now[key] for key in kept} | _said(effect) | {"changes": changes})
    return made


def _replanned(run: Run, effects: Sequence[Effect]) -> list[Facts]:
    """Which dates a move has moved, as the rule found them."""
    said = ("person", "round", "revision", "was", "day", "moved", "due", "dropped", "dates")
    return [
        {key: effect.facts[key] for key in said}
        | {"paper": "replanned", "account": effect.account, "as_of": run.today.isoformat()}
        for effect in effects
    ]


def _said(effect: Effect) -> Facts:
    return {key: effect.facts[key] for key in SAID} | {"paper": effect.facts["document"]}


KINDS: Mapping[str, Kind] = {
    "report": Kind("quarterly_report", _reports),
    "draft": Kind("briefing", _briefings),
    "briefing": Kind("briefing", _briefings, copied=True),
    "morning": Kind("briefing_change", _mornings, copied=True),
    "replanned": Kind("meeting_replanned", _replanned),
}
