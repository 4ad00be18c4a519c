"""The words on the form of the account plan, in both languages."""

from collections.abc import Mapping
from types import MappingProxyType

from kamflow.intake.forms.sheet import Title

SECTIONS: Mapping[int, Title] = MappingProxyType({
    1: Title("Zusammenfassung für das Management (zuletzt ausfüllen)", "Management summary (fill in last)"),
    2: Title("Über den Kunden", "About the account"),
    3: Title("Umsatzanalyse", "Revenue analysis"),
    4: Title("Projektanalyse und eigene Position", "Project analysis and own position"),
    5: Title("Offene Projekte", "Open projects"),
    6: Title("Wettbewerber", "Competitors"),
    7: Title("Bisherige Zusammenarbeit", "Cooperation so far"),
    8: Title("Strategie für das nächste Jahr", "Strategy for next year"),
    9: Title("Maßnahmen", "Measures"),
    10: Title("Controlling", "Controlling"),
})  # fmt: skip

WORDS: Mapping[str, Title] = MappingProxyType({
    "title": Title("Accountplan", "Account plan"),
    "short": Title("Kurzform", "short form"),
    "as of": Title("Stand", "as of"),
    "hint": Title(
        "Gelbe Felder ausfüllen, graue kommen aus kamflow und werden nicht zurückgelesen. Eine leer gelassene"
        ' Frage wird zur offenen Frage ("?"): Rechts steht, wer sie bis wann klärt, sonst der KAM bis zum'
        " Meilenstein. Zurück mit: kamflow import DATEI",
        "Fill in the yellow cells; grey ones come from kamflow and are not read back. A question left empty"
        ' becomes an open question ("?"): on the right stands who finds out by when, else the KAM by the'
        " milestone. Back with: kamflow import FILE",
    ),
    "account": Title("Kunde", "Account"), "address": Title("Anschrift", "Address"),
    "class": Title("Klasse", "Class"), "industry": Title("Branche", "Industry"),
    "year": Title("Geschäftsjahr", "Fiscal year"), "state": Title("Status", "State"),
    "kam": Title("Key Account Manager", "Key account manager"), "author": Title("Autor", "Author"),
    "sponsor": Title("Pate", "Sponsor"),
    "team": Title("Team (Außen- und Innendienst)", "Team (field and inside sales)"),
    "approver": Title("Freigabe durch", "Approved by"), "hand_in": Title("Abgabe bis", "Hand-in by"),
    "created": Title("Erstellt am", "Created on"), "updated": Title("Zuletzt geändert am", "Last updated on"),
    "filled": Title("ausgefüllt", "filled"), "reviewed": Title("geprüft", "reviewed"),
    "empty": Title("noch leer", "still empty"),
    "question": Title("Frage", "Question"), "answer": Title("Antwort", "Answer"),
    "finds_out": Title("klärt", "finds out"), "until": Title("bis", "by"),
    "business": Title("Das Geschäft des Kunden", "The customer's business"),
    "products": Title("Unsere Produkte beim Kunden", "Our products at the customer"),
    "own position": Title("Eigene Position", "Own position"),
    "text": Title("Weiteres", "Further remarks"), "comment": Title("Kommentar", "Comment"),
    "group": Title("Produktgruppe", "Product group"),
    "no group": Title("ohne Produktgruppe", "no product group"),
    "total": Title("Summe", "Total"), "change": Title("± %", "± %"),
    "forecast": Title("Prognose", "forecast"), "target": Title("Ziel", "target"),
    "ahead": Title("Ausblick", "outlook"),
    "no data": Title("keine Angaben", "no data"), "source": Title("Quelle", "Source"),
    "read only": Title("aus kamflow, nur zum Lesen", "from kamflow, read only"),
    "same months": Title("gegen dieselben Monate des Vorjahres", "against the same months a year earlier"),
    "data until": Title("bis", "until"),
    "project": Title("Projekt", "Project"), "stage": Title("Phase", "Stage"), "value": Title("Wert", "Value"),
    "chance": Title("Chance", "Chance"), "close": Title("Abschluss", "Close"),
    "expected": Title("Abschluss erwartet", "Expected close"), "lost_to": Title("verloren an", "Lost to"),
    "won": Title("gewonnen", "won"), "lost": Title("verloren", "lost"), "open": Title("offen", "open"),
    "competitor": Title("Wettbewerber", "Competitor"), "rank": Title("Rang", "Rank"),
    "revenue there": Title("Umsatz dort", "Revenue there"),
    "strengths": Title("Stärken", "Strengths"), "weaknesses": Title("Schwächen", "Weaknesses"),
    "consequences": Title("Konsequenzen", "Consequences"), "topic": Title("Thema", "Topic"),
    "state of it": Title("Wie es steht", "How it stands"),
    "contacts": Title("Ansprechpartner", "Contacts"), "name": Title("Name", "Name"),
    "position": Title("Position", "Position"), "influence": Title("Einfluss", "Influence"),
    "last met": Title("letzter Kontakt", "Last contact"), "times": Title("Kontakttage", "Days of contact"),
    "never": Title("keine Angaben", "no data"),
    "measure": Title("Maßnahme", "Measure"), "side": Title("Seite", "Side"), "owner": Title("Wer", "Owner"),
    "due": Title("bis", "Due"), "done": Title("erledigt", "Done"),
    "moved": Title("Grund, falls verschoben", "Reason, if moved"),
    "goals": Title("Ziele in Zahlen", "Goals in figures"), "figure": Title("Kennzahl", "Figure"),
    "amount": Title("Betrag", "Amount"), "unit": Title("Einheit", "Unit"),
    "description": Title("Beschreibung", "Description"),
    "open questions": Title("Weitere offene Fragen (\"?\")", "Further open questions (\"?\")"),
    "whom": Title("wen fragen", "Whom to ask"),
    "page": Title("Seite", "Page"), "of": Title("von", "of"),
    "too long": Title("Zu lang für Excel: mit `kamflow plan fill --file` ändern.",
                      "Too long for Excel: change it with `kamflow plan fill --file`."),
})  # fmt: skip

# What a cell is called where it comes back: its name -> the word for it.
CELLS: Mapping[str, str] = MappingProxyType({
    "value": "answer", "comment": "comment", "owner": "owner", "due": "due", "done": "done",
    "reason": "moved", "title": "measure", "topic": "topic", "side": "side", "figure": "figure",
    "amount": "amount", "unit": "unit", "text": "description", "name": "competitor", "rank": "rank",
    "revenue": "revenue there", "strengths": "strengths", "weaknesses": "weaknesses",
    "consequences": "consequences", "state": "state of it", "question": "question", "whom": "whom",
})  # fmt: skip
# What a cell with a choice may say; stored is the code.
CHOICES: Mapping[str, Mapping[str, Title]] = MappingProxyType({
    "side": {
        "ours": Title("wir", "ours"),
        "customer": Title("Kunde", "customer"),
        "joint": Title("gemeinsam", "joint"),
    },
    "topic": {
        "marketing": Title("Marketing", "marketing"),
        "solutions": Title("Lösungen", "solutions"),
        "prices and conditions": Title("Preise und Konditionen", "prices and conditions"),
    },
    "figure": {
        "revenue": Title("Umsatz", "revenue"),
        "margin": Title("Marge", "margin"),
        "share": Title("Lieferanteil", "share"),
    },
})  # fmt: skip
STATES: Mapping[str, Title] = MappingProxyType({
    "draft": Title("Entwurf", "draft"),
    "submitted": Title("eingereicht", "submitted"),
    "approved": Title("freigegeben", "approved"),
    "returned": Title("zurückgegeben", "returned"),
    "none": Title("noch nicht angelegt", "not drafted yet"),
})  # fmt: skip
CLASSES: Mapping[str, Title] = MappingProxyType({
    "key": Title("Key Account", "key account"),
    "major": Title("Großkunde", "major account"),
    "target": Title("Zielkunde", "target account"),
})  # fmt: skip
