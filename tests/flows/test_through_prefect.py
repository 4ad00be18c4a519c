"""`kamflow run` beside a real Prefect server: visible there, decided by the same code, also when it goes."""

import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows import local, runtime, server
from flows.runtime import Home
from kamflow.errors import NotFound
from kamflow.models.run import FlowRun
from kamflow.models.watch import Incident
from kamflow.store import engine as db
from kamflow.store.run import Accounts, Outcome, Run
from tests.flows.prefect_api import Prefect

UNCLOSED = "Exception ignored in. <socket"
pytestmark = [
    pytest.mark.slow,
    # Prefect's event and log workers leave a socket to the garbage collector when their loop ends.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
    ),
]

DAY = date(2026, 9, 7)


@pytest.fixture
def home(folder: Path, prefect_server: Prefect, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home whose server is the real one."""
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T06:30:00+00:00")
    monkeypatch.setattr(server, "TIMEOUT", 30.0)  # a busy one is there all the same
    at(folder, prefect_server.url)
    opened = runtime.open_home(folder)
    yield opened
    opened.engine.dispose()
    gc.collect()  # what Prefect left open shall not warn in somebody else's test


def at(folder: Path, url: str) -> None:
    (folder / "prefect").mkdir(exist_ok=True)
    (folder / "prefect" / "api_url").write_text(url)


def ledger(home: Home) -> list[FlowRun]:
    with db.read(home.engine) as session:
        return list(session.execute(select(FlowRun).order_by(col(FlowRun.id))).scalars())


def alerts(home: Home) -> list[dict[str, Any]]:
    with db.read(home.engine) as session:
        return [row.facts for row in session.execute(select(Incident)).scalars()]


def test_a_run_is_visible_in_prefect_and_in_our_ledger(home: Home, prefect_server: Prefect) -> None:
    outcome = local.run_flow(home, "contact_shortfall", DAY)

    (row,) = ledger(home)
    assert (row.state, row.counts, outcome.opened) == ("finished", outcome.counts(), 3)
    seen = prefect_server.run(row.prefect_id)
    assert (seen["state_type"], seen["parameters"]) == (
        "COMPLETED",
        {"as_of": "2026-09-07", "accounts": None},
    )


def test_prefect_learns_keys_and_no_names(home: Home, prefect_server: Prefect) -> None:
    with db.write(home.engine) as session:
        from kamflow.models.account import Account

        session.add(Account(key="k-9", name="Muster AG"))
    local.run_flow(home, "contact_shortfall", DAY, ["Muster AG"])

    seen = prefect_server.run(ledger(home)[0].prefect_id)
    assert seen["parameters"]["accounts"] == ["k-9"]


def test_a_wrong_account_never_reaches_prefect(home: Home) -> None:
    with pytest.raises(NotFound):
        local.run_flow(home, "contact_shortfall", DAY, ["nobody"])

    assert (ledger(home), alerts(home)) == ([], [])


def test_the_outcome_is_the_same_without_the_server(home: Home) -> None:
    through = local.run_flow(home, "contact_shortfall", DAY)
    here = local.run_here(home, "contact_shortfall", DAY)

    assert (through.accounts, here.accounts, here.opened) == (4, 4, 0)
    assert [row.prefect_id is None for row in ledger(home)] == [False, True]


def test_a_failure_is_in_prefect_the_ledger_and_an_incident_without_names(
    home: Home, prefect_server: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import contact_shortfall

    def decide(run: Run, accounts: Accounts) -> Outcome:
        raise ValueError("Muster AG")

    decide.__module__ = "flows.contact_shortfall"
    monkeypatch.setattr(contact_shortfall, "decide", decide)
    with pytest.raises(ValueError, match="Muster AG"):
        local.run_flow(home, "contact_shortfall", DAY)

    (row,) = ledger(home)
    assert (row.state, row.error) == ("failed", "ValueError")
    seen = prefect_server.run(row.prefect_id)
    assert seen["state_type"] == "FAILED"
    logged = prefect_server.call("/logs/filter", logs={"flow_run_id": {"any_": [row.prefect_id]}})
    assert "Muster" not in str(seen) + str(logged)
    assert "ValueError" in seen["state"]["message"]
    (told,) = alerts(home)
    assert (told["cause"], told["error"]) == ("failed", "ValueError")


# --- a server that goes away ---------------------------------------------------------------------


class Line:
    """A telephone line to the server that can be cut."""

    def __init__(self, url: str) -> None:
        self.to = int(url.rpartition(":")[2].partition("/")[0])
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.open: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/api"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self.listening.accept()
                server_side = socket.create_connection(("127.0.0.1", self.to))
                self.open += [caller, server_side]
                for ends in ((caller, server_side), (server_side, caller)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(65536):
                sink.sendall(said)
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        # A thread that waits in accept keeps the port open until the socket is shut down.
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_server_that_goes_in_the_middle_takes_no_decision_with_it(
    home: Home, prefect_server: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows import contact_shortfall

    line = Line(prefect_server.url)
    at(home.settings.home, line.url)
    real = contact_shortfall.decide

    def decide(run: Run, accounts: Accounts) -> Outcome:
        line.cut()
        return real(run, accounts)

    decide.__module__ = real.__module__
    monkeypatch.setattr(contact_shortfall, "decide", decide)

    assert local.run_flow(home, "contact_shortfall", DAY).opened == 3
    [row] = ledger(home)
    assert row.state == "finished"
    assert prefect_server.state(row.prefect_id or "") == "RUNNING"  # nobody could tell it more


def test_a_server_that_goes_before_the_body_starts_costs_nothing(
    home: Home, prefect_server: Prefect, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(prefect_server.url)
    at(home.settings.home, line.url)
    healthy, answers = server.healthy, list[bool]()

    def healthy_then_gone(url: str, seconds: float | None = None) -> bool:
        answers.append(healthy(url, seconds))
        line.cut()
        return answers[-1]

    monkeypatch.setattr(server, "healthy", healthy_then_gone)

    assert local.run_flow(home, "contact_shortfall", DAY).opened == 3
    assert [(row.state, row.prefect_id) for row in ledger(home)] == [("finished", None)]
    assert answers[0]


def test_prefect_never_starts_a_server_of_its_own(folder: Path) -> None:
    run = "from flows import local, runtime; h = runtime.open_home(level='error'); "
    run += "print(local.run_flow(h, 'contact_shortfall', h.today()).accounts)"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ran = subprocess.run(
        [sys.executable, "-c", run],
        env=clean | {"KAMFLOW_HOME": str(folder), "HOME": str(folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert (ran.stdout, ran.stderr) == ("4\n", "")
    assert not (folder / ".prefect").exists()
    assert not list((folder / "prefect").glob("*.db"))
