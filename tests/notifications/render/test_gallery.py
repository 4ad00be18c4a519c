import json
import shutil
from pathlib import Path

import pytest

import notifications
from notifications.render import environment, gallery
from notifications.render.gallery import Example
from notifications.render.gallery_changes import Changes, concerned

DIGEST = Example("digest", "daily", "de")


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Templates of one's own to change."""
    shutil.copytree(environment.folder(), tmp_path / "templates", ignore=shutil.ignore_patterns("fonts"))
    monkeypatch.setattr(notifications, "__file__", str(tmp_path / "notifications" / "__init__.py"))
    environment.forget()
    yield tmp_path / "templates"
    environment.forget()


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def frame(folder: Path, example: Example) -> dict:
    said = (folder / "frames" / f"{example.name}.js").read_text(encoding="utf-8")
    return json.loads(said.removeprefix("framed(").removesuffix(");\n"))


def test_the_page_names_every_example(tmp_path: Path):
    gallery.write(tmp_path, [])
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not [each.name for each in gallery.every() if f'"{each.name}"' not in page]


def test_an_example_is_written_as_its_parts_and_for_the_page(tmp_path: Path):
    assert gallery.write(tmp_path, [DIGEST]).failed == {}
    assert {path.name for path in tmp_path.glob("digest.*")} == {
        "digest.daily.de.html", "digest.daily.de.txt", "digest.daily.de.slack.json",
    }  # fmt: skip
    shown = frame(tmp_path, DIGEST)
    assert shown["suffixes"] == [".html", ".txt", ".slack.json"]
    assert shown[".txt"] == (tmp_path / "digest.daily.de.txt").read_text(encoding="utf-8")
    assert "Paul Lange" in shown[".slack.json"]


def test_an_example_that_cannot_be_made_says_where_and_leaves_the_others(tmp_path: Path, templates: Path):
    changed(templates / "rejects" / "item.j2", "{% macro item(", "{% macro item(it, facts) %}{{ facts.nix }}")
    broken = Example("rejects", "one", "de")
    written = gallery.write(tmp_path / "out", [broken, DIGEST])
    assert list(written.failed) == ["rejects.one.de"]
    assert "(rejects/item.j2:" in frame(tmp_path / "out", broken)["failed"]
    assert (tmp_path / "out" / "digest.daily.de.html").exists()


def test_a_changed_template_concerns_what_is_made_from_it():
    assert {each.document for each in concerned({"calendar_entry"})} == {"calendar_entry"}
    assert {each.document for each in concerned({"plan_creation"})} >= {"plan_creation", "digest"}
    assert concerned({"digest"}) == list(gallery.every())
    assert concerned({"preview"}) == []


def test_a_changed_translation_concerns_what_says_it(templates: Path):
    alert = Example("alert", "run", "de")
    changes = Changes([alert, DIGEST])
    assert changes.since() is None
    changed(environment.catalogue("de"), "Ein Lauf von kamflow wurde nicht fertig", "Ein Lauf brach ab")
    assert changes.since() == (alert,)
    assert changes.since() is None


def test_the_page_is_told_of_a_new_version(tmp_path: Path):
    gallery.raise_version(tmp_path, 3)
    assert (tmp_path / "version.js").read_text(encoding="utf-8") == "version(3);\n"
