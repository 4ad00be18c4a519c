"""Our people as the cadence and the rules see them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.errors import ConfigError
from kamflow.models.person import Absence, Person, PersonRole
from kamflow.settings import Company
from kamflow.store import engine as db
from kamflow.store import people
from kamflow.store.people import People

FIRST, LAST = date(2026, 9, 1), date(2026, 12, 31)
COMPANY = Company(region="NW", closings=("2026-10-01..2026-10-02",))


def add(engine: Engine, *rows: Any) -> None:
    with db.write(engine) as session:
        for row in rows:
            session.add(row)
            session.flush()


def person(number: int, **more: Any) -> Person:
    return Person(**({"id": number, "key": f"p{number}", "name": f"P{number}", "region": "NW"} | more))


def load(engine: Engine, company: Company = COMPANY) -> People:
    with db.read(engine) as session:
        return people.load(session, company, FIRST, LAST)


def test_a_working_day_is_no_holiday_no_closing_and_no_absence(engine: Engine):
    add(engine, person(1, weekdays="1234"))
    add(engine, Absence(person_id=1, from_day=date(2026, 9, 7), until_day=date(2026, 9, 8)))
    anna = load(engine)[1]

    assert not anna.calendar.is_workday(date(2026, 9, 7))
    assert anna.usual.is_workday(date(2026, 9, 7))
    assert (anna.absent(date(2026, 9, 8)), anna.absent(date(2026, 9, 9))) == (True, False)
    assert anna.works(date(2026, 9, 9))
    assert not anna.works(date(2026, 9, 11))  # a Friday
    assert not anna.works(date(2026, 10, 1))  # the company is closed


def test_absences_out_of_range_are_left_out(engine: Engine):
    add(engine, person(1))
    add(engine, Absence(person_id=1, from_day=date(2026, 5, 1), until_day=date(2026, 8, 31)))
    add(engine, Absence(person_id=1, from_day=date(2026, 8, 1), until_day=date(2026, 9, 1)))

    assert load(engine)[1].absences == ((date(2026, 8, 1), date(2026, 9, 1)),)


def test_people_of_one_place_and_week_share_a_calendar(engine: Engine):
    add(engine, person(1), person(2), person(3, region="BY"))
    found = load(engine)

    assert found[1].calendar is found[2].calendar
    assert found[1].calendar is not found[3].calendar


def test_an_unknown_place_counts_as_the_companys_and_is_listed(engine: Engine):
    add(engine, person(1, region="Atlantis"), person(2, country="XX"), person(3, zone="Middle/Earth"))
    found = load(engine)

    assert found.unknown_places == {1, 2}
    assert found[1].calendar == found[3].calendar
    assert found[3].zone.key == "Europe/Berlin"


def test_an_unknown_place_of_the_company_is_a_wrong_setting(engine: Engine):
    add(engine, person(1, region="Atlantis"))

    with pytest.raises(ConfigError, match="Atlantis"):
        load(engine, Company(region="Atlantis"))


def test_the_last_day_is_still_a_day_with_us(engine: Engine):
    add(engine, person(1, left_on=date(2026, 9, 8)))
    anna = load(engine)[1]

    assert (anna.left(date(2026, 9, 8)), anna.left(date(2026, 9, 9))) == (False, True)


def test_days_back_count_from_the_last_absence_that_cost_a_day(engine: Engine):
    add(engine, person(1))
    for first, last in ((3, 4), (12, 13)):  # Thursday and Friday; a weekend
        add(engine, Absence(person_id=1, from_day=date(2026, 9, first), until_day=date(2026, 9, last)))
    anna = load(engine)[1]

    assert anna.days_back(date(2026, 9, 2)) is None
    assert [anna.days_back(date(2026, 9, day)) for day in (7, 8, 14)] == [1, 2, 6]


def test_stand_ins_are_the_deputy_the_deputys_deputy_then_the_heads(engine: Engine):
    add(engine, person(4), person(5), person(6, superior_id=5), person(3), person(2, deputy_id=3))
    add(engine, person(1, deputy_id=2, superior_id=6))
    add(engine, PersonRole(person_id=4, role="head"), PersonRole(person_id=5, role="head"))

    # 5 is above 1, by way of 6; 4 is another head.
    assert load(engine).stand_ins(1) == (2, 3, 5, 4)


def test_nobody_stands_in_for_themselves(engine: Engine):
    add(engine, person(1), person(2, deputy_id=1))
    with db.write(engine) as session:
        session.get(Person, 1).deputy_id = 2
    add(engine, PersonRole(person_id=1, role="head"))

    assert load(engine).stand_ins(1) == (2,)
