"""What lies in the drop folder goes in: nightly before the rules, and on arrival."""

from dataclasses import asdict, dataclass, field
from datetime import date

from prefect import flow

from flows import prefect_run, runtime
from flows.alerts import alert
from flows.named import described, run_name
from flows.runtime import Home, Visit
from kamflow.intake.drop_folder import DropCounts, run_drop_folder
from kamflow.store.run import Outcome


@dataclass(frozen=True)
class Brought(Outcome):
    """No nudges; the ledger keeps what became of the files."""

    files: DropCounts = field(default_factory=DropCounts)

    def counts(self) -> dict[str, int]:
        return asdict(self.files)


def bring_in(home: Home, as_of: date, visit: Visit) -> Outcome:
    """Import the files of `inbox/<source>/`."""

    def body() -> Outcome:
        settings = home.settings
        key = settings.secret_key.get_secret_value() if settings.secret_key else None
        return Brought(
            files=run_drop_folder(home.engine, settings.home, home.now(), settings.company, secret=key)
        )

    runtime.recorded(home, "intake", as_of, None, visit, body)
    return Outcome()


@flow(
    name="intake",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def intake(as_of: date | None = None) -> Outcome:
    """Import the files that lie in the drop folder, before the rules of the night."""
    return await prefect_run.visit("intake", as_of, bring_in)
