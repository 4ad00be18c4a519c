"""A company with one row of each tool of KAM training, every column filled, umlauts and traps included."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.meeting import AnnualMeeting
from kamflow.models.person import Department, Person
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.service import Service, ServiceClass, ServiceGiven
from kamflow.models.training import (
    BusinessCase,
    CollaborationRule,
    Competitor,
    Complaint,
    Gap,
    Negotiation,
    Position,
    PositionCriterion,
)
from kamflow.store.engine import write
from tests.intake.bringing import put

TRAP = '=HYPERLINK("x")'
LONG = "Straße, Größe, ñ, 漢字, 😀 <b>&amp;</b> _x0041_ \u202e\n" + "ä" * 2_000
DAY = date(2026, 3, 12)
TABLES = (
    Goal, Measure, OpenQuestion, Service, ServiceClass, ServiceGiven, BusinessCase, CollaborationRule,
    Competitor, Complaint, Gap, Negotiation, Position, PositionCriterion,
)  # fmt: skip


def add(engine: Engine, row: Any) -> int:
    """Store a row; returns its id."""
    with write(engine) as session:
        session.add(row)
        session.flush()
        return row.id


def company(engine: Engine) -> dict[str, int]:
    """Two accounts, people, a contact, a department, a meeting: their ids by key."""
    ids = {
        "M": add(engine, Account(key="M", name="Müller & Söhne")),
        "N": add(engine, Account(key="N", name="Nord SE")),
        "witt": add(engine, Person(key="witt", name="Wilma Witt")),
        "lech": add(engine, Person(key="lech", name="Lech")),
        "paul": add(engine, Contact(key="paul", last_name="Paul")),
        "log": add(engine, Department(key="log", name="Logistik")),
    }
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    meeting = AnnualMeeting(account_id=ids["M"], kind="negotiation", **year)
    add(engine, Place(contact_id=ids["paul"], account_id=ids["M"]))
    return ids | {"meeting": add(engine, meeting)}


def tools(engine: Engine, ids: dict[str, int]) -> None:
    """One row of each tool at the first account, two goals and gaps."""
    here, witt = {"account_id": ids["M"]}, ids["witt"]
    express = add(engine, Service(key="X-1", name="+Express", unit="Fahrt", value=Decimal("49.90")))
    measure = Measure(
        **here, title="@Schulung", topic="Lösungen", side="joint", owner_id=witt, due_on=DAY, done_on=DAY,
        moved_reason="-",
    )  # fmt: skip
    number = add(engine, measure)
    put(
        engine,
        ServiceClass(service_id=express, account_class="key", entitlement="included"),
        ServiceClass(service_id=express, account_class="B", entitlement="paid"),
        Goal(**here, figure="revenue", amount=Decimal("123456789012345.67"), due_on=DAY, text=TRAP),
        OpenQuestion(**here, section=2, question=LONG, owner_id=ids["lech"], due_on=DAY,
                     ask_contact_id=ids["paul"], answer="Ja", answered_on=DAY),
        ServiceGiven(**here, service_id=express, day=DAY, quantity=Decimal("1.125"), value=Decimal("-0.5"),
                     hours=Decimal("0.25"), co2_kg=Decimal(12), charge="waived", asked_in_return=LONG),
        BusinessCase(**here, benefit="Prozesszeit", amount=Decimal(7), unit="h", basis=LONG, made_on=DAY),
        CollaborationRule(department_id=ids["log"], kind="Lieferzeiten", lead_time=15, for_meeting=True),
        Competitor(**here, name="Würth 'n' Söhne", rank=2, revenue=Decimal(5), strengths=LONG,
                   weaknesses=TRAP, noted_on=DAY),
        Complaint(**here, contact_id=ids["paul"], subject="\tTab", opened_on=DAY, closed_on=DAY,
                  resolution="gut"),
        Gap(**here, service="Vor-Ort", need="+", competitor="+", competitor_name="Würth", factor="-",
            action=LONG, chance=True, measure_id=number, rated_on=DAY),
        Negotiation(**here, meeting_id=ids["meeting"], topic="Preise", aim="5 %", limit="3 %", give="Ziel",
                    take=LONG),
        Position(**here, rated_on=DAY, attractiveness=80, strategy=LONG),
        PositionCriterion(**here, rated_on=DAY, axis="competitive", name="Nähe", weight=3, points=40),
    )  # fmt: skip
    put(engine, Goal(**here, figure="share", amount=Decimal("12.5"), unit="%"))
    put(engine, Gap(**here, service="Just in time", need="-", competitor="0"))
