"""What stands in the account plans: a sentence or two per category, about this account and nobody else."""

from random import Random

from kamflow.demo.company.customers import Customer
from kamflow.demo.company.words import PRODUCTS, RIVALS

TEXTS = {
    1: "Größte Aufgabe {year}: {product} bei {name} in die Serie bringen. Ziel: {growth} % mehr Umsatz. "
    "Wichtigster Kontakt: {contact}.",
    2: "{name} zählt in der Branche {industry} zum oberen Drittel und wächst vor allem im Ausland. Über den "
    "Jahresbedarf entscheidet der Einkauf zusammen mit der Konstruktion.",
    3: "{product} trägt die Hälfte des Umsatzes. Service wächst, Formteile liegen unter Plan.",
    4: "Zwei Projekte gewonnen, eines an {rival} verloren: dort entschied die Lieferzeit.",
    5: "Offen: Angebot {product}, Entscheidung im vierten Quartal, Chance 60 %.",
    6: "{rival}: günstiger bei Standardteilen, schwach bei Beratung und Ersatzteilen.",
    7: "Zusammenarbeit gut, besonders mit der Anwendungstechnik. Reklamationen werden zügig gelöst.",
    8: "Vom Teilelieferanten zum Entwicklungspartner: früh in die Baureihe, Rahmenvertrag für zwei Jahre.",
    9: "Gemeinsamer Workshop im Februar (Entwicklung), Muster {product} bis März, Servicepaket ab April.",
    10: "Gemessen werden Umsatz je Produktgruppe, Marge nach Leistungen und Kontakte je Quartal.",
}
QUESTIONS = (
    (2, "Wie groß ist der Jahresbedarf an {product} am zweiten Standort?"),
    (6, "Welche Lieferzeit sagt {rival} heute zu?"),
    (8, "Wer entscheidet über die Werkstoffe der neuen Baureihe?"),
)
ENGLISH_QUESTIONS = (
    (2, "How large is the yearly demand at the second site?"),
    (6, "Which delivery time does {rival} promise today?"),
    (8, "Who decides about the materials of the new series?"),
)


def text(number: int, customer: Customer, year: int, random: Random) -> str:
    """The body of a category."""
    return TEXTS[number].format(**_values(customer, year, random))


def filled_in(template: str, customer: Customer, random: Random) -> str:
    """A question or measure about this account."""
    return template.format(**_values(customer, 2027, random))


def _values(customer: Customer, year: int, random: Random) -> dict[str, object]:
    first = customer.contacts[0]
    return {
        "year": year,
        "name": customer.name,
        "industry": customer.industry,
        "product": random.choice(list(PRODUCTS)[:4]),
        "rival": random.choice(RIVALS),
        "growth": random.randint(4, 18),
        "contact": f"{first['first_name']} {first['last_name']}",
    }
