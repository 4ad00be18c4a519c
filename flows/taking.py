"""The runner takes a run: Prefect calls it *Pending* from then on, and starts no other run of the flow.

The state says who took it. A runner that is killed a moment later leaves nothing else behind by which anybody
could tell that this run will never begin; and one whose question went down with Prefect's server finds by it
that the answer was yes.
"""

from collections.abc import Callable

import anyio
import httpx
import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort, ObjectNotFound
from prefect.runner._state_proposer import StateProposer
from prefect.states import Pending
from prefect.utilities.engine import propose_state

from flows import alive, taken

LOOKS, LOOK_SECONDS = 30, 1.0  # a server that was killed is back in a few seconds

log = structlog.get_logger()


class Taking(StateProposer):
    """What Prefect's runner asks for a run's next state; `going`: whether it takes runs at all."""

    def __init__(self, client: PrefectClient, going: Callable[[], bool]) -> None:
        super().__init__(client=client)
        self._going = going
        self._words = taken.WORDS.format(runner=alive.me())

    async def propose_pending(self, flow_run: FlowRun) -> bool:
        """Take a run; tell whether it is ours now."""
        try:
            state = await propose_state(self._client, Pending(message=self._words), flow_run_id=flow_run.id)
        except (Abort, ObjectNotFound) as refused:
            log.info("runner.not_taken", prefect_run=str(flow_run.id), cause=str(refused))
            return False
        except httpx.HTTPError as error:
            log.info("runner.taking_unsure", prefect_run=str(flow_run.id), cause=type(error).__name__)
            return await self._was_taken(flow_run)
        return state.is_pending()

    async def _was_taken(self, flow_run: FlowRun) -> bool:
        """Look whether the run is ours after all. The watchdog ends what nobody could find out in time."""
        for _ in range(LOOKS):
            await anyio.sleep(LOOK_SECONDS)
            if not self._going():
                break
            try:
                found = (await self._client.read_flow_run(flow_run.id)).state
            except ObjectNotFound:
                break  # the server came back without its database
            except httpx.HTTPError:
                continue
            return found is not None and found.is_pending() and found.message == self._words
        return False
