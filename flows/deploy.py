"""Register every flow on a Prefect server: its schedule, description, tags, one run at a time."""

from importlib import import_module

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import Flow
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from kamflow.schedules import SCHEDULES

NAME = "kamflow"  # a deployment is called `<flow>/kamflow`
TAGS = ["kamflow"]


async def deployments(zone: str) -> list[RunnerDeployment]:
    """One deployment per flow of the schedules; crons count in `zone` unless they name their own."""
    return [await _deployment(name, zone) for name in dict.fromkeys(each.flow for each in SCHEDULES)]


async def _deployment(name: str, zone: str) -> RunnerDeployment:
    flow: Flow[..., object] = getattr(import_module(f"flows.{name}"), name)
    own = [each for each in SCHEDULES if each.flow == name]
    # The slug names a schedule for good, also when it is registered again.
    crons = [
        Cron(each.cron, timezone=each.zone or zone, slug=f"cron-{number}") for number, each in enumerate(own)
    ]
    return await flow.ato_deployment(
        NAME,
        schedules=crons,
        description=flow.description,
        tags=[*TAGS, "intake" if name == "intake" else "rule"],
        # A second run of a flow waits; it would only wait for the rule's lock otherwise.
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
        ),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


async def deploy(zone: str) -> list[str]:
    """Register all flows on the server that Prefect is set to; again changes nothing. Returns their names."""
    registered: list[str] = []
    for deployment in await deployments(zone):
        await deployment.aapply()
        registered.append(deployment.full_name)
    return registered
