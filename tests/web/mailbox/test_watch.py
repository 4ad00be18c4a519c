"""The mailbox over IMAP: every mail is dealt with once, whatever comes and whatever breaks."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from kamflow.demo.imap_server import ImapServer, running_imap
from kamflow.demo.imap_terms import Rule
from kamflow.errors import ConfigError, Permanent, Temporary
from kamflow.knobs import Delivery, Mailbox
from kamflow.models.event import ReceivedMail
from kamflow.models.message import AdoptedHome
from kamflow.models.nudge import StoredNudge
from kamflow.models.watch import Incident
from kamflow.store import engine as db
from kamflow.web.mailbox import received
from kamflow.web.mailbox.box import Box
from kamflow.web.mailbox.watch import LONGEST_PAUSE, Watcher, watch
from notifications.message import Mail, Receipt, mime
from tests.web.mailbox.conftest import Post, invitation, mail


@dataclass
class Office:
    """Who gets what kamflow does not understand."""

    got: list[Mail] = field(default_factory=list)
    refusal: Exception | None = None

    async def send(self, letter: Mail) -> Receipt:
        if self.refusal is not None:
            raise self.refusal
        self.got.append(letter)
        return Receipt("email", letter.to, "ok")


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with running_imap() as running:
        yield running


@pytest.fixture
def office() -> Office:
    return Office()


def watcher(post: Post, server: ImapServer, office: Office, **more: object) -> Watcher:
    box = post.settings.mailbox.model_copy(update={"port": server.port, "timeout": 5.0} | more)
    post.knowing(mailbox=box)
    return Watcher(post.site, Box(box), office.send)


def look(watching: Watcher, times: int = 1) -> float:
    async def looks() -> float:
        return [await watching.look() for _ in range(times)][-1]

    try:
        return asyncio.run(looks())
    finally:
        watching.box.close()


def test_what_came_is_dealt_with_and_marked_as_seen(post: Post, server: ImapServer, office: Office) -> None:
    nudge = post.nudge()
    server.put(mail("erledigt\n", To=post.told(nudge), Message_ID="<1@x>"))
    server.put(mail(invitation(), Content_Type="text/calendar; method=REQUEST", Message_ID="<2@x>"))
    strange = server.put(mail("Können wir telefonieren?\n", "fremd@elsewhere.example", Message_ID="<3@x>"))

    assert look(watcher(post, server, office), 2) == 20

    assert all(each.seen for each in server.kept)
    assert post.world.one(StoredNudge, nudge.id).closed_as == "done"
    assert [state for _, state in post.met()] == ["booked"]
    assert [each.verdict for each in post.rows(ReceivedMail)] == ["reply", "meeting", "forwarded"]
    [letter] = office.got
    assert letter.to == "office@example.com"
    assert letter.parts[0].content == strange.raw


def test_the_forwarded_mail_is_enclosed_and_can_start_no_loop(
    post: Post, server: ImapServer, office: Office
) -> None:
    hostile = {"Subject": "=?utf-8?q?a=0D=0ABcc:_x@evil.example?=", "Message_ID": "<4@x>"}
    server.put(mail("text\n", "fremd@elsewhere.example", **hostile))
    look(watcher(post, server, office))
    raw = mime(office.got[0], post.now)

    sent = message_from_bytes(raw)
    assert (sent["Bcc"], sent["Auto-Submitted"], sent["X-Kamflow-Forwarded"]) == (None, "auto-generated", "1")
    for back in (raw, mail("--", "mailer@x.example", Message_ID="<5@x>") + raw):
        assert post.take(back).verdict == "ignored"


@pytest.mark.parametrize("broken", ["UID STORE", "UID FETCH", "UID SEARCH", "NOOP"])
def test_a_connection_lost_anywhere_neither_loses_nor_doubles(
    post: Post, server: ImapServer, office: Office, broken: str
) -> None:
    nudge = post.nudge()
    to = post.told(nudge)
    server.put(mail("+3\n", To=to, Message_ID="<1@x>"))
    server.put(mail("?\n", "fremd@elsewhere.example", Message_ID="<2@x>"))
    first = [True]

    def once(command: str) -> str | None:
        if command.startswith(broken) and first[0]:
            first[0] = False
            return "drop"
        return None

    server.rule = once
    look(watcher(post, server, office), 4)

    assert len(post.events("nudge.snoozed")) == 1
    assert len(office.got) == 1
    assert all(each.seen for each in server.kept)


# Name -> (settings, rule of the server, cause in the log, how often the pause grows).
REFUSALS: dict[str, tuple[dict[str, object], Rule | None, str, int]] = {
    "no such folder": ({"folder": "Gibt/Ünicht"}, None, "not-understood", 6),
    "wrong user": ({"user": "somebody"}, None, "login-refused", 6),
    "no search": ({}, lambda c: b"NO not today" if c.startswith("UID SEARCH") else None, "not-understood", 6),
    "dropped": ({}, lambda c: "drop" if c.startswith("LOGIN") else None, "connect-failed", 6),
    # What one mail breaks does not slow down the rest for ever.
    "no store": ({}, lambda c: b"BAD what" if c.startswith("UID STORE") else None, "not-understood", 3),
    "hanging": ({"timeout": 0.5}, lambda c: "hang" if c.startswith("UID FETCH") else None, "lost", 3),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_server_that_refuses_is_asked_less_and_less_often(
    post: Post, server: ImapServer, office: Office, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more, server.rule, cause, grows = REFUSALS[name]
    server.put(mail("+3\n", To=post.told(post.nudge())))
    watching = watcher(post, server, office, **more)
    pauses = [look(watching) for _ in range(6)]

    assert pauses[:grows] == [20, 40, 80, 160, 300, LONGEST_PAUSE][:grows]
    assert cause in capsys.readouterr().out


def test_a_mailbox_that_stays_away_is_one_incident_until_it_is_back(
    post: Post, server: ImapServer, office: Office
) -> None:
    watching = watcher(post, server, office, user="nobody")
    look(watching)
    assert post.rows(Incident) == []
    for _ in range(4):
        post.now += timedelta(minutes=20)
        look(watching)
    [away] = post.rows(Incident)
    assert (away.key, away.facts, away.closed_at) == ("channel:mailbox", {"cause": "login-refused"}, None)

    look(watcher(post, server, office, user="kamflow"))
    [away] = post.rows(Incident)
    assert away.closed_at == post.now


@pytest.mark.parametrize(
    ("refusal", "flagged", "verdicts"),
    [
        (Temporary("busy", cause="deferred"), False, []),
        (Permanent("gone", cause="recipient-refused"), True, ["kept"]),
    ],
    ids=["for now", "for good"],
)
def test_what_cannot_be_forwarded_stays_in_the_box(
    post: Post, server: ImapServer, office: Office, refusal: Exception, flagged: bool, verdicts: list[str]
) -> None:
    office.refusal = refusal
    kept = server.put(mail("?\n", "fremd@elsewhere.example"))
    look(watcher(post, server, office), 2)

    assert (kept.seen, "\\Flagged" in kept.flags) == (flagged, flagged)
    assert [each.verdict for each in post.rows(ReceivedMail)] == verdicts


def test_operations_are_not_sent_what_customers_write(post: Post, server: ImapServer, office: Office) -> None:
    kept = server.put(mail("Unser Jahresbonus?\n", "knut@muster.example"))
    assert post.settings.operations_email is not None
    look(watcher(post, server, office, forward_to=None))

    assert (office.got, kept.flags) == ([], {"\\Seen", "\\Flagged"})


def test_what_is_too_large_is_not_opened_and_stays_flagged(
    post: Post, server: ImapServer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kamflow.web.mailbox.box.LARGEST", 5000)
    kept = server.put(mail("erledigt\n" + "x" * 6000, To=post.told(post.nudge())))
    look(watcher(post, server, office))

    assert kept.flags == {"\\Seen", "\\Flagged"}
    [part] = office.got[0].parts
    assert part.filename == "headers.txt"
    assert b"xxx" not in part.content


def test_nothing_is_forwarded_while_nothing_is_to_be_sent(
    post: Post, server: ImapServer, office: Office
) -> None:
    kept = server.put(mail("?\n", "fremd@elsewhere.example"))
    post.knowing(delivery=Delivery(mode="off"))
    look(watcher(post, server, office))

    assert (office.got, kept.seen) == ([], False)


def test_a_copied_home_leaves_the_mailbox_alone(post: Post, server: ImapServer, office: Office) -> None:
    with db.write(post.world.engine) as session:
        session.delete(post.rows(AdoptedHome)[0])
    kept = server.put(mail("?\n"))
    look(watcher(post, server, office))

    assert (kept.seen, server.commands) == (False, [])


def test_a_mail_that_the_server_does_not_give_out_holds_up_no_other(
    post: Post, server: ImapServer, office: Office
) -> None:
    server.rule = lambda command: b"NO broken" if command == "UID FETCH 1" else None
    broken, good = server.put(mail("a\n", Message_ID="<1@x>")), server.put(mail("b\n", Message_ID="<2@x>"))
    look(watcher(post, server, office), 2)

    assert (broken.seen, good.seen) == (False, True)


def test_a_mail_that_breaks_us_holds_up_no_other(
    post: Post, server: ImapServer, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Geheim")

    monkeypatch.setattr("kamflow.web.mailbox.forward.letter", fail)
    nudge = post.nudge()
    broken = server.put(mail("?\n", "fremd@elsewhere.example", Message_ID="<1@x>"))
    good = server.put(mail("done\n", To=post.told(nudge), Message_ID="<2@x>"))
    look(watcher(post, server, office), 2)

    assert (broken.seen, good.seen) == (False, True)
    assert post.world.one(StoredNudge, nudge.id).closed_as == "done"


def _nasty() -> list[bytes]:
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(400))
    many = "--b\nContent-Type: text/plain\n\nx\n" * 400
    return [
        b"",
        b"\x00" * 1000,
        b"\n\nno headers",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: text/plain; charset=klingon\n\nerledigt",
        b"Content-Type: text/plain; charset=\xff\xfe\n\n\xff\xfe",
        b"Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n!!!!",
        b"From: =?utf-8?b?" + b"A" * 5000 + b"\n\n",
        b"From: " + b"(" * 5000 + b"\n\n",
        b"From: \xff\xfe@x\nTo: <<<>>>\nMessage-ID: \xff\n\n",
        b"From: a\x00b@example.com\n\n",
        b"Subject: " + b"a" * 2_000_000 + b"\n\nx",
        b"Message-ID: <" + b"a" * 5000 + b"@x>\n\nx",
        deep.encode(),
        b'Content-Type: multipart/mixed; boundary="b"\n\n' + many.encode(),
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\n\xff\n\nStatus: 5.\nAction: failed\n--b--",
        b"Content-Type: text/calendar; method=REQUEST\nFrom: kruse@example.com\n\n\xff\xfeBEGIN",
        b"Content-Type: text/html\n\n<" + b"<div" * 50_000,
    ]


@pytest.mark.timeout(60)
def test_no_mail_stops_the_box(post: Post, server: ImapServer, office: Office) -> None:
    for raw in _nasty():
        server.put(raw)
    last = post.nudge()
    server.put(mail("done\n", To=post.told(last), Message_ID="<last@x>"))
    look(watcher(post, server, office))

    assert all(each.seen for each in server.kept)
    assert post.world.one(StoredNudge, last.id).closed_as == "done"
    assert len(office.got) + len(post.rows(ReceivedMail)) >= len(_nasty())


@pytest.mark.slow  # each is a transaction of its own
def test_naughty_strings_and_calendars_do_nothing_but_travel_on(
    post: Post, shared_data: Callable[[str], Path]
) -> None:
    strings = json.loads(shared_data("nasty_blns/blns.json").read_text(encoding="utf-8"))
    to = post.told(post.nudge())
    for number, each in enumerate(strings):
        body = mail(f"{each}\n", To=to, Subject="x", Message_ID=f"<{number}@blns>")
        assert received.read(body).whole is not None
        assert post.take(body).verdict in ("forward", "reply")
    for path in sorted(shared_data("ics_icalendar_suite").rglob("*.ics")):
        head = mail("", Content_Type="text/calendar; method=REQUEST", Message_ID=f"<{path.name}@ics>")
        assert post.take(head + path.read_bytes()).verdict in ("forward", "meeting", "ignored")

    assert post.met() == []
    assert post.events("nudge.done") == []


def test_a_watch_ends_when_it_is_cancelled_even_while_the_server_hangs(
    post: Post, server: ImapServer, office: Office
) -> None:
    box = post.settings.mailbox.model_copy(update={"port": server.port, "timeout": 30.0})
    post.knowing(mailbox=box)

    async def started() -> None:
        loop, asked = asyncio.get_running_loop(), asyncio.Event()

        def hang(command: str) -> str | None:
            if command.startswith("UID SEARCH"):
                loop.call_soon_threadsafe(asked.set)
                return "hang"
            return None

        server.rule = hang
        task = asyncio.create_task(watch(post.site, send=office.send))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(started(), box.timeout / 2))


def test_without_a_host_there_is_no_mailbox(post: Post) -> None:
    post.knowing(mailbox=Mailbox())
    asyncio.run(watch(post.site))


@pytest.mark.parametrize(
    "wrong",
    [{"tls": "none", "host": "imap.example.com"}, {"user": None}, {"password": None}, {"address": None}],
    ids=str,
)
def test_a_mailbox_that_is_not_safe_or_not_complete_is_refused(post: Post, wrong: dict[str, object]) -> None:
    post.knowing(mailbox=post.settings.mailbox.model_copy(update=wrong))
    with pytest.raises(ConfigError):
        asyncio.run(watch(post.site))
