"""Write a decision: nudges and effects, in the transaction that read the facts."""

from kamflow.nudge import Decision
from kamflow.store import starting
from kamflow.store.effects import apply_effects
from kamflow.store.reconcile import reconcile
from kamflow.store.run import Accounts, Outcome, Run


def apply(run: Run, decision: Decision, accounts: Accounts) -> Outcome:
    """Make nudges and effects of `accounts` be what the decision says; nothing else is touched."""
    decision = starting.begun(run, decision)
    done = reconcile(run, decision.nudges, accounts)
    return done + Outcome(effects=apply_effects(run, decision.effects, accounts))
