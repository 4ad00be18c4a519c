"""Data that is too old: whatever pauses when, nothing is lost, nothing doubled, and there is one catch-up."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kamflow.store.data_age import SourceAge
from kamflow.store.tellings import LastDigest, OpenNudge, Told
from notifications.cadence.decide import Announcement, decide, due_digests
from notifications.cadence.paused import Old, Paused, old_ones
from notifications.cadence.pausing import noted, parted
from tests.notifications.cast import POLICY, QUIET, at, member, nudge, people

FIRST = date(2026, 9, 7)
PAUSED_UNTIL, DAYS = 20, 35
RULES = ("contact_shortfall", "plan_creation")
DATA = date(2026, 8, 1)
URGENCIES = st.sampled_from(["daily"] * 3 + ["now"])

spans = st.tuples(st.integers(0, PAUSED_UNTIL), st.integers(1, 9))
pauses = st.lists(spans, max_size=3)
openings = st.lists(
    st.tuples(
        st.sampled_from(RULES), st.integers(1, 2), st.integers(0, 15), st.integers(-3, 15), URGENCIES
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip
Opening = tuple[str, int, int, int, str]
Spans = list[tuple[int, int]]


def old(day: date, pausing: Spans) -> tuple[Old, ...]:
    since = (day - FIRST).days
    paused = any(first <= since < min(first + long, PAUSED_UNTIL) for first, long in pausing)
    return old_ones([SourceAge("crm", DATA, 7, paused, {"interactions": DATA} if paused else {})])


class Play:
    """Two people who read daily; every hour of every day is looked at."""

    def __init__(self, opening: list[Opening], pausing: Spans) -> None:
        self.team = people(member(1, region=None), member(2, region=None))
        self.nudges = [
            replace(
                nudge(
                    number,
                    responsible=who,
                    opened_on=FIRST + timedelta(days=on),
                    rule=rule,
                    urgency=urgency,
                ),
                due_on=FIRST + timedelta(days=on + due), item=str(number),
            )
            for number, (rule, who, on, due, urgency) in enumerate(opening, start=1)
        ]  # fmt: skip
        self.last: dict[int, LastDigest] = {}
        self.said: dict[int, frozenset[str]] = {}
        self.all: list[tuple[datetime, Announcement]] = []
        for day in (FIRST + timedelta(days=n) for n in range(DAYS)):
            for hour in ("07:00", "09:00", "15:00"):
                self.compose(at(day, hour), Paused(old(day, pausing), self.said))

    def compose(self, now: datetime, paused: Paused) -> None:
        visible = [each for each in self.nudges if at(each.opened_on, "05:00") <= now]
        slots = due_digests(self.team, self.last, now, POLICY, QUIET)
        told, held = parted(visible, paused)
        found = decide(told, self.team, self.last, now, POLICY, QUIET)
        for each in noted(found, told, held, paused, self.team, slots, now, POLICY):
            self.all.append((now, each))
            if each.template == "digest":
                self.last[each.person] = LastDigest(each.day, each.day)
                self.said[each.person] = frozenset(rule for one in each.paused for rule in one.rules)
            lines = {line.nudge: line for line in each.told}
            self.nudges = [self._told(nudge, each, lines) for nudge in self.nudges]

    def _told(self, nudge: OpenNudge, said: Announcement, lines: dict) -> OpenNudge:
        if nudge.id not in lines:
            return nudge
        line = lines[nudge.id]
        told = Told(said.person, line.number, line.reason, line.stage, said.day)
        return replace(nudge, told=(*nudge.told, told))

    def digests(self, person: int) -> list[Announcement]:
        return [each for _, each in self.all if each.template == "digest" and each.person == person]


@given(openings, pauses)
def test_what_waits_for_data_is_not_told_while_it_does(opening: list[Opening], pausing: Spans):
    rules = {number: rule for number, (rule, *_) in enumerate(opening, start=1)}
    for now, said in Play(opening, pausing).all:
        waits = {rule for each in old(now.date(), pausing) for rule in each.rules}
        assert not waits & {rules[line.nudge] for line in said.told}


@given(openings, pauses)
def test_nothing_is_lost_and_nothing_is_told_twice(opening: list[Opening], pausing: Spans):
    with_pauses, without = Play(opening, pausing), Play(opening, [])
    told = [(line.nudge, line.reason) for _, said in with_pauses.all for line in said.told]

    assert {number for number, _ in told} == {line.nudge for _, said in without.all for line in said.told}
    first = Counter(number for number, reason in told if reason == "opened")
    assert all(times == 1 for times in first.values())
    for person in (1, 2):
        days = [each.day for each in with_pauses.digests(person)]
        assert len(days) == len(set(days))


@given(openings, pauses)
def test_a_pause_is_said_once_by_itself_and_ends_with_one_catch_up(opening: list[Opening], pausing: Spans):
    play = Play(opening, pausing)
    for person in (1, 2):
        digests = play.digests(person)
        assert not digests[:1] or not digests[0].back
        for before, after in pairwise(digests):
            if after.back:  # what was called paused is told again, and the next digest is an ordinary one
                assert before.paused
                assert after.occasion == "catch-up"
            assert after.items or not before.paused  # alone only where the last one did not say it
    assert all(each.items or each.paused for _, each in play.all)
