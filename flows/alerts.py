"""Note that a run failed or crashed, so that operations are told: an incident of its flow.

Prefect calls the hook in the flow's process, or in the runner's where that process is gone. The kind
of the error comes from the ledger: Prefect's own message may be older than what the run wrote last.
A run that failed three times is one incident, and a run that was cancelled none: who did it knows, and should
nothing make up for it, the watch says so.
"""

from typing import Any

from prefect.client.schemas.objects import FlowRun, State
from prefect.flows import Flow

from flows.prefect_run import opened
from kamflow.store import engine as db
from kamflow.store import incidents, run_rows, run_troubles

CANCELLED = ("cancelling", "cancelled")  # the hook comes before the last state


def alert(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The hook for `on_failure`, `on_crashed` and `on_cancellation`."""
    name, number = flow.name.replace("-", "_"), str(flow_run.id)
    ended = state.type.value.lower()
    with opened() as home, db.write(home.engine) as session:
        now = home.now()
        run_rows.crashed(session, number, now)
        if ended in CANCELLED:
            return
        after = run_troubles.newest(session)
        facts = {"cause": ended, "error": run_rows.error(session, number), "run": after}
        incidents.report(session, f"run:{name}", "run", facts, now)
