"""The effect `keep_scorecard`: the figures of an account and quarter as they stood."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, or_
from sqlalchemy.dialects import postgresql, sqlite

from kamflow.models.controlling import StoredScorecard
from kamflow.nudge import Effect
from kamflow.store.run import Run

SCORECARD = cast("Table", StoredScorecard.__table__)  # pyright: ignore[reportAttributeAccessIssue]

NEWER = ("quarter_last", "state", "light", "facts", "digest", "kept_on")


def keep_scorecards(run: Run, effects: Sequence[Effect]) -> None:
    """Keep scorecards; complete figures take the place of preliminary ones, never the other way round."""
    dialect = postgresql if run.session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(SCORECARD)
    newer = {name: insert.excluded[name] for name in NEWER}
    run.session.execute(
        insert.on_conflict_do_update(
            index_elements=["account_id", "quarter_first"],
            set_=newer,
            where=or_(SCORECARD.c.state == "preliminary", SCORECARD.c.light == "no_data"),
        ),
        [_row(run, effect) for effect in effects],
    )


def _row(run: Run, effect: Effect) -> dict[str, Any]:
    facts = dict(effect.facts)
    quarter = facts["quarter"]
    return {
        "account_id": effect.account,
        "quarter_first": date.fromisoformat(quarter["first"]),
        "quarter_last": date.fromisoformat(quarter["last"]),
        "state": facts["state"],
        "light": facts["light"],
        "digest": facts.pop("digest"),
        "facts": facts,
        "kept_on": run.today,
    }
