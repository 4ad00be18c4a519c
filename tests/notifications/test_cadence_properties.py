"""What holds for every person, whatever opens and however long kamflow was down."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from kamflow.store.people import Member, People
from kamflow.store.tellings import LastDigest, OpenNudge, Told
from notifications.cadence.decide import Announcement, Line, decide
from tests.notifications.cast import POLICY, QUIET, at, member, nudge, people

FIRST = date(2026, 12, 7)  # five weeks with Christmas and the quiet weeks in them
DAYS = 35
HOURS = (6, 8, 9, 17, 22)

days = st.integers(0, DAYS).map(lambda n: FIRST + timedelta(days=n))
spans = st.tuples(days, st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + timedelta(days=pair[1])))
persons = st.fixed_dictionaries(
    {
        "absences": st.lists(spans, max_size=2),
        "weekdays": st.sampled_from(["12345", "123", "24", "5"]),
        "zone": st.sampled_from(["Europe/Berlin", "America/New_York"]),
        "digest": st.sampled_from(["daily", "daily", "monday", "first-tuesday", "none"]),
        "deputy": st.sampled_from([None, 1, 2, 3]),
        "left_on": st.sampled_from([None, None, None, FIRST + timedelta(days=12)]),
        "superior": st.sampled_from([None, 1, 2, 3]),
        "roles": st.sampled_from([frozenset(), frozenset({"head"}), frozenset({"sponsor"})]),
    }
)
ladders = st.sampled_from(
    [
        {"next": "nobody"},
        {"next": "head", "next_after": 2},
        {"next": "lead", "next_after": -2, "then": "head", "then_after": 1},
    ]
)
opened = st.fixed_dictionaries(
    {
        "responsible": st.sampled_from([1, 2, 3]),
        "opened_on": days,
        "due_in": st.integers(-5, 20),
        "weight": st.integers(1, 5),
        "urgency": st.sampled_from(["daily", "daily", "daily", "now"]),
        "item": st.sampled_from([None, None, None, "group"]),
        "why": ladders,
        "lead": st.sampled_from([None, 1, 2, 3]),
    }
)
downs = st.lists(st.tuples(st.integers(0, DAYS * len(HOURS)), st.integers(1, 60)), max_size=4)


Rows: TypeAlias = list[dict[str, Any]]
Downs: TypeAlias = list[tuple[int, int]]


class Play:
    """Composes again and again, as the clock would, and remembers what was told."""

    def __init__(self, team: People, nudges: list[OpenNudge]) -> None:
        self.team = team
        self.nudges = nudges
        self.last: dict[int, LastDigest] = {}
        self.told: list[tuple[datetime, Announcement]] = []

    def compose(self, now: datetime) -> None:
        visible = [each for each in self.nudges if at(each.opened_on, "05:00") <= now]
        for found in decide(visible, self.team, self.last, now, POLICY, QUIET):
            self.told.append((now, found))
            if found.template == "digest":
                self.last[found.person] = LastDigest(found.day, found.day)
            lines = {line.nudge: line for line in found.told}
            self.nudges = [
                replace(each, told=(*each.told, _told(lines[each.id], found))) if each.id in lines else each
                for each in self.nudges
            ]


def _told(line: Line, found: Announcement) -> Told:
    return Told(found.person, line.number, line.reason, line.stage, found.day)


def played(team: list[dict], opening: list[dict], down: Downs, times: int = 1) -> Play:
    members = [member(number, region=None, **values) for number, values in enumerate(team, start=1)]
    nudges = [
        nudge(
            number,
            **{key: value for key, value in values.items() if key not in ("due_in", "item")},
            item=values["item"] or f"item-{number}",
            due_on=values["opened_on"] + timedelta(days=values["due_in"]),
        )
        for number, values in enumerate(opening, start=1)
    ]
    play = Play(people(*members), nudges)
    off = {tick for start, length in down for tick in range(start, start + length)}
    ticks = [(FIRST + timedelta(days=n), hour) for n in range(DAYS) for hour in HOURS]
    for number, (day, hour) in enumerate(ticks):
        for _ in range(0 if number in off else times):
            play.compose(at(day, f"{hour:02}:45"))
    return play


worlds = given(st.lists(persons, min_size=3, max_size=3), st.lists(opened, max_size=14), downs)


@worlds
def test_nobody_gets_two_digests_a_day(team: Rows, opening: Rows, down: Downs):
    digests = Counter(found.key for _, found in played(team, opening, down).told)

    assert [key for key, times in digests.items() if times > 1] == []


@worlds
def test_nobody_is_told_outside_their_working_time(team: Rows, opening: Rows, down: Downs):
    play = played(team, opening, down)

    for now, found in play.told:
        reader: Member = play.team[found.person]
        local = now.astimezone(reader.zone)
        assert reader.works(local.date())
        assert 8 <= local.hour < 18
        assert found.template == "now" or local.date() not in QUIET


@worlds
def test_after_each_downtime_a_person_gets_one_catch_up_digest_at_most(
    team: Rows, opening: Rows, down: Downs
):
    caught_up = Counter(
        found.person for _, found in played(team, opening, down).told if found.occasion == "catch-up"
    )

    assert all(times <= len(down) for times in caught_up.values())


@worlds
def test_only_what_is_listed_counts_as_told_and_the_budget_holds(team: Rows, opening: Rows, down: Downs):
    for _, found in played(team, opening, down).told:
        assert 1 <= len(found.items) <= POLICY.items
        assert {line.nudge for line in found.told} <= {line.nudge for item in found.items for line in item}


@worlds
def test_no_nudge_is_told_more_often_than_it_may(team: Rows, opening: Rows, down: Downs):
    play = played(team, opening, down)
    lines = [(line, found.person) for _, found in play.told for line in found.told]
    counts = Counter((line.nudge, person) for line, person in lines if line.reason != "ladder")
    climbed = Counter((line.nudge, line.number) for line, _ in lines if line.reason == "ladder")

    # Once when it opens, once when it is due, twice while overdue; each step of the ladder once.
    assert all(times <= 4 for times in counts.values())
    assert all(times == 1 for times in climbed.values())


@worlds
def test_nobody_is_told_of_what_others_owe_before_they_were_told_themselves(
    team: Rows, opening: Rows, down: Downs
):
    play = played(team, opening, down)
    first: dict[int, date] = {}
    for _, found in play.told:
        for line in found.told:
            responsible = play.team[next(n.responsible for n in play.nudges if n.id == line.nudge)]
            if line.reason == "ladder" and not (responsible.left(found.day) or responsible.digest == "none"):
                assert first[line.nudge] < found.day
                assert not play.team[found.person].sponsor
            first.setdefault(line.nudge, found.day)


@worlds
def test_composing_twice_at_the_same_moment_tells_nothing_new(team: Rows, opening: Rows, down: Downs):
    once, twice = played(team, opening, down), played(team, opening, down, times=2)

    assert [found.key for _, found in once.told] == [found.key for _, found in twice.told]


@settings(max_examples=10)
@given(st.integers(1, 40), st.integers(1, 3))
def test_whatever_its_weight_nothing_waits_longer_than_the_budget_makes_it(count: int, weights: int):
    opening = [
        {"responsible": 1, "opened_on": FIRST, "due_in": 60, "weight": n % weights, "item": None}
        for n in range(count)
    ]
    play = played([{}], opening, [])
    days = [found.day for _, found in play.told]

    assert len({line.nudge for _, found in play.told for line in found.told}) == count
    assert len(days) == -(-count // POLICY.items)
    assert max(days) == FIRST + timedelta(days=len(days) - 1 + 2 * ((len(days) - 1) // 5))
