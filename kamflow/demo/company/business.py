"""Two years of revenue by product group with targets, projects, annual meetings."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from kamflow.demo.company.customers import Customer
from kamflow.demo.company.words import PRODUCTS, RIVALS

# Revenue of a year in thousands, from..to
SIZE = {
    "key": (2_400, 7_800),
    "major": (700, 1_900),
    "target": (90, 420),
    "A": (320, 760),
    "B": (90, 260),
    "C": (15, 70),
}
GROUPS = {"key": 5, "major": 4, "target": 2, "A": 3, "B": 2, "C": 1}
# August 2026 is the last month that is posted.
MONTHS = [date(2024 + (8 + n) // 12, (8 + n) % 12 + 1, 1) for n in range(24)]
QUARTERS = [date(year, month, 1) for year in (2025, 2026) for month in (1, 4, 7, 10)]
SEASON = (0.95, 0.97, 1.12, 1.02, 0.98, 1.05, 0.96, 0.78, 1.08, 1.1, 1.07, 0.92)
TALKS = ("Wellenabdichtung Baureihe 7", "Hydraulikblock X2", "Retrofit Prüfstand", "Serienanlauf 2027",
         "Ersatzteilpaket Europa", "Dichtungssatz Offshore", "Umstellung auf FKM",
         "Servicevertrag drei Jahre", "Leichtbauflansch", "Zweitlieferant Formteile")  # fmt: skip


def revenue(customers: list[Customer], random: Random) -> list[dict[str, object]]:
    """Actuals a month and targets a quarter, per account and product group."""
    rows: list[dict[str, object]] = []
    for customer in customers:
        low, high = SIZE[customer.account_class]
        yearly, growth = random.randint(low, high) * 1000, random.uniform(-0.12, 0.22)
        groups = list(PRODUCTS)[: GROUPS[customer.account_class]]
        weights = [random.uniform(0.5, 1.5) / (n + 1) for n in range(len(groups))]
        for group, weight in zip(groups, weights, strict=True):
            share = yearly * weight / sum(weights)
            rows += _actuals(customer, group, share, growth, random)
            rows += _targets(customer, group, share)
    return rows


def _actuals(
    customer: Customer, group: str, share: float, growth: float, random: Random
) -> list[dict[str, object]]:
    rows = []
    for number, month in enumerate(MONTHS):
        trend = 1 + growth * number / len(MONTHS)
        amount = _cents(share / 12 * SEASON[month.month - 1] * trend * random.uniform(0.88, 1.12))
        margin = _cents(float(amount) * PRODUCTS[group] / 100 * random.uniform(0.92, 1.06))
        rows.append(_entry(customer, group, _last_day(month), "actual", amount) | {"margin": margin})
    return rows


def _targets(customer: Customer, group: str, share: float) -> list[dict[str, object]]:
    """A quarter's target each, rounded to 500; 2026 asks for six per cent more."""
    yearly = {2025: share, 2026: 1.06 * share}
    return [
        _entry(customer, group, day, "target", Decimal(round(yearly[day.year] / 2000) * 500))
        for day in QUARTERS
    ]


def _entry(customer: Customer, group: str, day: date, kind: str, amount: Decimal) -> dict[str, object]:
    return {
        "id": f"{kind}-{customer.key}-{group}-{day.isoformat()}",
        "account": customer.key,
        "day": day,
        "amount": amount,
        "currency": "EUR",
        "product_group": group,
        "kind": kind,
    }


def _cents(amount: float) -> Decimal:
    return Decimal(round(amount * 100)) / 100


def _last_day(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def projects(customers: list[Customer], random: Random) -> list[dict[str, object]]:
    """Won, lost and open ones; lost ones say to whom."""
    rows: list[dict[str, object]] = []
    for customer in customers:
        for number in range({"key": 5, "major": 3, "target": 2, "A": 2}.get(customer.account_class, 0)):
            state = random.choices(("open", "won", "lost"), (5, 3, 2))[0]
            rows.append(_project(customer, number, state, random))
    return rows


def _project(customer: Customer, number: int, state: str, random: Random) -> dict[str, object]:
    opened = date(2026, 1, 5) + timedelta(days=random.randint(0, 200))
    close = date(2026, 10, 1) + timedelta(days=random.randint(0, 150))
    if state != "open":
        close = opened + timedelta(days=random.randint(20, 40))
    return {
        "id": f"P-{customer.key}-{number + 1}",
        "account": customer.key,
        "name": random.choice(TALKS),
        "state": state,
        "product_group": random.choice(list(PRODUCTS)),
        "value": random.randint(8, 160) * 2500,
        "currency": "EUR",
        "chance": {"won": 100, "lost": 0}.get(state, random.choice((20, 40, 60, 80))),
        "opened_on": opened,
        "close_on": close,
        "lost_to": random.choice(RIVALS) if state == "lost" else "",
        "owner": customer.kam,
    }


def meetings(customers: list[Customer], random: Random) -> list[dict[str, object]]:
    """Annual meetings that are booked: some in autumn 2026, about the year 2027."""
    rows = []
    for customer in customers:
        if customer.account_class != "key" or random.random() < 0.4:
            continue
        day = date(2026, 11, 9) + timedelta(days=7 * random.randint(0, 4) + random.randint(0, 3))
        rows.append(
            {
                "account": customer.key,
                "year": "2027",
                "kind": "strategic",
                "round": 1,
                "day": day,
                "place": customer.city,
                "people": ";".join(filter(None, (customer.kam, customer.sponsor))),
                "contacts": ";".join(str(contact["key"]) for contact in customer.contacts[:2]),
            }
        )
    return rows
