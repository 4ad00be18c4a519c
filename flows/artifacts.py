"""What a run shows in Prefect: how far it is, what it did, which accounts it left out. Ids and figures only.

Nothing here may fail a run or hold it up: what Prefect does not take within seconds is left out.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog
from prefect import get_run_logger
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)
from prefect.exceptions import MissingContextError

from kamflow.store.run_report import RunReport

SECONDS = 5.0  # for all calls of one kind
STEP_SECONDS = 1.0  # from one progress to the next; a run that is over before has none
WORDS = {
    "opened": "Nudges opened",
    "updated": "Nudges changed",
    "closed": "Nudges closed",
    "effects": "Effects (surveys, papers, entries in a calendar)",
    "accounts": "Accounts decided, with one for the company",
    "superseded": "Left out: decided for a later day already",
    "imported": "Files imported",
    "rejected_rows": "Rows that came back",
    "refused": "Files refused as a whole",
    "held": "Files held: far fewer rows than the one before",
    "waiting": "Files that are still being written",
}
LEFT = {
    "superseded": "decided for a later day already; nothing is to be done",
    "failed": "in the batch that failed; nothing of it was written",
}

log = structlog.get_logger()


class Progress:
    """How many batches are done: told by the thread that does them, shown from the event loop."""

    def __init__(self, flow: str) -> None:
        self._key = f"{flow.replace('_', '-')}-progress"
        self._percent = 0.0
        self._shown: UUID | None = None

    def told(self, done: int, batches: int) -> None:
        """Called by the run's thread before each batch."""
        self._percent = round(100 * done / batches, 1)

    async def shown(self) -> None:
        """Show it, again and again, until cancelled."""
        last = 0.0
        while True:
            await asyncio.sleep(STEP_SECONDS)
            if self._percent != last:
                last = self._percent
                await _tried("progress", self._show(last))

    async def over(self) -> None:
        """The work is done: show that, where it was ever shown."""
        if self._shown is not None:
            await _tried("progress", self._show(100.0))

    async def _show(self, percent: float) -> None:
        if self._shown is None:
            made = acreate_progress_artifact(percent, self._key, "Batches of accounts that are done")
            self._shown = await made
        else:
            await aupdate_progress_artifact(self._shown, percent)


def log_counts(report: RunReport | None) -> None:
    """One line in the run's own log, which is what Prefect's page opens with."""
    if report is None:
        return
    said = ", ".join(f"{WORDS.get(name, name)}: {count}" for name, count in report.counts.items() if count)
    with suppress(MissingContextError):
        get_run_logger().info("%s for %s. %s", report.state.title(), report.as_of, said or "Nothing to do")


async def show(report: RunReport | None, internal_url: str | None) -> None:
    """Show what a run did: a summary, and a table where accounts were left out."""
    if report is not None:
        await _tried("summary", _show(report, internal_url))


async def _show(report: RunReport, internal_url: str | None) -> None:
    key = report.flow.replace("_", "-")
    title = f"What {key} did for {report.as_of.isoformat()}"
    await acreate_markdown_artifact(markdown(report, internal_url), f"{key}-summary", title)
    if report.left:
        title = f"Accounts that {key} left out for {report.as_of.isoformat()}"
        await acreate_table_artifact(table(report), f"{key}-exceptions", title)


def markdown(report: RunReport, internal_url: str | None) -> str:
    """The summary: figures of the ledger, and where to look further."""
    scope = "all accounts" if report.whole else "the accounts it was asked for"
    if report.flow == "intake":
        scope = "the drop folder"
    lines = [
        f"# {report.flow.replace('_', '-')}, {report.as_of.isoformat()}",
        "",
        f"**{report.state.title()}** for {scope}" + (f": {report.error}" if report.error else "") + ".",
        "",
        *_figures(report.counts),
        *_links(report, internal_url),
    ]
    return "\n".join(lines)


def _figures(counts: dict[str, Any]) -> list[str]:
    if not counts:
        return []
    rows = [f"| {WORDS.get(name, name)} | {count} |" for name, count in counts.items()]
    return ["| | Number |", "|---|---:|", *rows, ""]


def _links(report: RunReport, internal_url: str | None) -> list[str]:
    said = f"Run {report.number} in kamflow's ledger"
    if internal_url is None:
        return [f"{said} (set `[web] internal_url` to have a link here)."]
    base = internal_url.rstrip("/")
    return [
        f"[{said}]({base}/operations/flows/{report.flow})"
        f" · [Messages]({base}/operations/outbox) · [All of operations]({base}/operations)"
    ]


def table(report: RunReport) -> list[dict[str, str]]:
    """One row for each account that was left out: its key and why."""
    return [
        {
            "Account (key)": each.account,
            "What": each.why,
            "Meaning": LEFT[each.why],
            "Decided for": each.day.isoformat() if each.day else "",
        }
        for each in report.left
    ]


async def _tried(what: str, showing: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await showing
    except Exception as error:  # noqa: BLE001 - a picture of the run, not the run
        log.info("prefect.not_shown", what=what, cause=type(error).__name__)
