"""The service catalogue by class of customer, and what was given: its value, and what was asked in return."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from kamflow.demo.company.customers import Customer

Rows = list[dict[str, object]]
CLASSES = ("key", "major", "target", "a", "b", "c")

# key, name, unit, value of one in EUR, and per class: i(ncluded), p(aid), n(o)
CATALOGUE = (
    ("express", "Eillieferung bei Engpass", "Lieferung", 480, "iipinn"),
    ("replacement", "Ersatz defekter Teile in 24 Stunden", "Einsatz", 950, "iipipp"),
    ("workshop", "Innovationsworkshop", "Tag", 3200, "ipnnnn"),
    ("samples", "Musterteile", "Satz", 260, "iiiiii"),
    ("fitter", "Monteur vor Ort", "Stunde", 145, "iipppp"),
)
ENTITLEMENT = {"i": "included", "p": "paid", "n": "no"}
RETURNED = ("Jahresmenge 2027 zugesagt", "Referenz auf der Messe", None, "Prognose je Quartal")


def catalogue() -> Rows:
    rows: Rows = []
    for key, name, unit, value, letters in CATALOGUE:
        entitled = zip(CLASSES, letters, strict=True)
        row: dict[str, object] = {"key": key, "name": name, "unit": unit, "value": Decimal(value)}
        rows.append(row | {f"class_{each}": ENTITLEMENT[letter] for each, letter in entitled})
    return rows


def given(customers: list[Customer], random: Random) -> Rows:
    """Two to four services per key account since January, one or two per major one."""
    rows: Rows = []
    for customer in customers:
        low, high = {"key": (2, 4), "major": (1, 2)}.get(customer.account_class, (0, 0))
        for service in random.sample(CATALOGUE, random.randint(low, high)):
            rows.append(_given(customer, service, random))
    return rows


def _charge(drawn: float) -> str | None:
    """Mostly waived, sometimes charged; now and then nobody said."""
    if drawn < 0.2:
        return "charged"
    return "waived" if drawn < 0.92 else None


def _given(customer: Customer, service: tuple[str, str, str, int, str], random: Random) -> dict[str, object]:
    key, _, unit, value, _ = service
    quantity = random.randint(1, 4)
    return {
        "account": customer.key,
        "service": key,
        "day": date(2026, 1, 12) + timedelta(days=random.randint(0, 230)),
        "quantity": Decimal(quantity),
        "value": Decimal(quantity * value),
        "hours": Decimal(quantity * 6) if unit in ("Tag", "Stunde") else None,
        "charge": _charge(random.random()),
        "asked_in_return": random.choice(RETURNED),
    }
