"""The papers for data protection say what is true of tables and settings, and nothing of anybody's data."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from kamflow.errors import StoreError
from kamflow.models.tables import METADATA
from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import catalogue, retained
from kamflow.upkeep import Retention
from notifications.render import privacy
from tests.acts.world import World
from tests.cli.conftest import Answer

ALL = {(name, column.name) for name, table in METADATA.tables.items() for column in table.columns}


def papers(**more: Any) -> dict[str, str]:
    settings = Settings(home=Path("/nowhere"), **more)
    files = privacy.pack(settings, Policy(), date(2026, 9, 7), "1.2.3")
    return {name: content.decode("utf-8-sig") for name, content in files.items() if name[-4:] != "xlsx"}


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_column_has_its_entry_and_no_entry_is_of_a_column_that_went(language: str) -> None:
    found = catalogue.entries(privacy.said(), language, Retention(), works_council=True)
    assert {(each.name, column.name) for each in found for column in each.columns} == ALL
    assert all(column.meaning and column.kind in catalogue.KINDS for each in found for column in each.columns)
    own = privacy.said()
    written = {(name, key) for name in METADATA.tables for key in own[name] if not key.startswith("_")}
    assert written <= ALL
    assert set(own["shared"]) <= {column for _, column in ALL}
    assert set(retained.KEPT.values()) == set(own["stays"])


def test_a_column_nobody_described_is_an_error_that_names_it() -> None:
    said = {name: dict(rows) for name, rows in privacy.said().items()}
    del said["contact"]["phone"]
    with pytest.raises(StoreError, match=r"contact\.phone"):
        catalogue.entries(said, "de", Retention(), works_council=True)


def test_what_names_somebody_is_marked_as_personal() -> None:
    """Whatever points at a person or a contact, and whatever is called like an address."""
    found = catalogue.entries(privacy.said(), "en", Retention(), works_council=True)
    kinds = {(each.name, column.name): column.kind for each in found for column in each.columns}
    for name, table in METADATA.tables.items():
        for column in table.columns:
            target = {key.column.table.name for key in column.foreign_keys}
            if target & {"person"}:
                assert kinds[name, column.name] == "employee", (name, column.name)
            if target & {"contact"} or column.name in ("last_name", "phone"):
                assert kinds[name, column.name] == "contact", (name, column.name)


def test_the_papers_are_drafts_and_say_how_long_by_the_settings() -> None:
    found = papers(retention=Retention(message=123, sign_in=9))
    for name, text in found.items():
        if name.endswith(".md"):
            assert "Entwurf" in text or "Draft" in text, name
            assert "\N{EM DASH}" not in text, name
    assert "| 123 Tage |" in found["verzeichnis-von-verarbeitungstaetigkeiten.md"]
    assert "| 9 days |" in found["record-of-processing-activities.md"]
    rows = list(csv.reader(found["datenkatalog.csv"].splitlines(), delimiter=";"))
    assert {tuple(row[:2]) for row in rows[1:]} == ALL


@pytest.mark.parametrize(
    ("on", "word", "kept"), [(True, "eingeschaltet", "8 Wochen"), (False, "ausgeschaltet", "400 Tage")]
)
def test_the_annex_says_whether_the_mode_is_on(on: bool, word: str, kept: str) -> None:
    annex = papers(works_council=on)["anlage-zur-betriebsvereinbarung.md"]
    assert f"**{word}**" in annex
    assert ("gelten erst, wenn er eingeschaltet ist" in annex) is not on
    assert "| Accountplan | KAM-Leitung | 10 Arbeitstage nach Fälligkeit |" in annex
    assert "20. Dezember bis 6. Januar" in " ".join(annex.split())
    line = next(each for each in annex.splitlines() if each.startswith("| geschlossene Erinnerungen"))
    assert line.endswith(f"| {kept} |")


def test_the_command_writes_them_and_nothing_of_the_data(
    world: World, kamflow: Callable[..., Answer], tmp_path: Path
) -> None:
    out = tmp_path / "pack"
    assert kamflow("privacy", "pack", "--out", out).code == 0
    assert kamflow("privacy", "pack", "--out", out, "--json").json["files"] == sorted(
        p.name for p in out.iterdir()
    )
    text = "".join(path.read_text("utf-8", "replace") for path in out.iterdir())
    for name in ("Witt", "Lech", "Bohn", "@example"):
        assert name not in text
    sheet = CalamineWorkbook.from_path(out / "data-catalogue.xlsx").get_sheet_by_index(0).to_python()
    assert len(sheet) == len(ALL) + 1
