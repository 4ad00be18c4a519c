from pathlib import Path

import pytest

from notifications.render.document import DOCUMENTS, Paper
from notifications.render.environment import folder
from tests.notifications.render.papers import read


def test_a_paper_gives_its_pdf_and_what_comes_beside_it() -> None:
    paper = Paper(("one",), lambda case, to: f"{case} {to}".encode(), lambda case, to: [(".xlsx", b"x")])
    assert list(paper.parts("one", "de")) == [(".pdf", b"one de"), (".xlsx", b"x")]
    assert list(Paper(("one",)).parts("one", "de")) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_has_cases_and_a_folder_of_its_words(name: str) -> None:
    paper = DOCUMENTS[name]
    assert paper.cases
    assert paper.pdf or paper.files
    assert not paper.pdf or (folder() / name).is_dir()


@pytest.mark.parametrize("name", [name for name, paper in DOCUMENTS.items() if paper.pdf])
def test_each_document_is_the_same_each_time(name: str) -> None:
    paper = DOCUMENTS[name]
    first, again = (dict(paper.parts(paper.cases[0], "de")) for _ in range(2))
    assert first == again
    assert read(first[".pdf"]).trailer["/Root"]["/Lang"].startswith("de")


def test_the_page_holds_no_words() -> None:
    for path in (folder() / "paper").glob("*.typ"):
        check_words(path)


def check_words(path: Path) -> None:
    """In typst a word that is printed stands in brackets: everything comes from the letter instead."""
    for line in path.read_text(encoding="utf-8").splitlines():
        code = line.partition("//")[0]
        assert "[" not in code or "[]" in code or code.lstrip().startswith("#import"), f"{path.name}: {line}"
