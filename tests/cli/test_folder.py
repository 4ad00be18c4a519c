"""The folder for the customer and the account plan on paper, from the command line."""

import zipfile
from datetime import date
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import Engine

from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.models.plan import Measure
from kamflow.store.engine import write
from tests.acts.world import Act, World, store, store_plan
from tests.documents import told

EXPORT = ("--as", "witt", "export", "folder", "--account", "muster")


@pytest.fixture
def meeting(world: World, engine: Engine) -> None:
    year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
    with write(engine) as session:
        booked = store(session, AnnualMeeting(account_id=world.account("muster"), **year))
        store(session, MeetingRound(meeting_id=booked.id, day=date(2026, 9, 22), place="Werk 2"))


def ticked(kamflow: Act, *pages: str) -> None:
    answer = kamflow("--as", "witt", "folder", "tick", "--account", "muster", "--page", *pages)
    assert answer.code == 0, answer.err


def test_pages_are_ticked_shown_and_taken_back(kamflow: Act, meeting: None):
    ticked(kamflow, "agenda", "plan")
    rows = kamflow("folder", "show", "--account", "muster", "--json").json["pages"]
    assert [row["page"] for row in rows if row["state"] == "ticked"] == ["agenda", "plan"]
    assert "agenda\tticked\t2026-09-07\tJürgen Witt" in kamflow("folder", "show", "--account", "muster").out
    answer = kamflow("--as", "witt", "folder", "untick", "--account", "muster", "--all-pages")
    assert "plan (Muster AG): stays out" in answer.out
    assert kamflow("--as", "witt", "folder", "tick", "--account", "muster").code == 2


def test_the_export_holds_ticked_pages_alone_and_says_what_is_left_out(
    kamflow: Act, meeting: None, world: World, engine: Engine, tmp_path: Path
):
    out = tmp_path / "x.pdf"
    nothing = kamflow(*EXPORT, "--out", out)
    assert (nothing.code, out.exists()) == (2, False)
    ticked(kamflow, "title", "plan")
    with write(engine) as session:
        store(session, Measure(account_id=world.account("muster"), title="Workshop", side="joint"))
    answer = kamflow(*EXPORT, "--out", out)
    assert (answer.code, answer.out.strip()) == (0, str(out))
    assert "agenda (not ticked)" in answer.err
    assert "plan (changed since it was ticked)" in answer.err
    assert "Workshop" not in told.of_pdf(out.read_bytes())
    assert len(pypdf.PdfReader(out).pages) == 1


def test_a_folder_of_files_gets_paper_and_archive(kamflow: Act, meeting: None, tmp_path: Path):
    ticked(kamflow, "agenda")
    answer = kamflow(*EXPORT, "--out", tmp_path / "out")
    assert [Path(line).name for line in answer.out.split()] == ["kundenmappe.pdf", "kundenmappe.zip"]
    with zipfile.ZipFile(tmp_path / "out" / "kundenmappe.zip") as archive:
        assert archive.namelist() == ["kundenmappe.pdf", "kundenmappe.xlsx"]
    english = (*EXPORT, "--language", "en", "--out", tmp_path / "en.zip")
    assert kamflow(*english).code == 0
    with zipfile.ZipFile(tmp_path / "en.zip") as archive:
        assert archive.namelist()[0] == "customer-folder.pdf"


def test_a_draft_shows_all_pages_and_says_that_it_is_one(kamflow: Act, meeting: None, tmp_path: Path):
    out = tmp_path / "draft.pdf"
    show = ("--as", "witt", "folder", "show", "--account", "muster", "--out")
    assert kamflow(*show, out).code == 0
    assert len(pypdf.PdfReader(out).pages) == 8
    assert told.of_pdf(out.read_bytes()).count("Entwurf, nicht freigegeben") == 8
    assert kamflow(*show, tmp_path / "x.doc").code == 2


def test_who_is_not_in_the_team_reads_no_folder(kamflow: Act, meeting: None, tmp_path: Path):
    for command in (("folder", "show"), ("folder", "measures"), ("export", "folder")):
        answer = kamflow("--as", "fremd", *command, "--account", "muster")
        assert (answer.code, "read its folder" in answer.err) == (2, True)


def test_operations_may_ask_how_the_pages_stand_and_read_none(kamflow: Act, meeting: None, tmp_path: Path):
    assert kamflow("folder", "show", "--account", "muster").code == 0
    out = tmp_path / "x.pdf"
    for command in (
        ("folder", "show", "--out", out),
        ("folder", "measures"),
        ("export", "folder", "--out", out),
    ):
        answer = kamflow(*command, "--account", "muster")
        assert (answer.code, "say who does (--as PERSON)" in answer.err, out.exists()) == (2, True, False)


def test_an_empty_page_is_ticked_alone_and_with_a_warning(kamflow: Act, meeting: None):
    said = kamflow("--as", "witt", "folder", "tick", "--account", "muster", "--all-pages")
    assert said.out == "title (Muster AG): goes into the folder\nagenda (Muster AG): goes into the folder\n"
    alone = kamflow("--as", "witt", "folder", "tick", "--account", "muster", "--page", "plan")
    assert "plan: nothing stands on it yet" in alone.err


def test_words_and_measures_for_the_customer(kamflow: Act, meeting: None, world: World, engine: Engine):
    with write(engine) as session:
        number = store(session, Measure(account_id=world.account("muster"), title="Price list")).id
    listed = ("--as", "witt", "folder", "measures", "--account", "muster", "--json")
    assert kamflow(*listed).json["measures"][0]["customer"] is False
    assert kamflow("--as", "witt", "folder", "share", number).out == f"measure {number} (Muster AG): shared\n"
    assert kamflow(*listed).json["measures"][0]["customer"] is True
    assert kamflow("--as", "witt", "folder", "keep", number).code == 0
    said = ("folder", "write", "agenda", "Preise", "--account", "muster")
    assert kamflow("--as", "witt", *said).out == "agenda (Muster AG): written; tick it again\n"


def test_a_plan_goes_on_paper_where_the_file_is_to_be_a_pdf(
    kamflow: Act, world: World, engine: Engine, tmp_path: Path
):
    with write(engine) as session:
        store_plan(World(session, world.people, world.accounts, world.contacts))
    out = tmp_path / "plan.pdf"
    answer = kamflow("--as", "witt", "export", "plan", "--account", "muster", "--out", out)
    assert (answer.code, answer.out.strip()) == (0, str(out))
    text = told.of_pdf(out.read_bytes())
    for word in ("Muster AG", "Accountplan 2027", "Entwurf", "Kurzform", "noch leer", "Jürgen Witt"):
        assert word in text
    assert kamflow("export", "plan", "--account", "muster", "--out", tmp_path / "plan.xlsx").code == 0
    assert (tmp_path / "plan.xlsx").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("form", [("plan",), ("workbook", "--person", "witt")])
def test_a_plan_is_read_by_the_team_and_the_head(
    kamflow: Act, world: World, tmp_path: Path, form: tuple[str, ...]
):
    asked = ("export", *form, *(("--account", "muster") if form == ("plan",) else ()), "--out")
    form_of, paper = tmp_path / "plan.xlsx", tmp_path / "plan.pdf"
    strangers = kamflow("--as", "fremd", *asked, form_of)
    assert (strangers.code, "read its plan" in strangers.err, form_of.exists()) == (2, True, False)
    for reader in (("--as", "kruse"), ("--as", "berg"), ()):
        assert kamflow(*reader, *asked, form_of).code == 0
    if form == ("plan",):
        for reader in (("--as", "fremd"), ()):
            assert kamflow(*reader, *asked, paper).code == 2
        assert not paper.exists()
