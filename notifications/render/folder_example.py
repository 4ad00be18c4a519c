"""Made-up folders for customers: all pages, a few, next to nothing, the longest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from kamflow.documents.customer_folder import pages as page
from kamflow.documents.customer_folder.folder import Folder
from kamflow.documents.customer_folder.pages import Given, Somebody, Step
from notifications.render import folder_document
from notifications.render.house import House
from notifications.render.item import Letter
from notifications.render.training_example import LONG, LONG_PERSON

DAY, MEETING = date(2026, 9, 7), date(2026, 9, 22)
HOUSE = House("Beispiel Technik GmbH")
YEARS = ("2024", "2025", "2026")
POINTS = ("topics", "figures", "services", "done", "plan", "next")
WITT, KRUSE = "Jürgen Witt", "Henrike Kruse"

_TEXTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "de": {
            "place": "Werk 2, Raum Elbe",
            "buyer": "Einkäufer",
            "general": "Geschäftsführer",
            "board": "Vorstand Vertrieb",
            "kam": "Key Account Manager",
            "alliance": "Allianz für den Markteintritt",
            "orders": "Preise, Auftragsabwicklung",
            "sheet": "Feinbleche",
            "tubes": "Rohre",
            "express": "Ersatz defekter Teile in 24 Stunden",
            "samples": "Produktmuster",
            "pieces": "Stück",
            "packaging": "Neue Verpackung eingeführt",
            "visit": "Referenzbesuch im Werk 2",
            "workshop": "Workshop zur Logistik der neuen Halle",
            "contact": "Fester Ansprechpartner im Innendienst",
            "thanks": "Wir danken für ein gutes Jahr und freuen uns auf das nächste.",
        },
        "en": {
            "place": "Plant 2, room Elbe",
            "buyer": "Buyer",
            "general": "General manager",
            "board": "Board member, sales",
            "kam": "Key account manager",
            "alliance": "Alliance for market entry",
            "orders": "Prices, order handling",
            "sheet": "Sheet metal",
            "tubes": "Tubes",
            "express": "Replacement of defective parts in 24 hours",
            "samples": "Product samples",
            "pieces": "pieces",
            "packaging": "New packaging introduced",
            "visit": "Reference visit to plant 2",
            "workshop": "Workshop on the logistics of the new hall",
            "contact": "One fixed contact in inside sales",
            "thanks": "We thank you for a good year and look forward to the next one.",
        },
    }
)


def whole(language: str = "de") -> Folder:
    """All pages of the folder for Muster AG."""
    text = _TEXTS[language[:2]]
    joint = Step(text["workshop"], "joint", WITT, date(2026, 10, 16))
    own = Step(text["contact"], "ours", WITT, date(2026, 11, 2))
    return Folder(
        "Muster AG", "2026", language, "EUR", DAY,
        page.Title("Muster AG", "2026", MEETING, text["place"], None, (text["thanks"],)),
        page.Agenda(
            MEETING, "2026-09-22T08:30:00+00:00", "Europe/Berlin", text["place"],
            (Somebody("Knut Berger", text["general"]), Somebody("Paul Lange", text["buyer"])),
            (Somebody(KRUSE, text["board"]), Somebody(WITT, text["kam"])),
        ),
        page.Topics(
            (
                page.Topic(text["alliance"], ("Knut Berger",), (KRUSE,)),
                page.Topic(text["orders"], ("Paul Lange", "Knut Berger"), (WITT,)),
            )
        ),
        _figures(text),
        page.Services(date(2025, 9, 22), MEETING, _services(text)),
        page.Steps(
            (
                Step(text["packaging"], "joint", WITT, None, date(2026, 6, 12)),
                Step(text["visit"], "customer", None, None, date(2026, 3, 19)),
            ),
            date(2025, 9, 22),
        ),
        page.Steps((joint, own, Step(text["alliance"], "customer"))),
        page.Next((), (joint, own)),
    ).about(POINTS)  # fmt: skip


def few(language: str = "de") -> Folder:
    """A negotiation of which the KAM ticked three pages."""
    made = whole(language)
    assert made.title is not None  # noqa: S101 - the whole folder has all its pages
    return (
        replace(made, title=replace(made.title, number=2)).only(("title", "agenda", "figures")).about(POINTS)
    )


def bare(language: str = "de") -> Folder:
    """Every page ticked, though nothing is in the data but the day."""
    window = page.window(MEETING)
    return Folder(
        "Halm & Söhne", "2026", language, "EUR", DAY,
        page.Title("Halm & Söhne", "2026", MEETING), page.Agenda(MEETING), page.Topics(),
        page.Figures(YEARS), page.Services(window.first, window.last), page.Steps((), window.first),
        page.Steps(), page.Next(),
    ).about(POINTS)  # fmt: skip


def longest(language: str = "de") -> Folder:
    """The longest names, and many of everything."""
    made = whole(language)
    assert made.agenda is not None  # noqa: S101 - the whole folder has all its pages
    assert made.services is not None  # noqa: S101 - as above
    person = Somebody(LONG_PERSON, LONG)
    step = Step(LONG, "joint", LONG_PERSON, date(2026, 12, 31))
    line = page.Revenue(LONG, (Decimal("123456789012.34"),) * 3)
    given = tuple(replace(each, service=LONG) for each in made.services.given)
    return replace(
        made,
        account=LONG,
        title=page.Title(LONG, "2026", MEETING, LONG, 12, (LONG,) * 4),
        agenda=replace(made.agenda, theirs=(person,) * 12, ours=(person,) * 6, place=LONG),
        topics=page.Topics((page.Topic(LONG, (LONG_PERSON,) * 6, (LONG_PERSON,) * 3),) * 14, (LONG,)),
        figures=page.Figures(YEARS, (line,) * 18, line, running=False, until=DAY),
        services=replace(made.services, given=given * 15),
        done=page.Steps((replace(step, done_on=DAY),) * 30, MEETING),
        plan=page.Steps((step,) * 30),
        next=page.Next((MEETING,) * 3, (step,) * 5, (LONG,) * 3),
    )


CASES: Mapping[str, Callable[[str], Folder]] = {
    "one": few,
    "many": whole,
    "missing": bare,
    "long": longest,
}


def letter(case: str, language: str) -> Letter:
    return folder_document.letter(CASES[case](language), language, HOUSE)


def pdf(case: str, language: str) -> bytes:
    return folder_document.paper(CASES[case](language), language, HOUSE)


def files(case: str, language: str) -> Iterable[tuple[str, bytes]]:
    """What comes beside the PDF, by suffix, and all of it in an archive."""
    folder = CASES[case](language)
    for name, content in folder_document.files(folder, language, HOUSE):
        if not name.endswith(".pdf"):
            yield f".{name.rpartition('.')[2]}", content
    yield ".zip", folder_document.archive(folder, language, HOUSE)


def _figures(text: Mapping[str, str]) -> page.Figures:
    amounts = {text["sheet"]: (1_420_000, 1_610_000, 980_000), text["tubes"]: (810_000, 760_000, 640_000)}
    lines = [page.Revenue(group, tuple(map(Decimal, found))) for group, found in amounts.items()]
    other = page.Revenue("", (Decimal(45_000), None, None))
    total = page.Revenue("", tuple(map(Decimal, (2_275_000, 2_370_000, 1_620_000))))
    until = date(2026, 8, 31)
    amounts_of_months = (Decimal(1_620_000), Decimal(1_540_000))
    return page.Figures(YEARS, (*lines, other), total, True, until, until, *amounts_of_months)


def _services(text: Mapping[str, str]) -> tuple[Given, ...]:
    return (
        Given(text["express"], date(2026, 5, 5), Decimal(3), None, Decimal(4200), Decimal(36), None,
              charged=False),
        Given(text["samples"], date(2026, 2, 11), Decimal("12.5"), text["pieces"], Decimal(640), None,
              Decimal(18), charged=True),
        Given(text["express"], date(2025, 11, 20), None, None, None),
    )  # fmt: skip
