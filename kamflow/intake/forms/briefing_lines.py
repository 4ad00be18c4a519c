"""The lines of a briefing in plain words: what its form shows beside the cells to fill in.

Shorter than on the page: enough to know which line is meant, with its date and source.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlmodel import Session

from kamflow.intake.forms.sheet import Title
from kamflow.store import briefing_facts, names
from kamflow.store.names import Names

OURS = "kamflow"
UNKNOWN = Title("unbekannt", "unknown")
_FIGURES: Mapping[str, Title] = {
    "revenue": Title("Umsatz", "Revenue"),
    "year_ago": Title("Umsatz im gleichen Quartal des Vorjahres", "Revenue in the same quarter a year ago"),
    "margin": Title("Deckungsbeitrag nach erbrachten Leistungen", "Margin after services given"),
    "share": Title("Anteil am Umsatz des Unternehmens", "Share of company revenue"),
    "measures": Title("Erledigte Maßnahmen", "Measures done"),
    "contacts": Title("Erfolgte Kontakte", "Contacts held"),
    "nps": Title("NPS", "NPS"),
    "projects": Title("Projekte", "Projects"),
}
_SIDES: Mapping[str, Title] = {
    "ours": Title("wir", "our side"),
    "customer": Title("Kunde", "customer's side"),
    "joint": Title("gemeinsam", "joint"),
}


class Shown(NamedTuple):
    """A line as the form shows it. `code` is what it is called: measure.12, figure.revenue."""

    code: str
    text: str
    day: date | None
    source: str


def of(session: Session, facts: Mapping[str, Any], language: str) -> list[Shown]:
    """All lines of a briefing, those that were struck as well, in the order of the page."""
    lists = briefing_facts.whole(facts)
    known = _names(session, facts["account"], lists)
    found: list[Shown] = []
    for name, (key, kind) in briefing_facts.LISTS.items():
        tell = _TOLD.get(name, _plain)
        for line in lists.get(name, ()):
            text, day, source = tell(line, known, language)
            held = date.fromisoformat(day) if day else None
            found.append(Shown(f"{kind}.{line[key]}", text, held, source or UNKNOWN[language]))
    return found


_Told = tuple[str, str | None, str | None]


def _contact(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    who, last = known.contacts.get(line["contact"]), line["last"] or {}
    influence = Title("Einfluss", "influence")[language]
    by = known.persons.get(last.get("person") or 0)
    met = Title("zuletzt bei", "last met")[language]
    told = (
        who.name if who else UNKNOWN[language],
        who.position if who else None,
        f"{influence} {line['influence'] or UNKNOWN[language]}",
        f"{met} {by}" if by else None,
    )
    return _joined(told), last.get("day"), last.get("source")


def _figure(line: Mapping[str, Any], _known: Names, language: str) -> _Told:
    name = _FIGURES[line["name"]][language] if line["name"] in _FIGURES else line["name"]
    value, against = (_number(line.get(each), line["unit"], language) for each in ("value", "against"))
    aim = Title("Vergleich", "against")[language]
    told = (f"{name}: {value or UNKNOWN[language]}", f"{aim} {against}" if against else None)
    return _joined(told), line["as_of"], line["source"]


def _measure(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    title = known.measures.get(line["measure"]) or UNKNOWN[language]
    side = _SIDES[line["side"]][language] if line["side"] in _SIDES else line["side"]
    return _joined((title, side, known.persons.get(line["person"] or 0))), line["due"], OURS


def _question(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    asked = known.contacts.get(line["contact"] or 0)
    text = known.questions.get(line["question"]) or UNKNOWN[language]
    return _joined((text, asked.name if asked else None)), line["due"], OURS


def _complaint(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    who = known.contacts.get(line["contact"] or 0)
    text = known.complaints.get(line["complaint"]) or UNKNOWN[language]
    return _joined((text, who.name if who else None)), line["opened"], OURS


def _service(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    name = known.services.get(line["service"]) or UNKNOWN[language]
    told = (name, _number(line["value"], "money", language), known.returns.get(line["service_given"]))
    return _joined(told), line["day"], line["source"]


def _goal(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    figure = line["figure"]
    name = _FIGURES[figure][language] if figure in _FIGURES else known.goals.get(line["goal"])
    amount, unit = _number(line["amount"], "number", language), known.units.get(line["goal"])
    said = " ".join(filter(None, (amount, unit))) or UNKNOWN[language]
    return f"{Title('Ziel', 'Goal')[language]} {name or ''}: {said}".replace(" :", ":"), line["due"], OURS


def _gap(line: Mapping[str, Any], known: Names, language: str) -> _Told:
    need, other = line["need"] or "?", line["competitor"] or "?"
    rated = Title("gegen Bedarf {}, gegen Wettbewerb {}", "against need {}, against competitor {}")[language]
    service = known.gaps.get(line["gap"]) or UNKNOWN[language]
    return f"{service}: {rated.format(need, other)}", line["rated"], OURS


def _series(line: Mapping[str, Any], _known: Names, language: str) -> _Told:
    name = Title("Bild: Umsatz gegen Ziel", "Picture: revenue against target")[language]
    actual = line["actual"] or {}
    return f"{name}, {line['first']}–{line['last']}", actual.get("as_of"), actual.get("source")


def _satisfaction(line: Mapping[str, Any], _known: Names, language: str) -> _Told:
    answers = Title("Antworten", "answers")[language]
    score = UNKNOWN[language] if line["score"] is None else str(line["score"])
    return f"NPS: {score}, {line['answers']} {answers}", line["as_of"], line["source"]


def _matrix(line: Mapping[str, Any], _known: Names, language: str) -> _Told:
    name = Title("Kontaktmatrix: {} Kontakte mit Soll", "Contact matrix: {} contacts with a target")[language]
    return name.format(len(line["cells"])), line["as_of"], line["source"]


def _plain(line: Mapping[str, Any], _known: Names, _language: str) -> _Told:
    """A line that this form has no words for yet is shown by its name alone."""
    return "", line.get("as_of"), line.get("source")


_TOLD: Mapping[str, Callable[[Mapping[str, Any], Names, str], _Told]] = {
    "meets": _contact,
    "figures": _figure,
    "measures": _measure,
    "questions": _question,
    "complaints": _complaint,
    "services": _service,
    "goals": _goal,
    "gaps": _gap,
    "series": _series,
    "satisfaction": _satisfaction,
    "matrix": _matrix,
}


def _names(session: Session, account: int, lists: Mapping[str, list[dict[str, Any]]]) -> Names:
    def ids(name: str, key: str) -> set[int]:
        return {line[key] for line in lists.get(name, ()) if line[key] is not None}

    contacts = ids("meets", "contact") | ids("questions", "contact") | ids("complaints", "contact")
    met = {line["last"]["person"] for line in lists["meets"] if line["last"]}
    return names.load(
        session,
        accounts={account},
        contacts=contacts,
        persons=ids("measures", "person") | {person for person in met if person is not None},
        measures=ids("measures", "measure"),
        questions=ids("questions", "question"),
        complaints=ids("complaints", "complaint"),
        services=ids("services", "service"),
        returns=ids("services", "service_given"),
        goals=ids("goals", "goal"),
        gaps=ids("gaps", "gap"),
    )


def _joined(told: tuple[str | None, ...]) -> str:
    return "; ".join(_filled(told))


def _filled(told: tuple[str | None, ...]) -> Iterator[str]:
    return (each for each in told if each)


def _number(value: Any, unit: str, language: str) -> str | None:
    """A figure as this language writes it; cents of money are left out, as on the page."""
    if value is None:
        return None
    amount = Decimal(str(value))
    text = f"{amount:,.0f}" if unit == "money" else f"{amount.normalize():,f}"
    if language != "en":
        text = text.replace(",", "\0").replace(".", ",").replace("\0", ".")
    return f"{text} %" if unit == "percent" else text
