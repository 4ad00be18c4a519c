"""The customers: accounts, groups, closings, who looks after whom, and the people there."""

from dataclasses import dataclass, field
from random import Random

from kamflow.demo.company import words
from kamflow.demo.company.staff import ABROAD, KAMS, SPONSORS
from kamflow.demo.company.words import CUSTOMERS, SITES, slug

# Of forty accounts this many in each class, in this order.
MIX = (("key", 8), ("major", 8), ("target", 6), ("A", 6), ("B", 7), ("C", 5))

# position of him, of her, in English; level, role in the buying centre, influence from..to
POSITIONS = (
    ("Leiter Einkauf", "Leiterin Einkauf", "Head of Purchasing", "second", "buyer", 7, 9),
    ("Geschäftsführer", "Geschäftsführerin", "Managing Director", "board", "decision maker", 8, 10),
    ("Leiter Konstruktion", "Leiterin Konstruktion", "Head of Design", "second", "user", 6, 8),
    ("Leiter Produktion", "Leiterin Produktion", "Head of Production", "second", "user", 5, 7),
    ("Controller", "Controllerin", "Financial Controller", "other", "influencer", 4, 8),
    ("Leiter Qualität", "Leiterin Qualität", "Head of Quality", "other", "influencer", 4, 6),
    ("Disponent", "Disponentin", "Materials Planner", "other", "user", 2, 5),
    ("Leiter Instandhaltung", "Leiterin Instandhaltung", "Head of Maintenance", "other", "user", 3, 6),
)
GERMAN = (words.WOMEN, words.MEN, words.SURNAMES)
ENGLISH = (words.ENGLISH_WOMEN, words.ENGLISH_MEN, words.ENGLISH_SURNAMES)
TITLES = (("Herr", "Frau"), ("Mr", "Ms"))
CONTACTS_PER_CLASS = {"key": 7, "major": 5, "target": 3, "A": 3, "B": 2, "C": 1}


@dataclass
class Customer:
    """An account with its people, as the other files of this folder need it."""

    key: str
    name: str
    account_class: str
    industry: str
    city: str
    region: str | None
    kam: str
    sponsor: str | None
    parent: str = ""
    meeting_month: int | None = None
    contacts: list[dict[str, object]] = field(default_factory=list)

    @property
    def abroad(self) -> bool:
        return self.region is None

    def row(self) -> dict[str, object]:
        return {
            "key": self.key,
            "id": f"A-{40_000 + int(self.key[1:]) * 7}",
            "name": self.name,
            "class": self.account_class,
            "parent": self.parent,
            "industry": self.industry,
            "city": self.city,
            "country": "GB" if self.abroad else "DE",
            "region": "ENG" if self.abroad else self.region,
            "language": "en" if self.abroad else "de",
            "zone": "Europe/London" if self.abroad else "Europe/Berlin",
            "currency": "EUR",
            "meeting_month": self.meeting_month or "",
            "approver": "eggebrecht" if self.abroad else "",
        }


def customers(count: int, random: Random) -> list[Customer]:
    """The first `count` customers; the first one is the classic training example."""
    classes = _classes(count)
    made: list[Customer] = []
    for number in range(count):
        made.append(_customer(number, classes[number], made))
    for customer in made:
        if customer.key != "K001":
            customer.contacts = _contacts(customer, random)
    made[0].contacts = _classic(made[0])
    _distinct_addresses(made)
    return made


def _distinct_addresses(made: list[Customer]) -> None:
    # Sites share the domain of their group; namesakes there get their key, as in real companies.
    seen: set[object] = set()
    for contact in (contact for customer in made for contact in customer.contacts):
        if contact["email"] in seen:
            left, right = str(contact["email"]).split("@")
            contact["email"] = f"{left}.{str(contact['key']).lower()}@{right}"
        seen.add(contact["email"])


def _classes(count: int) -> list[str]:
    """Class of each account in order: the mix of forty, stretched, the most important first."""
    total = sum(share for _, share in MIX)
    edges, so_far = [], 0
    for name, share in MIX:
        so_far += share
        edges.append((name, so_far / total))
    return [next(name for name, edge in edges if (number + 0.5) / count <= edge) for number in range(count)]


def _customer(number: int, account_class: str, before: list[Customer]) -> Customer:
    root, rest, industry, city, region = CUSTOMERS[number % len(CUSTOMERS)]
    name, parent = f"{root} {rest}", ""
    again = number // len(CUSTOMERS)
    if again:  # beyond the list: further sites of the customers we know
        site = SITES[(again - 1) % len(SITES)] + (f" {again // len(SITES) + 1}" if again > len(SITES) else "")
        name, parent = f"{root} {site}", f"K{number % len(CUSTOMERS) + 1:03}"
    elif account_class in ("A", "B") and number % 5 == 0:  # a site of a key account: a group rolls up
        above = before[1 + number // 5 % 6]
        name, parent = f"{above.name.split()[0]} {SITES[number // 5 % len(SITES)]}", above.key
    kam = ABROAD if region is None else KAMS[number % len(KAMS)]
    sponsor = SPONSORS[number % len(SPONSORS)] if account_class == "key" else None
    return Customer(f"K{number + 1:03}", name, account_class, industry, city, region, kam, sponsor, parent)


def _contacts(customer: Customer, random: Random) -> list[dict[str, object]]:
    women, men, surnames = ENGLISH if customer.abroad else GERMAN
    found = []
    for number in range(CONTACTS_PER_CLASS[customer.account_class]):
        his, her, english, level, role, low, high = POSITIONS[number]
        is_woman = random.random() < 0.45
        position = english if customer.abroad else her if is_woman else his
        found.append(
            _contact(
                customer,
                number + 1,
                (random.choice(women if is_woman else men), random.choice(surnames)),
                (position, level, role, random.randint(low, high)),
                TITLES[customer.abroad][is_woman],
            )
        )
    return found


def _classic(customer: Customer) -> list[dict[str, object]]:
    """The four people of the training example with their influence."""
    four = (
        ("Andreas", "Knut", "Generaldirektor", "board", "decision maker", 5, "Herr"),
        ("Stefanie", "Paul", "Einkäuferin", "other", "buyer", 8, "Frau"),
        ("Robert", "Philip", "Controller", "other", "influencer", 8, "Herr"),
        ("Miriam", "Karl", "Leiterin Marketing", "second", "advocate", 4, "Frau"),
    )
    return [
        _contact(customer, number, (first, last), (position, level, role, influence), salutation)
        for number, (first, last, position, level, role, influence, salutation) in enumerate(four, start=1)
    ]


def _contact(
    customer: Customer,
    number: int,
    name: tuple[str, str],
    place: tuple[str, str, str, int],
    salutation: str,
) -> dict[str, object]:
    position, level, role, influence = place
    domain = f"{slug(customer.name.split()[0])}.example.{'com' if customer.abroad else 'de'}"
    return {
        "key": f"{customer.key}-{number}",
        "account": customer.key,
        "first_name": name[0],
        "last_name": name[1],
        "salutation": salutation,
        "email": f"{slug(name[0])}.{slug(name[1])}@{domain}",
        "position": position,
        "level": level,
        "buying_role": role,
        "influence": influence,
        "language": "en" if customer.abroad else "de",
        "from": "2023-01-01",
    }


def closings(made: list[Customer]) -> list[dict[str, object]]:
    """Works holidays: every key account in summer and between the years."""
    spans = (("2026-08-03", "2026-08-14"), ("2026-12-21", "2026-12-31"))
    return [
        {"account": customer.key, "from": first, "until": last}
        for customer in made
        if customer.account_class in ("key", "major")
        for first, last in spans
    ]


def teams(made: list[Customer]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for customer in made:
        rows.append({"person": customer.kam, "account": customer.key, "role": "kam", "from": "2024-01-01"})
        if customer.sponsor:
            sponsor = {"person": customer.sponsor, "role": "sponsor"}
            rows.append(rows[-1] | sponsor)
    return rows
