"""Which names in facts stand for an id, and of what."""

from collections.abc import Mapping
from typing import Any

# Facts hold ids under these names; which kind of row they belong to.
MENTIONS = {
    "account": "accounts",
    "author": "persons",
    "comment": "comments",
    "complaint": "complaints",
    "contact": "contacts",
    "department": "departments",
    "for_person": "persons",
    "gap": "gaps",
    "goal": "goals",
    "kam": "persons",
    "lead": "persons",
    "measure": "measures",
    "note": "notes",
    "owner": "persons",
    "pause": "pauses",
    "person": "persons",
    "place": "roles",
    "question": "questions",
    "request": "requests",
    "round": "places",
    "service": "services",
    "service_given": "returns",
    "specialist": "persons",
    "target": "targets",
    "to": "persons",
    "unused": "services",
}


_OF_NAME = {**MENTIONS, **{f"{name}s": kind for name, kind in MENTIONS.items()}}


def mentioned(facts: Any) -> set[tuple[str, int]]:
    """Ids in facts, wherever they stand: `{"cells": [{"contact": 7}]}` mentions contact 7."""
    found: set[tuple[str, int]] = set()
    _gather(facts, None, found)
    return found


def _gather(facts: Any, kind: str | None, found: set[tuple[str, int]]) -> None:
    # Called for each nudge that is told: what is frequent comes first.
    if isinstance(facts, int):
        if kind is not None:
            found.add((kind, facts))
    elif isinstance(facts, list | tuple):
        for value in facts:
            _gather(value, kind, found)
    elif isinstance(facts, Mapping):
        for name, value in facts.items():
            if value is not None and not isinstance(value, str):
                _gather(value, _OF_NAME.get(name), found)
