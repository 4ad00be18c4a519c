"""kill -9 at random moments, while messages go out: none is lost, few mails come twice and no post does
(`make crash` is longer)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.crash.run import run
from tests.flows.test_growing import database

pytestmark = pytest.mark.slow

KILLS = 8
ALL_MODES = 6  # the seed that kills at each kind of moment there is, within the first six


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/kamflow.db"
        return
    with database(request.getfixturevalue("postgres_server"), "crash") as made:
        yield made


def test_a_killed_dispatcher_loses_no_mail_and_doubles_at_most_what_was_in_flight(
    url: str, tmp_path: Path
) -> None:
    toll = run(tmp_path / "home", url, kills=KILLS, messages=400, between=40)

    print(toll)
    assert (toll.wrong, len(toll.doubled)) == ([], KILLS)


def test_a_killed_dispatcher_loses_no_post_and_doubles_none(url: str, tmp_path: Path) -> None:
    toll = run(tmp_path / "home", url, kills=6, messages=200, between=15, seed=ALL_MODES, channel="slack")

    print(toll)
    assert (toll.wrong, len(toll.doubled)) == ([], 6)
    assert 0 < toll.unmarked <= toll.looked_up
