"""The classic training example as facts: its people, one cell, one plan, with what a test wants changed."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from kamflow.store.names import AccountName, ContactName, Names
from notifications.render.aims_example import WORDS as AIMS
from notifications.render.formats import locale_of
from notifications.render.view import ItemView, NudgesView, NudgeView, PersonView, Ways

DAY = date(2026, 9, 7)
WITT, KRUSE, HEAD = 1, 2, 3
LONG = (
    "Vereinigte Ostwestfälische Präzisionsblechverarbeitungs- und Oberflächenveredelungsgesellschaft "
    "mbH & Co. Kommanditgesellschaft auf Aktien, Werk Rheda-Wiedenbrück/Nord"
)
LONG_PERSON = (
    "Prof. Dr.-Ing. Dr. h. c. Maria-Magdalena Freifrau von und zu Schulenburg-Wolfsburg-Hohenlohe-Langenburg"
)
_TEXTS = {
    "de": {
        "general": "Geschäftsführer",
        "buyer": "Einkäufer",
        "controller": "Controller",
        "marketing": "Marketing",
        "alliance": "Allianz für den Markteintritt",
        "prices": "Preise, Auftragsabwicklung",
        "business": "Geschäftsentwicklung",
        "launch": "Einführung des neuen Produkts",
        "question": "Wer entscheidet über die Erstbestellung?",
        "potential": "Welches Potenzial haben die Werke in Polen?",
        "price list": "Preisliste 2027 abstimmen",
        "workshop": "Workshop zur neuen Verpackung",
        "wording": "Lieferzeiten je Werk, mit Sonderfahrten",
        "logistics": "Logistik",
        "express": "Ersatz defekter Teile in 24 Stunden",
        "complaint": "Drei Paletten mit falscher Legierung",
        "correction": "Kennt uns vom Messestand in Hannover",
        "raise": "Zweites Werk in Polen als Ausweichlager",
        "ask": "Was müsste geschehen, damit wir Erstlieferant werden?",
        "avoid": "Der verlorene Auftrag vom Frühjahr",
        "in return": "Referenzbesuch im Werk",
        "place": "Werk 2, Raum Elbe",
        "comment": "Zwei Abrufe in den Oktober verschoben. Preisgespräch am 12. November, Maßnahme angelegt.",
        "comment too": "Der Wettbewerb liefert derzeit schneller; wir holen mit dem Konsignationslager auf.",
        "pause": "Zusammenlegung der Werke",
    },
    "en": {
        "general": "General manager",
        "buyer": "Buyer",
        "controller": "Controller",
        "marketing": "Marketing",
        "alliance": "Alliance for market entry",
        "prices": "Prices, order handling",
        "business": "Business development",
        "launch": "Launch of the new product",
        "question": "Who decides on a first order?",
        "potential": "What is the potential of the plants in Poland?",
        "price list": "Agree on the price list for 2027",
        "workshop": "Workshop on the new packaging",
        "wording": "Delivery times per plant, with express runs",
        "logistics": "Logistics",
        "express": "Replacement of defective parts in 24 hours",
        "complaint": "Three pallets of the wrong alloy",
        "correction": "Knows us from the trade fair in Hanover",
        "raise": "The second plant in Poland as a fallback store",
        "ask": "What would have to happen for us to become first supplier?",
        "avoid": "The order lost in spring",
        "in return": "A reference visit to the plant",
        "place": "Plant 2, room Elbe",
        "comment": "Two call-offs moved to October. Talk about prices on 12 November, measure noted.",
        "comment too": "The competitor delivers faster at present; we catch up with the consignment store.",
        "pause": "Merger of the plants",
    },
}


def names(language: str) -> Names:
    """The training example's people, three customers, and one customer with the longest names."""
    text = _TEXTS[locale_of(language)[:2]]
    return Names(
        persons={WITT: "Jürgen Witt", KRUSE: "Henrike Kruse", HEAD: "Ruth Albers"},
        contacts={
            1: ContactName("Knut Berger", text["general"]),
            2: ContactName("Paul Lange", text["buyer"]),
            3: ContactName("Philip Roth", text["controller"]),
            4: ContactName("Karl Sommer", text["marketing"]),
            5: ContactName(LONG_PERSON, f"{text['general']}, {LONG}"),
            6: ContactName("Ana Ruiz"),
        },
        accounts={
            1: AccountName("Muster AG", "muster", "0015800000AbCdE"),
            2: AccountName("Feinblech Nord GmbH", "feinblech", "0015800000FgHiJ"),
            3: AccountName("Halm & Söhne", "halm"),
            4: AccountName(LONG, "long", "0015800000KlMnO"),
            **{each: AccountName(f"Beispielwerk {each} GmbH", f"werk-{each}") for each in range(5, 65)},
        },
        targets={1: text["alliance"], 2: text["prices"], 3: text["business"], 4: text["launch"], 5: LONG},
        questions={1: text["question"], 2: text["potential"], 3: f"{text['potential']} {LONG}"},
        measures={1: text["price list"], 2: text["workshop"], 3: f"{text['workshop']} {LONG}"},
        requests={1: text["wording"], 3: f"{text['wording']} {LONG}"},
        departments={1: text["logistics"], 2: LONG},
        services={1: text["express"], 2: LONG},
        complaints={1: text["complaint"], 3: f"{text['complaint']} {LONG}"},
        notes={1: text["correction"], 2: text["raise"], 3: text["ask"], 4: text["avoid"]},
        returns={1: text["in return"]},
        places={1: text["place"]},
        comments={1: text["comment"], 2: text["comment too"], 3: f"{text['comment']} {LONG}"},
        pauses={1: text["pause"], 2: f"{text['pause']} {LONG}"},
        **{kind: {**known, 3: LONG} for kind, known in AIMS[locale_of(language)[:2]].items()},
    )


def view(*items: tuple[NudgeView, ...], language: str = "de", **changes: Any) -> NudgesView:
    """A message to Witt with these items."""
    made = NudgesView(
        recipient=PersonView(WITT, "Jürgen Witt", language, "Europe/Berlin"),
        day=DAY,
        items=tuple(ItemView(nudges) for nudges in items),
        names=names(language),
        company="Beispiel Technik GmbH",
        account_url="https://crm.example.com/accounts/{id}",
        ways=ways(nudge for nudges in items for nudge in nudges),
    )
    return replace(made, **changes)


def ways(nudges: Iterable[NudgeView]) -> Ways:
    """A page for each nudge; links are as long as real ones."""
    own = [nudge for nudge in nudges if nudge.reason != "ladder"]
    base, token = (
        "https://kamflow.example.com",
        "WzcsMTEsMTc5MTI3MTgwMCwxXQ.Nf3cKp0fC1Zq0cYw8mVb2uXh5sTj7rLd4gEo6aQi9kM",
    )
    return Ways(
        nudges={nudge.id: f"{base}/a/{token}" for nudge in own},
        pages={
            nudge.id: f"{base}/d/{token}" if nudge.step == "release" else f"{base}/plans"
            for nudge in own
            if nudge.step in ("release", "approve")
        },
        own_list=f"{base}/list",
    )


def cell(contact: int, soll: int, held: int, gap: int, **changes: Any) -> dict[str, Any]:
    """One cell of `contact_shortfall`."""
    return {
        "target": contact,
        "contact": contact,
        "soll": soll,
        "held": held,
        "unconfirmed": 0,
        "booked": 0,
        "gap": gap,
        "influence": {1: 5, 2: 8, 3: 8, 4: 4, 5: 10}.get(contact),
        "last": "2026-03-12" if held else None,
        "since": "2026-09-01",
        "mode": "pace" if soll >= 4 else "latest_start",
        "fits": True,
        "first": "2026-01-01",
        "last_day": "2026-12-31",
        **changes,
    }


def contacts(
    *cells: dict[str, Any], account: int = 1, visits: list[list[int]] | None = None, **changes: Any
) -> tuple[NudgeView, ...]:
    """One item of `contact_shortfall`; a visit is the contacts it sees."""
    modes = {one["mode"] for one in cells}
    meetings = [{"targets": visit, "contacts": visit} for visit in visits or ()]
    nudge = NudgeView(
        id=10 + account,
        rule="contact_shortfall",
        step="contacts",
        stage="" if all(one["fits"] for one in cells) else "unfit",
        account=account,
        owner=WITT,
        since=date(2026, 9, 1),
        due_on=date(2026, 9, 15),
        urgency="daily",
        weight=24,
        facts={
            "cells": list(cells),
            "meetings": meetings,
            "data": {"as_of": "2026-09-04", "source": "Salesforce"},
        },
        why={
            "threshold": "both" if len(modes) == 2 else next(iter(modes), "pace"),
            "gap": 1.0,
            "lead": 60,
            "closes": "contact",
            "next": "nobody",
        },
        reason="opened",
    )
    return (replace(nudge, **changes),)


def no_data(account: int = 3) -> tuple[NudgeView, ...]:
    """The item for a customer of whom no contact is known."""
    (nudge,) = contacts(account=account)
    facts = {"cells": [], "meetings": [], "no_data": True, "data": {"as_of": None, "source": None}}
    why = {"threshold": "no_data", "gap": 1.0, "lead": None, "closes": "interactions", "next": "nobody"}
    return (replace(nudge, step="no_data", facts=facts, why=why),)


def plan(
    account: int = 1, ask: str = "hand_in", due_on: date = date(2026, 10, 30), **facts: Any
) -> NudgeView:
    """One nudge of `plan_creation`."""
    made = {
        "year": {"first": "2027-01-01", "last": "2027-12-31"},
        "form": "key",
        "hand_in": "2026-10-30",
        "limit": "budget",
        "limit_on": "2026-10-31",
        "steps_done": [1, 2, 3],
        "step": 4,
        "step_due": "2026-09-11",
        "missing": [7, 8, 9, 10, 1],
        "questions": [1],
        "returned_on": None,
        "submitted_on": None,
        "author": WITT,
    }
    approval = ask == "approve"
    return NudgeView(
        id=20 + account,
        rule="plan_creation",
        step=ask,
        stage={"hand_in": "returned" if facts.get("returned_on") else "work"}.get(ask, ""),
        account=account,
        owner=HEAD if approval else WITT,
        since=date(2026, 7, 1),
        due_on=due_on,
        urgency="daily",
        weight=60,
        facts={**made, **facts},
        why={
            "threshold": "approval" if approval else "hand_in",
            "days": 10 if approval else 62,
            "closes": "decided" if approval else "submitted",
            "next": "nobody",
        },
        reason="stage",
    )
