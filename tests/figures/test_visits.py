"""Visits made together: whoever is behind with the same contact goes there once."""

from kamflow.figures.visits import joint

WITT, KRUSE, ARNST = 1, 2, 3
KNUT, PAUL = 10, 11


def test_two_who_are_behind_with_one_contact_go_together():
    cells = [(100, WITT, KNUT, 5), (101, KRUSE, KNUT, 5), (102, WITT, PAUL, 8)]

    assert joint(cells) == [{"contact": KNUT, "persons": [WITT, KRUSE], "targets": [100, 101]}]


def test_the_visit_that_closes_most_comes_first():
    cells = [
        *((n, person, KNUT, 5) for n, person in ((100, WITT), (101, KRUSE))),
        *((n, person, PAUL, 8) for n, person in ((102, ARNST), (103, KRUSE))),
    ]

    assert [visit["contact"] for visit in joint(cells)] == [PAUL, KNUT]


def test_nobody_goes_together_with_themselves():
    # A year and a quarter of one pair are two targets.
    assert joint([(100, WITT, KNUT, 5), (101, WITT, KNUT, 5)]) == []


def test_the_order_of_rows_does_not_matter():
    cells = [(100, WITT, KNUT, 5), (101, KRUSE, KNUT, 5), (102, KRUSE, PAUL, 8), (103, ARNST, PAUL, 8)]

    assert joint(cells) == joint(cells[::-1])
