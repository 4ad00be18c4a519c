"""Two years of revenue by product group with targets, and projects."""

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
YEAR = 2026
QUARTERS = [date(year, month, 1) for year in (2025, 2026) for month in (1, 4, 7, 10)]
SEASON = (0.95, 0.97, 1.12, 1.02, 0.98, 1.05, 0.96, 0.78, 1.08, 1.1, 1.07, 0.92)
# How this year goes against the last one, where it goes badly; the revenue of one quarter has not come yet.
PACE = {"K002": 0.9, "K003": 0.62, "K004": 0.88, "K006": 0.78, "K007": 0.9, "K010": 0.74, "K011": 0.7}
MISSING = "K012"
MISSING_QUARTER = (date(2026, 4, 1), date(2026, 6, 30))
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


def comes_late(row: dict[str, object]) -> bool:
    """Whether an entry was not in the first file: one account's revenue of the second quarter."""
    first, last = MISSING_QUARTER
    day = row["day"]
    return (
        row["account"] == MISSING
        and row["kind"] == "actual"
        and isinstance(day, date)
        and first <= day <= last
    )


def _actuals(
    customer: Customer, group: str, share: float, growth: float, random: Random
) -> list[dict[str, object]]:
    rows = []
    for number, month in enumerate(MONTHS):
        trend = 1 + growth * number / len(MONTHS)
        if month.year == YEAR:
            trend *= PACE.get(customer.key, 1.0)
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
