"""The contact matrix [Kontaktplan-Matrix] in small: our people x contacts, as the rule counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from kamflow.figures.contact_cell import Cell
from kamflow.rules.contact_shortfall import AccountContacts
from kamflow.store import briefing_rows, contacts, families
from kamflow.store.run import Run


def of_accounts(run: Run, accounts: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """One line per account that has contact targets today, there or at its sites; those with the most
    influence first, and who of ours met each contact last."""
    family = families.below(accounts)
    pairs = run.session.execute(select(family.c.root, family.c.id)).tuples().all()
    counted = {each.account: each for each in contacts.cells(run, frozenset(each for _, each in pairs))}
    found: defaultdict[int, list[AccountContacts]] = defaultdict(list)
    for root, account in pairs:
        if account in counted and any(map(_planned, counted[account].cells)):
            found[root].append(counted[account])
    planned = {cell.contact for each in counted.values() for cell in each.cells if _planned(cell)}
    last = briefing_rows.last_contacts(run.session, planned, run.today)
    return {root: [_line(parts, last)] for root, parts in found.items()}


def _planned(cell: Cell) -> bool:
    return bool(cell.soll) and not cell.gone


def _line(parts: Sequence[AccountContacts], last: dict[int, briefing_rows.Line]) -> dict[str, Any]:
    cells = [(each.account, cell) for each in parts for cell in each.cells if _planned(cell)]
    cells.sort(key=lambda pair: (-pair[1].weight, pair[1].contact, pair[1].person))
    newest = max(parts, key=lambda each: each.as_of or date.min)
    people = dict.fromkeys(cell.contact for _, cell in cells)
    return {
        "matrix": "contacts",
        "as_of": newest.as_of.isoformat() if newest.as_of else None,
        "source": newest.source,
        "cells": list(_cells(cells)),
        "last": [{"contact": contact, **last[contact]} for contact in people if contact in last],
    }


def _cells(cells: Iterable[tuple[int, Cell]]) -> Iterable[dict[str, Any]]:
    for account, cell in cells:
        yield {
            "target": cell.target,
            "account": account,
            "person": cell.person,
            "contact": cell.contact,
            "soll": cell.soll,
            "held": cell.held,
            "booked": len(cell.booked),
            "influence": cell.influence,
            "first": cell.first.isoformat(),
            "last": cell.last.isoformat(),
        }
