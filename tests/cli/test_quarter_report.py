"""`kamflow quarter report`: the head of KAM reads a real quarter; nobody else does."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.models.controlling import StoredScorecard
from kamflow.store.engine import write
from notifications.render import report_example
from tests.acts.world import Act, World
from tests.documents import told

AS_HEAD = ("--as", "berg")


@pytest.fixture
def kept(world: World, engine: Engine) -> None:
    """A red scorecard of Muster AG for the second quarter of 2026."""
    card = report_example.card(1, "red", (612, 1000, 740, 12.4, None))
    facts = {"state": "complete", "figures": [*card.figures.values()], "hints": dict(card.hints)}
    with write(engine) as session:
        session.add(
            StoredScorecard(
                account_id=world.account("muster"),
                quarter_first=date(2026, 4, 1),
                quarter_last=date(2026, 6, 30),
                state="complete",
                light="red",
                facts=facts,
                digest="x",
                kept_on=date(2026, 7, 20),
            )
        )


def test_the_head_reads_the_quarter_that_ended_last(kept: None, kamflow: Act) -> None:
    said = kamflow("quarter", "report", "--language", "en", *AS_HEAD)
    assert said.code == 0
    assert said.out.startswith("Quarterly report April – June 2026: 1 red, 0 amber\n")
    assert "* Muster AG: 61.2% of goal" in said.out


@pytest.mark.parametrize("ending", [".pdf", ".xlsx", ".html", ".txt"])
def test_the_report_is_written_as_the_name_ends(
    kept: None, kamflow: Act, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"report{ending}"
    said = kamflow("quarter", "report", "--quarter", "2026-Q2", "--out", out, *AS_HEAD)
    assert (said.code, said.out) == (0, f"{out}\n")
    content = out.read_bytes()
    text = {".pdf": told.of_pdf, ".xlsx": told.of_workbook}.get(ending, bytes.decode)(content)
    assert "Muster AG" in text


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("--as", "witt"), "only the head of KAM"),
        ((), "say who acts"),
        (("--quarter", "2026", *AS_HEAD), "expected a quarter, such as 2026-Q3"),
        (("--quarter", "2025-Q1", *AS_HEAD), "no scorecard of Q1 2025 is kept"),
        (("--out", "report.docx", *AS_HEAD), "the name must end in .pdf, .xlsx, .html, .txt"),
    ],
)
def test_who_may_not_or_asks_for_what_is_not_there_is_told(
    kept: None, kamflow: Act, asked: tuple[str, ...], why: str
) -> None:
    said = kamflow("quarter", "report", *asked)
    assert said.code == 2
    assert why in " ".join(said.err.split())
