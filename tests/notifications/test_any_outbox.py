"""Whatever dispatchers do, crash or come late: each message is owned by one, and ends once."""

from datetime import timedelta
from typing import Any

from hypothesis import settings as example_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from sqlalchemy import Engine, delete, select
from sqlmodel import SQLModel, col

from kamflow.models.message import MessageFacts, MessageState, MessageStep, StoredMessage, Way
from kamflow.store import engine as db
from notifications import outbox
from notifications.outbox import Claimed, Mark, NewMessage
from tests.conftest import FixedClock

LEASE = timedelta(seconds=120)
WORKERS = st.sampled_from(["w1", "w2"])
ENDED = (MessageState.SENT, MessageState.FAILED)
BECOMES = st.sampled_from([*ENDED, MessageState.RETRYING, MessageState.AMBIGUOUS])


class Outbox(RuleBasedStateMachine):
    """Two dispatchers and an outbox; what the rules expect is kept beside it."""

    engine: Engine
    claimed = Bundle[tuple[str, Claimed]]("claimed")

    @initialize()
    def empty(self) -> None:
        self.clock = FixedClock()
        self.owner: dict[int, tuple[str, Any]] = {}
        self.ended: dict[int, MessageState] = {}
        self.maybe_sent: set[int] = set()
        self.put = 0
        self.looks: list[Any] = []
        with db.write(self.engine) as session:
            tables: tuple[type[SQLModel], ...] = (MessageFacts, MessageStep, Way, StoredMessage)
            for table in tables:
                session.execute(delete(table))

    @rule(many=st.integers(1, 3), urgent=st.booleans())
    def add(self, many: int, urgent: bool) -> None:
        priority = outbox.URGENT if urgent else outbox.NORMAL
        numbers = range(self.put, self.put + many)
        new = [NewMessage(f"m{n}", "alert", "email", "alert", {"n": n}, priority=priority) for n in numbers]
        with db.write(self.engine) as session:
            assert len(outbox.add_many(session, [*new, *new[:1]], self.clock())) == many
        self.put += many

    @rule(target=claimed, worker=WORKERS, limit=st.integers(1, 3))
    def claim(self, worker: str, limit: int) -> Any:
        now = self.clock()
        with db.write(self.engine) as session:
            found = outbox.claim(session, worker, now, LEASE, limit)
        self.looks.append(now)
        assert [each.priority for each in found] == sorted(each.priority for each in found)
        for each in found:
            assert each.facts == {"n": int(each.key[1:])}
            assert each.id not in self.ended
            if each.id in self.owner:  # somebody saw that its lease had ended, and left it half a one more
                ended = self.owner[each.id][1]
                assert any(ended <= look <= now - LEASE / 2 for look in self.looks)
            assert each.unsure == (each.id in self.owner or each.id in self.maybe_sent)
            if each.unsure:
                self.maybe_sent.add(each.id)
            self.owner[each.id] = worker, now + LEASE
        return multiple(*((worker, each) for each in found))

    @rule(mine=consumes(claimed), state=BECOMES)
    def mark(self, mine: tuple[str, Claimed], state: MessageState) -> None:
        worker, message = mine
        again = None if state in ENDED else self.clock()
        mark = Mark(message.id, state, "said", due_at=again, tried="email")
        with db.write(self.engine) as session:
            ours = outbox.mark(session, worker, [mark], self.clock())
        held = self.owner.get(message.id, ("", None))
        assert ours == ([message.id] if held[0] == worker else [])
        if ours:
            del self.owner[message.id]
            (self.maybe_sent.add if state == MessageState.AMBIGUOUS else self.maybe_sent.discard)(message.id)
            if state in ENDED:
                self.ended[message.id] = state

    @rule(mine=consumes(claimed))
    def give_back(self, mine: tuple[str, Claimed]) -> None:
        worker, message = mine
        with db.write(self.engine) as session:
            given = outbox.release(session, worker, [message])
        assert given == (self.owner.get(message.id, ("",))[0] == worker)
        if given:
            del self.owner[message.id]

    @rule(worker=WORKERS)
    def prolong(self, worker: str) -> None:
        until = self.clock() + LEASE
        theirs = {number for number, (owner, _) in self.owner.items() if owner == worker}
        with db.write(self.engine) as session:
            assert set(outbox.prolong(session, worker, self.owner, until)) == theirs
        self.owner |= dict.fromkeys(theirs, (worker, until))

    @rule(mine=consumes(claimed))
    def crash(self, mine: tuple[str, Claimed]) -> None:
        """Whoever claimed it never comes back."""

    @rule(seconds=st.sampled_from([1, 60, 121]))
    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @invariant()
    def nothing_is_lost(self) -> None:
        with db.read(self.engine) as session:
            row = StoredMessage
            rows = session.execute(select(col(row.id), col(row.state), col(row.leased_by))).all()
        assert len(rows) == self.put
        states = {number: state for number, state, _ in rows}
        assert {number: state for number, state in states.items() if state in ENDED} == self.ended
        sending = {number: owner for number, state, owner in rows if state == MessageState.SENDING}
        assert sending == {number: owner for number, (owner, _) in self.owner.items()}


def test_any_course_of_two_dispatchers(engine: Engine) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    machine = type("OutboxHere", (Outbox,), {"engine": engine})
    run_state_machine_as_test(machine, settings=example_settings(max_examples=15, stateful_step_count=20))
