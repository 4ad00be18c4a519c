"""A home with people and open nudges in the database, and real servers to deliver to."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select
from sqlmodel import SQLModel, col

from kamflow.demo.slack.server import TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.message import MessageStep, StoredMessage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.person import Person
from kamflow.policy import Policy
from kamflow.settings import Company, Delivery, Settings, Slack, Smtp
from kamflow.store import adopted
from kamflow.store import engine as db
from notifications.channels.email import EmailChannel
from notifications.channels.slack import SlackChannel
from notifications.channels.slack_pace import LIMITS, Limits, Pace
from notifications.compose import Composed, compose
from notifications.deliver import Delivered, deliver
from notifications.prepare import Renderers
from notifications.render.html import RenderedMail
from notifications.render.slack import RenderedPost
from notifications.render.view import NudgesView
from notifications.way_out import Channels
from tests.conftest import FixedClock
from tests.world import in_bavaria


def _words(view: NudgesView) -> str:
    lines = [f"{nudge.id} {nudge.reason}" for item in view.items for nudge in item.nudges]
    head = [f"for {view.redirected_from}"] if view.redirected_from else []
    return "\n".join([*head, *lines, f"more {view.more}"])


def _mail(view: NudgesView) -> RenderedMail:
    return RenderedMail(f"{view.occasion} {view.day}", "<p></p>", _words(view))


def _post(view: NudgesView) -> RenderedPost:
    return RenderedPost(_words(view), ())


# The templates have tests of their own; here it matters what reaches them.
PLAIN = Renderers(mail=_mail, post=_post)


@dataclass
class Office:
    """One home: people, nudges, compose and deliver at the time of `clock`."""

    engine: Engine
    settings: Settings
    clock: FixedClock
    policy: Policy = field(default_factory=Policy)

    def add(self, row: Any) -> Any:
        with db.write(self.engine) as session:
            session.add(row)
            session.flush()
        return row

    def person(self, name: str = "Anna", **more: Any) -> Person:
        key = name.lower()
        return self.add(Person(**({"key": key, "name": name, "email": f"{key}@example.com"} | more)))

    def nudge(self, owner: Person, step: str = "contacts", **more: Any) -> StoredNudge:
        today = date(2026, 9, 7)
        values = {
            "identity": f"contact_shortfall:person.{owner.id}:2026:{step}",
            "rule": "contact_shortfall",
            "subject": f"person.{owner.id}",
            "period": "2026-01-01..2026-12-31",
            "step": step,
            "owner_id": owner.id,
            "since": today,
            "due_on": date(2026, 9, 21),
            "group_key": f"{owner.id}-{step}",
            "facts": {},
            "why": {},
            "fingerprint": "",
            "opened_at": self.clock(),
            "opened_on": today,
            "staged_on": today,
        }
        return self.add(StoredNudge(**(values | more)))

    def change(self, row: SQLModel, **values: Any) -> None:
        with db.write(self.engine) as session:
            session.merge(row).sqlmodel_update(values)

    def compose(self) -> Composed:
        return compose(self.engine, self.clock(), self.settings, self.policy)

    def rows(self, table: type[Any]) -> list[Any]:
        with db.read(self.engine) as session:
            return list(session.execute(select(table).order_by(col(table.id))).scalars())

    def messages(self) -> list[StoredMessage]:
        return self.rows(StoredMessage)

    def states(self) -> list[tuple[str, str | None]]:
        return [(each.state, each.cause) for each in self.messages()]

    def history(self) -> list[tuple[int, str, str | None]]:
        return [(each.message_id, each.state, each.cause) for each in self.rows(MessageStep)]

    def told(self) -> list[tuple[int, int, str]]:
        return [(each.nudge_id, each.number, each.reason) for each in self.rows(Telling)]


@pytest.fixture
def office(engine: Engine, tmp_path: Path, clock: FixedClock) -> Office:
    """An adopted home on a Monday at 08:30 in Berlin, with delivery switched on."""
    here = {"home": tmp_path, "company": Company(region="NW"), "delivery": Delivery(mode="live")}
    settings = in_bavaria().model_copy(update=here)
    with db.write(engine) as session:
        adopted.adopt(session, tmp_path, clock())
    return Office(engine, settings, clock)


@dataclass
class PostOffice(Office):
    """An office with a mail server and a Slack workspace."""

    smtp: SmtpCatcher = field(default_factory=SmtpCatcher)
    slack: SlackServer = field(default_factory=SlackServer)
    limits: Limits = LIMITS

    def deliver(self, change: Callable[[Channels], Channels] = lambda out: out, **more: Any) -> Delivered:
        """Deliver; `change` may put something in the way of the channels."""

        async def run() -> Delivered:
            email = EmailChannel(self.settings.smtp, self.clock)
            slack, settings = None, self.settings.slack
            if settings.token:
                slack = SlackChannel(settings, self.clock, pace=Pace(self.limits))
            try:
                out = change(Channels(email, slack))
                options = {"renderers": PLAIN, "random": lambda: 0.0} | more
                return await deliver(self.engine, self.clock, self.settings, self.policy, out, **options)
            finally:
                await email.close()
                if slack:
                    await slack.close()

        return asyncio.run(run())

    def on_slack(self, person: Person) -> None:
        user = SlackUser(f"U{person.id}", person.email, person.name)
        self.slack.workspace.users[user.id] = user

    def sets(self, **changes: Any) -> None:
        self.settings = self.settings.model_copy(update=changes)


@pytest.fixture
def post_office(office: Office) -> Iterator[PostOffice]:
    with ExitStack() as stack:
        smtp = stack.enter_context(running_catcher())
        slack = stack.enter_context(running_slack(SlackServer(now=office.clock)))
        settings = office.settings.model_copy(
            update={
                "smtp": Smtp(host="127.0.0.1", port=smtp.port, tls="none", connections=4),
                "slack": Slack(token=SecretStr(TOKEN), api_url=slack.url),
            }
        )
        yield PostOffice(office.engine, settings, office.clock, smtp=smtp, slack=slack)


@pytest.fixture
def copied(office: Office, tmp_path: Path) -> Office:
    """The same database seen from a copy of the home."""
    elsewhere = office.settings.model_copy(update={"home": tmp_path / "copy"})
    return replace(office, settings=elsewhere)


def text(caught: Any) -> str:
    """The plain text of a caught mail."""
    from email import message_from_bytes, policy

    mail: Any = message_from_bytes(caught.raw, policy=policy.default)
    return mail.get_body(("plain",)).get_content()


def tomorrow(clock: FixedClock) -> datetime:
    return clock.advance(days=1)
