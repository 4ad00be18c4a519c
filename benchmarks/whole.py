"""A made-up company with everything a night looks at, the same on each run, as rows for `load.py`.

A company of 100,000 customers has no 100,000 key accounts: one account in twenty is one, with a team of four,
20 contact targets and 10 interactions; three in twenty are major or target accounts with a KAM and a plan in
short form; the rest are A, B and C, which nobody plans and nobody means to visit. All of them buy: every
month where there is a KAM, every quarter elsewhere. A KAM looks after ten accounts (2.5 of them key accounts)
at every size, so our people grow with the company. On `TODAY` the third quarter is complete.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

import company
from company import CONTACTS, OFTEN, REGIONS, SELDOM, Rows

TODAY, NEXT_DAY = date(2026, 10, 19), date(2026, 10, 20)
YEAR = company.YEAR
CLASSES = ("key", "major", "major", "target", *("A", "B", "C") * 5, "C")  # by number of the account
PER_KAM, SPONSORS, HEADS = 10, 20, 4
DEPARTMENTS, GROUPS = ("logistics", "product", "service"), ("lids", "trays", "films")
COMPLETE_ON = date(2026, 10, 12)
# A goal for the year, and what is sold at once, in cents: a good half of the quarters is amber or red.
GOAL, SOLD = 1_100_000_00, (60_000_00, 110_000_00)


def people(accounts: int) -> tuple[range, range, range]:
    """Heads, sponsors, KAMs of a company of so many accounts, by id."""
    kams = max(4, accounts * 4 // len(CLASSES) // PER_KAM)
    first = 1 + HEADS + SPONSORS
    return range(1, 1 + HEADS), range(1 + HEADS, first), range(first, first + kams)


def kind(account: int) -> str:
    """The class of an account."""
    return CLASSES[account % len(CLASSES)]


def staff(chance: Random, accounts: int) -> Iterator[Rows]:
    """Our people, the departments, and what is agreed with these."""
    heads, sponsors, kams = people(accounts)
    everybody = (*heads, *sponsors, *kams)
    yield Rows("department", ("id", "key", "name"), [(n, k, k) for n, k in enumerate(DEPARTMENTS, 1)])
    yield Rows(
        "person",
        ("id", "key", "name", "email", "language", "zone", "country", "region", "weekdays", "level",
         "channel", "digest", "superior_id"),
        [
            (n, f"p{n}", f"Person {n}", f"p{n}@example.com", "de", "Europe/Berlin", "DE", REGIONS[n % 16],
             "1234" if n % 10 == 0 else "12345", "board" if n in sponsors else "other", "email", "daily",
             heads[n % HEADS] if n in kams else None)
            for n in everybody
        ],
    )  # fmt: skip
    roles = {"head": heads, "sponsor": sponsors, "kam": kams}
    yield Rows("person_role", ("person_id", "role"), [(n, role) for role, who in roles.items() for n in who])
    starts = [(n, YEAR[0] + timedelta(chance.randrange(350))) for n in everybody if n % 4 == 0]
    absences = [(n, first, first + timedelta(chance.randrange(14))) for n, first in starts]
    yield Rows("absence", ("person_id", "from_day", "until_day"), absences)
    yield Rows(
        "collaboration_rule",
        ("department_id", "kind", "lead_time", "for_meeting", "version"),
        [(n, "figures", 15, True, 1) for n in range(1, 1 + len(DEPARTMENTS))],
    )
    yield Rows("source", ("key", "name", "owner_id"), [("sap", "SAP", heads[0])])
    quarter = ("sap", "revenue", date(2026, 7, 1), date(2026, 9, 30), COMPLETE_ON)
    yield Rows("complete_period", ("source", "kind", "first", "last", "complete_on"), [quarter])


def customers(chance: Random, some: range, accounts: int) -> Iterator[Rows]:
    """A stretch of accounts with all that belongs to them."""
    _, sponsors, kams = people(accounts)
    planned = [n for n in some if kind(n) in ("key", "major", "target")]
    keys = [n for n in planned if kind(n) == "key"]
    yield Rows(
        "account",
        ("id", "key", "name", "account_class", "country", "region", "meeting_month"),
        [
            (n, f"a{n}", f"Account {n}", kind(n), "DE", chance.choice(REGIONS), chance.randrange(1, 13))
            for n in some
        ],
    )
    teams = {n: [_kam(n, kams), chance.choice(sponsors), *chance.sample(kams, 2)] for n in planned}
    roles = [(teams[n][0], n, "kam") for n in planned] + [(teams[n][1], n, "sponsor") for n in keys]
    yield Rows("team", ("person_id", "account_id", "role"), roles)
    yield from _contacts(chance, planned)
    yield _targets(chance, {n: teams[n] for n in keys})
    yield from company.interactions(chance, {n: teams[n] for n in keys}, TODAY)
    yield from _figures(chance, some)
    yield from _work(chance, teams)
    yield from _meetings(chance, teams)


def _kam(account: int, kams: range) -> int:
    return kams[account * 4 // len(CLASSES) // PER_KAM % len(kams)]


def _contacts(chance: Random, planned: list[int]) -> Iterator[Rows]:
    """Every second contact agreed to be asked how we did."""
    numbers = [(account, contact) for account in planned for contact in company.contacts_of(account)]
    given = ("given", date(2026, 1, 1))
    yield Rows(
        "contact",
        ("id", "key", "last_name", "email", "country", "region", "survey_consent", "consent_on"),
        [
            (n, f"c{n}", f"Contact {n}", f"c{n}@example.com", "DE", chance.choice(REGIONS),
             *(given if n % 2 else (None, None)))
            for _, n in numbers
        ],
    )  # fmt: skip
    influence = (None, *range(1, 11))
    yield Rows(
        "place",
        ("id", "contact_id", "account_id", "level", "influence"),
        [
            (n, n, account, "board" if n % CONTACTS == 0 else "other", chance.choice(influence))
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
            for person, mix in zip(dict.fromkeys(team), (OFTEN, SELDOM, SELDOM, SELDOM), strict=False)
            for contact in company.contacts_of(account)
        ],
    )


def _figures(chance: Random, some: range) -> Iterator[Rows]:
    """Two years of revenue, and goals where there is a plan."""
    entries: list[tuple[object, ...]] = []
    goals: list[tuple[object, ...]] = []
    for account in some:
        planned = kind(account) in ("key", "major", "target")
        for month in range(0, 24, 1 if planned else 3):
            day = date(2024 + (9 + month) // 12, (9 + month) % 12 + 1, 28)
            group = chance.choice(GROUPS)
            number = f"{account}.{month}"
            entries.append(("sap", number, account, day, group, "actual", chance.randint(*SOLD), "EUR"))
        if planned:
            goals.append((account, "revenue", GOAL, YEAR[1], 1))
    columns = ("source", "source_id", "account_id", "day", "product_group", "kind", "amount", "currency")
    yield Rows("revenue_entry", columns, entries)
    yield Rows("goal", ("account_id", "figure", "amount", "due_on", "version"), goals)


def _work(chance: Random, teams: dict[int, list[int]]) -> Iterator[Rows]:
    """Two measures and one request per account with a plan, due around today."""

    def around() -> date:
        return TODAY + timedelta(chance.randrange(-40, 60))

    yield Rows(
        "measure",
        ("account_id", "title", "side", "owner_id", "due_on", "version"),
        [(n, "Measure", "ours", team[0], around(), 1) for n, team in teams.items() for _ in range(2)],
    )
    yield Rows(
        "request",
        ("account_id", "department_id", "kind", "asked_on", "customer_date", "state", "version"),
        [(n, 1 + n % len(DEPARTMENTS), "samples", date(2026, 9, 1), around(), "open", 1) for n in teams],
    )


def _meetings(chance: Random, teams: dict[int, list[int]]) -> Iterator[Rows]:
    """One in three is booked, within the weeks around today; the others have a planned month only."""
    booked = [n for n in teams if chance.random() < 1 / 3]
    columns = ("id", "account_id", "year_first", "year_last", "kind", "version")
    yield Rows("annual_meeting", columns, [(n, n, *YEAR, "strategic", 1) for n in booked])
    yield Rows(
        "meeting_round",
        ("id", "meeting_id", "number", "day", "state", "revision", "fixed_on", "from_calendar", "sequence"),
        [
            (n, n, 1, TODAY + timedelta(chance.randrange(-30, 60)), "booked", 0, date(2026, 6, 1), False, 0)
            for n in booked
        ],
    )
    attending = [(n, person) for n in booked for person in dict.fromkeys(teams[n][:2])]
    yield Rows("meeting_attendee", ("round_id", "person_id"), attending)
