"""The whole way: facts in the database, rules, cadence, outbox, a real SMTP conversation and our Slack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from flows.runtime import Home
from flows.telling import Told, tell_now
from kamflow.demo.slack.server import TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.person import Person
from kamflow.settings import Company, Delivery, Settings, Slack, Smtp
from kamflow.store import adopted
from kamflow.store import engine as db
from tests.world import World


@dataclass
class Stage:
    """A world whose messages can be read."""

    world: World
    smtp: SmtpCatcher
    slack: SlackServer

    def night(self, day: date, *rules: str) -> None:
        for rule in rules or ("plan_creation", "contact_shortfall"):
            self.world.night(rule, day)

    def morning(self, day: date, at: time = time(8, 45)) -> Told:
        """Compose and deliver at a local time of that day."""
        now = datetime.combine(day, at, ZoneInfo("Europe/Berlin")).astimezone(UTC)
        home = self.world.home()
        return tell_now(replace(home, now=lambda: now))

    def days(self, first: date, last: date, act: Callable[[date], None] = lambda _: None) -> None:
        """Night and morning of every day, then what people do."""
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            self.night(day)
            self.morning(day)
            act(day)

    def on_slack(self, person: Person) -> None:
        """Give somebody an account on our Slack."""
        self.slack.workspace.users[f"U{person.id}"] = SlackUser(f"U{person.id}", person.email, person.name)

    def mails(self, person: Person | None = None) -> list[EmailMessage]:
        return [
            message_from_bytes(caught.raw, policy=policy.default)
            for caught in self.smtp.messages
            if person is None or person.email in caught.recipients
        ]

    def home(self) -> Home:
        return self.world.home()


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Iterator[Stage]:
    with running_catcher() as smtp, running_slack() as slack:
        settings = Settings(
            home=tmp_path,
            company=Company(name="Our company", region="BY"),
            smtp=Smtp(host="127.0.0.1", port=smtp.port, tls="none"),
            slack=Slack(token=SecretStr(TOKEN), api_url=slack.url),
            delivery=Delivery(mode="live"),
        )
        with db.write(engine) as session:
            adopted.adopt(session, tmp_path, datetime(2026, 1, 1, tzinfo=UTC))
        yield Stage(World(engine, settings), smtp, slack)
