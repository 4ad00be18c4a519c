"""The pipeline: what hangs holds up only itself, limits, a channel that is away, a database that is away."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from kamflow.errors import Permanent, Temporary
from kamflow.models.message import MessageState, Way
from kamflow.models.person import Person
from kamflow.settings import Delivery, Slack, Smtp
from kamflow.store import engine as db
from notifications import deliver as delivering
from notifications import outbox
from notifications.claiming import Claims
from notifications.deliver import Delivered, deliver
from notifications.lease import Lease
from notifications.message import Mail, Receipt, SlackPost
from notifications.outbox import NewMessage
from notifications.prepare import Prepared
from notifications.recorder import Desk
from notifications.unsent import Later
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


def _said(message: outbox.Claimed) -> Mail | SlackPost:
    mail_id = message.mail_id or ""
    if message.channel == "slack":
        return SlackPost(message.key, (), mail_id, slack_id=f"U{message.id}")
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

    assert house.deliver() == Delivered(sent=10)
    assert house.mail.most == {"theirs.example": 1, "example.com": 2}


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


def away(house: House) -> None:
    house.put(*(f"m{n}" for n in range(6)))
    house.mail.answer = refused("connect-failed")
    house.deliver()


@one_database
def test_the_urgent_goes_by_the_other_channel_at_once_and_never_by_both(house: House) -> None:
    away(house)
    anna: Person = house.person()
    house.put("now:anna", priority=outbox.URGENT, person=anna.id)
    house.put("now:operations", priority=outbox.URGENT)

    assert house.deliver() == Delivered(sent=1)
    assert house.slack.taken == ["now:anna:slack"]
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
def test_after_a_jump_of_the_clock_nothing_is_taken_over_by_who_saw_it(house: House) -> None:
    house.put("held")
    with db.write(house.engine) as session:
        outbox.claim(session, "alive", house.clock(), timedelta(seconds=120), 1)

    async def after_a_jump() -> list[outbox.Claimed]:
        desk, length = Desk(house.engine), timedelta(seconds=120)
        lease = Lease(desk, "another", house.clock, length, for_ever)
        claims = Claims(desk, "another", house.clock, house.settings, lease, for_ever, lambda: False)
        await claims.next("email")
        house.clock.advance(days=1)
        return (await claims.next("email")).messages

    assert asyncio.run(after_a_jump()) == []
    assert house.deliver() == Delivered(sent=1)  # one that begins later takes the clock for right


# --- stopping ---------------------------------------------------------------------------------------


async def for_ever(*_: Any) -> None:
    await asyncio.Event().wait()


async def cancelled(work: Awaitable[Any], when: Callable[[], bool]) -> None:
    task = asyncio.ensure_future(work)
    while not when():  # noqa: ASYNC110 - seen from outside
        await asyncio.sleep(0.001)
    task.cancel()
    await asyncio.wait([task])


def in_states(house: House) -> Counter[str]:
    return Counter(state for state, _ in house.states())


@one_database
def test_a_dispatcher_that_is_stopped_gives_back_what_it_has_not_begun(house: House) -> None:
    house.put(*(f"m{n}" for n in range(8)))
    house.mail.answer = for_ever

    asyncio.run(cancelled(house.delivering(channel="email"), lambda: in_states(house) == {"sending": 8}))
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

    async def stopped() -> None:
        asyncio.get_running_loop().call_later(0.05, go_on.set)
        await cancelled(house.delivering(channel="email"), claiming.is_set)

    asyncio.run(stopped())
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

    assert house.deliver(channel="email", stopped=stop.is_set).sent in range(1, 8)
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
