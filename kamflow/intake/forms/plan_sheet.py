"""Draw the form of an account plan: header, the sections it has, open questions. For people, on A4."""

from collections.abc import Mapping
from typing import Any

from kamflow.intake.forms import plan_facts_blocks as shown_facts
from kamflow.intake.forms import plan_lists as lists
from kamflow.intake.forms import plan_sections as sections
from kamflow.intake.forms.memory import shown
from kamflow.intake.forms.plan_page import Page
from kamflow.intake.forms.plan_paper import COLUMNS, WIDTH, Cell, Paper
from kamflow.intake.forms.plan_words import CLASSES, SECTIONS, STATES
from kamflow.models.plan import PlanSection
from kamflow.store.plan_form import PlanForm

MARK = "kamflow/plan "  # in A1, then the number of the plan in the file
TITLE_ROWS = 1
DRAW: Mapping[int, Any] = {
    1: sections.summary,
    2: sections.about,
    3: shown_facts.revenue,
    4: sections.projects_and_position,
    5: shown_facts.open_projects,
    6: lists.competitors,
    7: sections.cooperation,
    8: sections.strategy,
    9: lists.measures,
    10: lists.goals,
}


def draw(book: Any, name: str, number: int, form: PlanForm, about: Page) -> list[tuple[str, str, str, str]]:
    """Add the sheet of one plan; returns what is to be remembered of it."""
    sheet = book.add_worksheet(name)
    page = about.on(Paper(book, sheet, about.language, about.offers))
    _set_up(page, form)
    _header(page, form, number)
    for each in form.numbers:
        page.paper.skip()
        _band(page, each, form.section(each))
        DRAW[each](page, form)
        sections.remarks(page, form, each)
    if 10 not in form.numbers:
        page.paper.skip()
        lists.goals(page, form)
    page.paper.skip()
    lists.questions(page, form)
    sheet.print_area(0, 1, page.paper.row - 1, COLUMNS)
    kind = f"plan {number}"
    meta = {"account": form.account.key, "year": str(form.year), "language": page.language,
            "token": page.token, "sections": ",".join(map(str, form.numbers)),
            "form": form.plan.form if form.plan else "key" if 10 in form.numbers else "short"}  # fmt: skip
    return [
        *((kind, "", name, value) for name, value in meta.items()),
        *((kind, code, where, base) for code, where, base in page.paper.memory),
    ]


def _set_up(page: Page, form: PlanForm) -> None:
    sheet, word = page.paper.sheet, page.paper.word
    sheet.set_column(0, 0, 2, None, {"hidden": True})
    sheet.set_column(1, COLUMNS, WIDTH)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.freeze_panes(TITLE_ROWS, 0)
    sheet.repeat_rows(0)
    # A header of Excel is a little language of its own: & begins a command.
    called = shown(form.account.name).replace("&", "&&").replace("\n", " ")[:100]
    sheet.set_footer(f"&L&8{called} · {page.year}&R&8{word('page')} &P {word('of')} &N")
    # No password: it keeps the grey cells from slips, not from people.
    sheet.protect("", {"format_rows": True, "format_columns": True, "format_cells": True})


def _header(page: Page, form: PlanForm, number: int) -> None:
    paper, word = page.paper, page.paper.word
    short = "" if 10 in form.numbers else f" ({word('short')})"
    title = f"{word('title')}{short} · {shown(form.account.name)} · {page.year}"
    paper.line(
        Cell(8, title, "title"),
        Cell(4, f"{word('as of')} {page.day(form.today)}", "note"),
        code=f"{MARK}{number}",
    )
    paper.line(Cell(12, word("hint"), "hint"))
    account, plan = form.account, form.plan
    address = ", ".join(filter(None, (account.city, account.country, account.website)))
    rows = (
        ("account", f"{account.name} ({account.key})", "class", _class(page, account.account_class)),
        ("address", address, "industry", account.industry),
        ("year", f"{page.year} ({page.day(form.year.first)} – {page.day(form.year.last)})", "state",
         STATES[plan.state if plan else "none"][page.language]),
        ("kam", page.named(form, form.team["kam"]),
         "author", page.named(form, [plan.author_id] if plan else [])),
        ("sponsor", page.named(form, form.team["sponsor"]), "team", page.named(form, form.team["team"])),
        ("approver", page.named(form, form.approvers),
         "hand_in", page.day(plan.hand_in_on if plan else None)),
        ("created", page.day(page.created), "updated", page.day(_updated(form))),
    )  # fmt: skip
    for left, one, right, two in rows:
        paper.line(
            Cell(2, word(left), "label"), Cell(4, one or word("no data"), "strong"),
            Cell(2, word(right), "label"), Cell(4, two or word("no data"), "strong"),
        )  # fmt: skip


def _class(page: Page, account_class: str | None) -> str | None:
    known = CLASSES.get(account_class or "")
    return known[page.language] if known else account_class


def _updated(form: PlanForm) -> Any:
    days = [day for each in form.sections.values() for day in (each.filled_on, each.reviewed_on) if day]
    return max(days, default=None)


def _band(page: Page, number: int, section: PlanSection) -> None:
    word = page.paper.word
    if section.filled_on is None:
        told = word("empty")
    else:
        told = f"{word('filled')} {page.day(section.filled_on)}"
        if section.reviewed_on and section.reviewed_on != section.filled_on:
            told += f" · {word('reviewed')} {page.day(section.reviewed_on)}"
    page.paper.line(
        Cell(8, f"{number}   {SECTIONS[number][page.language]}", "band"), Cell(4, told, "band right")
    )
