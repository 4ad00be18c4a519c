import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import Engine

from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.store import adopted, message_states, messages
from kamflow.store.engine import read, write
from notifications import outbox
from notifications.channels.email import EmailChannel
from notifications.message import Mail, Receipt
from notifications.outbox import NewMessage
from tests.acts.world import Act, World
from tests.cli.test_why import FACTS
from tests.conftest import NOW


@pytest.fixture
def open_nudge(world: World, home: Path, engine: Engine, nudge: Act) -> int:
    """A nudge to be told, in a home that may send."""
    with write(engine) as session:
        adopted.adopt(session, home, NOW)
    return nudge(facts=FACTS)


@pytest.fixture
def catcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmtpCatcher]:
    with running_catcher() as caught:
        monkeypatch.setenv("KAMFLOW_SMTP__HOST", "127.0.0.1")
        monkeypatch.setenv("KAMFLOW_SMTP__PORT", str(caught.port))
        monkeypatch.setenv("KAMFLOW_SMTP__TLS", "none")
        monkeypatch.setenv("KAMFLOW_DELIVERY__MODE", "live")
        yield caught


def test_what_is_due_is_composed_and_sent_once(kamflow: Act, open_nudge: int, catcher: SmtpCatcher) -> None:
    first = kamflow("deliver", "--json")
    assert first.code == 0, first.err
    assert {name: first.json[name] for name in ("sent", "failed", "cancelled", "told")} == {
        "sent": 1,
        "failed": 0,
        "cancelled": 0,
        "told": 1,
    }
    assert len(catcher.to("witt@example.com")) == 1
    assert kamflow("deliver").out == "composed: 0 messages about 0 nudges\nsent: 0, failed: 0, cancelled: 0\n"


def test_what_waits_for_the_next_minute_is_said(
    kamflow: Act, open_nudge: int, catcher: SmtpCatcher, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAMFLOW_SMTP__PER_MINUTE", "1")
    with write(engine) as session:
        outbox.add(session, NewMessage("alert", "alert", "email", "alert", {}), NOW)
        messages.all_sent(session, NOW)

    assert "due and still waiting: 1 (smtp.per_minute is reached" in kamflow("deliver").out
    assert kamflow("deliver", "--json").json["waiting"] == 1


@pytest.fixture
def three_nudges(world: World, open_nudge: int, nudge: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """For three persons, to be told one after the other."""
    monkeypatch.setenv("KAMFLOW_SMTP__CONNECTIONS", "1")
    monkeypatch.setenv("KAMFLOW_DELIVERY__BATCH", "1")
    for key in ("arnst", "kruse"):
        nudge(step=key, owner_id=world.person(key), facts=FACTS)


@pytest.mark.usefixtures("three_nudges")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_what_it_sends_and_gives_back_the_rest(
    kamflow: Act, catcher: SmtpCatcher, engine: Engine, number: int
) -> None:
    def told(stage: str, _: str) -> None:
        if stage == "rcpt" and not catcher.messages:
            os.kill(os.getpid(), number)

    catcher.rule = told
    said = kamflow("deliver", "--json")

    assert (said.code, said.json["sent"], said.json["waiting"], said.json["stopped"]) == (0, 1, 2, True)
    with read(engine) as session:
        assert message_states.counts(session) == {"waiting": 2, "sent": 1}


def test_told_twice_it_is_cut_off(kamflow: Act, open_nudge: int, catcher: SmtpCatcher) -> None:
    def told(stage: str, _: str) -> Literal["hang"] | None:
        if stage != "rcpt":
            return None
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(os.getpid(), number)
        return "hang"

    catcher.rule = told
    said = kamflow("deliver")
    assert (said.code, said.err.splitlines()[-1].startswith("cut off")) == (1, True)


def test_another_moment_may_be_given(kamflow: Act, open_nudge: int, catcher: SmtpCatcher) -> None:
    early = kamflow("deliver", "--now", "2026-09-07T05:00+02:00", "--json").json
    assert (early["composed"], early["sent"]) == (0, 0)
    assert "with its zone" in kamflow("deliver", "--now", "2026-09-07T05:00").err


def test_who_looks_behind_the_glass_is_named_to_the_person(
    kamflow: Act, open_nudge: int, catcher: SmtpCatcher
) -> None:
    kamflow("nudges", "--person", "witt", "--break-glass", "complaint of 4 September")
    assert kamflow("deliver", "--json").json["sent"] == 2
    subjects = [mail.raw.decode("utf-8", "replace") for mail in catcher.to("witt@example.com")]
    assert any("Einblick in die eigenen offenen Punkte" in text for text in subjects)
    assert any("complaint of 4 September" in text for text in subjects)


def test_a_server_that_is_not_there_ends_with_1(
    kamflow: Act, open_nudge: int, catcher: SmtpCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("KAMFLOW_SMTP__PORT", str(free.getsockname()[1]))
        said = kamflow("deliver")
    assert said.code == 1
    assert "1 could not be sent yet and will be tried again" in said.out
    assert "Jürgen Witt" in kamflow("outbox").out


def test_what_is_logged_does_not_get_into_the_answer(
    kamflow: Act, open_nudge: int, catcher: SmtpCatcher
) -> None:
    catcher.rule = lambda stage, _: b"451 greylisted\r\n" if stage == "rcpt" else None
    said = kamflow("deliver", "--json")
    assert said.json["later"] == 1
    logged = json.loads(said.err)
    assert (logged["event"], logged["cause"], logged["channel"]) == ("message.not_sent", "deferred", "email")


def test_a_fault_of_ours_logs_nothing_of_the_message(
    kamflow: Act, open_nudge: int, catcher: SmtpCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: EmailChannel, mail: Mail) -> Receipt:
        raise ValueError(f"{mail.to}: {mail.subject}")

    monkeypatch.setattr(EmailChannel, "send", fail)
    said = kamflow("deliver", "--json")
    assert json.loads(said.err)["error"].startswith("ValueError in ")
    assert not {name for name in ("witt", "Witt", "Muster") if name in said.out + said.err}


def test_switched_off_nothing_is_told(kamflow: Act, open_nudge: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAMFLOW_DELIVERY__MODE", "off")
    said = kamflow("deliver")
    assert (said.code, said.out.startswith('delivery.mode is "off"')) == (0, True)


def test_a_copy_of_a_home_sends_nothing(world: World, kamflow: Act) -> None:
    said = kamflow("deliver")
    assert (said.code, "may not send from this database" in said.err) == (2, True)
    assert kamflow("adopt", "--as", "witt").code == 2
    assert kamflow("adopt").code == 0
    assert kamflow("deliver").code == 0
