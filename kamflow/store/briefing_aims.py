"""Where we stand at accounts and what we want there: ratings, goals, satisfaction, by account."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.figures import nps
from kamflow.models.plan import Goal
from kamflow.models.training import Gap
from kamflow.store import briefing_rows as rows
from kamflow.store import families, survey_scores
from kamflow.store.account_counts import Counting
from kamflow.store.briefing_rows import ByAccount, Line

# Goals of the scorecard's own figures; those are amounts of money.
FIGURES = ("revenue", "margin")
_POINTS = {"-": -1, "0": 0, None: 0, "+": 1}


def gaps(session: Session, accounts: Collection[int], today: date) -> ByAccount:
    """Services rated against need and best competitor, where we are worst first."""
    row, family = Gap, families.below(accounts)
    columns = (row.account_id, row.id, row.need, row.competitor, row.chance, row.measure_id, row.rated_on)
    found = session.execute(
        select(family.c.root, *map(col, columns))
        .join_from(family, row, col(row.account_id) == family.c.id)
        .where(rows.here(family, today))
        .where(or_(col(row.rated_on).is_(None), col(row.rated_on) <= today))
        .where(or_(col(row.need).is_not(None), col(row.competitor).is_not(None)))
        .order_by(col(row.id))
    )
    lines = [
        (
            root,
            {
                "gap": number,
                "account": account,
                "need": need,
                "competitor": competitor,
                "chance": chance,
                "measure": measure,
                "rated": rows.iso(rated),
            },
        )
        for root, account, number, need, competitor, chance, measure, rated in found
    ]
    return rows.by_account(sorted(lines, key=lambda pair: _behind(pair[1])))


def _behind(gap: Line) -> int:
    """What the customer needs weighs more than what a competitor does."""
    return 2 * _POINTS[gap["need"]] + _POINTS[gap["competitor"]]


def goals(session: Session, accounts: Collection[int], today: date) -> ByAccount:
    """Goals that are still ahead, the nearest date first; one noted again counts as noted last."""
    row, family = Goal, families.below(accounts)
    columns = (row.account_id, row.id, row.figure, row.amount, row.due_on)
    found = session.execute(
        select(family.c.root, *map(col, columns))
        .join_from(family, row, col(row.account_id) == family.c.id)
        .where(rows.here(family, today))
        .where(or_(col(row.due_on).is_(None), col(row.due_on) >= today))
        .order_by(col(row.due_on).is_(None), col(row.due_on), col(row.id))
    )
    newest: dict[Any, tuple[int, Line]] = {}
    for root, account, number, figure, amount, due in found:
        # The figures of a scorecard have one goal a day, of others a company may have several.
        known = figure if figure in FIGURES else None
        said: Line = {"goal": number, "account": account, "figure": known}
        newest[root, account, due, known or number] = (
            root,
            said | {"amount": rows.plain(amount), "due": rows.iso(due)},
        )
    return rows.by_account(newest.values())


def satisfaction(at: Counting, zone: str, shown_from: Callable[[int], int]) -> ByAccount:
    """What the newest survey says, with the influence points that stand behind it."""
    lines: list[tuple[int, Line]] = []
    for account, given in survey_scores.given(at, zone).items():
        counted, covered = nps.score(given.scores, shown_from(account)), given.covered
        said: Line = {"survey": "nps", "score": counted.whole, "answers": counted.answers}
        said |= {"raw": list(counted.raw), "points": covered.points, "of_points": covered.of_points}
        said |= {"people": covered.people, "of_people": covered.of_people, "unweighed": covered.unknown}
        said |= {"as_of": rows.iso(given.as_of), "source": given.source}
        lines.append((account, said))
    return rows.by_account(lines)
