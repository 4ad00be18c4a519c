import hashlib
import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.store.engine import connect
from tests.acts.world import Act
from tests.flows import year
from tests.world import World

DAYS = ("--from", "2026-01-05", "--to", "2026-01-06")
WEEK = ("--from", "2026-01-05", "--to", "2026-01-09")


@pytest.fixture(scope="module")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a company, made once; tests/store/test_copying.py copies from a server."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("company") / "kamflow.db"))
    engine = connect(f"sqlite:///{path}")
    year.build(World(engine), 3, accounts=4)
    engine.dispose()
    return path


@pytest.fixture
def database_url(built: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(built, tmp_path / 'kamflow.db')}"


@pytest.fixture
def company(home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("KAMFLOW_NOW", "2026-01-01T08:30:00+01:00")
    return engine


def test_a_table_and_json_say_the_same(company: Engine, kamflow: Act) -> None:
    said = kamflow("rehearse", *DAYS)
    assert said.code == 0, said.err
    head, january, total, *_ = said.out.splitlines()
    assert head.split("\t") == ["month", "opened", "closed", "told", "messages", "items over budget"]
    answer = kamflow("rehearse", *DAYS, "--json").json
    assert january.split("\t") == ["2026-01", *(str(each) for each in answer["months"]["2026-01"].values())]
    assert total.split("\t")[1:] == [str(each) for each in answer["total"].values()]
    assert answer["total"]["opened"] > 0


def test_nothing_is_written_the_source_stays_the_same_byte_for_byte(
    company: Engine, home: Path, kamflow: Act
) -> None:
    company.dispose()
    path = Path(company.url.database or "")
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    assert kamflow("rehearse", *DAYS).code == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_page_stands_alone_in_the_language_asked_for(company: Engine, kamflow: Act, tmp_path: Path) -> None:
    page = tmp_path / "ahead.html"
    assert kamflow("rehearse", *DAYS, "--html", page, "--language", "en").code == 0
    html = page.read_text(encoding="utf-8")
    assert "<h1>The time ahead</h1>" in html
    assert not re.search(r"<script|<link|src=|url\(|https?://", html)


def test_nobody_is_named_where_a_works_council_watches(
    company: Engine, home: Path, kamflow: Act, tmp_path: Path
) -> None:
    page = tmp_path / "ahead.html"
    answer = kamflow("rehearse", *DAYS, "--html", page, "--json").json
    assert all(row["people"] >= 5 for row in answer["load"])
    assert "<h1>Die Zeit voraus</h1>" in page.read_text(encoding="utf-8")
    assert "Kam0" not in page.read_text(encoding="utf-8")
    (home / "kamflow.toml").write_text("works_council = false\n")
    answer = kamflow("rehearse", *DAYS, "--html", page, "--json").json
    assert {"Kam0", "Kam1"} <= {row["label"] for row in answer["load"]}
    assert "Kam0" in page.read_text(encoding="utf-8")


def test_two_policies_stand_side_by_side(company: Engine, kamflow: Act, tmp_path: Path) -> None:
    other = tmp_path / "quiet.toml"
    later = "arrange = 1\narrange_board = 1\nagenda = 4\ndraft = 3\nbriefing = 2\nminutes = 90"
    other.write_text(f"[policy.measure_followup]\nahead = 0\n[policy.annual_meeting]\n{later}\n")
    page = tmp_path / "ahead.html"
    said = kamflow("rehearse", *DAYS, "--against", other, "--html", page)
    assert "quiet.toml against kamflow.toml: opened -" in said.out
    answer = kamflow("rehearse", *DAYS, "--against", other, "--json").json
    told = answer["against"]["total"]["opened"] - answer["total"]["opened"]
    assert answer["difference"]["opened"] == told < 0
    assert "quiet.toml" in page.read_text(encoding="utf-8")


def test_what_is_done_closes(company: Engine, kamflow: Act) -> None:
    idle = kamflow("rehearse", *WEEK, "--json").json
    diligent = kamflow("rehearse", *WEEK, "--json", "--people", "diligent").json
    assert diligent["total"]["closed"] > idle["total"]["closed"]
    assert diligent["open"] < idle["open"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--from", "2026-02-01", "--to", "2026-01-01"), "name a first day and a later last day"),
        (("--from", "1.1.2026", "--to", "2026-01-01"), "expected a day as 2026-09-07"),
        ((*DAYS, "--against", "nowhere.toml"), "no such file"),
    ],
)
def test_what_cannot_be_played_is_refused(
    company: Engine, kamflow: Act, options: tuple[str, ...], why: str
) -> None:
    said = kamflow("rehearse", *options)
    assert said.code == 2
    assert why in said.err
