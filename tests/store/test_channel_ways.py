"""How a channel does: when it counts as away, how long it is left alone, what goes out once it is back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlmodel import Session

from kamflow.models.message import MessageState, StoredMessage
from kamflow.store import channel_ways
from kamflow.store import engine as db
from kamflow.store.channel_ways import LONGEST_PAUSE, OPENS, PROBED_EVERY, Standing
from kamflow.store.messages import history
from kamflow.store.new_messages import NewMessage, add
from tests.conftest import NOW

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GONE = "connect-failed"


def heard(engine: Engine, *causes: str | None, at: datetime = NOW) -> Standing:
    with db.write(engine) as session:
        channel_ways.heard(session, [("email", cause) for cause in causes], at)
        return channel_ways.standing(session, "email")


def put(session: Session, key: str, channel: str = "email", **values: Any) -> int:
    number = add(session, NewMessage(key, "alert", channel, "alert", {}), NOW)
    row = session.get(StoredMessage, number)
    assert row is not None
    assert number is not None
    row.sqlmodel_update(values)
    session.flush()
    return number


def due(engine: Engine) -> dict[str, datetime]:
    with db.read(engine) as session:
        return {each.key: each.due_at for each in session.execute(select(StoredMessage)).scalars()}


# --- away or not ------------------------------------------------------------------------------------


def test_a_channel_is_away_after_so_many_failures_in_a_row(engine: Engine) -> None:
    assert not heard(engine, *[GONE] * (OPENS - 1)).away
    opened = heard(engine, GONE)

    assert opened == Standing(OPENS, GONE, NOW, NOW + PROBED_EVERY)


def test_while_it_is_away_it_is_known_since_when(engine: Engine) -> None:
    heard(engine, *[GONE] * OPENS)
    with db.write(engine) as session:
        channel_ways.probed(session, "email", NOW + MINUTE)
    again = heard(engine, "tls-refused", at=NOW + MINUTE + SECOND)

    assert again == Standing(OPENS + 1, "tls-refused", NOW, NOW + MINUTE + PROBED_EVERY)


@pytest.mark.parametrize("answer", [None, "recipient-refused", "deferred"])
def test_any_word_of_its_own_shows_that_it_is_there(engine: Engine, answer: str | None) -> None:
    heard(engine, *[GONE] * OPENS)

    assert heard(engine, GONE, answer, GONE) == Standing()


def test_what_one_channel_says_is_nothing_about_another(engine: Engine) -> None:
    heard(engine, *[GONE] * OPENS)
    with db.write(engine) as session:
        channel_ways.heard(session, [("slack", None), (None, None)], NOW)

        assert channel_ways.standing(session, "email").away


# --- left alone -------------------------------------------------------------------------------------


def test_a_pause_lasts_to_its_end_unless_a_wrong_clock_wrote_it() -> None:
    def paused(until: datetime) -> bool:
        return Standing(paused_until=until).paused(NOW)

    assert [paused(NOW), paused(NOW + SECOND), paused(NOW + LONGEST_PAUSE)] == [False, True, True]
    assert not paused(NOW + LONGEST_PAUSE + SECOND)


def test_a_probe_keeps_others_from_it_unless_a_wrong_clock_wrote_when() -> None:
    def may(probe_at: datetime) -> bool:
        return Standing(probe_at=probe_at).may_be_probed(NOW)

    assert [may(NOW), may(NOW + SECOND), may(NOW + PROBED_EVERY)] == [True, False, False]
    assert may(NOW + PROBED_EVERY + SECOND)


def test_the_longer_pause_counts_and_one_of_a_wrong_clock_does_not(engine: Engine) -> None:
    def pause(until: datetime) -> datetime | None:
        with db.write(engine) as session:
            channel_ways.pause(session, "slack", until, NOW)
            return channel_ways.standing(session, "slack").paused_until

    assert pause(NOW + 2 * MINUTE) == NOW + 2 * MINUTE
    assert pause(NOW + MINUTE) == NOW + 2 * MINUTE
    assert pause(NOW + 3 * MINUTE) == NOW + 3 * MINUTE
    assert pause(NOW + 2 * LONGEST_PAUSE) == NOW + 2 * LONGEST_PAUSE
    assert pause(NOW + MINUTE) == NOW + MINUTE


# --- back again -------------------------------------------------------------------------------------


def test_once_it_is_back_goes_out_what_waited_because_it_was_away(engine: Engine) -> None:
    later = NOW + HOUR
    away = {"state": MessageState.RETRYING, "cause": GONE, "due_at": later}
    with db.write(engine) as session:
        put(session, "waited", **away)
        put(session, "unsure", **away | {"state": MessageState.AMBIGUOUS})
        put(session, "soon", **away | {"due_at": NOW + MINUTE})
        put(session, "often", **away, attempts=60)
        put(session, "for another cause", **away | {"cause": "deferred"})
        put(session, "planned", **away | {"state": MessageState.WAITING})
        put(session, "by another", "slack", **away)
    heard(engine, *[GONE] * OPENS)
    heard(engine, None)

    assert due(engine) == {
        "waited": NOW,
        "unsure": NOW,
        "soon": NOW + MINUTE,
        "often": later,
        "for another cause": later,
        "planned": later,
        "by another": later,
    }


# --- the minute of a mailbox ------------------------------------------------------------------------


def test_in_its_minute_counts_what_a_mailbox_sent_is_sending_or_was_refused(engine: Engine) -> None:
    def count(since: datetime = NOW - MINUTE) -> int:
        with db.read(engine) as session:
            return channel_ways.under_way(session, "email", since, NOW)

    sent, sending = {"state": MessageState.SENT}, {"state": MessageState.SENDING}
    with db.write(engine) as session:
        put(session, "a minute ago", **sent, sent_at=NOW - MINUTE)
        put(session, "tomorrow, before the clock was set back", **sent, sent_at=NOW + HOUR)
        put(session, "let lie", **sending, leased_until=NOW)
        put(session, "by another", "slack", **sent, sent_at=NOW)
        put(session, "by another too", "slack", **sending, leased_until=NOW + MINUTE)
        refused = put(session, "refused"), put(session, "post", "slack")
        for at in (NOW - MINUTE, NOW + HOUR):
            history(session, [(refused[0], at, MessageState.RETRYING, "deferred")])
        history(session, [(refused[1], NOW, MessageState.RETRYING, "deferred")])
        history(session, [(refused[0], NOW, MessageState.RETRYING, GONE)])
    assert count() == 0

    with db.write(engine) as session:
        put(session, "sent", **sent, sent_at=NOW)
        put(session, "being sent", **sending, leased_until=NOW + SECOND)
        history(session, [(refused[0], NOW - MINUTE + SECOND, MessageState.RETRYING, "deferred")])
    assert count() == 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite shows one state to a reader
@pytest.mark.parametrize("statements", [1, 2])
def test_what_is_written_down_while_it_is_counted_counts(engine: Engine, statements: int) -> None:
    with db.write(engine) as session:
        number = put(session, "a", state=MessageState.SENDING, leased_until=NOW + MINUTE)
    left = [number] * statements

    def sent(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "count(" in statement and left and left.pop() and not left:
            with db.write(engine) as session:
                row = session.get(StoredMessage, number)
                assert row is not None
                row.sqlmodel_update({"state": MessageState.SENT, "sent_at": NOW})

    event.listen(engine, "after_cursor_execute", sent)
    with db.write(engine) as session:
        assert channel_ways.under_way(session, "email", NOW - MINUTE, NOW) == 1
