"""The parts of a plan's form that are only read: revenue, projects, contacts; with comments beside them."""

from datetime import date
from decimal import Decimal

from kamflow.intake.forms.plan_page import Page
from kamflow.intake.forms.plan_paper import Cell
from kamflow.models.revenue import ProjectState
from kamflow.periods import Period
from kamflow.store.plan_form import PlanForm
from kamflow.store.plan_form_facts import ProjectLine, RevenueTable


def revenue(page: Page, form: PlanForm) -> None:
    """Product groups by year with the change in %, a comment per line."""
    table, section = form.revenue, form.section(3)
    _years(page, table)
    groups = sorted(table.sums, key=lambda name: (not name, -_weight(table, name), name))
    if not groups:
        page.nothing()
    for group in groups:
        cells = _amounts(page, form, group, strong=False)
        comment = page.written(section, 3, form.answer(3, f"group:{group}"), "comment")
        label = Cell(2, group or page.paper.word("no group"), "label")
        page.paper.line(label, *cells, comment, code=f"text:3:group:{group}", least=22)
    if groups:
        cells = _amounts(page, form, None, strong=True)
        comment = page.written(section, 3, form.answer(3, "total"), "comment")
        total = Cell(2, page.paper.word("total"), "strong")
        page.paper.line(total, *cells, comment, code="text:3:total", least=22)
    months = table.so_far
    told = [page.currency]
    if months:
        told.append(
            f"± % {_year(table.running)}: {_until(page, months.last)}, {page.paper.word('same months')}"
        )
    page.source(table.until, table.sources, " · ".join(told))


def _years(page: Page, table: RevenueTable) -> None:
    word = page.paper.word
    heads = [Cell(2, word("group"), "head")]
    for at, year in enumerate(table.years):
        called = _year(year)
        if year is table.years[-1]:
            called = f"{called} {word(table.ahead or 'ahead')}"
        elif year == table.running and table.until is not None and table.until in year:
            called = f"{called} {_until(page, table.until)}"
        heads.append(Cell(1, called, "head"))
        heads += [Cell(1, word("change"), "head")] if at else []
    page.paper.line(*heads, Cell(3, word("comment"), "head"))


def _amounts(page: Page, form: PlanForm, group: str | None, *, strong: bool) -> list[Cell]:
    table, unknown = form.revenue, page.paper.word("no data")
    cells: list[Cell] = []
    for at, year in enumerate(table.years):
        amount = table.total(year) if group is None else table.sums[group].get(year)
        style = "strong number" if strong else "number"
        cells.append(Cell(1, amount, style) if amount is not None else Cell(1, unknown, "label"))
        if at:
            change = table.change(group, at)
            cells.append(
                Cell(1, _rounded(change), "percent") if change is not None else Cell(1, "–", "label")
            )
    return cells


def _until(page: Page, day: date) -> str:
    return f"{page.paper.word('data until')} {page.day(day)}"


def _rounded(change: Decimal) -> Decimal:
    return change.quantize(Decimal("0.1"))


def _weight(table: RevenueTable, group: str) -> Decimal:
    return max(table.sums[group].values(), default=Decimal())


def _year(year: Period | None) -> str:
    if year is None:
        return ""
    first, last = year.first.year, year.last.year
    return f"{first}" if first == last else f"{first}/{last % 100:02d}"


def closed_projects(page: Page, form: PlanForm) -> None:
    """Projects won and lost, and to whom."""
    word = page.paper.word
    page.heads((4, "project"), (2, "state"), (2, "value"), (1, "close"), (3, "lost_to"))
    found = [each for each in form.projects if each.project.state != ProjectState.OPEN]
    for each in found:
        row = each.project
        page.paper.line(
            Cell(4, row.name), Cell(2, word(row.state) if row.state in ("won", "lost") else row.state),
            _money(page, row.value, row.currency, 2), Cell(1, page.day(row.close_on)),
            Cell(3, row.lost_to or (word("no data") if row.state == ProjectState.LOST else "")),
        )  # fmt: skip
    _source(page, found)


def open_projects(page: Page, form: PlanForm) -> None:
    """Offers with expected close and chance, a comment per line."""
    section = form.section(5)
    page.heads((3, "project"), (2, "stage"), (2, "value"), (1, "chance"), (1, "expected"), (3, "comment"))
    found = [each for each in form.projects if each.project.state == ProjectState.OPEN]
    for each in found:
        row = each.project
        page.paper.line(
            Cell(3, row.name, "label"), Cell(2, row.stage or page.paper.word("no data")),
            _money(page, row.value, row.currency, 2),
            Cell(1, f"{row.chance} %" if row.chance is not None else page.paper.word("no data")),
            Cell(1, page.day(row.close_on) or page.paper.word("no data")),
            page.written(section, 3, form.answer(5, f"project:{row.id}"), "comment"),
            code=f"text:5:project:{row.id}",
            least=22,
        )  # fmt: skip
    _source(page, found)


def _source(page: Page, found: list[ProjectLine]) -> None:
    if not found:
        page.nothing()
    days = [each.as_of for each in found if each.as_of is not None]
    page.source(max(days, default=None), sorted({name for each in found for name in each.sources}))


def _money(page: Page, value: Decimal | None, currency: str | None, span: int) -> Cell:
    if value is None:
        return Cell(span, page.paper.word("no data"), "label")
    if currency in (None, page.currency):
        return Cell(span, value, "number")
    return Cell(span, f"{value:,.0f} {currency}", "label")


def contacts(page: Page, form: PlanForm) -> None:
    """Whom we know there, the most influential first."""
    word = page.paper.word
    page.heads((4, "contacts"), (3, "position"), (1, "influence"), (2, "last met"), (2, "times"))
    for each in form.contacts:
        page.paper.line(
            Cell(4, each.name, "label"), Cell(3, each.position or word("no data")),
            Cell(1, str(each.influence) if each.influence is not None else word("no data")),
            Cell(2, page.day(each.last_held) or word("never")),
            Cell(2, str(each.times) if each.times else word("never")),
        )  # fmt: skip
    if not form.contacts:
        page.nothing()
    page.source(form.today, ["kamflow"])
