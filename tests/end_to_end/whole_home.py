"""A whole home at work: Prefect's server, runner, clock and doors, each a process as `kamflow up` starts it.

Mail server and Slack (with Socket Mode) are our own, in this process. It begins in office hours of Thursday,
9 July 2026; everything else is real, also the time that things take.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select
from sqlmodel import col

from flows import runtime
from kamflow.demo.slack.server import APP_TOKEN, TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import Post, SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.survey import SurveyInvitation
from kamflow.schedules import SCHEDULES
from kamflow.settings import Settings, load
from kamflow.store import adopted, migrate, surveys_write
from kamflow.store import engine as db
from kamflow.store.rows import stored
from notifications import links
from tests.flows import prefect_api
from tests.flows.prefect_api import Prefect, environment, eventually, stopping
from tests.flows.running_up import READY_SECONDS
from tests.ports import free_port
from tests.surveyed import Surveyed

NOW = datetime(2026, 7, 9, 8, tzinfo=UTC)
ASKED, CLOSES = date(2026, 7, 7), date(2026, 7, 28)
KAM = "witt@example.com"
SECRETS = {
    "KAMFLOW_SECRET_KEY": "a secret of these tests, as long as secrets are",
    "KAMFLOW_SLACK__TOKEN": TOKEN,
    "KAMFLOW_SLACK__APP_TOKEN": APP_TOKEN,
}
PARTS = ("serve", "clock", "doors")
FLOWS = len({each.flow for each in SCHEDULES})


@dataclass
class WholeHome:
    """`links`: paths of the surveys that customers were sent, one account each."""

    folder: Path
    prefect: Prefect
    slack: SlackServer
    smtp: SmtpCatcher
    public: str
    internal: str
    settings: Settings
    witt: Person
    links: list[str] = field(default_factory=list)
    begun: str = field(default_factory=lambda: f"{NOW.isoformat()}@{runtime.clock().isoformat()}")
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def rows(self, model: type[Any]) -> list[Any]:
        engine = db.connect(self.settings.url)
        with db.read(engine) as session:
            found = list(session.execute(select(model).order_by(col(model.id))).scalars())
        engine.dispose()
        return found

    def nudges(self) -> list[StoredNudge]:
        return self.rows(StoredNudge)

    def posts(self) -> list[Post]:
        """What the KAM reads in Slack, oldest first."""
        return self.slack.to(KAM)

    def log(self, part: str) -> str:
        return (self.folder / f"{part}.log").read_text()


@contextmanager
def at_work(folder: Path, accounts: int = 1, parts: tuple[str, ...] = PARTS) -> Iterator[WholeHome]:
    """Everything stands and has begun to look; stopped by itself at the end of the block."""
    with ExitStack() as stack:
        (folder / "server").mkdir()
        prefect = stack.enter_context(prefect_api.running(folder / "server"))
        smtp = stack.enter_context(running_catcher())
        slack = stack.enter_context(running_slack(SlackServer(now=runtime.clock)))
        slack.workspace.users["U1"] = SlackUser("U1", KAM, "Witt")
        outside, inside = free_port(), free_port()
        settings = _settled(folder, smtp.port, slack.url, outside, inside)
        whole = WholeHome(
            folder, prefect, slack, smtp, f"http://127.0.0.1:{outside}", f"http://127.0.0.1:{inside}",
            settings, *_company(settings, accounts),
        )  # fmt: skip
        for part in parts:
            whole.processes[part] = stack.enter_context(_started(part, whole))
        _ready(whole, parts)
        yield whole


def _settled(folder: Path, smtp: int, slack: str, outside: int, inside: int) -> Settings:
    (folder / "kamflow.toml").write_text(
        f"""
[company]
name = "Beispiel Technik GmbH"
region = "BY"
[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
[slack]
api_url = "{slack}"
[delivery]
mode = "live"
[web]
public_url = "http://127.0.0.1:{outside}"
internal_url = "http://127.0.0.1:{inside}"
public_listen = "127.0.0.1:{outside}"
internal_listen = "127.0.0.1:{inside}"
[survey]
objection_address = "nein@example.com"
legal_details = "Beispiel Technik GmbH, Musterweg 1, 12345 Musterstadt"
privacy_url = "https://www.example.com/datenschutz"
"""
    )
    before = dict(os.environ)
    os.environ.update(SECRETS)
    try:
        return load(folder)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _company(settings: Settings, accounts: int) -> tuple[Person, list[str]]:
    """Witt, and customers who were asked on Tuesday."""
    engine = db.connect(settings.url)
    migrate.upgrade(engine)
    world = Surveyed(engine, settings)
    witt = world.person("Witt", channel="slack")
    paths = [_customer(world, witt, number) for number in range(accounts)]
    with db.write(engine) as session:
        adopted.adopt(session, settings.home, NOW)
    engine.dispose()
    return witt, paths


def _customer(world: Surveyed, witt: Person, number: int) -> str:
    account = world.account(f"Muster {number} AG", witt, account_class="key")
    kruse = world.contact(f"Kruse{number}", account, language="de")
    wave = world.wave(account, dimensions=["delivery"])
    asked = world.add(SurveyInvitation(wave_id=wave.id, contact_id=kruse.id, invited_on=ASKED))
    token = links.survey_token(links.secret(world.settings), stored(asked.id), 1)
    with db.write(world.engine) as session:
        surveys_write.keep_links(session, {stored(asked.id): (links.hashed(token), CLOSES)})
    return f"/s/{token}"


@contextmanager
def _started(part: str, whole: WholeHome) -> Iterator[subprocess.Popen[bytes]]:
    known = SECRETS | {"PREFECT_API_URL": whole.prefect.url, "KAMFLOW_NOW": whole.begun}
    with (whole.folder / f"{part}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"flows.{part}"], env=environment(whole.folder, **known),
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        with stopping(process):
            yield process


def _ready(whole: WholeHome, parts: tuple[str, ...]) -> None:
    def until(what: str, found: Callable[[], object]) -> None:
        def look() -> object:
            ended = [name for name, process in whole.processes.items() if process.poll() is not None]
            assert not ended, "".join(whole.log(part) for part in ended)
            return found()

        eventually(what, look, READY_SECONDS)

    if "serve" in parts:
        until("flows registered", lambda: len(whole.prefect.call("/deployments/filter")) == FLOWS)
    if "doors" in parts:
        until("doors open", lambda: answers(whole.public + whole.links[0]))
        until("Slack connected", lambda: "slack.connected" in whole.log("doors"))


def answers(url: str) -> bool:
    """Whether something answers there as it should."""
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=5).is_success
    return False
