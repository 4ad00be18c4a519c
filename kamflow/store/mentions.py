"""Which names in facts stand for an id, and of what."""

from collections.abc import Iterator, Mapping
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


def mentioned(facts: Any, name: str = "") -> Iterator[tuple[str, int]]:
    """Ids in facts, wherever they stand: `{"cells": [{"contact": 7}]}` mentions contact 7."""
    if isinstance(facts, Mapping):
        for key, value in facts.items():
            yield from mentioned(value, key)
    elif isinstance(facts, list | tuple):
        for value in facts:
            yield from mentioned(value, name)
    elif isinstance(facts, int) and (kind := MENTIONS.get(name.removesuffix("s"))):
        yield kind, facts
