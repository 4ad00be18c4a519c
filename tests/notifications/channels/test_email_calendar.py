"""Calendar entries over a real SMTP connection: what arrives is what was written, byte for byte."""

import asyncio
from datetime import UTC, datetime, timedelta

from kamflow.demo.smtp_catcher import SmtpCatcher
from kamflow.store.names import AccountName, Names
from notifications.message import Part, mailbox
from notifications.render import ics
from tests.calendar_client import CalendarClient, invitation
from tests.notifications.channels.conftest import Mailing, a_mail

BEGINS = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
NAMES = Names(
    accounts={1: AccountName("Müster & Söhne; Gerätebau, Werk «Süd» 東京 " + "ü" * 60, "m")},
    places={1: "Halle 4\\rechts"},
)


def entry(method: str, sequence: int) -> bytes:
    said = {"account": 1, "round": 1, "day": "2026-11-10", "uid": "u1@example.com"}
    facts = said | {"method": method, "sequence": sequence}
    box = mailbox("kamflow@example.com")
    parties = ics.Parties(box, mailbox("witt@example.com"), "Jürgen Witt")
    return ics.entry(facts, BEGINS, parties, "de", NAMES, BEGINS - timedelta(days=30 - sequence))


def sent(mailing: Mailing, contents: list[tuple[str, bytes]]) -> list[bytes]:
    """The mails as the server has them."""
    catcher = SmtpCatcher()

    async def scenario() -> None:
        async with mailing(catcher) as channel:
            for number, (method, content) in enumerate(contents):
                kind = f"text/calendar; method={method}; charset=utf-8"
                part = Part(content, kind, "meeting.ics", alternative=True)
                await channel.send(a_mail(number, parts=(part,)))

    asyncio.run(scenario())
    return [caught.raw for caught in catcher.messages]


def test_an_entry_arrives_byte_for_byte_with_its_method(mailing: Mailing) -> None:
    written = entry("request", 0)
    [raw] = sent(mailing, [("REQUEST", written)])

    assert invitation(raw) == ("REQUEST", written)
    assert all(len(line) <= 998 and line.isascii() for line in raw.split(b"\r\n"))


def test_request_update_and_cancel_by_mail_leave_one_event_then_none(mailing: Mailing) -> None:
    steps = [
        ("REQUEST", entry("request", 0)),
        ("REQUEST", entry("request", 1)),
        ("CANCEL", entry("cancel", 2)),
    ]
    client, seen = CalendarClient(), []
    for raw in sent(mailing, steps):
        client.mail(raw)
        seen.append(len(client.events))

    assert seen == [1, 1, 0]
