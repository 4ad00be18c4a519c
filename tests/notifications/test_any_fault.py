"""Whatever mail server, Slack, database and our own process do: each message arrives once, or stands failed
with a true cause; nothing is stuck; twice comes only what nobody could look up, and that is shown."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from pydantic import SecretStr

from kamflow.demo.slack.faults import FAULTS
from kamflow.demo.slack.server import TOKEN, SlackServer
from kamflow.demo.slack.workspace import SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.models.message import MessageState, StoredMessage
from kamflow.settings import Company, Delivery, Settings, Slack, Smtp
from kamflow.store import adopted
from kamflow.store import engine as db
from tests.conftest import NOW, FixedClock
from tests.notifications.conftest import Office
from tests.notifications.troubled import AT_ONCE, MAIL_FAULTS, SECONDS, SLACK_FINAL, Troubled

PEOPLE = 75  # every third is not on Slack; each is told once
LEASE = 130
SETTLES = 12  # quarters of an hour
SHOWN = {"ambiguous", "lease-ended"}


class Servers:
    """One mail server, one Slack and one filled database for all examples; the servers run while messages are
    delivered."""

    smtp: SmtpCatcher
    slack: SlackServer
    clock = FixedClock()
    home: Path
    people: list[int]
    strangers: set[int]

    def settings(self) -> Settings:
        smtp = Smtp(
            host="127.0.0.1", port=self.smtp.port, tls="none", connections=AT_ONCE, timeout=SECONDS,
        )  # fmt: skip
        slack = Slack(token=SecretStr(TOKEN), api_url=self.slack.url, timeout=2 * SECONDS)
        return Settings(
            home=self.home,
            company=Company(region="NW"),
            delivery=Delivery(mode="live"),
            smtp=smtp,
            slack=slack,
        )


SERVERS = Servers()


@pytest.fixture(scope="module", autouse=True)
def _servers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    SERVERS.home = tmp_path_factory.mktemp("home")
    shutil.copy(sqlite_template, SERVERS.home / "kamflow.db")
    SERVERS.smtp = SmtpCatcher()
    SERVERS.slack = SlackServer(now=SERVERS.clock)
    engine = db.connect(f"sqlite:///{SERVERS.home / 'kamflow.db'}")
    office = Office(engine, SERVERS.settings(), SERVERS.clock)
    with db.write(engine) as session:
        adopted.adopt(session, SERVERS.home, NOW)
    people = [office.person(f"P{number}") for number in range(PEOPLE)]
    for person in people:
        assert office.nudge(person).id == person.id
    SERVERS.people = [person.id or 0 for person in people]
    SERVERS.strangers = {each for each in SERVERS.people if each % 3 == 0}
    users = [SlackUser(f"U{each.id}", each.email or "") for each in people]
    known = {user.id: user for user in users if int(user.id[1:]) not in SERVERS.strangers}
    SERVERS.slack.workspace.users.update(known)
    engine.dispose()


@contextmanager
def troubled() -> Iterator[Troubled]:
    """An empty outbox, everybody well."""
    SERVERS.clock.at = NOW
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(SERVERS.home / "kamflow.db", folder)
        engine = db.connect(f"sqlite:///{folder}/kamflow.db")
        try:
            yield Troubled(
                engine=engine,
                settings=SERVERS.settings,
                clock=SERVERS.clock,
                smtp=SERVERS.smtp,
                server=SERVERS.slack,
                people=list(SERVERS.people),
                strangers=SERVERS.strangers,
            )
        finally:
            engine.dispose()


# --- the judgement --------------------------------------------------------------------------------------


def settle(world: Troubled) -> None:
    """All is well again: what is due goes out, and nothing remains."""
    world.heal()
    for _ in range(SETTLES):
        world.clock.advance(minutes=15)
        world.deliver()
        if not world.open():
            break
    assert [(each.state, each.cause, each.due_at) for each in world.open()] == []
    judge(world)


def judge(world: Troubled) -> None:
    messages = world.messages()
    mails = Counter(mail.message_id for mail in world.smtp.messages)
    posts = Counter(post.message_id for post in world.server.posts)
    arrived = mails + posts
    for each in messages:
        key = each.mail_id or ""
        assert posts[key] <= 1, "a post came twice"
        assert mails[key] <= 1 + world.unheard[key], "a mail came twice though its answer was heard"
        if mails[key] > 1:
            assert SHOWN & world.steps(each), "shown nowhere"
        if each.state == MessageState.SENT:
            assert arrived[key], "sent, and nobody has it"
        else:
            assert not arrived[key] or world.unheard[key] or each.channel == "slack", "failed, but it came"
    assert set(arrived) <= {each.mail_id for each in messages}
    for first in messages:
        others = [each for each in messages if each.instead_of_id == first.id]
        both = [first, *others]
        assert sum(bool(arrived[each.mail_id or ""]) for each in both) <= 1, "it came both ways"
    _true_causes(world, messages)


def _true_causes(world: Troubled, messages: list[StoredMessage]) -> None:
    failed = Counter(each.cause or "" for each in messages if each.state == MessageState.FAILED)
    unknown = sum(each.cause == "users_not_found" and each.person_id in world.strangers for each in messages)
    failed["users_not_found"] -= unknown
    assert +failed - world.played == Counter(), "failed for a cause that nobody had given"


# --- each alone, and mixtures -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["email", "slack"])
def test_every_fault_alone_ends_well(channel: str) -> None:
    final = {name for name, fault in MAIL_FAULTS.items() if fault[2]} | {*SLACK_FINAL}
    with troubled() as world:
        waiting = world.mail if channel == "email" else world.slack
        for name in MAIL_FAULTS if channel == "email" else FAULTS:
            waiting.append(name)
            number = world.tell(channel)
            world.deliver()
            assert not waiting, f"{name} was not played"
            world.clock.advance(minutes=15)
            world.deliver()
            (message,) = [each for each in world.messages() if each.id == number]
            assert message.state == ("failed" if name in final else "sent"), name
        settle(world)


@pytest.mark.parametrize("first", ["answer lost", "crash"])
def test_what_may_have_arrived_by_mail_does_not_go_by_slack_as_well(first: str) -> None:
    with troubled() as world:
        world.tell("email")
        for fault in (first, "greylisted", "no such user"):
            world.mail += [fault] if fault in MAIL_FAULTS else []
            world.deliver(dies_at=None if fault in MAIL_FAULTS else 1)
            world.clock.advance(minutes=15)
            if fault == "crash":
                world.deliver()  # sees that its lease has ended
                world.clock.advance(minutes=15)
        assert [each.cause for each in world.messages()] == ["recipient-refused"]
        settle(world)


class AnyFault(RuleBasedStateMachine):
    """Things happen in any order; in the end all is well and the judgement falls."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.world = self.stack.enter_context(troubled())
        for channel in ("email", "slack"):
            self.world.tell(channel)

    @rule(
        channel=st.sampled_from(("email", "slack")),
        urgent=st.booleans(),
        stranger=st.sampled_from((False, False, True)),
    )
    def tell(self, channel: str, urgent: bool, stranger: bool) -> None:
        self.world.tell(channel, urgent=urgent, stranger=stranger)

    @rule(names=st.lists(st.sampled_from(sorted(MAIL_FAULTS)), min_size=1, max_size=4))
    def mail_server_fails(self, names: list[str]) -> None:
        self.world.mail += names

    @rule(names=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=3))
    def slack_fails(self, names: list[str]) -> None:
        self.world.slack += names

    @rule(times=st.integers(1, 4))
    def database_fails(self, times: int) -> None:
        self.world.refusals = times

    @rule(dispatchers=st.integers(1, 2))
    def deliver(self, dispatchers: int) -> None:
        self.world.deliver(dispatchers=dispatchers)

    @rule(dies_at=st.integers(1, 3))
    def crash(self, dies_at: int) -> None:
        self.world.deliver(dies_at=dies_at)

    @rule(seconds=st.sampled_from((1, 35, LEASE, 900)))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            with self.stack:
                settle(self.world)


def _any(examples: int, steps: int) -> None:
    quiet: Any = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        AnyFault,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=quiet
        ),
    )


def test_faults_in_any_mixture_end_well() -> None:
    _any(examples=8, steps=8)


@pytest.mark.slow
def test_faults_in_many_mixtures_end_well() -> None:
    _any(examples=60, steps=15)
