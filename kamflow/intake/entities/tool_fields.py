"""The tools of KAM training as entities: what a row of each may say."""

from kamflow.intake.entities.fields import ACCOUNT, EXTERNAL, PERSON, Entity, Field, choices

_AMOUNT = Field("amount", "money", headers=("amount", "betrag", "wert"))
_UNIT = Field("unit", headers=("unit", "einheit"), meaning="where it is no money: %, pallets, hours")
_DUE = Field("due_on", "day", headers=("due on", "termin", "bis"))
_OWNER = Field("owner", "person", headers=("owner", "verantwortlich"), meaning=PERSON.meaning)
_RATED = Field("rated_on", "day", headers=("rated on", "bewertet am", "stand"))
_CONTACT = Field("contact", "contact", headers=("contact", "ansprechpartner"))
_CLASSES = ("key", "major", "target", "A", "B", "C")
_ENTITLED = choices("included", "paid", "no", inklusive="included", ja="included", yes="included",
                    kostenpflichtig="paid", nein="no")  # fmt: skip
_RATING = (
    *choices("+", "0", "-"),
    *choices(plus="+", gleich="0", minus="-", **{"–": "-", "−": "-", "=": "0", "o": "0"}),
)


def entitlement(account_class: str) -> str:
    """The name of the column with what a class is entitled to."""
    return f"class_{account_class.casefold()}"


ENTITLEMENTS = {entitlement(each): each for each in _CLASSES}

GOALS = Entity("goals", (
    EXTERNAL, ACCOUNT,
    Field("figure", required=True, headers=("figure", "kennzahl"),
          meaning="revenue, margin, share or your own"),
    _AMOUNT, _UNIT, _DUE,
    Field("text", headers=("text", "ziel", "goal")),
))  # fmt: skip

POSITIONS = Entity("positions", (
    ACCOUNT,
    Field("rated_on", "day", True, ("rated on", "bewertet am", "stand")),
    Field("attractiveness", "whole", headers=("attractiveness", "attraktivität"), high=100,
          meaning="0 to 100"),
    Field("competitive", "whole", headers=("competitive", "wettbewerbsposition"), high=100,
          meaning="0 to 100"),
    Field("strategy", "long", headers=("strategy", "strategie")),
))  # fmt: skip

CRITERIA = Entity("criteria", (
    ACCOUNT,
    Field("rated_on", "day", True, ("rated on", "bewertet am", "stand")),
    Field("axis", "choice", True, ("axis", "achse"),
          choices("attractiveness", "competitive", attraktivität="attractiveness",
                  wettbewerbsposition="competitive")),
    Field("name", required=True, headers=("criterion", "kriterium", "name")),
    Field("weight", "whole", headers=("weight", "gewicht"), low=1, high=100),
    Field("points", "whole", headers=("points", "punkte"), high=100, meaning="0 to 100"),
))  # fmt: skip

GAPS = Entity("gaps", (
    EXTERNAL, ACCOUNT,
    Field("service", required=True, headers=("service", "leistung")),
    Field("need", "choice", headers=("need", "gegen bedarf", "bedarf"), choices=_RATING,
          meaning="+, 0 or - against what the customer needs"),
    Field("competitor", "choice", headers=("competitor", "gegen wettbewerb", "wettbewerb"), choices=_RATING,
          meaning="+, 0 or - against the best competitor"),
    Field("competitor_name", headers=("competitor name", "bester wettbewerber", "wettbewerber")),
    Field("factor", headers=("factor", "faktor"), meaning="what the competitor does better"),
    Field("action", "long", headers=("action", "was wir tun", "maßnahme")),
    Field("chance", "flag", headers=("chance",), meaning="only where both ratings are +"),
    _RATED,
    Field("measure_owner", "person", headers=("measure owner", "maßnahme: verantwortlich"),
          meaning="with measure_due: makes a measure of it"),
    Field("measure_due", "day", headers=("measure due", "maßnahme: bis")),
))  # fmt: skip

SERVICES = Entity("services", (
    Field("key", required=True, headers=("key", "schlüssel", "kürzel"), meaning="our own unique key"),
    Field("name", required=True, headers=("name", "leistung", "service")),
    Field("unit", headers=("unit", "einheit")),
    Field("value", "money", headers=("value", "wert"), meaning="of one unit"),
    *(Field(name, "choice", choices=_ENTITLED, meaning="included, paid or no",
            headers=(f"class {each.casefold()}", f"klasse {each.casefold()}"))
      for name, each in ENTITLEMENTS.items()),
))  # fmt: skip

SERVICES_GIVEN = Entity("services_given", (
    EXTERNAL, ACCOUNT,
    Field("service", "service", True, ("service", "leistung"), meaning="key or name in the catalogue"),
    Field("day", "day", True, ("day", "datum", "date", "am")),
    Field("quantity", "number", headers=("quantity", "menge"), places=3),
    Field("value", "money", headers=("value", "wert", "betrag")),
    Field("hours", "number", headers=("hours", "stunden")),
    Field("co2_kg", "number", headers=("co2 kg", "kg co2")),
    Field("charge", "choice", headers=("charge", "verrechnung"),
          choices=choices("charged", "waived", berechnet="charged", erlassen="waived"),
          meaning="empty: not stated"),
    Field("asked_in_return", "long", headers=("asked in return", "gegenleistung")),
))  # fmt: skip

COMPLAINTS = Entity("complaints", (
    EXTERNAL, ACCOUNT, _CONTACT,
    Field("subject", required=True, headers=("subject", "betreff", "reklamation", "complaint")),
    Field("opened_on", "day", True, ("opened on", "eröffnet am", "vom")),
    Field("closed_on", "day", headers=("closed on", "erledigt am")),
    Field("resolution", "long", headers=("resolution", "lösung")),
))  # fmt: skip

COMPETITORS = Entity("competitors", (
    EXTERNAL, ACCOUNT,
    Field("name", required=True, headers=("name", "wettbewerber", "competitor")),
    Field("rank", "whole", headers=("rank", "rang"), low=1, high=99),
    Field("revenue", "money", headers=("revenue", "umsatz"), meaning="what it sells to this account"),
    Field("strengths", "long", headers=("strengths", "stärken")),
    Field("weaknesses", "long", headers=("weaknesses", "schwächen")),
    Field("noted_on", "day", headers=("noted on", "stand", "notiert am")),
))  # fmt: skip

BUSINESS_CASES = Entity("business_cases", (
    EXTERNAL, ACCOUNT,
    Field("benefit", required=True, headers=("benefit", "nutzen")),
    _AMOUNT, _UNIT,
    Field("basis", "long", headers=("basis", "grundlage"), meaning="how the figure was reached"),
    Field("made_on", "day", headers=("made on", "stand", "erstellt am")),
))  # fmt: skip

NEGOTIATIONS = Entity("negotiations", (
    EXTERNAL, ACCOUNT,
    Field("year", headers=("year", "jahr"), meaning="fiscal year of the annual meeting it belongs to"),
    Field("topic", required=True, headers=("topic", "thema")),
    Field("aim", "long", headers=("aim", "ziel")),
    Field("limit", "long", headers=("limit", "grenze")),
    Field("give", "long", headers=("give", "geben")),
    Field("take", "long", headers=("take", "nehmen")),
))  # fmt: skip

COLLABORATION = Entity("collaboration", (
    Field("department", "department", True, ("department", "abteilung"), meaning="key or name"),
    Field("kind", required=True, headers=("kind", "art", "anforderung")),
    Field("lead_time", "whole", True, ("lead time", "vorlauf", "arbeitstage"), high=366,
          meaning="working days before the customer date"),
    Field("for_meeting", "flag", headers=("for meeting", "für jahresgespräch"),
          meaning="asked for before every annual meeting"),
))  # fmt: skip

MEASURES = Entity("measures", (
    EXTERNAL, ACCOUNT,
    Field("title", required=True, headers=("title", "maßnahme", "measure")),
    Field("topic", headers=("topic", "thema")),
    Field("side", "choice", headers=("side", "seite"),
          choices=choices("ours", "customer", "joint", unsere="ours", kunde="customer", gemeinsam="joint")),
    _OWNER, _DUE,
    Field("done_on", "day", headers=("done on", "erledigt am")),
    Field("moved_reason", headers=("moved reason", "grund der verschiebung")),
))  # fmt: skip

QUESTIONS = Entity("questions", (
    EXTERNAL, ACCOUNT,
    Field("section", "whole", headers=("section", "kategorie"), low=1, high=10,
          meaning="1 to 10 of the plan"),
    Field("question", "long", True, ("question", "frage")),
    _OWNER, _DUE,
    Field("ask_contact", "contact", headers=("ask contact", "wen fragen")),
    Field("answer", "long", headers=("answer", "antwort")),
    Field("answered_on", "day", headers=("answered on", "beantwortet am")),
))  # fmt: skip

TOOLS = (GOALS, POSITIONS, CRITERIA, GAPS, SERVICES, SERVICES_GIVEN, COMPLAINTS, COMPETITORS, BUSINESS_CASES,
         NEGOTIATIONS, COLLABORATION, MEASURES, QUESTIONS)  # fmt: skip
