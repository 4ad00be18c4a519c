"""Who may be asked how satisfied they are, and what an agency asked in spring."""

from datetime import date
from random import Random
from typing import NamedTuple

from kamflow.demo.company.customers import Customer

# At these accounts somebody asked for consent; elsewhere nobody did, so nobody is asked.
ASKED = ("K001", "K002", "K003", "K006", "K007", "K009")
WORDING = "Wir fragen höchstens zweimal im Jahr, wie zufrieden Sie sind. Sie können jederzeit widersprechen."
ENGLISH = "We ask at most twice a year how satisfied you are. You may object at any time."
# account -> answers of the survey of an agency: number of the contact, score
EARLIER = {"K001": ((1, 9), (2, 7), (3, 8), (4, 10)), "K002": ((1, 6), (2, 9), (3, None), (5, 4))}
ASKED_ON = date(2026, 4, 21)


class Answered(NamedTuple):
    """What a contact said; no score is no answer."""

    account: str
    contact: str
    score: int | None


def ask_for_consent(customers: list[Customer], random: Random) -> None:
    """Note on the contacts who agreed, who objected, and who only got the notice that one may object."""
    for customer in customers:
        for number, contact in enumerate(customer.contacts):
            if customer.key not in ASKED:
                continue
            answer = "objected" if number == 4 else "relationship" if number == 3 else "given"
            contact |= {
                "survey_consent": answer,
                "consent_on": date(2025, random.randint(2, 11), random.randint(1, 28)),
                "consent_source": "Besuch" if random.random() < 0.5 else "E-Mail",
                "consent_wording": ENGLISH if customer.abroad else WORDING,
            }


def earlier(customers: list[Customer]) -> list[Answered]:
    """The answers of spring, one per contact."""
    known = {customer.key: customer for customer in customers}
    return [
        Answered(key, f"{key}-{number}", score)
        for key, answers in EARLIER.items()
        if key in known
        for number, score in answers
        if number <= len(known[key].contacts)
    ]
