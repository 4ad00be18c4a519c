"""The entities in the order in which they are written: what is pointed at comes first."""

from kamflow.intake.entities.answer_fields import ANSWERS
from kamflow.intake.entities.fields import ACCOUNT, EXTERNAL, FROM, PERSON, UNTIL, Entity, Field, choices
from kamflow.intake.entities.tool_fields import TOOLS

_KEY = Field("key", headers=("key", "schlüssel", "kürzel", "code"), meaning="our own unique key")
_LEVEL = choices("board", "second", "other", vorstand="board", zweite="second", andere="other")
_EMAIL_HEADERS = (
    "email", "e-mail", "mail", "e-mail-adresse", "email address", "e-mail address", "email_work",
    "emailaddress",
)  # fmt: skip
_LANGUAGE = Field(
    "language", "language", headers=("language", "sprache"), meaning="de, de-AT, de-CH, en, en-GB or en-US"
)
_COUNTRY = Field("country", headers=("country", "land", "billingcountry", "land/region geschäftlich"))
_REGION = Field(
    "region", headers=("region", "bundesland"), meaning="region of its public holidays, such as BY"
)
_ZONE = Field("zone", headers=("zone", "time zone", "zeitzone"), meaning="such as Europe/Berlin")
_CURRENCY = Field("currency", "currency", headers=("currency", "währung", "currencyisocode", "waehrung"))
_FIRST = Field("first_name", headers=("first name", "vorname", "firstname", "first_name"))

PEOPLE = Entity("people", (
    _KEY, EXTERNAL,
    Field("name", required=True, headers=("name", "mitarbeiter", "full name")),
    Field("email", "email", headers=_EMAIL_HEADERS),
    Field("slack_id", headers=("slack id", "slack")),
    Field("position", headers=("position", "funktion", "title")),
    Field("department", headers=("department", "abteilung"), meaning="made when it is new"),
    Field("level", "choice", choices=_LEVEL, headers=("level", "ebene"), meaning="board, second or other"),
    Field("roles", "list", headers=("roles", "rollen", "rolle", "role"),
          choices=choices("kam", "head", "sponsor", "assistant", "specialist", "operations",
                          assistenz="assistant", leitung="head", betrieb="operations"),
          meaning="kam, head, sponsor, assistant, specialist, operations; several with ;"),
    Field("superior", "parent", headers=("superior", "vorgesetzter", "manager")),
    Field("deputy", "parent", headers=("deputy", "stellvertreter", "vertretung")),
    Field("assistant", "parent", headers=("assistant", "assistenz")),
    _LANGUAGE, _ZONE, _COUNTRY, _REGION,
    Field("weekdays", "weekdays", headers=("weekdays", "arbeitstage"), meaning="12345 is Monday to Friday"),
    Field("channel", "choice", choices=choices("email", "slack"), headers=("channel", "kanal")),
    Field("digest", "choice", choices=choices("daily", "monday", "first-tuesday", "none"),
          headers=("digest",)),
    Field("left_on", "day", headers=("left on", "austritt", "ausgeschieden am")),
))  # fmt: skip

ABSENCES = Entity("absences", (
    PERSON,
    Field("from", "day", True, ("from", "von")),
    Field("until", "day", True, ("until", "bis")),
))  # fmt: skip

RATES = Entity("rates", (
    Field("currency", "currency", True, ("currency", "währung")),
    Field("from", "day", True, ("from", "ab", "von", "datum")),
    Field("rate", "rate", True, ("rate", "kurs"), meaning="one unit of it in the company's currency"),
))  # fmt: skip

ACCOUNTS = Entity("accounts", (
    _KEY, EXTERNAL,
    Field("name", required=True, headers=("name", "account", "kunde", "firma", "company", "companyname",
                                          "name 1", "name1", "unternehmen", "company_name", "kundenname")),
    Field("class", "choice", headers=("class", "klasse", "abc"),
          choices=choices("key", "major", "target", "A", "B", "C", schlüsselkunde="key", zielkunde="target",
                          großkunde="major")),
    Field("parent", "parent", headers=("parent", "konzern", "parentid", "subsidiary_of",
          "muttergesellschaft")),
    Field("industry", headers=("industry", "branche", "sector")),
    Field("website", headers=("website", "webseite", "webaddress", "homepage")),
    Field("city", headers=("city", "ort", "billingcity", "stadt")),
    _COUNTRY, _REGION, _LANGUAGE, _ZONE, _CURRENCY,
    Field("meeting_month", "whole", low=1, high=12, headers=("meeting month", "monat jahresgespräch")),
    Field("approver", "person", headers=("approver", "freigabe durch")),
    Field("closed_on", "day", headers=("closed on", "beendet am")),
))  # fmt: skip

CLOSINGS = Entity("closings", (
    ACCOUNT,
    Field("from", "day", True, ("from", "von")),
    Field("until", "day", True, ("until", "bis")),
))  # fmt: skip

TEAMS = Entity("teams", (
    PERSON, ACCOUNT,
    Field("role", "choice", True, ("role", "rolle"),
          choices("kam", "sponsor", "core", "ad-hoc", kernteam="core", pate="sponsor")),
    FROM, UNTIL,
))  # fmt: skip

CONTACTS = Entity("contacts", (
    _KEY, EXTERNAL, ACCOUNT, _FIRST,
    Field("last_name", required=True, headers=("last name", "nachname", "lastname", "last_name", "surname")),
    Field("salutation", headers=("salutation", "anrede")),
    Field("email", "email", headers=_EMAIL_HEADERS),
    Field("phone", headers=("phone", "telefon", "telefon geschäftlich", "phone_work", "phonenumber")),
    Field("position", headers=("position", "title", "funktion", "job title")),
    Field("department", headers=("department", "abteilung")),
    Field("level", "choice", choices=_LEVEL, headers=("level", "ebene"), meaning="board, second or other"),
    Field("buying_role", headers=("buying role", "rolle im buying center", "buyingcenter")),
    Field("influence", "whole", low=1, high=10, headers=("influence", "einfluss"), meaning="1 to 10"),
    Field("reports_to", "parent", headers=("reports to", "reportstoid", "name des/r vorgesetzten")),
    _LANGUAGE, _COUNTRY, _REGION, _ZONE,
    Field("survey_consent", "choice", headers=("survey consent", "einwilligung"),
          choices=choices("given", "relationship", "objected", erteilt="given", widersprochen="objected",
                          kundenbeziehung="relationship")),
    Field("consent_on", "day", headers=("consent on", "einwilligung am")),
    Field("consent_source", headers=("consent source",)),
    Field("consent_wording", headers=("consent wording",)),
    FROM, UNTIL,
))  # fmt: skip

TARGETS = Entity("targets", (
    PERSON,
    Field("contact", "contact", True, ("contact", "ansprechpartner")),
    Field("account", "account", False, ACCOUNT.headers, meaning="needed where a contact has several places"),
    Field("period", required=True, headers=("period", "zeitraum", "jahr", "year"), meaning="2026 or 2026-Q3"),
    Field("soll", "whole", True, ("soll", "target", "times"), high=366, meaning="how often in the period"),
    Field("topic", headers=("topic", "thema")),
    FROM, UNTIL,
))  # fmt: skip

PROJECTS = Entity("projects", (
    EXTERNAL, ACCOUNT,
    Field("name", required=True, headers=("name", "projekt", "project", "opportunity")),
    Field("state", "choice", True, ("state", "status"),
          choices("open", "won", "lost", offen="open", gewonnen="won", verloren="lost")),
    Field("stage", headers=("stage", "stagename", "phase", "deal_stage")),
    Field("product_group", headers=("product group", "produktgruppe", "warengruppe", "product")),
    Field("value", "money", headers=("value", "wert", "amount", "betrag", "close_value")),
    _CURRENCY,
    Field("chance", "percent", headers=("chance", "probability", "wahrscheinlichkeit")),
    Field("opened_on", "day", headers=("opened on", "createddate", "angelegt am", "engage_date")),
    Field("close_on", "day", headers=("close on", "closedate", "abschluss", "close_date")),
    Field("lost_to", headers=("lost to", "verloren an")),
    Field("owner", "person", headers=("owner", "verantwortlich", "sales_agent")),
))  # fmt: skip

REVENUE = Entity("revenue", (
    EXTERNAL, ACCOUNT,
    Field("day", "day", True, ("day", "date", "datum", "buchungsdatum", "belegdatum", "monat", "createdat")),
    Field("amount", "money", True, ("amount", "betrag", "umsatz", "revenue", "netamount", "nettobetrag")),
    _CURRENCY,
    Field("product_group", headers=("product group", "produktgruppe", "warengruppe")),
    Field("kind", "choice", headers=("kind", "art"),
          choices=choices("actual", "target", "forecast", ist="actual", plan="target", soll="target",
                          prognose="forecast")),
    Field("margin", "money", headers=("margin", "marge", "deckungsbeitrag", "db")),
))  # fmt: skip

INTERACTIONS = Entity("interactions", (
    EXTERNAL,
    Field("day", "day", True, ("day", "date", "datum", "tag", "activitydate", "beginnt am")),
    Field("account", "account", False, ACCOUNT.headers),
    Field("people", "people", True, ("people", "person", "our people", "unsere leute", "mitarbeiter", "wer"),
          meaning="ours; several with ;"),
    Field("contacts", "contacts", True, ("contacts", "contact", "ansprechpartner", "mit wem", "whoid"),
          meaning="theirs; several with ;"),
    Field("kind", "choice", headers=("kind", "art", "type"),
          choices=choices("visit", "call", "video", "mail", "event", besuch="visit", telefonat="call",
                          anruf="call", messe="event", veranstaltung="event", meeting="visit", email="mail")),
    Field("state", "choice", headers=("state", "status"),
          choices=choices("booked", "held", "cancelled", geplant="booked", stattgefunden="held",
                          abgesagt="cancelled")),
    Field("starts_at", "moment", headers=("starts at", "startdatetime")),
    Field("minutes", "whole", high=100_000, headers=("minutes", "minuten", "durationinminutes", "dauer")),
))  # fmt: skip

MEETINGS = Entity("meetings", (
    ACCOUNT,
    Field("year", required=True, headers=("year", "jahr"),
          meaning="the fiscal year it is about, such as 2026"),
    Field("kind", "choice", headers=("kind", "art"),
          choices=choices("strategic", "negotiation", strategisch="strategic", verhandlung="negotiation")),
    Field("round", "whole", low=1, high=99, headers=("round", "runde")),
    Field("day", "day", headers=("day", "date", "datum")),
    Field("starts_at", "moment", headers=("starts at", "beginn")),
    Field("place", headers=("place", "ort")),
    Field("people", "people", headers=("people", "unsere leute")),
    Field("contacts", "contacts", headers=("contacts", "ansprechpartner")),
    Field("agreed_on", "day", headers=("agreed on", "vereinbart am")),
    Field("from_calendar", "flag", headers=("from calendar", "aus kalender"),
          meaning="yes: everybody has it in the calendar already, so that kamflow invites nobody"),
))  # fmt: skip

ENTITIES = (PEOPLE, ABSENCES, RATES, ACCOUNTS, CLOSINGS, TEAMS, CONTACTS, TARGETS, PROJECTS, REVENUE,
            INTERACTIONS, MEETINGS, ANSWERS, *TOOLS)  # fmt: skip
BY_NAME = {entity.name: entity for entity in ENTITIES}
