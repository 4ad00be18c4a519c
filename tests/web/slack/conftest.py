"""A company whose people sit in front of the made-up Slack, with kamflow listening over a real WebSocket."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from kamflow.demo.slack.server import APP_TOKEN, TOKEN, SlackServer, running_slack
from kamflow.demo.slack.views import View
from kamflow.demo.slack.workspace import Post, SlackUser, Whisper
from kamflow.knobs import Slack
from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store import engine as db
from kamflow.web import internal
from kamflow.web.site import Site
from kamflow.web.slack.member import Member
from kamflow.web.slack.own_list import claimed
from kamflow.web.slack.socket import connect
from notifications import views
from notifications.render import meeting_example, slack
from notifications.render.slack_said import as_text
from tests.conftest import NOW
from tests.world import World

T = TypeVar("T")
TODAY = NOW.date()


@dataclass
class Office:
    """`witt` and `kruse` are KAMs, `albers` is their head; each has an account of Slack's."""

    world: World
    server: SlackServer
    now: datetime = NOW
    detail: str = "full"
    handed: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        secrets = {"token": SecretStr(TOKEN), "app_token": SecretStr(APP_TOKEN)}
        known = Slack(api_url=self.server.url, signing_secret=SecretStr("shh"), detail=self.detail, **secrets)
        web = self.world.settings.web.model_copy(update={"internal_url": "https://kamflow.example.com"})
        more = {"slack": known, "web": web, "secret_key": SecretStr("a secret of tests")}
        self.world.settings = self.world.settings.model_copy(update=more)
        self.site = Site(self.world.settings, self.world.policy, self.world.engine, lambda: self.now)
        self.witt = self.person("Witt", language="de")
        self.kruse = self.person("Kruse", language="en")
        self.albers = self.person("Albers", "head", language="de")

    @cached_property
    def listener(self) -> FastAPI:
        """The internal pages."""
        return internal.app(self.site)

    def person(self, name: str, role: str = "kam", **more: Any) -> Person:
        """One of our people, with an account of Slack's under the same address."""
        made = self.world.person(name, role, **more)
        self.server.workspace.users[f"U{name.upper()}"] = SlackUser(
            f"U{name.upper()}", made.email or "", name
        )
        return made

    def account(self, kam: Person | None = None) -> Account:
        """A new customer."""
        return self.world.account(f"Kunde {next(self.numbers)} AG", kam or self.witt)

    def behind(self, *contacts: str, account: Account | None = None) -> StoredNudge:
        """Witt's nudge about contacts that are behind."""
        where = account or self.account()
        for name in contacts:
            place = self.world.place(f"{name}-{next(self.numbers)}", where, influence=8)
            self.world.target(self.witt, place, 6)
        self.world.meet(date(2026, 1, 5), self.witt, self.world.place(f"alt-{next(self.numbers)}", where))
        self.world.night("contact_shortfall", TODAY)
        return next(each for each in self.world.nudges() if each.account_id == where.id)

    def minutes(self, owner: Person | None = None, closes_by: str = "word", **more: Any) -> StoredNudge:
        """A nudge that a word (or facts) closes: write the minutes."""
        told, number = meeting_example.asked("minutes", 2), next(self.numbers)
        owner_id = (owner or self.witt).id or 0
        said = {
            "identity": f"test:{number}",
            "rule": told.rule,
            "subject": str(number),
            "period": "2026-01-01..2026-12-31",
            "step": told.step,
            "account_id": self.account(owner).id,
            "owner_id": owner_id,
            "since": TODAY,
            "due_on": date(2026, 9, 11),
            "group_key": f"annual_meeting+{owner_id}",
            "facts": dict(told.facts),
            "why": dict(told.why),
            "fingerprint": "x",
            "opened_at": NOW,
            "opened_on": TODAY,
            "staged_on": TODAY,
            "closes_by": closes_by,
        }
        return self.world.add(StoredNudge(**said | more))

    def told(self, person: Person, *nudges: StoredNudge) -> Post:
        """A post that tells somebody of nudges, as kamflow writes it."""
        me = Member(person.id or 0, person.name, person.language, person.zone, self.now)
        message = claimed(me, [each.id or 0 for each in nudges])
        with db.read(self.world.engine) as session:
            known = views.load(session, [message], self.site.settings, self.now)
            reader = known.recipients[me.person]
            view = views.nudges_view(message, reader, known, self.site.settings, self.now)
        assert view is not None
        made = slack.post(view)
        place = self.server.workspace.direct_message(user(person))[0]
        return self.server.workspace.add(place, made.text, list(made.blocks), None)

    def click(self, where: Post | View | Whisper, act: str, who: Person | str, chosen: Any = None) -> None:
        """Click, and wait until kamflow has acknowledged it."""
        slack_id = who if isinstance(who, str) else user(who)
        run(self.server.click(where, f"kamflow:{act}", slack_id, chosen))

    def kam(self, who: Person | str, text: str = "") -> Whisper:
        """Type `/kam …` and wait for the answer."""
        before = len(self.server.whispers)
        run(self.server.command(who if isinstance(who, str) else user(who), text))
        return run(self.server.until(lambda: self.server.whispers[before:]))[0]

    def whispered(self, before: int) -> str:
        """What somebody was told alone, after the `before` whispers that were there."""
        return run(self.server.until(lambda: self.server.whispers[before:]))[0].text

    def modal(self, who: Person) -> View:
        """The next modal that opens for somebody."""

        def new() -> View | None:
            found = self.server.workspace.views.top(user(who))
            return found if found is not None and found.id not in self.handed else None

        found = run(self.server.until(new))
        assert found is not None
        self.handed.add(found.id)
        return found

    def changed(self, post: Post) -> str:
        """What a post says once it was updated."""
        run(self.server.until(lambda: post.edited))
        return as_text(post.blocks)

    def now_is(self, nudge: StoredNudge) -> StoredNudge:
        """A nudge as it is stored now."""
        return self.world.one(StoredNudge, nudge.id or 0)


def user(person: Person) -> str:
    return f"U{person.name.upper()}"


def run(doing: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(doing)


@contextmanager
def listening(site: Site) -> Iterator[None]:
    """kamflow's end of Socket Mode, in a thread of its own; what it is still doing ends with it."""
    begun: Future[Callable[[], object]] = Future()

    async def stand() -> None:
        loop, listening = asyncio.get_running_loop(), asyncio.ensure_future(connect(site))
        begun.set_result(lambda: loop.call_soon_threadsafe(listening.cancel))
        await asyncio.wait([listening])

    thread = Thread(target=lambda: asyncio.run(stand()), daemon=True)
    thread.start()
    end = begun.result()
    try:
        yield
    finally:
        end()
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def opened(template: Path, folder: Path, **more: Any) -> Iterator[Office]:
    """An office that is listened to."""
    shutil.copy(template, folder / "kamflow.db")
    engine = db.connect(f"sqlite:///{folder / 'kamflow.db'}")
    with running_slack(SlackServer()) as server:
        server.link.ack_seconds = 20  # nothing is told again because the machine is busy
        office = Office(World(engine), server, **more)
        with listening(office.site):
            run(server.connected())
            yield office
    engine.dispose()


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(sqlite_template, tmp_path_factory.mktemp("office")) as made:
        yield made
