"""An outbox between a mail server and a Slack that fail as told, and the judgement over what came of it."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import col

from kamflow.demo.slack.faults import FAULTS
from kamflow.demo.slack.outcome import Outcome
from kamflow.demo.slack.server import SlackServer
from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.models.message import MessageState, MessageStep, StoredMessage
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import engine as db
from notifications import outbox
from notifications.channels.email import EmailChannel
from notifications.channels.slack import SlackChannel
from notifications.channels.slack_pace import Limits, Pace
from notifications.deliver import deliver
from notifications.message import Mail, Receipt, SlackPost
from notifications.outbox import NewMessage
from notifications.way_out import Channels
from tests.conftest import FixedClock
from tests.notifications.channels.hourglass import in_no_time
from tests.notifications.conftest import PLAIN

# Stage, what the server says, the cause it is a true one of; those that start with 5 end a message for good
# but at `mail`, where a setting is wrong. `reading` and before: nothing was taken.
MAIL_FAULTS: dict[str, tuple[str, Any, str | None]] = {
    "hung up at the greeting": ("connect", "drop", None),
    "busy at the greeting": ("connect", b"421 too many connections\r\n", None),
    "silent at EHLO": ("ehlo", "hang", None),
    "sender refused": ("mail", b"550 5.7.60 not as this sender\r\n", None),
    "wants a login": ("mail", b"530 5.7.57 not authenticated\r\n", None),
    "hung up at MAIL": ("mail", "drop", None),
    "greylisted": ("rcpt", b"451 4.7.1 greylisted, try again in 60 seconds\r\n", None),
    "no such user": ("rcpt", b"550 5.1.1 no such user\r\n", "recipient-refused"),
    "going down at RCPT": ("rcpt", b"421 going down\r\n", None),
    "hung up at RCPT": ("rcpt", "drop", None),
    "put off at DATA": ("data", b"451 later\r\n", None),
    "hung up before the body": ("data", "drop", None),
    "silent before the body": ("data", "hang", None),
    "hung up within the body": ("reading", "drop", None),
    "hung up at the dot": ("body", "drop", None),
    "body put off": ("body", b"451 4.3.0 try later\r\n", None),
    "body refused": ("body", b"554 5.7.1 looks like spam\r\n", "content-refused"),
    "too large after all": ("body", b"552 5.3.4 too large\r\n", "too-large"),
    "answer lost": ("taken", "drop", None),
    "answer does not come": ("taken", "hang", None),
    "answer is nonsense": ("taken", b"what?\r\n", None),
}
# Where it lies in the words of Slack alone what becomes of a message: never again.
SLACK_FINAL = {
    name: name.removesuffix(" of the person")
    for name in (
        "users_not_found", "user_not_found", "user_disabled", "account_inactive of the person",
        "channel_not_found", "not_in_channel", "is_archived", "msg_too_long", "msg_blocks_too_long",
        "invalid_blocks", "account_inactive",
    )
}  # fmt: skip
AT_ONCE, PAUSE = 3, 11.0
SECONDS = 1.0  # of patience, on a clock that goes on only where nobody answers


class Killed(BaseException):
    """What kill -9 would do: nothing after it runs."""


@dataclass
class Mortal:
    """A channel whose process dies before anybody hears of its n-th message."""

    channel: Any
    left: int

    async def send(self, out: Mail | SlackPost) -> Receipt:
        receipt = await self.channel.send(out)
        self.left -= 1
        if self.left == 0:
            raise Killed
        return receipt

    async def find(self, post: SlackPost) -> Receipt | None:
        return await self.channel.find(post)


@dataclass
class Troubled:
    """`mail` and `slack`: faults that wait for their moment; `played`: those that had it. `settings` say
    where the servers are, once they run."""

    engine: Engine
    settings: Callable[[], Settings]
    clock: FixedClock
    smtp: SmtpCatcher
    server: SlackServer
    people: list[int]
    strangers: set[int]
    mail: list[str] = field(default_factory=list)
    slack: list[str] = field(default_factory=list)
    refusals: int = 0
    played: Counter[str] = field(default_factory=Counter)
    unheard: Counter[str] = field(default_factory=Counter)
    waited: float = 0.0
    delivering: bool = False

    def __post_init__(self) -> None:
        self.smtp.messages.clear()
        self.smtp.counts.clear()
        self.server.posts.clear()
        self.smtp.rule, self.server.rule = self._mail_rule, self._slack_rule
        event.listen(self.engine, "before_cursor_execute", self._database_rule)

    def tell(self, channel: str, *, urgent: bool = False, stranger: bool = False) -> int | None:
        """One more message, to somebody who gets no other; strangers are not on Slack."""
        person = next(each for each in self.people if (each in self.strangers) == stranger)
        self.people.remove(person)
        line = {"id": person, "reason": "opened", "number": 1, "for_person": None}
        facts = {"day": "2026-09-07", "occasion": "daily", "items": [{"nudges": [line]}], "more": 0}
        priority = outbox.URGENT if urgent else outbox.NORMAL
        message = NewMessage(
            f"told:{person}", "nudges", channel, "digest", facts, person=person, priority=priority
        )
        with db.write(self.engine) as session:
            return outbox.add(session, message, self.clock())

    def deliver(self, *, dispatchers: int = 1, dies_at: int | None = None) -> None:
        """One round of one dispatcher or two at once; a crash leaves what it had for the next."""
        before, self.delivering = len(self.smtp.messages), True
        try:
            in_no_time(self._deliver(dispatchers, dies_at))
        except* (Killed, SQLAlchemyError):
            pass
        finally:
            self.delivering = False
        if dies_at is not None:
            # Nobody heard what became of those, whatever the server said.
            self.unheard.update(mail.message_id for mail in self.smtp.messages[before:])

    async def _deliver(self, dispatchers: int, dies_at: int | None) -> None:
        async with self._servers(), asyncio.TaskGroup() as group:
            for _ in range(dispatchers):
                group.create_task(self._dispatch(dies_at))

    @asynccontextmanager
    async def _servers(self) -> AsyncIterator[None]:
        """They live in the loop of the dispatchers: a server that hangs costs no time, and one that is slow
        is waited for, however long."""
        await self.smtp.start()
        await self.server.start()
        try:
            yield
        finally:
            await asyncio.sleep(SECONDS)  # what is on its way still arrives
            await self.server.stop()
            await self.smtp.stop()

    async def _dispatch(self, dies_at: int | None) -> None:
        settings = self.settings()
        email = EmailChannel(settings.smtp, self.clock)
        slack = SlackChannel(settings.slack, self.clock, pace=self._pace())
        out = Channels(email, slack)
        if dies_at is not None:
            out = Channels(*(cast("Any", Mortal(each, dies_at)) for each in (email, slack)))
        try:
            await deliver(
                self.engine, self.clock, settings, Policy(), out,
                renderers=PLAIN, random=lambda: 0.0, wait=_wait,
            )  # fmt: skip
        finally:
            await email.close()
            await slack.close()

    def _pace(self) -> Pace:
        async def wait(seconds: float) -> None:
            self.waited += seconds
            await asyncio.sleep(0)

        return Pace(Limits(calls={}, between=0), lambda: self.clock().timestamp() + self.waited, wait)

    def heal(self) -> None:
        self.mail.clear()
        self.slack.clear()
        self.refusals = 0

    def _mail_rule(self, stage: str, about: str) -> Any:
        name = next((each for each in self.mail if MAIL_FAULTS[each][0] == stage), None)
        if name is None:
            return None
        self.mail.remove(name)
        self.played[MAIL_FAULTS[name][2] or name] += 1
        if stage == "taken":
            self.unheard[about] += 1
        return MAIL_FAULTS[name][1]

    def _slack_rule(self, method: str, _: Any) -> Outcome:
        name = next((each for each in self.slack if method in FAULTS[each].methods), None)
        if name is None:
            return None
        self.slack.remove(name)
        self.played[SLACK_FINAL.get(name, name)] += 1
        return FAULTS[name].outcome()

    def _database_rule(self, _c: Any, _k: Any, statement: str, *_: Any) -> None:
        if self.delivering and self.refusals and statement.startswith(("UPDATE", "INSERT")):
            self.refusals -= 1
            raise OperationalError(statement, {}, sqlite3.OperationalError("database is locked"))

    def messages(self) -> list[StoredMessage]:
        with db.read(self.engine) as session:
            return list(session.execute(select(StoredMessage).order_by(col(StoredMessage.id))).scalars())

    def steps(self, message: StoredMessage) -> set[str]:
        """The states and causes of its history."""
        wanted = select(MessageStep).where(col(MessageStep.message_id) == message.id)
        with db.read(self.engine) as session:
            rows = session.execute(wanted).scalars()
            return {word for step in rows for word in (step.state, step.cause) if word}

    def open(self) -> list[StoredMessage]:
        ended = (MessageState.SENT, MessageState.FAILED)
        return [each for each in self.messages() if each.state not in ended]


async def _wait(seconds: float) -> None:
    # The pauses of a recorder end at once; those between two prolongings of a lease never do.
    await asyncio.sleep(0.001 if seconds < PAUSE else 3600)
