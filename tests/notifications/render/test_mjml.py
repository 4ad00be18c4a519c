"""The MJML of every mail: by a stored list of what may stand where, and by the official validator."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from notifications.message import Part
from notifications.render import html
from notifications.render.picture import Picture
from tests.notifications.render import mails

HERE = Path(__file__).parent
# Written down from the package `mjml`; `test_the_stored_list_is_the_official_one` tells when it is outdated.
KNOWN = json.loads((HERE / "mjml_elements.json").read_text(encoding="utf-8"))
ANYWHERE = {"css-class", "mj-class"}
WRONG = "<mjml><mj-body><mj-section><mj-text colour='red'>x</mj-text></mj-section></mj-body></mjml>"


def source(document: str, case: str, language: str) -> str:
    letter = mails.letter(document, case, language)
    undrawn = Picture(Part(b"", "image/png", content_id="chart.1@kamflow"), 440, 230)
    return html.mjml(letter, {chart: undrawn for item in letter.items for chart in item.charts})


class Faults(HTMLParser):
    """What stands where it may not; HTML inside of MJML is left alone."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, {name for name, _ in attrs})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, {name for name, _ in attrs})
        if tag.startswith("mj"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag.startswith("mj"):
            self._open.pop()

    def _check(self, tag: str, names: set[str]) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "mj-attributes" or not tag.startswith("mj"):
            return
        known = KNOWN["elements"].get(tag)
        if known is None or (inside and tag not in KNOWN["elements"][inside]["children"]):
            self.found.append(f"{tag} in {inside}")
        elif unknown := names - set(known["attributes"]) - ANYWHERE:
            self.found.append(f"{tag}: {', '.join(sorted(unknown))}")


@pytest.mark.parametrize(("document", "case"), mails.OF_EACH)
def test_only_known_elements_and_attributes_stand_in_a_mail(document: str, case: str) -> None:
    assert [Faults(source(document, case, each)).found for each in ("de", "en")] == [[], []]


def test_the_stored_list_finds_what_is_wrong() -> None:
    assert Faults(WRONG).found == ["mj-text in mj-section"]
    assert Faults(WRONG.replace("mj-section", "mj-column")).found == [
        "mj-column in mj-body",
        "mj-text: colour",
    ]


@cache
def package() -> str:
    """The folder that the package `mjml` is installed in, beside the environment of Python."""
    folder = Path(os.environ.get("KAMFLOW_TEST_MJML", Path(sys.prefix) / "mjml"))
    if shutil.which("node") is None:
        pytest.skip("needs Node for the official MJML validator: apt-get install nodejs npm")
    if not (folder / "node_modules" / "mjml").exists():
        pytest.skip("needs the official MJML validator: npm install --prefix .venv/mjml mjml@4")
    return str(folder)


@pytest.fixture(scope="module")
def official() -> dict[str, Any]:
    """What the official validator says of every mail in both languages, and of a wrong one."""
    sources = {".".join(example): source(*example) for example in mails.EVERY} | {"wrong": WRONG}
    command = ["node", str(HERE / "mjml_validate.js"), package()]
    done = subprocess.run(command, input=json.dumps(sources), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_the_official_validator_finds_no_fault(official: dict[str, Any]) -> None:
    wrong = official["errors"].pop("wrong")
    assert {name: errors for name, errors in official["errors"].items() if errors} == {}
    assert len(wrong) == 2


@pytest.mark.slow
def test_the_stored_list_is_the_official_one(official: dict[str, Any]) -> None:
    assert official["version"] == KNOWN["version"]
    assert official["elements"] == KNOWN["elements"]
