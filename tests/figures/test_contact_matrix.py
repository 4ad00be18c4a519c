"""The contact matrix in small: contacts x our people."""

from typing import Any

from kamflow.figures import contact_matrix


def cell(contact: int, person: int, soll: int, held: int = 0, booked: int = 0) -> dict[str, Any]:
    return {"contact": contact, "person": person, "soll": soll, "held": held, "booked": booked}


CELLS = [cell(7, 1, 6, 2), cell(7, 2, 4, 5), cell(8, 2, 3, 1, 1), cell(9, 3, 1)]


def test_who_has_a_column_is_first_who_is_asked_for_and_then_who_plans_the_most() -> None:
    assert contact_matrix.columns(CELLS, [3, None, 9]) == [3, 2, 1]
    assert contact_matrix.columns(CELLS[:1], [1]) == []


def test_a_row_has_what_each_and_what_all_did_and_begins_with_who_attends() -> None:
    made = contact_matrix.rows(CELLS, [8], [1])

    assert [(row["contact"], row["attends"]) for row in made["rows"]] == [(8, True), (7, False), (9, False)]
    assert made["rows"][0]["each"] == [None]
    assert made["rows"][1]["each"] == [{"held": 2, "soll": 6, "booked": 0, "kept": 2}]
    assert made["rows"][1]["all"] == {"held": 7, "soll": 10, "booked": 0, "kept": 6}


def test_a_contact_too_many_with_one_is_none_with_another() -> None:
    assert contact_matrix.rows(CELLS, [], [])["all"] == {"held": 8, "soll": 14, "booked": 1, "kept": 7}


def test_a_sum_is_of_five_people_or_the_readers_own() -> None:
    five = [cell(7, person, 1) for person in range(5)]

    assert contact_matrix.may_sum(five, None)
    assert not contact_matrix.may_sum(five[1:], 1)
    assert contact_matrix.may_sum(five[:1], 0)
    assert not contact_matrix.may_sum(five[:1], 1)
    assert not contact_matrix.may_sum([], None)


def test_without_the_sum_of_all_a_row_has_the_readers_own_only() -> None:
    made = contact_matrix.rows(CELLS, [], [2], together=False)

    assert {row["contact"]: (row["all"], row["each"][0] is None) for row in made["rows"]} == {
        7: (None, False), 8: (None, False), 9: (None, True),
    }  # fmt: skip
    assert made["own"] == {"held": 6, "soll": 7, "booked": 1, "kept": 5}
