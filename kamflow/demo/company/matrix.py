"""Contact targets: who of ours meets whom how often in 2026, and about what.

The first account carries the matrix every KAM trainer draws: six cells, 13 of 29 contacts made.
"""

from dataclasses import dataclass
from random import Random
from typing import Literal

from kamflow.demo.company.customers import Customer
from kamflow.demo.company.staff import SPECIALISTS

YEAR = "2026"
Mood = Literal["on pace", "soon", "behind", "none"]


@dataclass(frozen=True)
class Target:
    """One cell: a person, a contact, how often, a topic; `held` is given for the classic matrix only."""

    person: str
    customer: Customer
    contact: int
    soll: int
    topic: str
    held: int | None = None

    @property
    def contact_key(self) -> str:
        return f"{self.customer.key}-{self.contact}"

    @property
    def place(self) -> dict[str, object]:
        """The contact of this cell, as a row."""
        return self.customer.contacts[self.contact - 1]

    def row(self) -> dict[str, object]:
        return {
            "person": self.person,
            "contact": self.contact_key,
            "account": self.customer.key,
            "period": YEAR,
            "soll": self.soll,
            "topic": ENGLISH.get(self.topic, self.topic) if self.customer.abroad else self.topic,
        }


# person, contact (1 Knut, 2 Paul, 3 Philip, 4 Karl), held, planned, topic
CLASSIC = (
    ("kruse", 1, 1, 1, "Allianz für den Markteintritt"),
    ("witt", 2, 2, 6, "Geschäftsentwicklung"),
    ("witt", 3, 2, 4, "Preise"),
    ("arnst", 4, 2, 3, "Marktforschung"),
    ("arnst", 2, 1, 3, "Einführung eines neuen Produkts"),
    ("lech", 2, 5, 12, "Auftragsabwicklung"),
)

# What a KAM plans, per class: (contact, times a year from..to, topic)
_KAM_CELLS = {
    "key": (
        (1, 8, 12, "Jahresvereinbarung"),
        (2, 3, 4, "Strategie und Ausblick"),
        (3, 6, 9, "Neuentwicklungen"),
        (4, 4, 6, "Serienbetreuung"),
        (5, 2, 3, "Preise und Konditionen"),
    ),
    "major": ((1, 6, 9, "Jahresvereinbarung"), (2, 2, 2, "Strategie"), (3, 4, 7, "Neuentwicklungen")),
    "target": ((1, 5, 7, "Einstieg in die Serie"), (2, 2, 3, "Strategie")),
    "A": ((1, 4, 6, "Rahmenvertrag"), (3, 2, 3, "Anwendungen")),
    "B": ((1, 2, 4, "Sortiment"),),
    "C": ((1, 0, 1, "Sortiment"),),
}
# Which specialist meets whom about what: (person, contact, times from..to, topic)
_SPECIALIST_CELLS = (
    ("lech", 7, 6, 12, "Auftragsabwicklung"),
    ("petzold", 3, 3, 6, "Neuentwicklungen"),
    ("wieland", 4, 3, 6, "Ersatzteile und Service"),
    ("sander", 6, 2, 4, "Reklamationen"),
    ("arnst", 3, 2, 4, "Einführung eines neuen Produkts"),
    ("brinkmann", 5, 2, 3, "Gemeinsame Messe"),
    ("thiele", 5, 2, 4, "Preise und Konditionen"),
)
# Topics of customers abroad
ENGLISH = {
    "Jahresvereinbarung": "annual agreement",
    "Strategie und Ausblick": "strategy and outlook",
    "Strategie": "strategy",
    "Neuentwicklungen": "new developments",
    "Serienbetreuung": "series support",
    "Preise und Konditionen": "prices and conditions",
    "Partnerschaft auf Vorstandsebene": "partnership at board level",
    "Auftragsabwicklung": "order handling",
    "Ersatzteile und Service": "spare parts and service",
    "Reklamationen": "complaints",
    "Einführung eines neuen Produkts": "launch of a new product",
    "Gemeinsame Messe": "joint trade fair",
}


def targets(customers: list[Customer], random: Random) -> list[Target]:
    """Every cell of every account, the classic matrix first."""
    found = [
        Target(person, customers[0], contact, soll, topic, held)
        for person, contact, held, soll, topic in CLASSIC
    ]
    for customer in customers[1:]:
        found += _kam_cells(customer, random)
        found += _sponsor_cell(customer)
        found += _specialist_cells(customer, random)
    return found


def _kam_cells(customer: Customer, random: Random) -> list[Target]:
    return [
        Target(customer.kam, customer, contact, random.randint(low, high), topic)
        for contact, low, high, topic in _KAM_CELLS[customer.account_class]
        if contact <= len(customer.contacts)
    ]


def _sponsor_cell(customer: Customer) -> list[Target]:
    if customer.sponsor is None:
        return []
    return [Target(customer.sponsor, customer, 2, 1, "Partnerschaft auf Vorstandsebene")]


def _specialist_cells(customer: Customer, random: Random) -> list[Target]:
    """Key accounts see three specialists a year, major ones one."""
    wanted = {"key": 3, "major": 1}.get(customer.account_class, 0)
    cells = random.sample(_SPECIALIST_CELLS, len(_SPECIALIST_CELLS))
    fitting = [cell for cell in cells if cell[1] <= len(customer.contacts)][:wanted]
    return [
        Target(person, customer, contact, random.randint(low, high), topic)
        for person, contact, low, high, topic in fitting
    ]


def core_teams(cells: list[Target]) -> list[dict[str, object]]:
    """Specialists with a target at an account belong to its core team."""
    pairs = dict.fromkeys((cell.person, cell.customer.key) for cell in cells if cell.person in SPECIALISTS)
    return [
        {"person": person, "account": account, "role": "core", "from": "2025-01-01"}
        for person, account in pairs
    ]


def mood(customer: Customer, number: int) -> Mood:
    """How well an account is looked after by 7 September; one has no contact on record at all."""
    if customer.account_class == "target" and number == 0:
        return "none"
    return ("soon", "soon", "on pace", "behind", "soon", "on pace")[number % 6]
