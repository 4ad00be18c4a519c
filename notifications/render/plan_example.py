"""Made-up account plans: one filled, one just drafted, one of next to nothing, the longest."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from kamflow.documents.account_plan import lines as page
from kamflow.documents.account_plan.lines import Finding
from kamflow.documents.account_plan.plan import AccountPlan, Answer, Head, Section
from kamflow.figures import plan_questions as asked
from kamflow.periods import Period
from kamflow.store import plan_document as facts
from kamflow.store.folder_months import Months
from kamflow.store.plan_form_facts import RevenueTable
from notifications.render import plan_document
from notifications.render.house import House
from notifications.render.item import Letter
from notifications.render.plan_example_words import TEXTS
from notifications.render.training_example import LONG, LONG_PERSON

DAY = date(2026, 11, 5)
YEAR = Period(date(2027, 1, 1), date(2027, 12, 31))
HOUSE = House("Beispiel Technik GmbH")
YEARS = ("2024", "2025", "2026", "2027")
WITT, KRUSE, ALBERS = "Jürgen Witt", "Henrike Kruse", "Ruth Albers"
_ASKED = {1: asked.SUMMARY_PROMPTS, 2: asked.ABOUT_THE_ACCOUNT, 4: asked.OWN_POSITION,
          8: asked.STRATEGY_NEXT_YEAR}  # fmt: skip
_UNKNOWN = {"2.finances", "4.volumes", "4.prices", "8.obstacles"}


def approved(language: str = "de") -> AccountPlan:
    """The plan of Muster AG for 2027: ten categories, approved, one category gone stale."""
    text = TEXTS[language[:2]]
    return AccountPlan(
        _head(text),
        DAY,
        "EUR",
        120,
        tuple(_section(number, text) for number in range(1, 11)),
        _revenue(text),
        _projects(text),
        (
            page.Contact("Paul Lange", text["buyer"], 8, date(2026, 10, 14), 7),
            page.Contact("Philip Roth", text["controller"], 8, date(2026, 6, 24), 2),
            page.Contact("Knut Berger", text["general"], 5, None, 0),
        ),
        (
            page.Competitor("Nordblech GmbH", 1, Decimal(900_000), (text["near"],), (text["slow"],),
                            date(2026, 9, 2)),
            page.Competitor("Stahl & Söhne", 2, None, (), (text["dear"],), None),
        ),
        page.Position(date(2026, 8, 20), 70, 45, (text["grow"],)),
        (
            page.Gap(text["express"], "+", "-", "Nordblech GmbH", text["stock"], (text["hub"],), False,
                     date(2026, 8, 20)),
            page.Gap(text["training"], "+", "+", None, None, (), True, date(2026, 8, 20)),
        ),
        (
            page.Measure(text["workshop"], "solutions", "joint", WITT, date(2026, 11, 2), None, text["ill"]),
            page.Measure(text["prices"], "prices and conditions", "ours", WITT, date(2026, 12, 11), None),
            page.Measure(text["visit"], "marketing", "customer", None, None, date(2026, 9, 17)),
        ),
        (
            page.Goal("revenue", Decimal(4_200_000), "EUR", date(2027, 12, 31), (text["reached"],)),
            page.Goal("share", Decimal(35), "%", date(2027, 12, 31)),
        ),
        (page.Question((text["poland"],), 2, Finding(KRUSE, date(2026, 12, 1), "Knut Berger")),),
    )  # fmt: skip


def short(language: str = "de") -> AccountPlan:
    """A short form, drafted, with little in it."""
    whole = approved(language)
    sections = tuple(Section(number) for number in (1, 3, 5, 8, 9))
    strategy = Section(8, answers=_unanswered(asked.STRATEGY_NEXT_YEAR))
    head = replace(whole.head, form="short", state="draft", state_on=None, decided_by=None,
                   account_class="major", updated=None)  # fmt: skip
    return replace(
        whole, head=head, sections=(*sections[:3], strategy, sections[4]), position=None, gaps=(),
        goals=(), measures=whole.measures[:1], questions=(),
    )  # fmt: skip


def bare(_language: str = "de") -> AccountPlan:
    """A customer of whom nothing is known yet."""
    head = Head("Halm & Söhne", "halm", None, "", None, YEAR, "2027", "key", "none")
    questions = {2: asked.ABOUT_THE_ACCOUNT, 4: asked.OWN_POSITION, 8: asked.STRATEGY_NEXT_YEAR}
    sections = tuple(
        Section(number, answers=_unanswered(questions.get(number, ()), Finding())) for number in range(1, 11)
    )
    return AccountPlan(head, DAY, "EUR", 120, sections, page.Revenue(YEARS))


def longest(language: str = "de") -> AccountPlan:
    """The longest names and texts, and many of everything."""
    whole = approved(language)
    text = TEXTS[language[:2]]
    paragraphs = tuple(f"{text['prose']} {LONG}." for _ in range(6))
    people = (LONG_PERSON,) * 4
    head = replace(whole.head, account=LONG, kam=people[:1], team=people, author=LONG_PERSON)
    sections = tuple(
        replace(each, remarks=paragraphs, answers=tuple(replace(one, text=paragraphs, finding=None)
                                                       for one in each.answers))
        for each in whole.sections
    )  # fmt: skip
    line = replace(whole.revenue.lines[0], group=LONG, amounts=(Decimal("123456789012.34"),) * 4)
    many = tuple(replace(line, group=f"{number} {LONG}") for number in range(12))
    return replace(
        whole, head=head, sections=sections, revenue=replace(whole.revenue, lines=many),
        measures=tuple(replace(each, title=LONG, owner=LONG_PERSON) for each in whole.measures) * 8,
        projects=tuple(replace(each, name=LONG, lost_to=LONG) for each in whole.projects) * 5,
        contacts=tuple(replace(each, name=LONG_PERSON, position=LONG) for each in whole.contacts) * 5,
        gaps=tuple(replace(each, service=LONG, factor=LONG, competitor_name=LONG) for each in whole.gaps) * 5,
        competitors=tuple(replace(each, name=LONG, strengths=paragraphs[:2]) for each in whole.competitors),
        questions=whole.questions * 12,
    )  # fmt: skip


CASES: Mapping[str, Callable[[str], AccountPlan]] = {
    "one": short,
    "many": approved,
    "missing": bare,
    "long": longest,
}


def letter(case: str, language: str) -> Letter:
    return plan_document.letter(CASES[case](language), language, HOUSE.company)


def pdf(case: str, language: str) -> bytes:
    return plan_document.paper(CASES[case](language), language, HOUSE)


def _head(text: Mapping[str, str]) -> Head:
    return Head(
        "Muster AG", "muster", "key", text["address"], text["industry"], YEAR, "2027", "key", "approved",
        date(2026, 11, 3), ALBERS, (), None, (WITT,), (KRUSE,), ("Anna Arnst", "Ole Lech"), WITT, (ALBERS,),
        date(2026, 10, 30), date(2026, 7, 1), date(2026, 10, 29),
    )  # fmt: skip


def _section(number: int, text: Mapping[str, str]) -> Section:
    """Number 6 was left alone since spring."""
    filled = date(2026, 4, 2) if number == 6 else date(2026, 9, 3)
    reviewed = None if number == 6 else date(2026, 10, 29)
    return Section(number, filled, reviewed, (text["remark"],) if number == 3 else (), _answers(number, text))


def _answers(number: int, text: Mapping[str, str]) -> tuple[Answer, ...]:
    if number == asked.COOPERATION:
        return tuple(
            Answer(f"{each.code}.{name}", (text[f"7.{name}"],))
            for each in asked.COOPERATION_TOPICS[:2]
            for name in asked.COOPERATION_FIELDS
        )
    return tuple(_answer(each, text) for each in _ASKED.get(number, ()))


def _answer(question: asked.Question, text: Mapping[str, str]) -> Answer:
    if question.key in _UNKNOWN:
        ask = "Philip Roth" if question.code == "finances" else None
        return Answer(question.code, (), Finding(WITT, date(2026, 12, 1), ask))
    return Answer(question.code, (text.get(question.key) or text[f"{question.section}"],))


def _unanswered(questions: tuple[asked.Question, ...], finding: Finding | None = None) -> tuple[Answer, ...]:
    by_kam = Finding(WITT, date(2026, 10, 16))
    return tuple(Answer(each.code, (), by_kam if finding is None else finding) for each in questions)


def _revenue(text: Mapping[str, str]) -> page.Revenue:
    """As the product reckons it: the figures go to the end of October, so 2026 is running."""
    sheet, tubes, until = text["sheet"], text["tubes"], date(2026, 10, 30)
    amounts = {
        sheet: (1_420_000, 1_610_000, 1_380_000, 2_100_000),
        tubes: (810_000, 760_000, 905_000, 1_300_000),
        "": (45_000, None, None, None),
    }
    years = tuple(Period(date(int(year), 1, 1), date(int(year), 12, 31)) for year in YEARS)
    sums = {
        group: {year: Decimal(each) for year, each in zip(years, found, strict=True) if each is not None}
        for group, found in amounts.items()
    }
    now = {sheet: Decimal(1_380_000), tubes: Decimal(905_000)}
    months = Months(date(2026, 10, 31), now, {sheet: Decimal(1_350_000), tubes: Decimal(730_000)})
    table = RevenueTable(years, until, sums, months, "target", until, ("SAP",))
    comments = {f"group:{sheet}": text["comment"]}
    return facts.revenue(table, date(2023, 1, 2), lambda code: comments.get(code, ""))


def _projects(text: Mapping[str, str]) -> tuple[page.Project, ...]:
    origin = (date(2026, 11, 2), ("Salesforce",))
    return (
        page.Project(text["line"], "open", text["offer"], Decimal(340_000), None, 60, date(2027, 2, 26), None,
                     (text["budget"],), *origin),
        page.Project(text["frame"], "won", None, Decimal(510_000), None, None, date(2026, 5, 12), None, (),
                     *origin),
        page.Project(text["plant"], "lost", None, Decimal(220_000), "CHF", None, date(2026, 3, 6),
                     "Nordblech GmbH", (), *origin),
    )  # fmt: skip
