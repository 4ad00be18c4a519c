"""Annual meetings [Jahresgespräch]: planned months, booked days, a negotiation of rounds.

Chosen around the three weeks on stage, so that each step of preparing and following up happens on it.
"""

from datetime import date
from typing import NamedTuple

from kamflow.demo.company.customers import Customer


class Talk(NamedTuple):
    """A booked talk; `attend` are keys of ours beside the KAM, `contacts` how many of theirs."""

    account: str
    day: date
    attend: tuple[str, ...] = ()
    contacts: int = 2
    kind: str = "strategic"
    round: int = 1


TALKS = (
    Talk("K001", date(2026, 9, 29), ("kruse", "lech"), 3),
    Talk("K002", date(2026, 11, 3), ("oelssner", "petzold"), 3),
    Talk("K003", date(2026, 9, 11), ("thiele",), 2, "negotiation", 1),
    Talk("K003", date(2026, 9, 22), ("thiele",), 2, "negotiation", 2),
    Talk("K003", date(2026, 10, 7), ("thiele", "vahldiek"), 2, "negotiation", 3),
    Talk("K005", date(2026, 9, 3), ("oelssner", "wieland")),
    Talk("K006", date(2026, 12, 1), ("vahldiek",)),
    Talk("K007", date(2026, 11, 24), ("kruse", "arnst")),
    Talk("K009", date(2026, 12, 9)),
    Talk("K011", date(2026, 10, 14), ("wieland",)),
    Talk("K015", date(2026, 10, 21)),
)
# Nobody has agreed a day there yet; None: nobody knows the month either.
MONTHS: dict[str, int | None] = {
    "K004": 12,
    "K008": 3,
    "K010": 2,
    "K012": 11,
    "K013": 3,
    "K014": 2,
    "K016": 1,
    "K017": 3,
    "K018": 2,
    "K019": 4,
    "K020": 3,
    "K021": 5,
    "K022": None,
}
BOOKED = {talk.account: talk.day.month for talk in TALKS}
LATER = (2, 3, 4, 5)  # months of those that are not on this page


def plan_months(customers: list[Customer]) -> None:
    """Give every account that is controlled the month of its annual meeting."""
    for number, customer in enumerate(customers):
        if customer.account_class not in ("key", "major", "target"):
            customer.meeting_month = None
        elif customer.key in BOOKED:
            customer.meeting_month = BOOKED[customer.key]
        else:
            customer.meeting_month = MONTHS.get(customer.key, LATER[number % len(LATER)])


def meetings(customers: list[Customer]) -> list[dict[str, object]]:
    """A row per booked talk."""
    known = {customer.key: customer for customer in customers}
    return [_row(talk, known[talk.account]) for talk in TALKS if talk.account in known]


def _row(talk: Talk, customer: Customer) -> dict[str, object]:
    return {
        "account": talk.account,
        "year": str(talk.day.year),
        "kind": talk.kind,
        "round": talk.round,
        "day": talk.day,
        "place": customer.city,
        "people": ";".join((customer.kam, *talk.attend)),
        "contacts": ";".join(str(contact["key"]) for contact in customer.contacts[: talk.contacts]),
    }
