"""Every example as a mail, laid out once for all tests of a process; and one that shows all a letter can."""

from dataclasses import replace
from functools import cache

from notifications.render import examples, html
from notifications.render.item import Bars, Cell, Field, Letter, Point, Series, Table, Tone, Trend

# What no rule of kamflow shows all of: tables narrow and wide, every kind of chart, the light of a document.
DRAWN = "drawn"
CASES = [*examples.VIEWS, *examples.NOTICES]
EXAMPLES = [(document, case, language) for document, case in CASES for language in ("de", "en")]
EVERY = [*EXAMPLES, (DRAWN, "all", "de")]
OF_EACH = [*CASES, (DRAWN, "all")]

_MONTHS = ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun")
_ALT = "Umsatz bis Juni 2026: Ist 1,16 Mio. €, Plan 1,51 Mio. €; März unbekannt. Quelle: SAP, 2. Juli 2026"


def in_each_language(document: str, case: str) -> list[tuple[str, str, str]]:
    """Its examples out of EVERY: a test of its own for each language costs more than what it looks at."""
    return [(document, case, language) for language in ("de", "en") if (document, language) != (DRAWN, "en")]


@cache
def letter(document: str, case: str, language: str) -> Letter:
    """One example, as content."""
    return drawn(language) if document == DRAWN else examples.example(document, case, language)


@cache
def mail(document: str, case: str, language: str) -> html.RenderedMail:
    """One example, as it would be sent."""
    return html.laid_out(letter(document, case, language))


def drawn(language: str, rows: int = 1) -> Letter:
    """A letter with everything that can be drawn; each table has `rows` times its rows."""
    found = letter("quarterly_controlling", "one", language)
    item = replace(found.items[0], lines=(), tables=_tables(rows), charts=(_bars(), _field(), _trend()))
    return replace(found, items=(item,), badge="gelb", tone="due")


def _tables(times: int) -> tuple[Table, ...]:
    def table(head: str, rows: list[str], numbers: set[int], caption: str = "", late: int = 0) -> Table:
        cells = tuple(
            tuple(Cell(text, _tone(place, late)) for place, text in enumerate(row.split("|"))) for row in rows
        )
        return Table(tuple(head.split("|")), cells * times, frozenset(numbers), caption)

    groups = [
        "Klebstoffe|1.234.567 €|1.400.000 €|−12 %",
        "Dichtstoffe und Schäume für den Fensterbau|460.000 €|520.000 €|−11,5 %",
        "Service|unbekannt|20.000 €|",
    ]
    who = ["Paul Lange|8|6|2|12. März, Jürgen Witt", "Dr. Philippa Rothenberg-Wiesenhütter|5|12|5|24. Juni"]
    lights = "gelb|1.234.567 €|1.400.000 €|12 von 20|unbekannt|3 überfällig"
    return (
        table("Leistung|Wert", ["Anwendungsberatung vor Ort|12.000 €", "Expresslieferung|unbekannt"], {1}),
        table("Produktgruppe|Ist|Plan|Abstand", groups, {1, 2, 3}, "Umsatz nach Produktgruppen", 3),
        table("Ansprechpartner|Einfluss|Soll|Ist|zuletzt", who, {1, 2, 3}, "Kontaktmatrix"),
        table(
            "Kunde|Ampel|Umsatz|Plan|Kontakte|NPS|Maßnahmen",
            [f"Halm & Söhne Landtechnik Gesellschaft mbH & Co. KG|{lights}"],
            {2, 3, 4, 5},
            "Ampeln",
            1,
        ),
    )


def _tone(place: int, late: int) -> Tone | None:
    return "due" if late and place == late else None


def _bars() -> Bars:
    actual = Series("Ist", (100, 200, None, 300, 250, 310))
    target = Series("Plan", (120, 210, 300, 300, 260, 320))
    before = Series("Vorjahr", (110, 190, 250, 290, 240, 300))
    return Bars("revenue", _ALT, "Tsd. €", _MONTHS, actual, target, before)


def _field() -> Field:
    points = tuple(Point(f"Kunde {number}", 8.0 * number, (37.0 * number) % 100) for number in range(1, 12))
    quarters = ("Ausbauen", "Halten", "Prüfen", "Abschöpfen")
    return Field(
        "portfolio", "Elf Kunden, fünf davon attraktiv", "Position", "Attraktivität", quarters, points
    )


def _trend() -> Trend:
    line = Series("Weiterempfehlung (NPS)", (10, None, 35, 40))
    return Trend("nps", "NPS 2026: 40", "", ("2023", "2024", "2025", "2026"), (line,), -100, 100)
