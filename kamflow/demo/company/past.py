"""What took place until 4 September 2026, and what is booked: interactions by person, day and contacts.

How many contacts a cell has is chosen with the product's own figure: accounts on pace stay silent for
the three weeks, some fall behind in them, some are behind already.
"""

from datetime import date
from random import Random

from kamflow.demo.company.customers import Customer
from kamflow.demo.company.matrix import Mood, Target, mood
from kamflow.demo.company.staff import ABSENCES, SPECIALISTS
from kamflow.figures import contact_gap as gap
from kamflow.thresholds import ContactShortfall
from kamflow.workdays import Calendar, calendar

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
MONDAY = date(2026, 9, 7)
FRIDAY = date(2026, 9, 25)
VISITS = 14  # days of the year on which an account is visited by anybody, until September
POLICY = ContactShortfall()


def interactions(cells: list[Target], customers: list[Customer], random: Random) -> list[dict[str, object]]:
    """One row per person and day at an account, with everybody met there."""
    days = calendar("DE", "NW")
    visits = {customer.key: _visit_days(days, random) for customer in customers}
    moods = _moods(customers)
    met: dict[tuple[str, str, date], list[str]] = {}
    for cell in cells:
        count = cell.held if cell.held is not None else _held(cell, moods[cell.customer.key], days, random)
        for day in _spread(count, cell.person, visits[cell.customer.key], days, random):
            met.setdefault((cell.customer.key, cell.person, day), []).append(cell.contact_key)
    for customer in customers:
        if moods[customer.key] != "none" and customer.key not in {account for account, _, _ in met}:
            met[customer.key, customer.kam, visits[customer.key][4]] = [f"{customer.key}-1"]
    held = [_row(key, contacts, "held", random) for key, contacts in sorted(met.items())]
    return held + _booked(cells, moods, days, random)


def _moods(customers: list[Customer]) -> dict[str, Mood]:
    seen: dict[str, int] = {}
    moods: dict[str, Mood] = {}
    for customer in customers:
        number = seen[customer.account_class] = seen.get(customer.account_class, -1) + 1
        moods[customer.key] = mood(customer, number)
    return moods


def _held(cell: Target, mood: Mood, days: Calendar, random: Random) -> int:
    """How many contacts the cell has so far."""
    if mood == "none":
        return 0
    if cell.person in SPECIALISTS:  # their days are full whatever the KAM does
        mood = random.choice(("soon", "behind", "on pace"))
    year, begun = days.count(FIRST, LAST), days.count(FIRST, MONDAY)
    after = [_due_after(cell, done, year) for done in range(cell.soll + 1)]
    later = days.count(FIRST, FRIDAY)
    calm = next(done for done, at in enumerate(after) if at is None or at > later)
    near = [done for done, at in enumerate(after) if at is not None and begun - 8 <= at <= later]
    if mood == "soon" and near and random.random() < 0.8:
        return near[-1]
    if mood == "behind" and calm and random.random() < 0.6:
        return max(0, calm - random.choice((1, 1, 2)))
    return min(cell.soll, calm + (random.random() < 0.3))


def _due_after(cell: Target, done: int, year: int) -> int | None:
    influence = int(str(cell.place["influence"]))
    board = cell.place["level"] == "board" or cell.person in ("kruse", "oelssner")
    if not cell.soll:
        return None
    lead = gap.lead(cell.soll, influence, board, year, POLICY)
    return gap.due_after(cell.soll, done, year, lead, POLICY)


def _visit_days(days: Calendar, random: Random) -> list[date]:
    """Days on which this account is visited, spread over January to the beginning of September."""
    until = days.count(FIRST, MONDAY) - 1
    step = until / VISITS
    found = [days.add(FIRST, max(1, round(step * (n + 0.15 + 0.7 * random.random())))) for n in range(VISITS)]
    return sorted(set(found))


def _spread(count: int, person: str, visits: list[date], days: Calendar, random: Random) -> list[date]:
    """`count` of the visit days, evenly over the year, none while the person is away."""
    own = [day for day in visits if not _away(person, day)]
    if count > len(own):
        until = days.count(FIRST, MONDAY) - 1
        more = [days.add(FIRST, random.randint(1, until)) for _ in range(3 * count)]
        own = sorted({*own, *(day for day in more if not _away(person, day))})
    if not count:
        return []
    step = len(own) / count
    return [own[int(step * n + step * 0.5)] for n in range(count)]


def _away(person: str, day: date) -> bool:
    return any(key == person and first <= day.isoformat() <= last for key, first, last in ABSENCES)


def _booked(
    cells: list[Target], moods: dict[str, Mood], days: Calendar, random: Random
) -> list[dict[str, object]]:
    """Visits already in the diaries of those who keep pace."""
    planned: dict[tuple[str, str, date], list[str]] = {}
    for cell in cells:
        calm = moods[cell.customer.key] == "on pace" and cell.soll >= 4 and cell.held is None
        if not calm or random.random() > 0.25:
            continue
        day = days.add(MONDAY, random.randint(6, 30))
        if not _away(cell.person, day):
            planned.setdefault((cell.customer.key, cell.person, day), []).append(cell.contact_key)
    return [_row(key, contacts, "booked", random) for key, contacts in sorted(planned.items())]


def _row(key: tuple[str, str, date], contacts: list[str], state: str, random: Random) -> dict[str, object]:
    account, person, day = key
    kind = "visit" if len(contacts) > 1 or random.random() < 0.5 else random.choice(("call", "video", "mail"))
    return {
        "id": f"{account}-{person}-{day.isoformat()}",
        "day": day,
        "account": account,
        "people": person,
        "contacts": ";".join(contacts),
        "kind": "visit" if state == "booked" else kind,
        "state": state,
        "minutes": {"visit": 120, "call": 20, "video": 45, "mail": 10}[kind],
    }
