"""What departments deliver for customers, by when as agreed between them [Spielregeln], and what is open."""

from datetime import date
from typing import NamedTuple

from kamflow.demo.company.customers import Customer

# department, kind, working days before the customer date, asked for before every annual meeting
RULES = (
    ("Logistik", "Lieferleistung", 10, True),
    ("Logistik", "Konsignationslager", 15, False),
    ("Service", "Servicebericht", 8, True),
    ("Qualität", "Reklamationsstatistik", 8, True),
    ("Produktmanagement", "Produktausblick", 10, True),
    ("Produktmanagement", "Musterteile", 12, False),
    ("Entwicklung", "Machbarkeitsprüfung", 15, False),
    ("Marketing", "Messeplanung", 20, False),
    ("Vertrieb", "Preiskalkulation", 5, False),
)


class Asked(NamedTuple):
    """A request: who of the department is asked (nobody: whoever leads it), and since when."""

    account: str
    department: str
    kind: str
    specialist: str | None
    text: str
    asked_on: date
    customer_date: date
    delivered_on: date | None = None


ASKED = (
    Asked("K001", "Logistik", "Lieferleistung", "lech", "Termintreue seit Januar, je Werk",
          date(2026, 9, 1), date(2026, 9, 29)),
    Asked("K001", "Service", "Servicebericht", "wieland", "Einsätze und Antwortzeiten 2026",
          date(2026, 9, 1), date(2026, 9, 29), date(2026, 9, 3)),
    Asked("K002", "Entwicklung", "Machbarkeitsprüfung", "petzold", "Dichtsatz für die neue Erntemaschine",
          date(2026, 8, 28), date(2026, 10, 1)),
    Asked("K003", "Vertrieb", "Preiskalkulation", "thiele", "Staffelpreise für zwei Jahre",
          date(2026, 9, 3), date(2026, 9, 22)),
    Asked("K004", "Produktmanagement", "Musterteile", "arnst", "Zehn Sätze Offshore-Dichtungen",
          date(2026, 8, 31), date(2026, 9, 24)),
    Asked("K005", "Logistik", "Konsignationslager", "lech", "Lager am Band in Hannover",
          date(2026, 9, 2), date(2026, 10, 9)),
    Asked("K006", "Qualität", "Reklamationsstatistik", "sander", "8D-Bericht zur Charge 4711",
          date(2026, 9, 2), date(2026, 9, 17)),
    Asked("K007", "Marketing", "Messeplanung", "brinkmann", "Gemeinsamer Stand im Frühjahr",
          date(2026, 8, 27), date(2026, 10, 23)),
    Asked("K008", "Service", "Servicebericht", None, "Response times in Leeds since January",
          date(2026, 9, 3), date(2026, 9, 18)),
    Asked("K010", "Entwicklung", "Machbarkeitsprüfung", "petzold", "Wellendichtung bis 180 °C",
          date(2026, 9, 4), date(2026, 10, 12)),
)  # fmt: skip


def rules() -> list[dict[str, object]]:
    """The rules of collaboration."""
    return [
        {"department": department, "kind": kind, "lead_time": days, "for_meeting": "yes" if always else "no"}
        for department, kind, days, always in RULES
    ]


def asked(customers: list[Customer]) -> list[Asked]:
    """What is open on 7 September, and one that was delivered."""
    keys = {customer.key for customer in customers}
    return [each for each in ASKED if each.account in keys]
