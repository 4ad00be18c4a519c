"""Add, claim under a lease, mark; by hand: list, retry, cancel."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select

from kamflow.errors import NotAllowed, NotFound
from kamflow.models.message import MessageFacts, MessageState, Way
from kamflow.store import engine as db
from kamflow.store import messages
from notifications import outbox
from notifications.outbox import Claimed, Mark, NewMessage, Wanted
from tests.conftest import FixedClock
from tests.notifications.conftest import Office

LEASE, SECOND = timedelta(seconds=120), timedelta(seconds=1)


def put(engine: Engine, clock: FixedClock, *keys: str, **more: Any) -> list[int | None]:
    values = {"kind": "alert", "channel": "email", "template": "alert", "facts": {"flow": "intake"}}
    with db.write(engine) as session:
        return [outbox.add(session, NewMessage(key, **(values | more)), clock()) for key in keys]


def claim(engine: Engine, clock: FixedClock, worker: str = "w1", limit: int = 10) -> list[Claimed]:
    with db.write(engine) as session:
        return outbox.claim(session, worker, clock(), LEASE, limit)


def take_over(engine: Engine, clock: FixedClock, worker: str) -> list[Claimed]:
    """Claim what another lets lie: a lease, and half a one after somebody saw that it had ended."""
    clock.at += LEASE
    assert claim(engine, clock, worker) == []
    clock.at += LEASE / 2 - SECOND
    assert claim(engine, clock, worker) == []
    clock.at += SECOND
    return claim(engine, clock, worker)


def mark(engine: Engine, clock: FixedClock, *marks: Mark, worker: str = "w1") -> list[int]:
    with db.write(engine) as session:
        return outbox.mark(session, worker, marks, clock())


def keys(claimed: list[Claimed]) -> list[str]:
    return [each.key for each in claimed]


def test_a_key_goes_in_once(engine: Engine, clock: FixedClock):
    (number,) = put(engine, clock, "a")

    assert number is not None
    assert put(engine, clock, "a") == [None]


def test_what_is_claimed_is_not_claimed_again(engine: Engine, clock: FixedClock):
    put(engine, clock, "a", "b", "c")

    assert keys(claim(engine, clock, "w1", limit=2)) == ["a", "b"]
    assert keys(claim(engine, clock, "w2")) == ["c"]
    assert claim(engine, clock, "w3") == []


def test_what_the_claimant_has_in_hand_is_not_claimed_anew(engine: Engine, clock: FixedClock):
    put(engine, clock, "a", "b")
    (mine,) = claim(engine, clock, limit=1)
    clock.advance(seconds=120)

    with db.write(engine) as session:
        found = outbox.claim(session, "w1", clock(), LEASE, 10, Wanted(but=[mine.id]))
    assert keys(found) == ["b"]


def test_what_the_claimant_has_in_hand_takes_no_place_from_the_others(engine: Engine, clock: FixedClock):
    put(engine, clock, "a", "b", "c")
    mine = claim(engine, clock, "gone")[0]

    with db.write(engine) as session:
        outbox.free(session, ["gone"], clock())
        found = outbox.claim(session, "w1", clock(), LEASE, 1, Wanted(but=[mine.id, 0]))
    assert keys(found) == ["b"]


def test_urgent_messages_are_claimed_first(engine: Engine, clock: FixedClock):
    put(engine, clock, "digest")
    put(engine, clock, "now", priority=outbox.URGENT)

    assert keys(claim(engine, clock)) == ["now", "digest"]


def test_what_is_taken_over_counts_in_the_limit_and_takes_its_place_among_the_others(
    engine: Engine, clock: FixedClock
):
    put(engine, clock, "first", "second", "left")
    assert len(claim(engine, clock, "crashed", limit=2)) == 2
    with db.write(engine) as session:
        outbox.free(session, ["crashed"], clock())
    clock.at += SECOND
    put(engine, clock, "now", priority=outbox.URGENT)

    assert keys(claim(engine, clock, limit=3)) == ["now", "first", "second"]
    assert keys(claim(engine, clock)) == ["left"]


def test_of_the_same_urgency_comes_first_what_was_due_first(engine: Engine, clock: FixedClock):
    put(engine, clock, "late", due_at=clock() + timedelta(minutes=5))
    put(engine, clock, "early")
    clock.advance(minutes=5)

    assert keys(claim(engine, clock)) == ["early", "late"]


def test_a_message_waits_until_it_is_due(engine: Engine, clock: FixedClock):
    put(engine, clock, "a", due_at=clock() + timedelta(minutes=5))

    with db.read(engine) as session:
        assert outbox.due(session, clock()) == 0
    assert claim(engine, clock) == []
    clock.advance(minutes=5)
    assert keys(claim(engine, clock)) == ["a"]


def test_a_lease_that_ended_lets_another_take_over_and_is_remembered(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (first,) = claim(office.engine, clock, "crashed")
    (second,) = take_over(office.engine, clock, "w2")

    assert (first.attempt, first.unsure) == (1, False)
    assert (second.attempt, second.unsure) == (2, True)
    assert ("sending", "lease-ended") in [step[1:] for step in office.history()]


def test_who_takes_over_is_given_as_much_notice_as_the_first(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    claim(office.engine, clock, "crashed")

    for worker in ("w2", "w3"):
        assert keys(take_over(office.engine, clock, worker)) == ["a"]


@pytest.mark.parametrize("state", [MessageState.WAITING, MessageState.RETRYING, MessageState.AMBIGUOUS])
def test_what_is_given_back_is_as_if_it_had_never_been_claimed(
    office: Office, clock: FixedClock, state: MessageState
):
    put(office.engine, clock, "a")
    office.change(office.messages()[0], state=state, attempts=3)
    before = [each.model_dump() for each in office.messages()]
    claimed = claim(office.engine, clock)

    with db.write(office.engine) as session:
        assert outbox.release(session, "another", claimed) == 0
    assert claim(office.engine, clock, "another") == []
    with db.write(office.engine) as session:
        assert outbox.release(session, "w1", claimed) == 1
    assert [each.model_dump() for each in office.messages()] == before


def test_what_another_lets_lie_is_due(engine: Engine, clock: FixedClock):
    put(engine, clock, "a")
    claim(engine, clock)
    for due in (0, 1):
        with db.read(engine) as session:
            assert outbox.due(session, clock()) == due
        clock.at += LEASE


def test_what_can_go_the_other_way_is_urgent_has_a_reader_and_surely_did_not_arrive(office: Office):
    anna = office.person()
    urgent = {"priority": outbox.URGENT, "person": anna.id}
    put(office.engine, office.clock, "first", "tried", "unsure", "let lie", **urgent)
    put(office.engine, office.clock, "of operations", priority=outbox.URGENT)
    put(office.engine, office.clock, "normal", person=anna.id)
    rows = {each.key: each for each in office.messages()}
    put(office.engine, office.clock, "by the other", **urgent, instead_of=rows["first"].id)
    office.change(rows["tried"], state=MessageState.RETRYING)
    office.change(rows["unsure"], state=MessageState.AMBIGUOUS)
    ended = {"leased_until": office.clock(), "lease_ended_at": office.clock()}
    office.change(rows["let lie"], state=MessageState.SENDING, **ended)

    with db.write(office.engine) as session:
        aside = Wanted("email", diverted=True)
        assert keys(outbox.claim(session, "w1", office.clock(), LEASE, 10, aside)) == ["first", "tried"]


def test_what_is_given_back_for_a_while_is_claimed_after_it(engine: Engine, clock: FixedClock):
    put(engine, clock, "a")
    with db.write(engine) as session:
        outbox.release(session, "w1", outbox.claim(session, "w1", clock(), LEASE, 1), clock() + LEASE)

    clock.at += LEASE - SECOND
    assert claim(engine, clock) == []
    clock.at += SECOND
    assert keys(claim(engine, clock)) == ["a"]


def test_at_work_is_who_has_something_of_a_channel_in_hand_or_finds_it(engine: Engine, clock: FixedClock):
    def at_work(worker: str) -> dict[str, bool]:
        with db.read(engine) as session:
            return {each: outbox.at_work(session, worker, each, clock()) for each in ("email", "slack")}

    put(engine, clock, "mail")
    assert at_work("w1") == {"email": True, "slack": False}
    claim(engine, clock)
    assert at_work("w1") == {"email": True, "slack": False}
    assert at_work("w2") == {"email": False, "slack": False}


def test_a_mark_counts_only_for_who_holds_the_lease(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (slow,) = claim(office.engine, clock, "slow")
    take_over(office.engine, clock, "quick")

    assert mark(office.engine, clock, Mark(slow.id, MessageState.FAILED, "too late"), worker="slow") == []
    assert mark(office.engine, clock, Mark(slow.id, MessageState.SENT), worker="quick") == [slow.id]
    assert office.states() == [("sent", None)]


@pytest.mark.parametrize(
    ("state", "attempt"),
    [(MessageState.WAITING, 1), (MessageState.RETRYING, 5), (MessageState.AMBIGUOUS, 5)],
)
def test_what_its_check_put_off_was_not_tried_and_has_all_its_attempts_again(
    office: Office, clock: FixedClock, state: MessageState, attempt: int
):
    put(office.engine, clock, "a")
    office.change(office.messages()[0], state=MessageState.RETRYING, attempts=3)
    (message,) = claim(office.engine, clock)
    assert message.attempt == 4
    mark(office.engine, clock, Mark(message.id, state, "later", due_at=clock()))

    assert [each.attempt for each in claim(office.engine, clock)] == [attempt]


def test_a_mark_that_comes_too_late_changes_nothing_else_either(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (slow,) = claim(office.engine, clock, "slow")
    take_over(office.engine, clock, "quick")
    instead = NewMessage("a:slack", "alert", "slack", "alert", {}, instead_of=slow.id)
    late = Mark(slow.id, MessageState.FAILED, "connect-failed", instead=instead, tried="email")

    assert mark(office.engine, clock, replace(late, patience=clock() + LEASE), worker="slow") == []
    assert [each.key for each in office.messages()] == ["a"]
    with db.read(office.engine) as session:
        assert session.execute(select(Way)).all() == []


def test_of_many_marks_those_count_that_are_still_ours(office: Office, clock: FixedClock):
    put(office.engine, clock, *(f"m{number:02}" for number in range(40)))
    claimed = claim(office.engine, clock, limit=40)
    lost = claimed[3:40:9]
    with db.write(office.engine) as session:
        assert outbox.release(session, "w1", lost, clock() + LEASE) == len(lost)
    marks = [Mark(each.id, MessageState.SENT, provider_id=f"250 ok {each.key}") for each in claimed]

    ours = {each.id for each in claimed} - {each.id for each in lost}
    assert set(mark(office.engine, clock, *marks)) == ours
    assert mark(office.engine, clock, *marks) == []
    assert sorted(office.states()) == [("sent", None)] * len(ours) + [("waiting", None)] * len(lost)
    written = [number for number, state, _ in office.history() if state == "sent"]
    assert sorted(written) == sorted(ours)


def test_an_owner_who_is_back_in_time_keeps_what_was_put_on_notice(office: Office, clock: FixedClock):
    put(office.engine, clock, "a", "b")
    (first, second) = claim(office.engine, clock, "away")
    clock.advance(days=1)  # its database was, or the other's clock is ahead
    assert claim(office.engine, clock, "other") == []

    assert mark(office.engine, clock, Mark(first.id, MessageState.SENT), worker="away") == [first.id]
    its_own = clock() - timedelta(days=1)
    with db.write(office.engine) as session:
        assert outbox.prolong(session, "away", [second.id], its_own + LEASE) == [second.id]
    clock.at += LEASE / 2
    assert claim(office.engine, clock, "other") == []
    clock.at += LEASE / 2
    assert keys(claim(office.engine, clock, "other")) == ["b"]


def test_what_a_process_held_that_is_no_more_is_free_at_once(office: Office, clock: FixedClock):
    put(office.engine, clock, "a", "b")
    claim(office.engine, clock, "gone", limit=1)
    claim(office.engine, clock, "alive", limit=1)
    with db.write(office.engine) as session:
        assert outbox.holders(session) == {"gone", "alive"}
        assert outbox.free(session, ["gone"], clock()) == 1
        assert outbox.holders(session) == {"alive"}  # not freed again while its channel is away

    assert [(each.key, each.unsure) for each in claim(office.engine, clock, "w2")] == [("a", True)]


def test_a_message_id_stays_what_it_was_at_the_first_attempt(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    with db.write(office.engine) as session:
        for name in ("one", "other"):
            outbox.claim(session, name, clock(), LEASE, 1, name=lambda _, name=name: f"<{name}@example.com>")
            outbox.free(session, [name], clock())
    (third,) = claim(office.engine, clock)

    assert third.mail_id == "<one@example.com>"


@pytest.mark.parametrize("state", [MessageState.RETRYING, MessageState.AMBIGUOUS])
def test_what_is_tried_again_is_claimed_when_its_time_has_come(
    engine: Engine, clock: FixedClock, state: MessageState
):
    put(engine, clock, "a")
    (message,) = claim(engine, clock)
    mark(engine, clock, Mark(message.id, state, "deferred", due_at=clock() + timedelta(seconds=30)))

    assert claim(engine, clock) == []
    clock.advance(seconds=30)
    (again,) = claim(engine, clock)
    assert (again.attempt, again.unsure) == (2, state == MessageState.AMBIGUOUS)


def test_a_fallback_is_added_with_the_failure(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (message,) = claim(office.engine, clock)
    instead = NewMessage("a:slack", "alert", "slack", "alert", {}, instead_of=message.id)
    mark(office.engine, clock, Mark(message.id, MessageState.FAILED, "no-address", instead=instead))

    assert office.states() == [("failed", "no-address"), ("waiting", None)]
    assert office.messages()[1].instead_of_id == message.id


def test_every_step_is_in_the_history(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (message,) = claim(office.engine, clock)
    mark(office.engine, clock, Mark(message.id, MessageState.RETRYING, "deferred", due_at=clock()))
    claim(office.engine, clock)
    mark(office.engine, clock, Mark(message.id, MessageState.SENT, provider_id="250 ok"))

    with db.read(office.engine) as session:
        listed, steps = messages.show(session, message.id)
    assert (listed.state, listed.attempts) == ("sent", 2)
    assert [step[1:] for step in steps] == [("waiting", None), ("retrying", "deferred"), ("sent", None)]


def test_two_dispatchers_at_once_share_the_work(engine: Engine, clock: FixedClock):
    put(engine, clock, *(f"m{n}" for n in range(60)))
    taken: dict[str, list[str]] = {"w1": [], "w2": []}

    def work(worker: str) -> None:
        while claimed := claim(engine, clock, worker, limit=5):
            taken[worker] += keys(claimed)

    threads = [Thread(target=work, args=(worker,)) for worker in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken["w1"]) + len(taken["w2"]) == 60
    assert len({*taken["w1"], *taken["w2"]}) == 60


# --- by hand ----------------------------------------------------------------------------------------


def test_the_list_is_filtered_and_newest_first(office: Office, clock: FixedClock):
    anna = office.person()
    put(office.engine, clock, "a", "b")
    put(office.engine, clock, "c", kind="notice", person=anna.id)

    with db.read(office.engine) as session:
        assert [each.key for each in messages.find(session)] == ["c", "b", "a"]
        assert [each.key for each in messages.find(session, kinds=["notice"])] == ["c"]
        assert [each.key for each in messages.find(session, persons=[anna.id])] == ["c"]
        assert messages.find(session, states=[MessageState.FAILED]) == []
        assert [each.key for each in messages.find(session, limit=1)] == ["c"]


def test_a_failed_message_can_be_sent_again(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (message,) = claim(office.engine, clock)
    mark(office.engine, clock, Mark(message.id, MessageState.FAILED, "recipient-refused"))
    with db.write(office.engine) as session:
        messages.retry(session, message.id, clock())

    (again,) = claim(office.engine, clock)
    assert (again.id, again.attempt) == (message.id, 1)
    assert ("waiting", "by hand") in [step[1:] for step in office.history()]


def test_a_waiting_message_can_be_stopped(office: Office, clock: FixedClock):
    (number,) = put(office.engine, clock, "a")
    with db.write(office.engine) as session:
        messages.cancel(session, number, "wrong wave", clock())

    assert claim(office.engine, clock) == []
    assert office.states() == [("cancelled", "wrong wave")]


def again(office: Office, number: int) -> None:
    with db.write(office.engine) as session:
        messages.retry(session, number, office.clock())


@pytest.mark.parametrize("ended", [MessageState.AMBIGUOUS, MessageState.FAILED])
def test_what_may_have_arrived_is_still_looked_up_when_it_is_sent_again(office: Office, ended: MessageState):
    put(office.engine, office.clock, "a")
    (message,) = claim(office.engine, office.clock)
    lost = Mark(message.id, MessageState.AMBIGUOUS, "lost-answer", due_at=office.clock())
    mark(office.engine, office.clock, lost)
    if ended == MessageState.FAILED:
        claim(office.engine, office.clock)
        mark(office.engine, office.clock, Mark(message.id, ended, "lost-answer"))
    again(office, message.id)

    assert office.states() == [("ambiguous", None)]
    assert claim(office.engine, office.clock)[0].unsure


def test_what_another_let_lie_is_still_looked_up_when_it_is_sent_again(office: Office):
    put(office.engine, office.clock, "a")
    claim(office.engine, office.clock, "crashed")
    (message,) = take_over(office.engine, office.clock, "w2")
    mark(office.engine, office.clock, Mark(message.id, MessageState.FAILED, "fault"), worker="w2")
    again(office, message.id)

    assert office.states() == [("ambiguous", None)]


def test_what_waits_for_its_next_attempt_has_it_at_once_when_it_is_sent_again(office: Office):
    put(office.engine, office.clock, "a")
    (message,) = claim(office.engine, office.clock)
    later = Mark(message.id, MessageState.RETRYING, "deferred", due_at=office.clock() + timedelta(hours=1))
    mark(office.engine, office.clock, later)
    again(office, message.id)

    assert [each.attempt for each in claim(office.engine, office.clock)] == [1]


def test_what_is_being_sent_is_neither_stopped_nor_sent_again(office: Office):
    put(office.engine, office.clock, "a")
    (message,) = claim(office.engine, office.clock)

    with pytest.raises(NotAllowed, match="is sending"):
        again(office, message.id)
    with db.write(office.engine) as session, pytest.raises(NotAllowed, match="is sending"):
        messages.cancel(session, message.id, "why", office.clock())
    assert office.states() == [("sending", None)]


def test_what_it_said_is_gone_so_it_is_not_sent_again(office: Office):
    put(office.engine, office.clock, "a")
    (message,) = claim(office.engine, office.clock)
    mark(office.engine, office.clock, Mark(message.id, MessageState.FAILED, "recipient-refused"))
    with db.write(office.engine) as session:
        session.delete(session.get(MessageFacts, message.id))

    with pytest.raises(NotAllowed, match="not kept any more"):
        again(office, message.id)


def test_what_surely_did_not_arrive_is_not_looked_up(office: Office):
    put(office.engine, office.clock, "a")
    for state in (MessageState.AMBIGUOUS, MessageState.RETRYING):
        (message,) = claim(office.engine, office.clock)
        mark(office.engine, office.clock, Mark(message.id, state, "later", due_at=office.clock()))
    again(office, message.id)

    assert office.states() == [("waiting", None)]


def test_what_went_by_the_other_channel_is_not_sent_again(office: Office):
    put(office.engine, office.clock, "a")
    (message,) = claim(office.engine, office.clock)
    instead = NewMessage("a:slack", "alert", "slack", "alert", {}, instead_of=message.id)
    mark(office.engine, office.clock, Mark(message.id, MessageState.FAILED, "no-address", instead=instead))
    first, other = office.messages()

    for state in (MessageState.WAITING, MessageState.SENT):
        office.change(other, state=state)
        with pytest.raises(NotAllowed, match=f"by slack as message {other.id}, which is {state}"):
            again(office, first.id)
    office.change(other, state=MessageState.FAILED)
    again(office, first.id)
    with pytest.raises(NotAllowed, match=f"as message {first.id}"):
        again(office, other.id)


def test_what_was_told_again_is_not_sent_again(office: Office):
    office.nudge(office.person())
    office.compose()
    office.change(office.messages()[0], state=MessageState.FAILED)
    office.clock.advance(days=1)
    office.compose()
    first, second = office.messages()

    with pytest.raises(NotAllowed, match=f"told again by message {second.id}"):
        again(office, first.id)
    office.change(second, state=MessageState.FAILED)
    again(office, second.id)


def test_a_superseded_digest_is_not_sent_again(office: Office):
    done = office.nudge(anna := office.person())
    office.compose()
    office.clock.advance(days=1)
    office.nudge(anna, "second", opened_on=office.clock().date())
    office.change(done, closed_at=office.clock(), closed_on=office.clock().date())
    office.compose()

    with pytest.raises(NotAllowed, match="superseded"):
        again(office, office.messages()[0].id)


def test_what_was_sent_cannot_be_stopped_or_sent_again(office: Office, clock: FixedClock):
    put(office.engine, clock, "a")
    (message,) = claim(office.engine, clock)
    mark(office.engine, clock, Mark(message.id, MessageState.SENT))

    with db.write(office.engine) as session:
        with pytest.raises(NotAllowed, match="is sent"):
            messages.retry(session, message.id, clock())
        with pytest.raises(NotAllowed, match="is sent"):
            messages.cancel(session, message.id, "why", clock())
        with pytest.raises(NotFound):
            messages.cancel(session, message.id + 1, "why", clock())
