"""kill -9 at random moments, while mails go out: none is lost, few come twice (`make crash` is longer)."""

from pathlib import Path

import pytest

from tests.end_to_end.crash.run import run
from tests.flows.test_growing import database

pytestmark = pytest.mark.slow

SHORT = {"kills": 8, "messages": 400, "between": 40}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_dispatcher_loses_nothing_and_doubles_at_most_what_was_in_flight(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "sqlite":
        toll = run(tmp_path / "home", f"sqlite:///{tmp_path}/kamflow.db", **SHORT)
    else:
        with database(request.getfixturevalue("postgres_server"), tmp_path, "crash") as url:
            toll = run(tmp_path / "home", url, **SHORT)

    print(toll)
    assert (toll.wrong, len(toll.doubled)) == ([], SHORT["kills"])
