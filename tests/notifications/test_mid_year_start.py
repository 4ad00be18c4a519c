"""180 accounts with targets and no interactions, brought in on 6 July: nobody is flooded."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlmodel import col

from kamflow.models.account import Account, AccountClass, Team
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.person import Person
from kamflow.policy import Policy, Starting
from kamflow.settings import Company, Delivery, Settings
from kamflow.store import adopted
from kamflow.store import engine as db
from kamflow.store.registry import RULES
from notifications.compose import compose
from tests.world import YEAR, World

LIVE = date(2026, 7, 6)  # a Monday in the middle of the year
ACCOUNTS, KAMS, TOLD_DAYS = 180, 8, 10
CLASSES = ("key", "major", "major", "target", "A", "A", "B", "B", "C")


def company(engine: Engine, home: Path) -> World:
    """Eight KAMs under one head, a sponsor, 180 accounts with two contacts each and a Soll for both."""
    settings = Settings(home=home, company=Company(region="BY"), delivery=Delivery(mode="live"))
    world = World(engine, settings, Policy(starting=Starting(go_live=LIVE)))
    head = world.person("Head", "head")
    world.person("Sponsor", "sponsor", level="board", digest="first-tuesday")
    kams = [world.person(f"Kam{n}", superior_id=head.id) for n in range(KAMS)]
    with db.write(engine) as session:
        adopted.adopt(session, home, datetime(2026, 7, 1, tzinfo=UTC))
        numbers = range(1, ACCOUNTS + 1)
        rows = {
            Account: [_account(n) for n in numbers],
            Team: [{"account_id": n, "person_id": kams[n % KAMS].id, "role": "kam"} for n in numbers],
            Contact: [{"id": n, "key": f"C{n}", "last_name": f"C{n}"} for n in range(1, 2 * ACCOUNTS + 1)],
            Place: [
                {
                    "id": n,
                    "contact_id": n,
                    "account_id": (n + 1) // 2,
                    "influence": n % 10 + 1,
                    "level": "other",
                }
                for n in range(1, 2 * ACCOUNTS + 1)
            ],
            ContactTarget: [
                {
                    "person_id": kams[(n + 1) // 2 % KAMS].id,
                    "place_id": n,
                    "soll": (12, 6, 4, 1)[n % 4],
                    "period_first": YEAR[0],
                    "period_last": YEAR[1],
                }
                for n in range(1, 2 * ACCOUNTS + 1)
            ],
        }
        for table, values in rows.items():
            session.execute(insert(table), values)
    return world


def _account(number: int) -> dict[str, object]:
    kind = AccountClass(CLASSES[number % len(CLASSES)])
    return {"id": number, "key": f"A{number}", "name": f"A{number}", "account_class": kind, "country": "DE"}


def play(world: World, last: date) -> Iterator[tuple[date, str, str, int]]:
    """Night, morning and the hours after it: (day, person, template, items) of every message."""
    names = {row.id: row.key for row in _rows(world, Person)}
    seen: set[int] = set()
    day = LIVE - timedelta(days=3)
    while day <= last:
        for rule in RULES:
            world.night(rule, day)
        for hour in (6, 13):
            now = datetime.combine(day, time(hour, 40), UTC)
            compose(world.engine, now, world.settings, world.policy)
            with db.write(world.engine) as session:
                session.execute(update(StoredMessage).values(state=MessageState.SENT, sent_at=now))
        for message in _rows(world, StoredMessage):
            if message.id not in seen:
                seen.add(message.id)
                leaves = max(day, message.due_at.date())
                yield leaves, names[message.person_id], message.template, len(message.facts.get("items", ()))
        day += timedelta(days=3 if day.weekday() == 4 else 1)


def _rows(world: World, table: type) -> list:
    with db.read(world.engine) as session:
        return list(session.execute(select(table).order_by(col(table.id))).scalars())


def printed(told: list[tuple[date, str, str, int]]) -> str:
    """A table to look at: what each person received per day ("w" a welcome, else how many items)."""
    days = sorted({day for day, *_ in told})
    people = sorted({person for _, person, _, _ in told})
    cells = {
        (day, person): "w" if template == "welcome" else str(items) for day, person, template, items in told
    }
    head = "".join(f"{day:%d.%m.}".rjust(8) for day in days)
    lines = [
        person.ljust(8) + "".join(cells.get((day, person), "-").rjust(8) for day in days) for person in people
    ]
    return "\n".join([" " * 8 + head, *lines])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nobody_gets_more_than_one_message_and_three_items_a_day(
    sqlite_engine: Engine, tmp_path: Path
) -> None:
    world = company(sqlite_engine, tmp_path)
    played = [each for each in play(world, date(2026, 8, 4)) if each[0] <= date(2026, 8, 4)]
    # Dates for the calendar come after the gentle start, two a morning.
    entries = Counter((day, person) for day, person, template, _ in played if template == "hand_in_entry")
    assert (min(day for day, _ in entries), max(entries.values())) == (date(2026, 8, 3), 2)
    told = [each for each in played if each[2] != "hand_in_entry"]
    print("\n" + printed(told))

    per_day = Counter((day, person) for day, person, _, _ in told)
    assert max(per_day.values()) == 1
    assert min(day for day, *_ in told) == LIVE
    assert {template for day, _, template, _ in told if day < date(2026, 7, 20)} == {"welcome"}
    days = sorted({day for day, _, template, _ in told if template == "digest"})
    first = [items for day, _, _, items in told if day in days[:TOLD_DAYS]]
    assert days[0] == date(2026, 7, 20)  # ten working days of shadow
    assert max(first) == 3
    kams = {person for _, person, template, _ in told if template == "digest"}
    assert len(kams) >= KAMS
