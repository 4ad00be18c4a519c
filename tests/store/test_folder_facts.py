"""Nothing internal gets into the folder for the customer: by no query, no import, no text, no file's name."""

import ast
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, column, delete, event, func, literal_column, select, table, text, update
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel, col

import kamflow.store
from kamflow.documents.customer_folder.folder import PAGES
from kamflow.documents.customer_folder.pages import Topic
from kamflow.models import plan, training
from kamflow.models.contact import Place
from kamflow.models.plan import Measure
from kamflow.models.revenue import RevenueEntry
from kamflow.models.tables import INTERNAL, METADATA
from kamflow.settings import Company
from kamflow.store import customer_view, families, folder_facts
from kamflow.store.customer_view import FOR_CUSTOMERS, Internal, for_customers, outside
from kamflow.store.engine import read, write
from kamflow.store.folder_facts import Gathered
from notifications.render import folder_document
from notifications.render.house import House
from tests.documents import told
from tests.store import marked_house
from tests.store.marked_house import DAY, NUMBER, PAST, WORD

TODAY = date(2026, 9, 7)
STORE = Path(kamflow.store.__file__).parent
OURS = ("folder_facts.py", "folder_rows.py", "folder_revenue.py", "folder_months.py")


@pytest.fixture
def marked(engine: Engine) -> Engine:
    with write(engine) as session:
        marked_house.build(session)
    return engine


@pytest.fixture
def statements(marked: Engine) -> Iterator[list[str]]:
    """Every statement that reaches the database while a folder is gathered."""
    found: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(marked, "before_cursor_execute", keep)
    yield found
    event.remove(marked, "before_cursor_execute", keep)


def gather(engine: Engine) -> Gathered:
    with read(engine) as session:
        return folder_facts.gather(session, 1, TODAY, Company(name="Beispiel GmbH"))


def test_a_folder_tells_what_happened_and_what_is_planned(marked: Engine):
    folder = gather(marked).folder
    assert (folder.account, folder.year, folder.language) == ("Muster AG", "2026", "de_AT")
    assert (folder.title.day, folder.title.place, folder.title.words) == (DAY, "Werk 2", ("Guten Tag",))
    assert [each.name for each in (*folder.agenda.theirs, *folder.agenda.ours)] == [
        "Paul Lange",
        "Jürgen Witt",
    ]
    assert folder.topics.topics == (Topic("Preise", ("Paul Lange",), ("Jürgen Witt",)),)
    assert folder.figures.total.amounts == (Decimal(800), None, Decimal(1200))
    assert (folder.figures.running, folder.figures.until) == (True, PAST)
    assert [(each.service, each.value, each.charged) for each in folder.services.given] == [
        ("Ersatzteil", Decimal(300), False)
    ]
    assert [each.title for each in folder.plan.steps] == ["Workshop"]


def test_no_statement_reads_a_table_or_a_column_that_is_internal(marked: Engine, statements: list[str]):
    gather(marked)
    sql = "\n".join(statements)
    assert len(statements) > 8
    named = set(re.findall(r'(?:FROM|JOIN)\s+"?(\w+)"?', sql)) - {"family"}
    assert named <= set(FOR_CUSTOMERS)
    assert not INTERNAL & set(FOR_CUSTOMERS)
    wrong = [
        f"{table}.{column}"
        for table, column in marked_house.internal_columns()
        if re.search(rf"\b{table}\.{column}\b", sql)
    ]
    assert not wrong


def test_what_may_be_read_exists_and_what_tells_too_much_may_not():
    assert all(
        name in METADATA.tables[table].columns for table in FOR_CUSTOMERS for name in FOR_CUSTOMERS[table]
    )
    told_nobody = {
        "place.influence", "place.buying_role", "contact_target.soll", "revenue_entry.margin",
        "service_given.asked_in_return", "measure.moved_reason", "account_plan.comment",
    }  # fmt: skip
    known = {f"{table}.{column}" for table, columns in FOR_CUSTOMERS.items() for column in columns}
    assert not told_nobody & known
    expected = {"open_question", "complaint", "goal", "plan_section", "service_class", "scorecard"}
    assert {"competitor", "gap", "negotiation", "position", "briefing_note", *expected} <= INTERNAL


def test_no_text_of_an_internal_column_is_in_any_file(sqlite_engine: Engine):
    with write(sqlite_engine) as session:
        marked_house.build(session)
    folder = gather(sqlite_engine).folder
    assert folder.pages == PAGES
    archive = folder_document.archive(folder, "de", House("Beispiel GmbH"))
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        found = {name: files.read(name) for name in files.namelist()}
    said = "\n".join(
        [
            *found,
            told.of_pdf(found["kundenmappe.pdf"]),
            told.of_workbook(found["kundenmappe.xlsx"]),
            found["charts/revenue.svg"].decode(),
            repr(folder),
        ]
    )
    assert "Werk 2" in said
    assert WORD not in said
    assert WORD.encode() not in b"".join(found.values())
    assert str(NUMBER) not in re.sub(r"[.,’\s\u00a0]", "", said)


def test_the_guard_refuses_what_a_query_must_not_ask():
    entry = RevenueEntry.__table__
    family = families.below([1])
    joined = select(func.sum(entry.c.amount)).join_from(family, entry, entry.c.account_id == family.c.id)
    place = aliased(Place)
    assert outside(joined) == set()
    assert outside(select(place.position)) == set()
    assert outside(joined.where(entry.c.margin > 0)) == {"revenue_entry.margin"}
    assert outside(select(place.influence)) == {"place.influence"}
    assert outside(select(col(Measure.title)).order_by(col(Measure.moved_reason))) == {"measure.moved_reason"}
    for whole in (select(Measure), select(place), select(col(Measure.title), Place)):
        assert outside(whole) == {"? (whole rows)"}
    for hidden in (select(text("margin")), select(literal_column("margin")), text("SELECT 1")):
        assert outside(hidden)
    for behind in (table("complaint", column("text")), table("revenue_entry", column("margin"))):
        (only,) = behind.c
        asked = (select(only), select(column(only.name)).select_from(behind), select(func.max(only)))
        assert all(outside(each) for each in asked)
        assert outside(select(place.position).join(behind, only == place.position))
    assert outside(select(column("influence")).select_from(Place.__table__))
    assert outside(select(place.position).where(column("influence") > 5))
    below = select(col(Measure.title)).where(col(Measure.id).in_(select(col(training.Gap.measure_id))))
    assert outside(below) == {"gap", "gap.measure_id"}


def test_the_guard_stops_a_statement_and_lets_go_afterwards(sqlite_engine: Engine):
    with read(sqlite_engine) as session:
        with for_customers(session), pytest.raises(Internal, match=r"open_question"):
            session.execute(select(col(plan.OpenQuestion.question)))
        with for_customers(session), pytest.raises(Internal, match=r"raw SQL"):
            session.connection().exec_driver_sql("SELECT text FROM complaint")
        assert session.execute(select(col(plan.OpenQuestion.question))).all() == []


@pytest.mark.parametrize("name", OURS)
def test_the_facts_of_the_folder_know_no_model_of_an_internal_table(name: str):
    tree = ast.parse((STORE / name).read_text(encoding="utf-8"))
    imported = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kamflow.models")
        for alias in node.names
    ]
    tables = {
        mapper.class_.__name__: mapper.local_table.name for mapper in SQLModel._sa_registry.mappers
    }  # fmt: skip
    assert not [each for each in imported if each in tables and tables[each] not in FOR_CUSTOMERS]
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    asked = {each for each in modules if each and each.startswith("kamflow.store")}
    assert asked <= {
        "kamflow.store",
        "kamflow.store.customer_view",
        "kamflow.store.folder_rows",
        "kamflow.store.folder_months",
    }


def test_the_facts_are_read_through_the_guard_alone(marked: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(customer_view, "FOR_CUSTOMERS", {**FOR_CUSTOMERS, "measure": frozenset()})
    with read(marked) as session, pytest.raises(Internal, match=r"measure\.title"):
        folder_facts.gather(session, 1, TODAY, Company())


def test_a_year_that_began_before_the_data_is_unknown_and_not_half(marked: Engine):
    assert gather(marked).folder.figures.changes == (None, None)
    with write(marked) as session:
        session.execute(update(RevenueEntry).where(col(RevenueEntry.id) == 4).values(day=date(2024, 7, 1)))
    figures = gather(marked).folder.figures
    assert figures.total.amounts == (None, None, Decimal(1200))
    with write(marked) as session:
        session.execute(delete(RevenueEntry).where(col(RevenueEntry.id) == 4))
    assert gather(marked).folder.figures.total is None


def test_a_folder_of_a_bare_meeting_has_all_its_pages_and_no_figure(sqlite_engine: Engine):
    from kamflow.models.account import Account
    from kamflow.models.meeting import AnnualMeeting, MeetingRound

    with write(sqlite_engine) as session:
        session.add(Account(id=1, key="halm", name="Halm & Söhne"))
        session.flush()
        first, last = date(2026, 1, 1), date(2026, 12, 31)
        session.add(AnnualMeeting(id=1, account_id=1, year_first=first, year_last=last))
        session.flush()
        session.add(MeetingRound(id=1, meeting_id=1, day=DAY))
    folder = gather(sqlite_engine).folder
    assert (folder.pages, folder.figures.total, folder.figures.until) == (PAGES, None, None)
    assert (folder.services.value, folder.topics.topics, folder.language) == (None, (), "de")
