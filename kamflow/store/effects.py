"""Do what follows beside the nudges: each effect once, in the transaction of the nudges."""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from kamflow.models.nudge import StoredEffect
from kamflow.nudge import Effect
from kamflow.store import (
    after_redirect,
    calendar_entries,
    documents_write,
    events,
    pauses,
    plans_write,
    requests_write,
    scorecards_write,
    starting,
    survey_asking,
    surveys_write,
)
from kamflow.store.run import NO_ACCOUNT, Accounts, Run

EFFECT = cast("Table", StoredEffect.__table__)  # pyright: ignore[reportAttributeAccessIssue]


# What comes once per account is written for all of them at once, what sums it up last. It may be about rows
# that effects of `DO` have just made.
TOGETHER: dict[str, Callable[[Run, Sequence[Effect]], None]] = {
    "keep_scorecard": scorecards_write.keep_scorecards,
    "ask_department": requests_write.ask_departments,
    "send_document": documents_write.send_documents,
    "calendar": calendar_entries.write_entries,
    "invite": survey_asking.invite,
    "remind": survey_asking.remind,
}
DO: dict[str, Callable[[Run, Effect], None]] = {
    "create_plan": plans_write.create_plan,
    "create_wave": surveys_write.create_wave,
}


ASKS_NOBODY = frozenset({"keep_scorecard"})  # so it is done for paused accounts too


def apply_effects(run: Run, effects: Iterable[Effect], accounts: Accounts) -> int:
    """Insert each effect's key and do the thing where the key is new; how many were new."""
    begun = accounts - starting.waiting(run, accounts)
    asked = begun - pauses.unasked(run, accounts)
    wanted = [
        effect
        for effect in effects
        if (effect.account or NO_ACCOUNT) in (begun if effect.name in ASKS_NOBODY else asked)
    ]
    new = _new(run, after_redirect.told_anew(run, wanted))
    for effect in new:
        if effect.name not in TOGETHER:
            DO[effect.name](run, effect)
    for name, do in TOGETHER.items():
        if same := [effect for effect in new if effect.name == name]:
            do(run, same)
    events.record_many(run.session, [_happened(run, effect) for effect in new])
    return len(new)


def _new(run: Run, effects: Sequence[Effect]) -> list[Effect]:
    """Those whose key was not there; it is now."""
    if not effects:
        return []
    dialect = postgresql if run.session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(EFFECT).on_conflict_do_nothing(index_elements=["key"])
    by_key = {effect.key: effect for effect in effects}
    rows = [
        {
            "key": key,
            "name": effect.name,
            "account_id": effect.account,
            "facts": dict(effect.facts),
            "as_of": run.today,
            "done_at": run.now,
        }
        for key, effect in by_key.items()
    ]
    inserted = set(run.session.execute(insert.returning(EFFECT.c.key), rows).scalars())
    return [effect for key, effect in by_key.items() if key in inserted]


def _happened(run: Run, effect: Effect) -> dict[str, object]:
    return {
        "name": f"effect.{effect.name}",
        "at": run.now,
        "actor_id": None,
        "account_id": effect.account,
        "payload": {"key": effect.key},
    }
