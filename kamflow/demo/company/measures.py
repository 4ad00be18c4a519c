"""What was agreed to do for the accounts that have a plan: done, overdue, due on stage, and later."""

from datetime import date, timedelta
from random import Random

from kamflow.demo.company import sections
from kamflow.demo.company.customers import Customer

# title, topic, side
LATE = (
    ("Musterteile {product} liefern", "solutions", "ours"),
    ("Schulung der Instandhaltung zu {product}", "marketing", "ours"),
    ("Freigabe {product} durch das Prüflabor", "solutions", "customer"),
)
AHEAD = (
    ("Rahmenvertrag abstimmen", "prices and conditions", "customer"),
    ("Preisstaffel {product} vorlegen", "prices and conditions", "ours"),
    ("Servicepaket {product} vorstellen", "solutions", "joint"),
    ("Gemeinsamer Messestand im Frühjahr", "marketing", "joint"),
)
WORKSHOP = ("Workshop zu {product} mit der Konstruktion", "solutions", "joint")
# Some are done by specialists of the core team.
OWNERS = {"K001": "petzold", "K003": "wieland", "K006": "petzold", "K007": "brinkmann"}
ON_STAGE = date(2026, 9, 9)


def measures(customers: list[Customer], random: Random) -> list[dict[str, object]]:
    """Three per account with a plan: one done in spring, one of August, one still to come."""
    rows: list[dict[str, object]] = []
    planned = [each for each in customers if each.account_class in ("key", "major", "target")]
    for number, customer in enumerate(planned):
        rows.append(_row(customer, WORKSHOP, date(2026, 4, random.randint(6, 29)), random, done=True))
        day = date(2026, 8, random.randint(3, 28))
        rows.append(_row(customer, LATE[number % len(LATE)], day, random, done=number % 4 != 0))
        later = ON_STAGE + timedelta(days=random.randint(0, 20)) if number % 3 != 2 else date(2026, 11, 27)
        rows.append(_row(customer, AHEAD[number % len(AHEAD)], later, random, done=False))
    return rows


def _row(
    customer: Customer, what: tuple[str, str, str], day: date, random: Random, *, done: bool
) -> dict[str, object]:
    title, topic, side = what
    return {
        "account": customer.key,
        "title": sections.filled_in(title, customer, random),
        "topic": topic,
        "side": side,
        "owner": OWNERS.get(customer.key, customer.kam) if side == "ours" else customer.kam,
        "due_on": day,
        "done_on": day - timedelta(days=random.randint(0, 6)) if done else None,
    }
