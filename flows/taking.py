"""The runner takes a run: Prefect calls it *Pending* from then on, and starts no other run of the flow.

The state says who took it. A runner that is killed before the run is in our ledger leaves nothing else behind
by which anybody could tell that this run will never begin.
"""

import structlog
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort
from prefect.runner._state_proposer import StateProposer
from prefect.states import Pending
from prefect.utilities.engine import propose_state

from flows import alive, taken

log = structlog.get_logger()


class Taking(StateProposer):
    """What Prefect's runner asks for a run's next state."""

    async def propose_pending(self, flow_run: FlowRun) -> bool:
        """Take a run; tell whether it is ours now. A lost answer is asked for again by Prefect's client."""
        words = taken.WORDS.format(runner=alive.me())
        try:
            state = await propose_state(self._client, Pending(message=words), flow_run_id=flow_run.id)
        except Abort as refused:
            log.info("runner.not_taken", prefect_run=str(flow_run.id), cause=str(refused))
            return False
        return state.is_pending()
