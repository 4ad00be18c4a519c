"""What the one page says of its facts: points, a question, sums, the matrix in small, what is unknown."""

from collections.abc import Iterable
from typing import Any

import pytest

from kamflow.documents import briefing
from notifications.render import briefing_example as made
from notifications.render.training_example import HEAD, KRUSE, WITT

NOTHING: dict[str, Any] = {"points": {"raise": [], "ask": [], "avoid": []}}


def said(**changes: Any) -> dict[str, Any]:
    return briefing.read(made.briefing() | changes)


def test_what_the_key_account_manager_notes_comes_before_what_the_data_say() -> None:
    noted = said(points={"raise": [{"note": 7}], "ask": [{"note": 8}], "avoid": []})

    assert noted["raised"] == [{"from": "note", "note": 7}]
    assert noted["asked"] == {"from": "note", "note": 8}


def test_without_notes_the_gravest_of_each_kind_is_raised_with_its_date() -> None:
    raised = said(**NOTHING)["raised"]

    assert [
        (each["from"], each.get("opened") or each.get("due") or each.get("rated")) for each in raised
    ] == [
        ("complaint", "2026-08-20"),
        ("measure", "2026-09-02"),
        ("gap", "2026-05-12"),
    ]


@pytest.mark.parametrize(
    ("gone", "then"),
    [
        ({"complaints": []}, ["measure", "gap", "figure"]),
        ({"complaints": [], "measures": [], "gaps": []}, ["figure"]),
        ({"complaints": [], "measures": [], "gaps": [], "figures": []}, []),
    ],
)
def test_nothing_is_invented_where_the_data_have_less(gone: dict[str, Any], then: list[str]) -> None:
    assert [each["from"] for each in said(**NOTHING | gone)["raised"]] == then


def test_a_service_given_for_nothing_is_raised_the_dearest_first() -> None:
    cheap, dear = (made.given(number, "2026-03-02", value) for number, value in ((1, "80.00"), (2, "900.00")))
    returned = made.given(3, "2026-03-02", "5000.00", in_return=True)
    only = {"complaints": [], "measures": [], "gaps": [], "figures": [], "services": [cheap, dear, returned]}

    assert [each["service_given"] for each in said(**NOTHING | only)["raised"]] == [2]


def test_a_promise_of_the_customers_side_or_of_the_future_is_not_raised() -> None:
    theirs = {"measure": 1, "side": "customer", "person": None, "due": "2026-09-02", "note": None}
    ahead = theirs | {"side": "ours", "due": "2026-09-07"}
    raised = said(**NOTHING | {"measures": [theirs, ahead]})["raised"]
    assert "measure" not in [each["from"] for each in raised]


def test_the_question_is_one_that_somebody_who_attends_can_answer() -> None:
    near = {"question": 1, "contact": 9, "due": "2026-09-30", "note": None}
    there = {"question": 2, "contact": 2, "due": "2026-12-01", "note": None}

    assert said(**NOTHING | {"questions": [near, there]})["asked"]["question"] == 2
    assert said(**NOTHING | {"questions": [near]})["asked"]["question"] == 1
    assert said(**NOTHING | {"questions": []})["asked"] is None


def test_services_are_summed_as_far_as_their_value_is_known() -> None:
    unknown = made.given(9, "2026-01-02", "0.00") | {"value": None}
    sums = said(services=[*made.briefing()["services"], unknown])["sums"]

    assert sums == {
        "charged": "1350.00", "waived": "4200.00", "unstated": None, "all": "5550.00", "unknown": 1,
        "returned": 1,
    }  # fmt: skip
    assert said(services=[unknown])["sums"]["all"] is None


def test_a_service_of_which_nobody_said_whether_it_was_charged_is_no_point_to_raise() -> None:
    unstated = made.given(9, "2026-01-02", "700.00") | {"charge": None}
    read = said(**NOTHING | {"services": [unstated]})

    assert read["sums"] | {"waived": None, "unstated": "700.00", "all": "700.00"} == read["sums"]
    assert "service" not in [each["from"] for each in read["raised"]]


def test_the_year_so_far_is_the_sum_of_its_whole_months() -> None:
    [whole] = said()["so_far"]

    assert (whole["first"], whole["last"], whole["as_of"]) == ("2026-01-01", "2026-08-31", "2026-08-31")
    assert (whole["actual"], whole["target"]) == ("1571000.00", "2660000.00")


def test_the_quarter_of_the_scorecard_is_the_sum_of_the_charts_months() -> None:
    facts = made.briefing()
    [line], revenue = facts["series"], facts["figures"][0]

    for name, value in (("actual", revenue["value"]), ("target", revenue["against"])):
        assert sum(float(part[name]) for part in line["parts"][3:6]) == float(value)


def test_the_matrix_begins_with_those_who_attend_and_has_our_people_beside_each_other() -> None:
    [plan] = said(council=False)["rows"]

    assert [(row["contact"], row["attends"]) for row in plan["rows"]] == [
        (2, True), (1, True), (3, False), (4, False),
    ]  # fmt: skip
    assert plan["people"] == [KRUSE, WITT]
    assert (plan["all"]["kept"], plan["all"]["soll"], plan["all"]["booked"]) == (13, 29, 1)


def test_with_a_works_council_nobody_reads_how_others_of_ours_are_doing() -> None:
    sponsor, copy = said(), said(for_person=KRUSE)

    assert sponsor["rows"][0]["people"] == [KRUSE]
    assert {row["all"] and row["all"]["held"] for row in sponsor["rows"][0]["rows"]} == {None}
    assert (sponsor["rows"][0]["all"], sponsor["rows"][0]["own"]["soll"]) == (None, 1)
    assert sponsor["rows"][0]["last"][3]["person"] == HEAD
    assert copy["rows"][0]["people"] == said(person=99)["rows"][0]["people"] == []
    assert (sponsor["named"], copy["named"]) == (frozenset({KRUSE}), frozenset())
    assert said(council=False)["named"] == {KRUSE}
    assert HEAD not in said(council=False)["rows"][0]["people"]


@pytest.mark.parametrize(
    ("people", "told"), [((WITT, HEAD), False), ((KRUSE,), True), ((KRUSE, WITT), False), (range(5), True)]
)
def test_a_sum_of_all_is_that_of_five_or_the_readers_own(people: Iterable[int], told: bool) -> None:
    [plan] = made.briefing()["matrix"]
    cells = [plan["cells"][0] | {"person": person} for person in people]
    read = said(matrix=[plan | {"cells": cells}])

    assert (read["rows"][0]["all"] is not None) == told
    assert ("contacts" in [line["name"] for line in read["figures"]]) == told
    struck = [{"list": "matrix", "at": 0, "line": plan | {"cells": cells}}]
    assert len(said(matrix=[], left_out=struck)["figures"]) == len(read["figures"])


def test_of_a_page_that_does_not_tell_who_plans_the_sum_is_not_told() -> None:
    assert "contacts" not in [line["name"] for line in briefing.read(made.thin())["figures"]]
    assert "figure.contacts" not in briefing.read(made.thin())["missing"]


def test_one_contact_too_many_makes_up_for_none_that_is_missing() -> None:
    [plan] = made.briefing()["matrix"]
    cells = [plan["cells"][0] | {"held": held, "contact": held} for held in (9, 1)]
    assert said(council=False, matrix=[plan | {"cells": cells}])["rows"][0]["all"]["kept"] == 7


def test_of_a_customer_whom_nobody_knows_everything_is_named_as_missing() -> None:
    assert briefing.read(made.bare())["missing"] == [
        "contacts", "scorecard", "measures", "services", "goals", "gaps", "series", "satisfaction", "matrix",
    ]  # fmt: skip


def test_what_was_struck_is_left_out_and_not_missing() -> None:
    struck = [{"list": "goals", "at": 0, "line": {"goal": 1}}]
    assert "goals" not in said(goals=[], left_out=struck)["missing"]


def test_a_page_kept_before_there_were_goals_is_read_without_them() -> None:
    read = briefing.read(made.thin())
    assert (read["goals"], read["rows"], read["so_far"]) == ([], [], [])
    assert not {"goals", "gaps", "series", "matrix"} & set(read["missing"])
    assert briefing.once(read) is read


def test_the_variants_go_from_full_to_short() -> None:
    rooms = [each["room"] for each in briefing.variants(made.briefing())]

    assert rooms[0] == briefing.FULL
    assert [room.lines for room in rooms] == sorted((room.lines for room in rooms), reverse=True)
    assert (rooms[-1].lines, rooms[-1].drawn) == (1, False)
