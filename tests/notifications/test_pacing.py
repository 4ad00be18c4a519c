"""Which message is next: by priority, by order, and by what its lane still takes."""

from hypothesis import given
from hypothesis import strategies as st

from notifications.pacing import Lane, Queue, by_turns

OURS, THEIRS = Lane("ours.example"), Lane("theirs.example", 2)


def test_the_urgent_overtake_what_is_not_begun() -> None:
    queue: Queue[str] = Queue()
    for name, priority in (("digest", 5), ("second", 5), ("now", 0)):
        queue.put(name, priority, OURS)

    assert [queue.take() for _ in range(4)] == [("now", OURS), ("digest", OURS), ("second", OURS), None]


def test_a_full_lane_does_not_stop_the_others() -> None:
    queue: Queue[str] = Queue()
    for name in "abc":
        queue.put(name, 5, THEIRS)
    queue.put("ours", 5, OURS)

    assert [taken[0] for taken in (queue.take(), queue.take(), queue.take()) if taken] == ["a", "b", "ours"]
    assert (queue.take(), len(queue), queue.aside) == (None, 0, 1)
    queue.done(THEIRS)
    assert queue.take() == ("c", THEIRS)


def test_of_what_stands_aside_the_urgent_comes_next_and_then_what_came_first() -> None:
    lane, queue = Lane("theirs.example", 1), Queue[str]()
    names = {"begun": 5, "first": 5, "second": 5, "third": 5, "urgent": 1, "now": 0}
    for name, priority in names.items():
        queue.put(name, priority, lane)
        queue.take()
    assert queue.aside == 5

    order = list[str]()
    while queue.aside or len(queue):
        queue.done(lane)
        name, _ = queue.take() or ("none", lane)
        order.append(name)
        assert queue.take() is None
    assert order == ["now", "urgent", "first", "second", "third"]


def test_what_waits_for_a_full_lane_can_be_taken_out_and_so_can_all() -> None:
    queue: Queue[int] = Queue()
    for number in range(8):
        queue.put(number, 5, THEIRS)
    while queue.take():
        pass

    assert [each for _, some in queue.without(2) for each in some] == [4, 5, 6, 7]
    queue.put(9, 0, OURS)
    assert queue.clear() == [9, 2, 3]
    assert (len(queue), queue.aside, queue.take()) == (0, 0, None)


def test_what_is_taken_out_is_in_its_order_and_the_urgent_stays() -> None:
    lane, queue = Lane("theirs.example", 1), Queue[int]()
    for priority in (0, 1, 5, 3):
        queue.put(priority, priority, lane)
        queue.take()
    assert [some for _, some in queue.without(1)] == [[3], [5]]

    for priority in (0, 4, 2):
        queue.put(priority, priority, OURS)
    assert queue.clear() == [0, 1, 2, 4]


def test_what_is_taken_out_comes_back_when_it_is_its_turn():
    seconds = [0.0]
    queue: Queue[int] = Queue(lambda: seconds[0])
    for number in range(20):
        queue.put(number, 5, Lane("theirs.example", 1))
    for _ in range(3):  # one takes ten seconds
        queue.take()
        seconds[0] += 10
        queue.done(Lane("theirs.example", 1))
    while queue.take():
        pass

    assert queue.without(4) == [
        (40, [8, 9, 10, 11]), (80, [12, 13, 14, 15]), (120, [16, 17, 18, 19])
    ]  # fmt: skip
    for number in range(20, 30):
        queue.put(number, 5, Lane("theirs.example", 1))
    while queue.take():
        pass
    assert [turn for turn, _ in queue.without(4)] == [160, 200, 240]


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc"), st.integers(0, 3))), st.integers(1, 3))
def test_everything_leaves_once_and_no_lane_takes_too_many(
    wanted: list[tuple[int, str, int]], most: int
) -> None:
    queue: Queue[int] = Queue()
    begun: list[tuple[int, Lane]] = []
    seen: list[int] = []
    for number, (priority, lane, ends) in enumerate(wanted):
        queue.put(number, priority, Lane(lane, most))
        while taken := queue.take():
            begun.append(taken)
        for _ in range(min(ends, len(begun))):
            number_done, lane_done = begun.pop(0)
            seen.append(number_done)
            queue.done(lane_done)
        names = [each.name for _, each in begun]
        assert all(names.count(name) <= most for name in names)
    while begun or len(queue):
        while taken := queue.take():
            begun.append(taken)
        number_done, lane_done = begun.pop(0)
        seen.append(number_done)
        queue.done(lane_done)

    assert sorted(seen) == list(range(len(wanted)))


def test_each_lane_has_its_turn_before_one_has_two_and_the_urgent_before_all():
    made = [(5, "a", 1), (5, "a", 2), (5, "a", 3), (5, "b", 4), (1, "c", 5), (1, "c", 6), (5, "c", 7)]
    ranked = by_turns(made, lambda each: each[0], lambda each: each[1])

    assert [number for *_, number in ranked] == [5, 6, 1, 4, 7, 2, 3]
