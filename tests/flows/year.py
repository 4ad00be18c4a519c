"""A company in which a lot happens by itself, made up from a seed: for playing its days in two ways."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from kamflow.models.account import AccountClosing, Pause, Team
from kamflow.models.contact import ContactTarget
from kamflow.models.meeting import Request
from kamflow.models.person import Department, DepartmentLead
from kamflow.models.plan import Measure
from kamflow.models.revenue import RevenueEntry
from kamflow.models.source import CompletePeriod, Source
from tests.flows import year_meetings
from tests.world import World

FIRST = date(2026, 1, 1)
REGIONS = ("BY", "NW", "BE", "SN")
CLASSES = ("key", "key", "major", "target", "A", None)


def build(world: World, seed: int, accounts: int = 8, first: date = FIRST) -> None:
    """Fill the database; what begins, ends, closes and pauses does so in the months after `first`."""
    chance = Random(seed)
    head = world.person("Head", "head")
    kams = [
        world.person(
            f"Kam{n}",
            region=REGIONS[n],
            superior_id=head.id,
            weekdays="1234" if n == 1 else "12345",
            zone="Asia/Tokyo" if n == 3 else "Europe/Berlin",
            digest="monday" if n == 2 else "daily",
        )
        for n in range(4)
    ]
    board = world.person("Board", "sponsor", level="board", digest="first-tuesday")
    leaver = world.person("Leaver", left_on=_day(chance, first))
    for person in (*kams, board):
        begins = _day(chance, first)
        world.absent(person, begins, begins + timedelta(chance.randrange(14)))
    department = world.add(Department(key="logistics", name="Logistics"))
    world.add(DepartmentLead(department_id=department.id, person_id=kams[0].id))
    year_meetings.agreed(world, department.id)
    world.add(Source(key="erp", name="ERP", owner_id=kams[1].id))
    world.add(
        CompletePeriod(source="erp", first=first, last=first + timedelta(89), complete_on=_day(chance, first))
    )
    for number in range(accounts):
        _account(world, chance, number, kams, (board, leaver), first, department.id)


def _account(
    world: World, chance: Random, number: int, kams: Any, others: Any, first: date, department: int
) -> None:
    kam = chance.choice(kams)
    account = world.account(
        f"acc{number}",
        kam,
        account_class=CLASSES[number % len(CLASSES)],
        region=chance.choice(REGIONS),
        meeting_month=chance.choice((None, 3, 10)),
        closed_on=_day(chance, first) if number == 6 else None,
    )
    if number == 4:
        _moves(world, chance, account, chance.choice(kams), first)
    if number % 3 == 0:
        begins = _day(chance, first)
        world.add(AccountClosing(account_id=account.id, from_day=begins, until_day=begins + timedelta(9)))
    if number == 1:
        stamp = datetime(first.year, 1, 1, tzinfo=UTC)
        world.add(Pause(account_id=account.id, until_day=_day(chance, first), reason="-", paused_at=stamp))
    for contact in range(3):
        level = "board" if contact == 2 else "other"
        place = world.place(f"c{number}.{contact}", account, chance.choice((None, 3, 8, 10)), level=level)
        year_meetings.may_be_asked(world, chance, place, account, first)
        for person in {kam.id: kam, **{each.id: each for each in others if chance.random() < 0.5}}.values():
            _target(world, chance, person, place, first)
            for _ in range(chance.randrange(3)):
                day = _day(chance, first, -60)
                if person.left_on is not None and day >= first:
                    continue  # nobody books for a time after the last day
                world.meet(day, person, place, "held" if day < first else "booked")
    _work(world, chance, account, kam, first, department)
    year_meetings.meets(world, chance, account, number, (kam, others[0]), first)


def _target(world: World, chance: Random, person: Any, place: Any, first: date) -> None:
    ends = _day(chance, first) if chance.random() < 0.1 else None
    world.add(
        ContactTarget(
            person_id=person.id,
            place_id=place.id,
            soll=chance.choice((0, 1, 2, 4, 12)),
            period_first=date(first.year, 1, 1),
            period_last=date(first.year, 12, 31),
            until_day=ends,
        )
    )


def _work(world: World, chance: Random, account: Any, kam: Any, first: date, department: int) -> None:
    world.add(Measure(account_id=account.id, title="-", owner_id=kam.id, due_on=_day(chance, first)))
    world.add(
        Request(
            account_id=account.id,
            department_id=department,
            kind="samples",
            asked_on=_day(chance, first, -20),
            customer_date=_day(chance, first) + timedelta(30),
        )
    )
    for kind, amount, back in (("target", 400_000, 0), ("actual", chance.choice((100_000, 420_000)), 100)):
        world.add(
            RevenueEntry(
                source="erp",
                source_id=f"{kind}{account.id}",
                account_id=account.id,
                day=first - timedelta(back) + timedelta(chance.randrange(60)),
                kind=kind,
                amount=amount,
                currency="EUR",
            )
        )


def _moves(world: World, chance: Random, account: Any, other: Any, first: date) -> None:
    """Another KAM takes over."""
    world.add(Team(person_id=other.id, account_id=account.id, role="kam", from_day=_day(chance, first)))


def _day(chance: Random, first: date, earliest: int = 3) -> date:
    return first + timedelta(chance.randrange(earliest, 60))
