"""Do what follows beside the nudges: each effect once, in the transaction of the nudges."""

from collections.abc import Callable, Iterable

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from kamflow.models.nudge import StoredEffect
from kamflow.nudge import Effect
from kamflow.store import events, pauses, plans_write
from kamflow.store.run import NO_ACCOUNT, Accounts, Run

DO: dict[str, Callable[[Run, Effect], None]] = {
    "create_plan": plans_write.create_plan,
}


def apply_effects(run: Run, effects: Iterable[Effect], accounts: Accounts) -> int:
    """Insert each effect's key and do the thing where the key is new; how many were new."""
    paused = pauses.accounts(run.session, run.rule, run.today, accounts)
    count = 0
    for effect in effects:
        if (effect.account or NO_ACCOUNT) not in accounts or effect.account in paused:
            continue
        if _is_new(run, effect):
            DO[effect.name](run, effect)
            events.record(
                run.session, f"effect.{effect.name}", run.now, account=effect.account, key=effect.key
            )
            count += 1
    return count


def _is_new(run: Run, effect: Effect) -> bool:
    dialect = postgresql if run.session.get_bind().dialect.name == "postgresql" else sqlite
    inserted = run.session.execute(
        dialect.insert(StoredEffect)
        .values(
            key=effect.key,
            name=effect.name,
            account_id=effect.account,
            facts=dict(effect.facts),
            as_of=run.today,
            done_at=run.now,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(StoredEffect.id))
    )
    return inserted.first() is not None
