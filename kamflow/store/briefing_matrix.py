"""The contact matrix [Kontaktplan-Matrix] in small: our people x contacts, as the rule counts."""

from collections.abc import Collection
from typing import Any

from kamflow.store import contacts
from kamflow.store.run import Run


def of_accounts(run: Run, accounts: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """One line per account that has contact targets today, those with the most influence first."""
    found: dict[int, list[dict[str, Any]]] = {}
    for each in contacts.cells(run, frozenset(accounts)):
        cells = [cell for cell in each.cells if cell.soll and not cell.gone]
        if cells:
            found[each.account] = [
                {
                    "matrix": "contacts",
                    "as_of": each.as_of.isoformat() if each.as_of else None,
                    "source": each.source,
                    "cells": [
                        {
                            "target": cell.target,
                            "person": cell.person,
                            "contact": cell.contact,
                            "soll": cell.soll,
                            "held": cell.held,
                            "booked": len(cell.booked),
                            "influence": cell.influence,
                            "first": cell.first.isoformat(),
                            "last": cell.last.isoformat(),
                        }
                        for cell in sorted(cells, key=lambda cell: (-cell.weight, cell.contact, cell.person))
                    ],
                }
            ]
    return found
