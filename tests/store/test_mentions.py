"""Which names in facts stand for an id."""

from types import MappingProxyType

from kamflow.store.mentions import mentioned


def test_ids_are_found_wherever_they_stand() -> None:
    facts = {
        "account": 1,
        "owner": None,
        "weight": 2.5,
        "title": "contact 9",
        "cells": [{"contact": 7, "targets": (3, 4), "gap": 1}, {"contact": 7, "count": 12}],
        "by_region": MappingProxyType({"persons": [5]}),
    }
    assert mentioned(facts) == {
        ("accounts", 1),
        ("contacts", 7),
        ("targets", 3),
        ("targets", 4),
        ("gaps", 1),
        ("persons", 5),
    }
    assert mentioned([1, 2]) == mentioned("account") == mentioned(None) == set()
