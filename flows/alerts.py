"""Tell operations that a run failed, crashed or was cancelled: an alert in our own outbox.

Prefect calls the hook in the flow's process, or in the runner's where that process is gone. The kind
of the error comes from the ledger: Prefect's own message may be older than what the run wrote last.
"""

from typing import Any

from prefect.client.schemas.objects import FlowRun, State
from prefect.flows import Flow

from flows.prefect_run import opened
from kamflow.store import engine as db
from kamflow.store import run_rows
from notifications import outbox
from notifications.outbox import NewMessage

CAUSES = {"cancelling": "cancelled"}  # the hook comes before the last state


def alert(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """The hook for `on_failure`, `on_crashed` and `on_cancellation`; once per run."""
    name, number = flow.name.replace("-", "_"), str(flow_run.id)
    ended = state.type.value.lower()
    with opened() as home, db.write(home.engine) as session:
        run_rows.crashed(session, number, home.now())
        facts = {
            "flow": name,
            "day": home.today().isoformat(),
            "cause": CAUSES.get(ended, ended),
            "error": run_rows.error(session, number),
            "run": number,
        }
        message = NewMessage(f"alert:{name}:{number}", "alert", "email", "alert", facts)
        outbox.add(session, message, home.now())
