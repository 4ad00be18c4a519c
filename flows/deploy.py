"""Register every flow on a Prefect server: its schedule, description, tags, one run at a time.

Without a work pool our own runner does the runs; with one the workers of that pool, here or elsewhere.
"""

from importlib import import_module

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists
from prefect.flows import Flow
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.named import description
from kamflow.schedules import SCHEDULES

NAME = "kamflow"  # a deployment is called `<flow>/kamflow`
TAGS = ["kamflow"]
NIGHTLY = "nightly"
POOL = "Runs kamflow's flows, each in a process of its own. Start workers: prefect worker start --pool {name}"


async def deployments(zone: str) -> list[RunnerDeployment]:
    """One deployment per flow of the schedules; crons count in `zone` unless they name their own."""
    return [await _deployment(name, zone) for name in dict.fromkeys(each.flow for each in SCHEDULES)]


async def _deployment(name: str, zone: str) -> RunnerDeployment:
    flow: Flow[..., object] = getattr(import_module(f"flows.{name}"), name)
    own = [each for each in SCHEDULES if each.flow == name]
    # The slug names a schedule for good, also when it is registered again.
    crons = [
        Cron(each.cron, timezone=each.zone or zone, slug=f"{NIGHTLY}-{number}" if number > 1 else NIGHTLY)
        for number, each in enumerate(own, 1)
    ]
    return await flow.ato_deployment(
        NAME,
        schedules=crons,
        description=description(flow.description),
        tags=[*TAGS, "intake" if name == "intake" else "rule"],
        # A second run of a flow waits; it would only wait for the rule's lock otherwise.
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
        ),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


async def deploy(zone: str, pool: str | None = None) -> list[str]:
    """Register all flows on the server that Prefect is set to; again changes nothing. Returns their names."""
    if pool is not None:
        await _make_pool(pool)
    registered: list[str] = []
    for deployment in await deployments(zone):
        await deployment.aapply(work_pool_name=pool)
        registered.append(deployment.full_name)
    return registered


async def _make_pool(name: str) -> None:
    """Make a pool for worker processes; one that is there stays as somebody set it."""
    from prefect.workers.process import ProcessWorker  # noqa: PLC0415 - our own runner does without it

    async with get_client() as client:
        made = WorkPoolCreate(
            name=name,
            type=ProcessWorker.type,
            description=POOL.format(name=name),
            base_job_template=ProcessWorker.get_default_base_job_template(),
        )
        try:
            await client.create_work_pool(made)
        except ObjectAlreadyExists:
            return
