"""The files of a quarterly report: the whole of it on paper, and every customer as a workbook.

A report keeps the first customers of each section; the workbook reads all of them when it is sent, as they
were known on the day of the report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import structlog
from sqlmodel import Session

from kamflow.policy import Policy
from kamflow.settings import Company, Settings
from kamflow.store import names, quarter_summary
from kamflow.store.names import Names
from notifications.message import Part
from notifications.outbox import Claimed
from notifications.render import report_document, xlsx
from notifications.render.house import House

log = structlog.get_logger()

REPORT = report_document.NAME
_AT_ONCE = 10_000  # ids in one query


class Whole(NamedTuple):
    """A report with every customer, and what they are called."""

    facts: Mapping[str, Any]
    names: Names


def renewed(
    session: Session, batch: Iterable[Claimed], company: Company, policy: Policy, *, council: bool
) -> list[Claimed]:
    """The batch; reports that an older kamflow wrote, or that say another thing about what people do than the
    works council's rule (`council`: it is in force) lets them, with the facts of today's report."""
    return [
        replace(each, facts=quarter_summary.renewed(session, each.facts, company, policy, council=council))
        if each.template == REPORT and each.facts.get("council") is not council
        else each
        for each in batch
    ]


def load(session: Session, batch: Iterable[Claimed], company: Company) -> dict[int, Whole]:
    """By message; heads who get the same report share it."""
    found: dict[tuple[str, str], Whole] = {}
    by_message: dict[int, Whole] = {}
    for message in batch:
        if message.template == REPORT:
            key = message.facts["quarter"]["first"], message.facts["day"]
            if key not in found:
                found[key] = whole(session, message.facts, company)
            by_message[message.id] = found[key]
    return by_message


def whole(session: Session, facts: Mapping[str, Any], company: Company) -> Whole:
    """Every customer of the report that these facts are of."""
    every = quarter_summary.whole(session, facts, company)
    return Whole(every, _named(session, every))


def files(
    message: Claimed, known: Whole | None, language: str, settings: Settings, called: Names
) -> tuple[Part, ...]:
    """PDF and Excel file. None where they cannot be made: the mail goes."""
    if message.template != REPORT or known is None:
        return ()
    try:
        house = House.of(settings)
        name = report_document.file_name(message.facts, language)
        page = report_document.paper(message.facts, language, called, house)
        book = report_document.book(known.facts, language, known.names, house)
    except Exception:
        log.exception("report.no_files", message=message.id)
        return ()
    return Part(page, "application/pdf", f"{name}.pdf"), Part(book, xlsx.CONTENT_TYPE, f"{name}.xlsx")


def _named(session: Session, facts: Mapping[str, Any]) -> Names:
    every = sorted(
        {line["account"] for name in ("lights", "sites", "paused") for line in facts[name]["lines"]}
    )
    found = names.load(
        session,
        services={service for line in facts["services"]["lines"] for service in line["services"]},
        comments={line["comment"] for line in facts["comments"]["lines"]},
        pauses={line["pause"] for line in facts["paused"]["lines"]},
    )
    accounts: dict[int, names.AccountName] = {}
    for start in range(0, len(every), _AT_ONCE):
        accounts |= names.load(session, accounts=every[start : start + _AT_ONCE]).accounts
    return replace(found, accounts=accounts)
