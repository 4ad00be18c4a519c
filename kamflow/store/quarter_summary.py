"""What the quarterly report says: accounts by light, what is open, and nothing about single employees."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import col

from kamflow.models.account import Account, Pause
from kamflow.models.controlling import QuarterComment, StoredScorecard
from kamflow.store import asked
from kamflow.store.run import Run

LIGHTS = ("red", "amber", "green", "none", "no_data")
# Sums of what people have open need as many people (works council).
ENOUGH_PEOPLE = 5
RULE = "quarterly_controlling"


def summary(run: Run, first: date, last: date) -> dict[str, Any]:
    """Facts of the report on a quarter; which accounts have no comment yet is not among them.

    `comments`: of the red and amber accounts, null where they belong to fewer than five KAMs.
    """
    cards = _cards(run, first)
    lights: dict[str, list[dict[str, Any]]] = {light: [] for light in LIGHTS}
    for account, light, facts in cards:
        lights[light if light in LIGHTS else "no_data"].append(_line(account, facts))
    asked_for = [account for account, light, _ in cards if light in ("red", "amber")]
    return {
        "quarter": {"first": first.isoformat(), "last": last.isoformat()},
        "currency": run.company.currency,
        "preliminary": sum(facts["state"] == "preliminary" for _, _, facts in cards),
        "counts": {light: len(lines) for light, lines in lights.items()},
        "lines": [line | {"light": light} for light in ("red", "amber") for line in _worst(lights[light])],
        "no_data": [{"account": line["account"]} for line in lights["no_data"]],
        "comments": _comments(run, first, asked_for),
        "paused": _paused(run),
    }


def _cards(run: Run, first: date) -> list[tuple[int, str | None, Mapping[str, Any]]]:
    card = StoredScorecard
    rows = run.session.execute(
        select(col(card.account_id), col(card.light), col(card.facts))
        .join(Account, col(Account.id) == col(card.account_id))
        .where(col(card.quarter_first) == first)
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > run.today))
        .order_by(col(card.account_id))
    )
    return [(account, light, facts) for account, light, facts in rows]


def _line(account: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    figures = {figure["name"]: figure for figure in facts["figures"]}
    return {"account": account, "revenue": figures["revenue"], "margin": figures["margin"]}


def _worst(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is furthest below its goal in money first."""
    return sorted(lines, key=lambda line: (-_missing(line["revenue"]), line["account"]))


def _missing(figure: Mapping[str, Any]) -> float:
    if figure["value"] is None or figure["against"] is None:
        return 0.0
    return float(figure["against"]) - float(figure["value"])


def _comments(run: Run, first: date, accounts: list[int]) -> dict[str, int] | None:
    if len(set(asked.kams(run, accounts).values())) < ENOUGH_PEOPLE:
        return None
    rows = run.session.execute(
        select(col(QuarterComment.account_id))
        .where(col(QuarterComment.account_id).in_(accounts), col(QuarterComment.quarter_first) == first)
        .where(col(QuarterComment.commented_on) <= run.today)
    )
    return {"given": len(rows.all()), "of": len(accounts)}


def _paused(run: Run) -> list[dict[str, Any]]:
    """Accounts about which nothing is asked at present, with the day on which it begins again."""
    rows = run.session.execute(
        select(col(Pause.account_id), col(Pause.until_day), col(Pause.id))
        .where(col(Pause.until_day) >= run.today, col(Pause.resumed_at).is_(None))
        .where(col(Pause.rule).is_(None))
        .order_by(col(Pause.until_day))
    )
    longest = {account: (day, number) for account, day, number in rows}
    return [{"account": a, "until": day.isoformat(), "pause": n} for a, (day, n) in longest.items()]
