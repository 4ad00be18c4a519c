"""Mails made in further processes: the same mails, each once, whatever becomes of such a process."""

import pickle
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from multiprocessing import Pipe
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from kamflow import settings as knobs
from kamflow.settings import Delivery
from kamflow.store import engine as db
from notifications import outbox, preparing
from notifications.message import Mail, mime
from notifications.outbox import Claimed
from notifications.prepare import Prepared, mail_id
from notifications.preparing import Answer, Other, Preparing
from tests.notifications.conftest import Office


class Beside:
    """A further process that is none: it does as it is told here."""

    def __init__(self, *home: Any) -> None:
        self.home, self.asked, self.ended = home, list[int](), False
        STARTED.append(self)

    def begun(self) -> bool:
        return True

    def ask(self, batch: list[Claimed], now: Any) -> None:
        engine, settings, policy = self.home
        self.asked += [each.id for each in batch]
        self.made = Preparing(engine, settings, policy, lambda: now)(batch)

    def answer(self) -> Answer:
        return Answer(self.made, 1.0)

    def end(self) -> None:
        self.ended = True


class Dying(Beside):
    def answer(self) -> Answer:
        raise EOFError


class Unborn(Beside):
    def __init__(self, *home: Any) -> None:
        raise BlockingIOError  # as fork says that there are too many


class Unable(Beside):
    def answer(self) -> Answer:
        return Answer(self.made[::2], 1.0)


STARTED: list[Beside] = []


@pytest.fixture
def many(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Twenty digests are due, which is many here."""
    monkeypatch.setattr(preparing, "MANY", 20)
    monkeypatch.setattr(preparing, "_cores", lambda: 2)
    office.settings = office.settings.model_copy(update={"delivery": Delivery(mode="live", batch=20)})
    for number in range(20):
        office.nudge(office.person(f"P{number}"), facts={"no_data": True, "cells": []})
    office.compose()
    yield office
    STARTED.clear()


def claimed(office: Office) -> list[Claimed]:
    with db.write(office.engine) as session:
        lease = timedelta(minutes=2)
        return outbox.claim(
            session, "w", office.clock(), lease, 20, name=lambda key: mail_id(key, office.settings)
        )


def mails(office: Office, made: list[Prepared]) -> dict[int, bytes]:
    return {
        each.message.id: mime(each.outcome, office.clock()) for each in made if isinstance(each.outcome, Mail)
    }


def prepared(office: Office, batch: list[Claimed], processes: int = 2) -> dict[int, bytes]:
    delivery = office.settings.delivery.model_copy(update={"processes": processes})
    settings = office.settings.model_copy(update={"delivery": delivery})
    made = Preparing(office.engine, settings, office.policy, office.clock)
    try:
        done = made(batch)
        while any(isinstance(each, Other) and not each.begun() for each in made._others):
            done = made(batch)
    finally:
        made.close()
    assert sorted(each.message.id for each in done) == sorted(each.id for each in batch)
    return mails(office, done)


@pytest.mark.parametrize("kind", [Beside, Dying, Unable])
def test_every_mail_is_made_whatever_a_process_does(
    many: Office, kind: type[Beside], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "Other", kind)
    batch = claimed(many)
    alone = prepared(many, batch, processes=1)

    assert prepared(many, batch, processes=3) == alone
    assert len(alone) == 20
    assert [len(each.asked) for each in STARTED] == [8, 8]
    assert all(each.ended for each in STARTED)


def test_without_a_further_process_they_are_made_here(many: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "Other", Unborn)

    assert len(prepared(many, claimed(many))) == 20


def test_a_batch_is_divided_so_that_all_end_at_the_same_moment(many: Office) -> None:
    made = Preparing(many.engine, many.settings, many.policy, many.clock)
    for _ in range(20):
        made._shift(100, 300)

    assert made._own == pytest.approx(0.25, abs=0.01)
    for _ in range(40):
        made._shift(1, 1_000_000)
    assert made._own == preparing.OWN_AT_LEAST  # else it would never see that it has become faster
    for _ in range(40):
        made._shift(300, 100)
    for _ in range(20):
        made._shift(300, 100, late=True)
    assert made._own == preparing.OWN_AT_LEAST  # sending is what takes long


def test_a_process_is_kept_for_the_next_messages_and_ended_when_none_come(
    many: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "Other", Beside)
    made = Preparing(many.engine, many.settings, many.policy, many.clock)
    batch = claimed(many)
    made(batch)
    made(batch)
    made.rest()
    assert [each.ended for each in STARTED] == [False]

    monkeypatch.setattr(preparing, "IDLE_SECONDS", -1)
    made.rest()
    assert [each.ended for each in STARTED] == [True]


def test_no_answer_to_a_batch_that_was_given_up_is_taken_for_one_to_the_next(
    many: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "Other", Beside)
    made = Preparing(many.engine, many.settings, many.policy, many.clock)
    batch = claimed(many)
    made(batch)

    def no_memory(_: list[Claimed]) -> list[Prepared]:
        raise MemoryError

    with monkeypatch.context() as here:
        here.setattr(made, "_here", no_memory)
        with pytest.raises(MemoryError):
            made(batch[:10])
    assert [each.ended for each in STARTED] == [True]
    assert [each.message.id for each in made(batch[10:])] == [each.id for each in batch[10:]]


def test_few_messages_begin_no_process(many: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "Other", Beside)
    monkeypatch.setattr(preparing, "MANY", 21)

    assert len(prepared(many, claimed(many))) == 20
    assert STARTED == []


def test_a_process_that_ends_before_it_is_ready_is_done_without(
    many: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing.sys, "executable", "/bin/false")
    made = Preparing(many.engine, many.settings, many.policy, many.clock)
    batch = claimed(many)

    assert len(made(batch)) == 20
    while made._others:
        assert len(made(batch)) == 20
    assert len(made(batch)) == 20
    assert made._others == []  # it is not begun again and again,

    made._again = 0.0
    monkeypatch.setattr(preparing, "Other", Beside)
    assert len(made(batch)) == 20
    assert len(STARTED) == 1  # but after a while


def test_two_channels_begin_the_processes_once(many: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "Other", Beside)
    batch, both = claimed(many), Barrier(2)
    made = Preparing(many.engine, many.settings, many.policy, many.clock)

    def due(*_: Any) -> int:
        with suppress(BrokenBarrierError):
            both.wait(0.2)
        return 20

    monkeypatch.setattr(outbox, "due", due)
    with ThreadPoolExecutor(2) as pool:
        assert [len(each) for each in pool.map(made, [batch, batch])] == [20, 20]
    assert len(STARTED) == 1


@pytest.mark.slow
def test_a_process_that_is_ended_while_it_is_asked_is_done_without(
    many: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PATIENCE", 3600)  # it is not given up: its end is noticed
    batch = claimed(many)
    made = Preparing(many.engine, many.settings, many.policy, many.clock)
    made(batch)
    [other] = made._others
    while not other.begun():
        made(batch)
    other._process.send_signal(signal.SIGSTOP)

    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(made, batch)
        while not made._busy.locked():
            pass
        made.close()
        assert not other._line.closed  # its number would soon be another file's
        assert len(asked.result(timeout=300)) == 20


@pytest.mark.slow
def test_a_real_process_makes_the_same_mails(many: Office) -> None:
    batch = claimed(many)

    assert prepared(many, batch) == prepared(many, batch, processes=1)


@pytest.mark.slow
def test_a_process_that_was_killed_is_done_without(many: Office) -> None:
    made = Preparing(many.engine, many.settings, many.policy, many.clock)
    batch = claimed(many)
    made(batch)
    [other] = made._others
    while not other.begun():
        made(batch)
    other._process.kill()

    assert len(mails(many, made(batch))) == 20
    assert made._others == []


def test_a_process_that_stands_still_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "PATIENCE", 1)
    ours, theirs = Pipe()
    with ours, theirs:
        preparing._impatient(ours)
        with pytest.raises(preparing.LOST):
            ours.send_bytes(b"x" * 10_000_000)


def test_the_settings_of_a_home_can_be_handed_to_a_process(tmp_path: Path) -> None:
    home = knobs.load(tmp_path)

    handed = pickle.loads(pickle.dumps(preparing._plain(home)))  # noqa: S301 - our own
    assert handed.model_dump() == home.model_dump()
