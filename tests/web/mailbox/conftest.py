"""A company with a mailbox: kruse meets knut at Muster AG."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from kamflow.knobs import Delivery, Mailbox, Smtp
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.event import Event
from kamflow.models.interaction import Interaction
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store import adopted
from kamflow.store import engine as db
from kamflow.web.mailbox.deal import Dealt, deal
from kamflow.web.mailbox.received import read
from notifications import links
from tests.web.conftest import Visited
from tests.world import World

BOX = "kamflow@example.com"


def mail(body: str = "hello\n", sender: str = "Kruse <kruse@example.com>", **headers: str) -> bytes:
    """A mail as it lies in the box; `headers` by their names with underscores."""
    said = {"From": sender, "To": BOX, "Subject": "Re: due", "Message-ID": "<one@elsewhere>"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    if "Content-Type" not in said:
        said["Content-Type"] = "text/plain; charset=utf-8"
    head = "".join(f"{name}: {value}\n" for name, value in said.items())
    return f"{head}MIME-Version: 1.0\n\n{body}".encode()


def invitation(day: str = "20260915T090000Z", sequence: int = 0, method: str = "REQUEST", **more: str) -> str:
    """A calendar as Outlook sends it; `uid`, `people` and `extra` lines may be other ones."""
    people = more.get("people", "ORGANIZER:mailto:kruse@example.com\nATTENDEE:mailto:knut@muster.example\n")
    return (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\nBEGIN:VEVENT\nUID:{more.get('uid', 'u1')}\n"
        f"DTSTAMP:20260907T060000Z\nDTSTART:{day}\nDURATION:PT60M\nSEQUENCE:{sequence}\n"
        f"SUMMARY:Geheimprojekt Falke\n{more.get('extra', '')}{people}END:VEVENT\nEND:VCALENDAR\n"
    )


@dataclass
class Post(Visited):
    """A site with a mailbox, its people, and what a test asks about it."""

    kruse: Person = field(init=False)
    knut: Contact = field(init=False)
    muster: Account = field(init=False)
    _mails: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        box = Mailbox(host="localhost", tls="none", user="kamflow", password=SecretStr("secret"), address=BOX)
        self.knowing(
            mailbox=box.model_copy(update={"forward_to": "office@example.com"}),
            delivery=Delivery(mode="live"),
            smtp=Smtp(sender=f"kamflow <{BOX}>", tls="none"),
            operations_email="it@example.com",
        )
        self.kruse = self.world.person("Kruse")
        self.muster = self.world.account("Muster AG", self.kruse)
        place = self.world.place("Knut", self.muster, 8)
        self.knut = self.world.one(Contact, place.contact_id)
        self.knut.email = "knut@muster.example"
        self.world.add(self.knut)
        with db.write(self.world.engine) as session:
            adopted.adopt(session, self.settings.home, self.now)

    def take(self, raw: bytes) -> Dealt:
        """Deal with a mail at once."""
        return deal(self.site, read(raw))

    def invite(self, calendar: str, sender: str = "kruse@example.com", **headers: str) -> Dealt:
        """A mail with an invitation, under a Message-ID of its own."""
        self._mails += 1
        kind = {"Content_Type": "text/calendar; charset=utf-8; method=REQUEST"}
        return self.take(mail(calendar, sender, **{"Message_ID": f"<{self._mails}@x>", **kind, **headers}))

    def met(self) -> list[tuple[date, str]]:
        return [(each.day, each.state) for each in self.rows(Interaction)]

    def rows(self, model: Any) -> list[Any]:
        with db.read(self.world.engine) as session:
            return list(session.execute(select(model).order_by(*model.__table__.primary_key)).scalars())

    def events(self, name: str) -> list[Event]:
        return [each for each in self.rows(Event) if each.name == name]

    def nudge(self, **more: Any) -> StoredNudge:
        """An open one of Kruse's, closed by a word."""
        number = len(self.rows(StoredNudge)) + 1
        said = {
            "identity": f"annual_meeting:account={self.muster.id}:2026:minutes{number}",
            "rule": "annual_meeting", "subject": f"account={self.muster.id}", "period": "2026",
            "step": "minutes", "account_id": self.muster.id, "owner_id": self.kruse.id,
            "since": date(2026, 9, 1), "due_on": date(2026, 9, 8), "urgency": "daily", "weight": 1.0,
            "facts": {}, "why": {"closes": "written"}, "closes_by": "word", "opened_at": self.now,
            "group_key": "", "stage": "", "fingerprint": str(number), "opened_on": self.now.date(),
            "staged_on": self.now.date(),
        }  # fmt: skip
        return self.world.add(StoredNudge(**said | more))

    def told(self, *nudges: StoredNudge, **more: Any) -> str:
        """Send Kruse a message about nudges; the address that it is answered at."""
        items = [
            {"nudges": [{"id": each.id, "reason": "opened", "number": 0, "for_person": None}]}
            for each in nudges
        ]
        said = {
            "key": f"digest:{len(self.rows(StoredMessage))}", "kind": "nudges", "channel": "email",
            "template": "digest", "person_id": self.kruse.id, "facts": {"items": items}, "state": "sent",
            "created_at": self.now, "due_at": self.now, "sent_at": self.now,
        }  # fmt: skip
        message = self.world.add(StoredMessage(**said | more))
        found = links.reply_address(self.settings, message.id, self.kruse.id or 0, 1)
        assert found is not None
        return found

    def reply(self, to: str, line: str, sender: str = "kruse@example.com", **headers: str) -> Dealt:
        """Answer a message; the first line says what."""
        self._mails += 1
        said = {"To": to, "Message_ID": f"<{self._mails}@x>"} | headers
        return self.take(mail(f"\n{line}\n\n> quoted\n", sender, **said))

    def answers(self) -> list[Any]:
        """What was said back to replies."""
        return [each.facts for each in self.rows(StoredMessage) if each.template == "mail_reply"]

    def place(self) -> Place:
        return self.rows(Place)[0]


@pytest.fixture
def post(sqlite_engine: Engine) -> Post:
    return Post(World(sqlite_engine))
