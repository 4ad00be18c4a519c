"""A made-up company of any size, the same on each run, as rows for `load.py`.

Per account: 4 of our people x 5 contacts = 20 cells, 10 interactions with 1 to 3 pairs each. 400 people in
the 16 German regions, a quarter of them with absences. On `TODAY` about a third of the cells is behind.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

TODAY = date(2026, 9, 7)
NEXT_DAY = date(2026, 9, 8)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
REGIONS = ("BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH")
KAMS, SPONSORS, PEOPLE = range(1, 101), range(101, 121), range(1, 401)
SPECIALISTS = range(121, 401)
CONTACTS, INTERACTIONS = 5, 10
# A board member means to come once or twice a year, the KAM every other month: Soll by place in the team.
OFTEN = {1: 10, 2: 20, 4: 30, 6: 25, 12: 15}
SELDOM = {0: 20, 1: 65, 2: 15}
AT_TIMES = {0: 10, 1: 45, 2: 30, 4: 10, 6: 5}
TEAM = (OFTEN, SELDOM, AT_TIMES, AT_TIMES)  # KAM, sponsor, two specialists
STATES = {"held": 85, "booked": 10, "cancelled": 5}


class Rows(NamedTuple):
    """Rows of one table; every column that may not be empty is named."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[object, ...]]


def staff(chance: Random) -> Iterator[Rows]:
    """Our people, their roles and their absences."""
    yield Rows(
        "person",
        ("id", "key", "name", "email", "language", "zone", "country", "region", "weekdays", "level",
         "channel", "digest"),
        [
            (n, f"p{n}", f"Person {n}", f"p{n}@example.com", "de", "Europe/Berlin", "DE", REGIONS[n % 16],
             "1234" if n % 10 == 0 else "12345", "board" if n in SPONSORS else "other", "email", "daily")
            for n in PEOPLE
        ],
    )  # fmt: skip
    yield Rows("person_role", ("person_id", "role"), [(n, _role(n)) for n in PEOPLE])
    starts = [(n, YEAR[0] + timedelta(chance.randrange(350))) for n in PEOPLE if n % 4 == 0 for _ in range(3)]
    yield Rows(
        "absence",
        ("person_id", "from_day", "until_day"),
        [(n, first, first + timedelta(chance.randrange(14))) for n, first in starts],
    )


def customers(chance: Random, accounts: range) -> Iterator[Rows]:
    """A stretch of accounts with team, contacts, targets and interactions."""
    teams = {account: _team(chance) for account in accounts}
    yield Rows(
        "account",
        ("id", "key", "name", "country", "region"),
        [(n, f"a{n}", f"Account {n}", "DE", chance.choice(REGIONS)) for n in accounts],
    )
    yield Rows(
        "account_closing",
        ("account_id", "from_day", "until_day"),
        [(n, date(2026, 12, 21), date(2027, 1, 1)) for n in accounts if n % 20 == 0],
    )
    yield Rows(
        "team", ("person_id", "account_id", "role"), [(team[0], n, "kam") for n, team in teams.items()]
    )
    yield from _places(chance, accounts)
    yield _targets(chance, teams)
    yield from interactions(chance, teams, TODAY)


def contacts_of(account: int) -> range:
    """The contacts of an account; a place has the id of its contact."""
    return range(CONTACTS * account, CONTACTS * account + CONTACTS)


def _role(person: int) -> str:
    if person in KAMS:
        return "kam"
    return "sponsor" if person in SPONSORS else "specialist"


def _team(chance: Random) -> list[int]:
    return [chance.choice(KAMS), chance.choice(SPONSORS), *chance.sample(SPECIALISTS, 2)]


def _places(chance: Random, accounts: range) -> Iterator[Rows]:
    numbers = [(account, contact) for account in accounts for contact in contacts_of(account)]
    yield Rows("contact", ("id", "key", "last_name"), [(n, f"c{n}", f"Contact {n}") for _, n in numbers])
    yield Rows(
        "place",
        ("id", "contact_id", "account_id", "level", "influence"),
        [
            (
                n,
                n,
                account,
                "board" if chance.random() < 0.05 else "other",
                chance.choice((None, *range(1, 11))),
            )
            for account, n in numbers
        ],
    )


def _targets(chance: Random, teams: dict[int, list[int]]) -> Rows:
    return Rows(
        "contact_target",
        ("person_id", "place_id", "period_first", "period_last", "soll"),
        [
            (person, contact, *YEAR, chance.choices(list(mix), list(mix.values()))[0])
            for account, team in teams.items()
            for person, mix in zip(team, TEAM, strict=True)
            for contact in contacts_of(account)
        ],
    )


def interactions(chance: Random, teams: dict[int, list[int]], today: date) -> Iterator[Rows]:
    """Whom each team met, and whom it means to meet."""
    met: list[tuple[object, ...]] = []
    pairs: list[tuple[object, ...]] = []
    for account, team in teams.items():
        for number in range(INTERACTIONS * account, INTERACTIONS * account + INTERACTIONS):
            state = chance.choices(list(STATES), list(STATES.values()))[0]
            earliest = today - timedelta(20) if state == "booked" else date(2025, 3, 1)
            day = earliest + timedelta(chance.randrange(80 if state == "booked" else 550))
            met.append((number, account, "visit", state, day, "crm"))
            there = {
                (chance.choice(team), chance.choice(contacts_of(account))) for _ in range(number % 3 + 1)
            }
            pairs += ((number, person, contact) for person, contact in sorted(there))
    yield Rows("interaction", ("id", "account_id", "kind", "state", "day", "source"), met)
    yield Rows("encounter", ("interaction_id", "person_id", "contact_id"), pairs)
