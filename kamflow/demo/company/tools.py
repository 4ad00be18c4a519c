"""What a KAM writes down about an account: competitors, gaps, position, goals, complaints, business cases."""

from datetime import date
from decimal import Decimal
from random import Random

from kamflow.demo.company.customers import Customer
from kamflow.demo.company.words import RIVALS

Rows = list[dict[str, object]]
RATED_ON = date(2026, 7, 14)

STRENGTHS = ("Günstiger bei Standardteilen", "Lager in der Nähe", "Eigenes Prüflabor")
WEAKNESSES = ("Wenig Beratung", "Lange Lieferzeit bei Sonderteilen", "Kein Service im Ausland")
# service, against need, against the best competitor, what they do better, what we do about it
GAPS = (
    ("Lieferzeit Sonderteile", "-", "0", "Musterbau in fünf Tagen", "Musterwerkstatt mit fester Schicht"),
    ("Anwendungsberatung", "+", "+", None, "Gemeinsamer Workshop im Frühjahr"),
    ("Just-in-time-Belieferung", "0", "-", "Lager am Band", "Konsignationslager prüfen"),
)
CRITERIA = (
    ("Umsatzpotenzial", 40),
    ("Wachstum der Branche", 25),
    ("Preisniveau", 20),
    ("Entscheidungswege", 15),
)
STRATEGIES = (
    "Ausbauen: früh in die neue Baureihe",
    "Halten: Lieferfähigkeit sichern",
    "Auswählen: nur Service",
)
# account, number of the contact, subject, opened, closed, how it was solved
COMPLAINTS = (
    ("K006", 6, "Undichte Wellendichtringe, Charge 4711", date(2026, 8, 31), None, None),
    (
        "K002",
        4,
        "Zwei Lieferungen unvollständig",
        date(2026, 6, 8),
        date(2026, 6, 19),
        "Nachlieferung frei Haus",
    ),
)
CASES = (
    (
        "K001",
        "Weniger Stillstand durch FKM-Dichtungen",
        48_000,
        "EUR im Jahr",
        "Versuch an Linie 3, April 2026",
    ),
    ("K004", "Kürzere Montage mit vormontierten Sätzen", 310, "Stunden im Jahr", "Zeitaufnahme im Juli 2026"),
)
NEGOTIATIONS = (
    ("K003", "Rahmenvertrag 2027/28", "Plus 2,5 % im Mittel", "Preise halten", "Konsignationslager",
     "Mengenzusage über zwei Jahre"),
)  # fmt: skip


def competitors(customers: list[Customer], random: Random) -> Rows:
    """The two most important ones at each key account."""
    return [
        {
            "account": customer.key,
            "name": name,
            "rank": rank,
            "revenue": Decimal(random.randint(4, 40) * 25_000),
            "strengths": random.choice(STRENGTHS),
            "weaknesses": random.choice(WEAKNESSES),
            "noted_on": date(2026, 7, random.randint(1, 31)),
        }
        for customer in customers
        if customer.account_class == "key"
        for rank, name in enumerate(random.sample(RIVALS, 2), start=1)
    ]


def gaps(customers: list[Customer], random: Random) -> Rows:
    """Three services at each key account; what is better than need and rival is a chance."""
    return [
        {
            "account": customer.key,
            "service": service,
            "need": need,
            "competitor": competitor,
            "competitor_name": random.choice(RIVALS),
            "factor": factor,
            "action": action,
            "chance": "yes" if need == competitor == "+" else "no",
            "rated_on": RATED_ON,
        }
        for customer in customers
        if customer.account_class == "key"
        for service, need, competitor, factor, action in GAPS
    ]


def positions(customers: list[Customer], random: Random) -> Rows:
    """Where each key and major account stands in the portfolio."""
    return [
        {
            "account": customer.key,
            "rated_on": RATED_ON,
            "attractiveness": random.randint(25, 95),
            "competitive": random.randint(25, 85),
            "strategy": random.choice(STRATEGIES),
        }
        for customer in customers
        if customer.account_class in ("key", "major")
    ]


def criteria(customers: list[Customer], random: Random) -> Rows:
    """By what the attractiveness of the key accounts was judged."""
    return [
        {"account": customer.key, "rated_on": RATED_ON, "axis": "attractiveness", "name": name,
         "weight": weight, "points": random.randint(2, 9) * 10}
        for customer in customers
        if customer.account_class == "key"
        for name, weight in CRITERIA
    ]  # fmt: skip


def complaints(customers: list[Customer]) -> Rows:
    known = {customer.key: len(customer.contacts) for customer in customers}
    return [
        {
            "account": account,
            "contact": f"{account}-{contact}",
            "subject": subject,
            "opened_on": opened,
            "closed_on": closed,
            "resolution": resolution,
        }
        for account, contact, subject, opened, closed, resolution in COMPLAINTS
        if contact <= known.get(account, 0)
    ]


def business_cases(customers: list[Customer]) -> Rows:
    known = {customer.key for customer in customers}
    return [
        {"account": account, "benefit": benefit, "amount": Decimal(amount), "unit": unit, "basis": basis,
         "made_on": date(2026, 7, 20)}
        for account, benefit, amount, unit, basis in CASES
        if account in known
    ]  # fmt: skip


def negotiations(customers: list[Customer]) -> Rows:
    known = {customer.key for customer in customers}
    return [
        {
            "account": account,
            "year": "2026",
            "topic": topic,
            "aim": aim,
            "limit": limit,
            "give": give,
            "take": take,
        }
        for account, topic, aim, limit, give, take in NEGOTIATIONS
        if account in known
    ]


def goals(customers: list[Customer], random: Random) -> Rows:
    """What is to be reached in 2027, beside the revenue that SAP holds as targets for 2026."""
    return [
        {"account": customer.key, "figure": figure, "amount": Decimal(amount), "unit": unit,
         "due_on": date(2027, 12, 31)}
        for customer in customers
        if customer.account_class == "key"
        for figure, amount, unit in (
            ("revenue", random.randint(26, 84) * 100_000, "EUR"),
            ("Lieferanteil", random.randint(30, 60), "%"),
        )
    ]  # fmt: skip
