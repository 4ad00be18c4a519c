"""The points on a briefing's form: told by their words, wherever somebody moved them to."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.acts import briefing as acts
from kamflow.models.meeting import BriefingNote
from kamflow.store.engine import read
from tests.intake.bringing import counts
from tests.intake.filling import appended
from tests.intake.forms.briefing_filling import act, exported, fill, notes, problems


@pytest.fixture
def three(office: Engine, tmp_path: Path) -> Path:
    """A form with three points to raise, which is all there is room for."""
    for text in ("A", "B", "C"):
        act(office, acts.point, "raise", text)
    return exported(office, tmp_path / "three.xlsx")


@pytest.mark.parametrize(
    ("cells", "left", "changed"),
    [
        (("B", "C", ""), ["B", "C"], 1),
        (("B", "C", "D"), ["B", "C", "D"], 2),
        (("D", "A", "B"), ["A", "B", "D"], 2),
        (("C", "A", "B"), ["A", "B", "C"], 0),
        (("B", "B", ""), ["B"], 2),
        (("D", "D", "C"), ["C", "D"], 2),
        (("", "", ""), [], 3),
    ],
)
def test_points_are_told_by_their_words_wherever_they_were_moved_to(
    office: Engine, three: Path, cells: tuple[str, ...], left: list[str], changed: int
) -> None:
    said = {f"raise_{number}": text for number, text in enumerate(cells, 1)}
    first, again = fill(office, three, **said), fill(office, three, **said)

    assert notes(office) == [("raise", text) for text in left]
    assert (counts(first, "briefing")[1], first.rejected) == (changed, 0)
    assert (again.changes, again.rejected) == (0, 0)


def test_a_point_taken_back_meanwhile_is_moved_but_not_written_anew(office: Engine, three: Path) -> None:
    [_, b, _] = numbers(office)
    act(office, acts.strike, f"note.{b}")

    assert fill(office, three, raise_1="B", raise_2="C", raise_3="").rejected == 0
    assert notes(office) == [("raise", "C")]
    [(column, _, expected)] = problems(fill(office, three, raise_2="D"))
    assert (column, expected[:27]) == ("Text (B6)", "'B' as when the form was wr")


def numbers(engine: Engine) -> list[int | None]:
    with read(engine) as session:
        return list(session.execute(select(col(BriefingNote.id)).order_by(col(BriefingNote.id))).scalars())


def test_a_point_longer_than_a_cell_is_not_changed_here(office: Engine, tmp_path: Path) -> None:
    act(office, acts.point, "raise", "lang " * 8000)
    form = exported(office, tmp_path / "long.xlsx")

    assert fill(office, form, raise_2="kurz").rejected == 0
    assert problems(fill(office, form, raise_1="kürzer", raise_2="kurz"))[0][2].startswith("no change here")
    assert [text and len(text) for _, text in notes(office)] == [39_999, 4]


def test_a_point_on_a_line_of_its_own_comes_back(office: Engine, form: Path) -> None:
    more = appended(form, form.with_name("more.xlsx"), "briefing_points", {"text": "noch einer"})

    assert problems(fill(office, more)) == [
        ("Text (B10)", "noch einer", "a line that the form has for it, not one more")
    ]
