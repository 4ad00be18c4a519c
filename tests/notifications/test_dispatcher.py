"""The pipeline: what hangs holds up only itself, limits, a channel that is away, a database that is away."""

import asyncio
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from kamflow.errors import Ambiguous, DeliveryError, Permanent, Temporary
from kamflow.models.message import MessageState, Way
from kamflow.models.person import Person
from kamflow.settings import Delivery, Slack, Smtp
from kamflow.store import engine as db
from kamflow.store import leases
from notifications import deliver as delivering
from notifications import outbox, worker
from notifications.claimed import SETTLES
from notifications.claiming import TURN_SECONDS, Batch, Claims
from notifications.deliver import Delivered, deliver
from notifications.lease import TIMES_A_LEASE
from notifications.message import Mail, Receipt, SlackPost
from notifications.outbox import Mark, NewMessage
from notifications.prepare import Prepared
from notifications.unsent import Cancelled, Later
from notifications.way_out import Channels
from tests.notifications.conftest import Office

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Answer = Callable[[Mail | SlackPost], Awaitable[None]]


class Taker:
    """A channel that says what a test wants, and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.at_once: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.answer: Answer | None = None
        self.took = asyncio.Condition()
        self.words: dict[str, str] = {}

    async def has(self, many: int) -> None:
        """Wait until it took so many."""
        async with self.took:
            await self.took.wait_for(lambda: len(self.taken) >= many)

    async def send(self, out: Mail | SlackPost) -> Receipt:
        domain = out.to.rpartition("@")[2] if isinstance(out, Mail) else "slack"
        self.at_once[domain] += 1
        self.most[domain] = max(self.most[domain], self.at_once[domain])
        try:
            await asyncio.sleep(0)
            if self.answer is not None:
                await self.answer(out)
            key = out.subject if isinstance(out, Mail) else out.text
            self.taken.append(key)
            async with self.took:
                self.took.notify_all()
        finally:
            self.at_once[domain] -= 1
        return Receipt("email", "", self.words.get(key, "250 ok"))

    async def find(self, _: SlackPost) -> Receipt | None:
        return None


class House(Office):
    """An office whose messages are as bare as can be, with two channels of ours."""

    mail: Taker
    slack: Taker

    def put(self, *keys: str, to: str = "example.com", **more: Any) -> None:
        said = {"kind": "notice", "channel": "email", "template": to, "facts": {}} | more
        with db.write(self.engine) as session:
            outbox.add_many(session, [NewMessage(key, **said) for key in keys], self.clock())

    def deliver(self, **more: Any) -> Delivered:
        return asyncio.run(self.delivering(**more))

    async def delivering(self, **more: Any) -> Delivered:
        out = Channels(self.mail, self.slack)
        options = {"random": lambda: 0.0} | more
        return await deliver(self.engine, self.clock, self.settings, self.policy, out, **options)


class Bare:
    """Makes messages ready that say nothing but their key."""

    def __call__(self, batch: list[outbox.Claimed]) -> list[Prepared]:
        return [Prepared(each, _said(each), other_way=each.person is not None) for each in batch]

    def close(self) -> None:
        pass


@pytest.fixture
def house(office: Office, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(delivering, "Preparing", lambda *_: Bare())
    settings = office.settings.model_copy(
        update={
            "smtp": Smtp(connections=2, per_domain=1),
            "slack": Slack(token=SecretStr("x")),
            "delivery": Delivery(mode="live", batch=4),
        }
    )
    made = House(office.engine, settings, office.clock)
    made.mail, made.slack = Taker(), Taker()
    return made


def _said(message: outbox.Claimed) -> Mail | SlackPost | Cancelled:
    mail_id = message.mail_id or ""
    if message.key.startswith("closed"):
        return Cancelled("closed-meanwhile")
    if message.channel == "slack":
        return SlackPost(message.key, (), mail_id, slack_id=f"U{message.person or -message.id}")
    return Mail(f"a@{message.template}", message.key, "", "", mail_id, "kamflow@example.com")


def on(key: str, act: Callable[[], Awaitable[Any]]) -> Answer:
    async def answer(out: Mail | SlackPost) -> None:
        if isinstance(out, Mail) and out.subject == key:
            await act()

    return answer


def refused(cause: str, **more: Any) -> Answer:
    async def answer(_: Mail | SlackPost) -> None:
        raise Temporary("not now", cause=cause, **more)

    return answer


@one_database
def test_a_mail_that_hangs_holds_up_only_its_own_connection(house: House) -> None:
    house.put("hangs", *(f"m{n}" for n in range(20)))

    house.mail.answer = on("hangs", lambda: house.mail.has(20))

    assert house.deliver() == Delivered(sent=21)
    assert house.mail.taken[-1] == "hangs"


@one_database
def test_what_comes_in_urgent_overtakes_what_was_claimed_but_not_begun(house: House) -> None:
    house.put(*(f"m{n}" for n in range(30)))
    looked = asyncio.Event()

    async def put_and_wait() -> None:
        house.put("now", priority=outbox.URGENT)
        await looked.wait()

    async def see() -> None:
        looked.set()

    async def answer(out: Mail | SlackPost) -> None:
        await on("m0", put_and_wait)(out)
        await on("now", see)(out)

    house.mail.answer = answer

    assert house.deliver() == Delivered(sent=31)
    assert house.mail.taken.index("now") < house.mail.taken.index("m29")


@one_database
def test_one_domain_has_its_limit_and_does_not_stop_the_others(house: House) -> None:
    smtp = house.settings.smtp.model_copy(update={"connections": 3})
    house.settings = house.settings.model_copy(update={"smtp": smtp})
    house.put(*(f"t{n}" for n in range(5)), to="theirs.example")
    house.put(*(f"o{n}" for n in range(5)))
    house.mail.answer = on("o0", lambda: house.mail.has(6))  # all of theirs, and one of the others

    assert house.deliver() == Delivered(sent=10)
    # The others fill what is free beside it, and all once theirs are sent.
    assert house.mail.most["theirs.example"] == 1
    assert house.mail.most["example.com"] in {2, 3}


def test_two_dispatchers_keep_to_the_minute_of_their_mailbox(house: House) -> None:
    smtp = house.settings.smtp.model_copy(update={"per_minute": 3})
    house.settings = house.settings.model_copy(update={"smtp": smtp})
    house.put(*(f"m{n}" for n in range(8)))

    async def two() -> tuple[Delivered, Delivered]:
        return await asyncio.gather(house.delivering(), house.delivering())

    assert sum(each.sent for each in asyncio.run(two())) == 3
    house.clock.advance(seconds=59)
    assert house.deliver() == Delivered()
    house.clock.advance(seconds=1)
    assert house.deliver() == Delivered(sent=3)


@one_database
def test_what_the_server_refused_counts_in_its_minute_and_what_never_reached_it_does_not(
    house: House,
) -> None:
    smtp = house.settings.smtp.model_copy(update={"per_minute": 3})
    house.settings = house.settings.model_copy(update={"smtp": smtp})
    house.put("m0", "m1")
    house.mail.answer = refused("connect-failed")
    house.deliver()
    house.mail.answer = refused("deferred")
    house.put(*(f"n{n}" for n in range(8)))
    house.deliver()

    assert Counter(house.states())["retrying", "deferred"] == 3
    house.clock.advance(seconds=59)
    assert house.deliver() == Delivered()
    house.mail.answer = None
    house.clock.advance(seconds=1)
    assert house.deliver() == Delivered(sent=3)


@one_database
def test_one_process_at_a_time_posts_for_it_keeps_the_limits_of_slack(house: House) -> None:
    assert leases.take(house.engine, "slack", "another", house.clock(), TURN_SECONDS)
    house.put("post", channel="slack")
    house.put("mail")

    assert house.deliver() == Delivered(sent=1)
    house.clock.advance(seconds=TURN_SECONDS)
    assert house.deliver() == Delivered(sent=1)
    assert not leases.take(house.engine, "slack", "another", house.clock(), TURN_SECONDS)
    house.put("next", channel="slack")
    assert house.deliver() == Delivered(sent=1)  # the same process, another run


@one_database
def test_in_a_conversation_one_post_goes_after_the_other_and_the_others_go_on(house: House) -> None:
    people = [house.person(name) for name in ("Anna", "Bert")]
    for number in range(3):
        for person in people:
            house.put(f"{person.name} {number}", channel="slack", person=person.id)
    begun = list[str]()

    async def answer(out: Mail | SlackPost) -> None:
        assert isinstance(out, SlackPost)
        begun.append(out.text)
        if out.text == "Anna 0":
            await house.slack.has(3)  # all of Bert's

    house.slack.answer = answer

    assert house.deliver() == Delivered(sent=6)
    assert begun == ["Anna 0", "Bert 0", "Bert 1", "Bert 2", "Anna 1", "Anna 2"]


@one_database
def test_where_the_process_that_posted_is_no_more_the_next_one_posts_at_once(house: House) -> None:
    holder = worker.process(of_one_that_ended())
    assert leases.take(house.engine, "slack", holder, house.clock(), TURN_SECONDS)
    house.put("post", channel="slack")

    assert house.deliver() == Delivered(sent=1)


# --- a channel that is away -------------------------------------------------------------------------


def ways(house: House) -> dict[str, Way]:
    with db.read(house.engine) as session:
        return {each.channel: each for each in session.execute(select(Way)).scalars()}


def test_a_channel_that_is_away_is_probed_and_not_hammered(house: House) -> None:
    house.put(*(f"m{n}" for n in range(30)))
    house.mail.answer = refused("connect-failed")
    house.deliver()
    tried = sum(each.attempts for each in house.messages())
    assert (tried < 20, ways(house)["email"].cause) == (True, "connect-failed")

    for _ in range(3):
        house.clock.advance(seconds=30)
        house.deliver()  # another dispatcher, as after a restart
    assert sum(each.attempts for each in house.messages()) == tried + 3

    house.mail.answer = None
    assert house.deliver() == Delivered()
    house.clock.advance(seconds=30)
    assert house.deliver() == Delivered(sent=30)
    assert (ways(house)["email"].failures, ways(house)["email"].opened_at) == (0, None)


@one_database
@pytest.mark.parametrize(
    "error",
    [
        Temporary("closing", cause="server-busy"),
        Temporary("daily limit", cause="over-quota"),
        Temporary("not your address", cause="sender-refused"),
        Ambiguous("no answer", cause="lost-after-data"),
    ],
    ids=lambda error: error.cause,
)
def test_so_is_one_that_is_there_and_takes_nothing(house: House, error: DeliveryError) -> None:
    async def refuse(_: Mail | SlackPost) -> None:
        raise error

    house.put(*(f"m{n}" for n in range(30)))
    house.mail.answer = refuse
    house.deliver()
    tried = sum(each.attempts for each in house.messages())
    assert (tried < 20, ways(house)["email"].cause) == (True, error.cause)

    anna: Person = house.person()
    house.put("now:anna", priority=outbox.URGENT, person=anna.id)
    house.put("now:ben", priority=outbox.URGENT, person=house.person("Ben").id)
    house.clock.advance(seconds=30)
    house.deliver()
    # The first of them is the probe, and may have arrived where no answer came.
    arrived = isinstance(error, Ambiguous)
    assert house.slack.taken == ["now:ben:slack"] if arrived else sorted(house.slack.taken) == [
        "now:anna:slack", "now:ben:slack"
    ]  # fmt: skip

    house.mail.answer = None
    house.clock.advance(minutes=30)
    house.deliver()
    assert {each.state for each in house.messages() if each.kind == "notice"} <= {"sent", "failed"}
    assert sorted(house.mail.taken) == sorted([f"m{n}" for n in range(30)] + ["now:anna"] * arrived)


def away(house: House) -> None:
    house.put(*(f"m{n}" for n in range(6)))
    house.mail.answer = refused("connect-failed")
    house.deliver()


@one_database
def test_what_is_not_sent_at_all_is_no_probe_of_a_channel_that_is_away(house: House) -> None:
    away(house)
    house.put("closed1", "closed2", "closed3", priority=outbox.URGENT)
    house.mail.answer = None
    house.clock.advance(seconds=30)

    assert house.deliver() == Delivered(sent=6, cancelled=3)


@one_database
def test_the_urgent_goes_by_the_other_channel_at_once_and_never_by_both(house: House) -> None:
    away(house)
    anna: Person = house.person()
    house.put("now:anna", priority=outbox.URGENT, person=anna.id, trace="event-7")
    house.put("now:operations", priority=outbox.URGENT)

    assert house.deliver() == Delivered(sent=1)
    assert house.slack.taken == ["now:anna:slack"]
    first, other = (each for each in house.messages() if each.person_id == anna.id)
    assert other.instead_of_id == first.id
    assert (other.priority, other.trace) == (first.priority, first.trace) == (outbox.URGENT, "event-7")
    house.mail.answer = None
    house.clock.advance(minutes=2)
    assert house.deliver() == Delivered(sent=7)
    assert "now:anna" not in house.mail.taken
    assert "now:operations" in house.mail.taken


@one_database
def test_what_may_have_arrived_does_not_go_the_other_way(house: House) -> None:
    anna: Person = house.person()
    house.put("now:anna", priority=outbox.URGENT, person=anna.id)
    house.change(house.messages()[0], state=MessageState.AMBIGUOUS)
    away(house)

    house.clock.advance(minutes=1)
    house.deliver()
    assert house.slack.taken == []


@one_database
def test_a_workspace_that_asks_for_patience_is_left_alone_by_everybody(house: House) -> None:
    house.put("first", channel="slack")
    house.slack.answer = refused("ratelimited", retry_after=40.0)
    house.deliver()
    house.slack.answer = None
    house.put("second", channel="slack")

    assert house.deliver() == Delivered()
    house.clock.advance(seconds=41)
    assert house.deliver() == Delivered(sent=2)


def test_a_shorter_pause_does_not_end_a_longer_one(house: House) -> None:
    house.put("first", "second", channel="slack")
    patience = {"first": 40.0, "second": 2.0}

    async def refuse(out: Mail | SlackPost) -> None:
        if isinstance(out, SlackPost) and out.text in patience:
            raise Temporary("not now", cause="ratelimited", retry_after=patience[out.text])

    house.slack.answer = refuse
    house.deliver()
    house.put("third", channel="slack")
    house.clock.advance(seconds=30)

    assert house.deliver() == Delivered()


@one_database
def test_what_slack_asks_for_while_a_lost_post_is_looked_up_holds_for_all(house: House) -> None:
    house.put("lost", channel="slack")
    house.change(house.messages()[0], state=MessageState.AMBIGUOUS)

    async def patience(_: SlackPost) -> Receipt | None:
        raise Temporary("not now", cause="ratelimited", retry_after=40.0)

    house.slack.find = patience
    house.deliver()
    house.put("second", channel="slack")

    assert house.states() == [("ambiguous", "ratelimited"), ("waiting", None)]
    assert house.messages()[0].due_at == house.clock() + timedelta(seconds=40)
    assert house.deliver() == Delivered()


# --- a database that is away ------------------------------------------------------------------------


@contextmanager
def failing(engine: Engine, word: str, times: int) -> Iterator[list[int]]:
    """Let statements with a word fail, as those of a database that is locked, full or gone."""
    left = [times]

    def refuse(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if word in statement and left[0]:
            left[0] -= 1
            raise OperationalError(statement, {}, Exception("database or disk is full"))

    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield left
    finally:
        event.remove(engine, "before_cursor_execute", refuse)


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


def test_what_was_sent_is_written_once_the_database_is_back(house: House) -> None:
    house.put(*(f"m{n}" for n in range(10)))

    async def wait(seconds: float) -> None:
        await (asyncio.Event().wait() if seconds > 20 else asyncio.sleep(0))  # the lease's, or a pause

    with failing(house.engine, "sent_at=", times=3) as left:
        assert house.deliver(wait=wait) == Delivered(sent=10)

    assert left == [0]
    assert len(house.mail.taken) == len(set(house.mail.taken)) == 10


@one_database
def test_a_database_that_does_not_let_claim_is_told_once_the_rest_is_sent(house: House) -> None:
    house.put(*(f"m{n}" for n in range(10)))
    with failing(house.engine, "mail_id=?", times=99), pytest.raises(OperationalError):
        house.deliver()

    assert house.deliver() == Delivered(sent=10)


# --- the clock --------------------------------------------------------------------------------------


def test_a_clock_set_back_an_hour_leaves_no_gap_and_no_flood(house: House) -> None:
    house.mail.answer = refused("deferred")
    house.put("tried")
    house.deliver()
    house.put("fresh", "later", due_at=None)
    house.mail.answer = None
    house.clock.advance(hours=-1)

    assert house.deliver() == Delivered(sent=2)
    assert house.deliver() == Delivered()
    house.clock.advance(seconds=30)
    assert house.deliver() == Delivered(sent=1)


def test_a_lease_from_before_the_clock_was_set_back_ends(house: House) -> None:
    house.put("held")
    with db.write(house.engine) as session:
        outbox.claim(session, "dead", house.clock(), timedelta(seconds=120), 1)
    house.clock.advance(hours=-1)

    assert house.deliver() == Delivered()
    house.clock.advance(seconds=119)
    assert house.deliver() == Delivered()
    house.clock.advance(seconds=1)
    assert house.deliver() == Delivered()  # it is put on notice
    house.clock.advance(seconds=60)
    assert house.deliver() == Delivered(sent=1)


@one_database
def test_what_is_being_sent_when_the_clock_is_set_forward_is_not_sent_by_another(house: House) -> None:
    house.put("slow", *(f"m{n}" for n in range(9)))

    async def set_forward() -> None:
        house.clock.advance(days=1)

    house.mail.answer = on("slow", set_forward)

    assert house.deliver() == Delivered(sent=10)
    assert len(house.mail.taken) == 10


@one_database
def test_after_a_jump_of_the_clock_nothing_is_taken_from_who_is_alive(house: House) -> None:
    house.put("held")
    lease = timedelta(seconds=house.settings.delivery.lease_seconds)
    with db.write(house.engine) as session:
        (held,) = outbox.claim(session, "alive", house.clock(), lease, 1)
    house.clock.advance(days=1)

    for _ in range(3):  # each of them has just begun, and knows of no jump
        assert house.deliver() == Delivered()
        with db.write(house.engine) as session:
            assert outbox.prolong(session, "alive", [held.id], house.clock() + lease)
        house.clock.at += lease / TIMES_A_LEASE
    house.clock.at += lease
    assert house.deliver() == Delivered()
    house.clock.at += lease / 2
    assert house.deliver() == Delivered(sent=1)


def of_one_that_ended() -> str:
    """The name of a worker whose process is no more."""
    told = "from notifications import worker; print(worker.named())"
    return subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    ).stdout.strip()


@one_database
def test_what_a_killed_dispatcher_had_in_hand_is_sent_by_the_next_at_once(house: House) -> None:
    house.put("held")
    with db.write(house.engine) as session:
        outbox.claim(session, of_one_that_ended(), house.clock(), timedelta(seconds=120), 1)

    assert delivering.waits(house.engine, house.settings, house.clock(), "email")
    assert house.deliver() == Delivered(sent=1)


@one_database
def test_what_a_killed_dispatcher_may_have_posted_is_looked_for_once_slack_has_had_time_to_post_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("held", channel="slack")
    with db.write(house.engine) as session:
        outbox.claim(session, of_one_that_ended(), house.clock(), timedelta(seconds=120), 1)
    began, looked = house.clock(), list[datetime]()

    async def find(_: SlackPost) -> Receipt | None:
        looked.append(house.clock())
        return None

    async def wait(seconds: float) -> None:
        await (asyncio.sleep(0) if seconds <= SETTLES.total_seconds() else for_ever())
        house.clock.advance(seconds=seconds)

    monkeypatch.setattr(house.slack, "find", find)
    assert house.deliver(wait=wait) == Delivered(sent=1)
    assert looked == [began + SETTLES]


@one_database
def test_and_so_it_is_where_the_next_one_gives_it_back(house: House) -> None:
    house.put("held", channel="slack")
    lease = timedelta(seconds=120)
    with db.write(house.engine) as session:
        outbox.claim(session, "one", house.clock(), lease, 1)
        outbox.free(session, ["one"], house.clock())
        outbox.release(session, "next", outbox.claim(session, "next", house.clock(), lease, 1))
        assert outbox.claim(session, "third", house.clock(), lease, 1) == []
        [claimed] = outbox.claim(session, "third", house.clock() + SETTLES, lease, 1)
    assert claimed.unsure


@one_database
def test_what_its_owner_wrote_down_after_all_is_looked_for_as_ever(house: House) -> None:
    house.put("held", channel="slack")
    lease, began = timedelta(seconds=120), house.clock()
    with db.write(house.engine) as session:
        [held] = outbox.claim(session, "one", began, lease, 1)
        assert outbox.claim(session, "other", began + lease, lease, 1) == []  # it is on notice
        later = began + timedelta(hours=1)
        mark = Mark(held.id, MessageState.RETRYING, "ratelimited", due_at=later)
        assert outbox.mark(session, "one", [mark], began + lease)
        [claimed] = outbox.claim(session, "other", later, lease, 1)
    assert (claimed.settled_at, claimed.unsure) == (None, False)


# --- stopping ---------------------------------------------------------------------------------------


async def for_ever(*_: Any) -> None:
    await asyncio.Event().wait()


async def cancelled(
    work: Awaitable[Any], when: Callable[[], bool], then: Callable[[], object] = lambda: None
) -> None:
    task = asyncio.ensure_future(work)
    while not when():  # noqa: ASYNC110 - seen from outside
        await asyncio.sleep(0.001)
    task.cancel()
    for _turn in range(20):  # until all that it had begun knows of it
        await asyncio.sleep(0)
    then()
    await asyncio.wait([task])


def in_states(house: House) -> Counter[str]:
    return Counter(state for state, _ in house.states())


@one_database
def test_a_dispatcher_that_is_stopped_gives_back_what_it_has_not_begun(house: House) -> None:
    house.put(*(f"m{n}" for n in range(8)))
    house.mail.answer = for_ever

    def under_way() -> bool:
        return house.mail.at_once.total() == 2 and in_states(house) == {"sending": 8}

    asyncio.run(cancelled(house.delivering(channel="email"), under_way))
    assert in_states(house) == {"sending": 2, "waiting": 6}


@one_database
def test_what_is_being_claimed_or_made_ready_is_given_back_as_well(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(*(f"m{n}" for n in range(4)))
    claimed, go_on = threading.Event(), threading.Event()

    def slow(*_: Any) -> list[Prepared]:
        claimed.set()
        go_on.wait()
        return []

    monkeypatch.setattr(Bare, "__call__", slow)

    async def stopped() -> None:
        await cancelled(house.delivering(channel="email"), claimed.is_set)
        go_on.set()

    asyncio.run(stopped())
    assert in_states(house) == {"waiting": 4}


@one_database
def test_a_claim_that_is_under_way_when_it_is_stopped_is_given_back(house: House) -> None:
    house.put(*(f"m{n}" for n in range(4)))
    claiming, go_on = threading.Event(), threading.Event()

    def slow(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "mail_id=?" in statement:
            claiming.set()
            go_on.wait()

    event.listen(house.engine, "before_cursor_execute", slow)

    asyncio.run(cancelled(house.delivering(channel="email"), claiming.is_set, go_on.set))
    event.remove(house.engine, "before_cursor_execute", slow)
    assert in_states(house) == {"waiting": 4}


@one_database
def test_what_was_sent_is_written_when_a_dispatcher_is_stopped(house: House) -> None:
    house.put("m0", "m1")

    with failing(house.engine, "sent_at=", times=1) as left:
        work = house.delivering(channel="email", wait=for_ever)
        asyncio.run(cancelled(work, lambda: left == [0] and len(house.mail.taken) == 2))

    assert in_states(house) == {"sent": 2}


@one_database
def test_who_is_asked_to_stop_sends_what_is_begun_and_begins_nothing_more(house: House) -> None:
    house.put(*(f"m{n}" for n in range(8)))
    stop = asyncio.Event()

    async def answer(_: Mail | SlackPost) -> None:
        stop.set()
        await asyncio.sleep(0)

    house.mail.answer = answer

    assert house.deliver(channel="email", stopped=stop.is_set).sent <= house.settings.smtp.connections
    assert set(in_states(house)) == {"sent", "waiting"}


@one_database
def test_who_is_stopped_after_a_fault_gives_back_the_rest_as_well(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(*(f"m{n}" for n in range(8)))
    stop, claims = asyncio.Event(), iter([Claims.next])

    async def answer(_: Mail | SlackPost) -> None:
        for _turn in range(20):  # by then nothing more is claimed
            await asyncio.sleep(0)
        stop.set()

    async def once(*said: Any, **more: Any) -> Batch:
        try:
            return await next(claims)(*said, **more)
        except StopIteration:
            raise MemoryError from None

    house.mail.answer = answer
    monkeypatch.setattr(Claims, "next", once)

    with pytest.raises(MemoryError):
        house.deliver(channel="email", stopped=stop.is_set)
    assert set(in_states(house)) == {"sent", "waiting"}


@one_database
def test_a_result_that_cannot_be_written_does_not_keep_out_the_others(house: House) -> None:
    house.put(*(f"m{n}" for n in range(6)))
    house.mail.words["m3"] = "250 \ud800"  # as PostgreSQL does not take a NUL

    assert house.deliver() == Delivered(sent=6)
    assert in_states(house) == {"sent": 6}


@one_database
def test_what_could_not_be_made_ready_is_given_back_and_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put(*(f"m{n}" for n in range(6)))

    def faulty(*_: Any) -> list[Prepared]:
        raise MemoryError

    monkeypatch.setattr(Bare, "__call__", faulty)
    with pytest.raises(MemoryError):
        house.deliver()
    assert in_states(house) == {"waiting": 6}


@one_database
def test_what_may_have_arrived_and_is_put_off_by_its_check_is_still_looked_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("a", channel="slack")
    house.change(house.messages()[0], state=MessageState.AMBIGUOUS)
    later = Later(house.clock() + timedelta(days=1), "not before")
    monkeypatch.setattr(Bare, "__call__", lambda _, batch: [Prepared(each, later) for each in batch])

    house.deliver()
    assert house.states() == [("ambiguous", "not before")]


@one_database
def test_what_was_looked_up_and_is_not_there_may_go_by_mail(house: House) -> None:
    anna: Person = house.person()
    house.put("a", channel="slack", person=anna.id)
    house.change(house.messages()[0], state=MessageState.AMBIGUOUS)

    async def refuse(_: Mail | SlackPost) -> None:
        raise Permanent("no such user", cause="users_not_found")

    house.slack.answer = refuse

    assert house.deliver() == Delivered(sent=1)
    assert house.mail.taken == ["a:email"]


@one_database
def test_a_refused_mail_is_sent_by_the_other_line_in_the_same_run(house: House) -> None:
    anna: Person = house.person()
    house.put("a", person=anna.id)

    async def refuse(_: Mail | SlackPost) -> None:
        raise Permanent("no such user", cause="recipient-refused")

    house.mail.answer = refuse

    assert house.deliver() == Delivered(sent=1)
    assert house.slack.taken == ["a:slack"]
