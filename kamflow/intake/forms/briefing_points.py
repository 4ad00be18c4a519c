"""What becomes of the points of a briefing's form: compared as a whole, for people move lines up.

A point is known by its words. It stays while they stand in any cell of its kind, goes where they stand in
none any more, and is new where no point says so yet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kamflow.acts.briefing import POINTS
from kamflow.intake.forms.memory import Clash, is_cut
from kamflow.intake.forms.sheet import Filled
from kamflow.intake.forms.sheet_cells import canonical
from kamflow.intake.record import Record
from kamflow.models.meeting import BriefingNote

CUT_OFF = "no change here: the text is longer than a cell, so change it in kamflow"


@dataclass(slots=True)
class Cell:
    """A cell for a point: what stood in it when the form was written, and what does now.

    `note` is the point that stood in it, None once it was taken back; `gone` and `new` say what to do.
    """

    record: Record
    kind: str
    base: str
    written: str
    note: BriefingNote | None
    gone: bool = False
    new: bool = False

    @property
    def now(self) -> str:
        """What its point says today."""
        return canonical(self.note.text) if self.note else ""


def stood_in(row: Filled, kind: str, there: Sequence[BriefingNote]) -> BriefingNote | None:
    """The point that a cell showed; where there is room for one, it is the one there is."""
    if POINTS[kind] == 1 and there:
        return there[-1]
    return next((each for each in there if str(each.id) == row.version), None)


def compare(cells: Sequence[Cell], there: Collection[str]) -> None:
    """Say of the cells of one kind what goes and what is new; `there` are the words of its points today.

    What was changed on both sides is refused with both values.
    """
    written = {each.written for each in cells}
    known, added = {each.base for each in cells} | set(there), set[str]()
    for cell in cells:
        gone = bool(cell.base) and cell.base not in written and bool(cell.now) and cell.now not in written
        new = bool(cell.written) and cell.written not in known | added
        clash = cell.now != cell.base and cell.base not in written - {""}
        if (gone or new) and clash:
            cell.record.refuse("text", str(Clash(cell.base, cell.now)))
        elif gone and cell.note is not None and is_cut(cell.note.text):
            cell.record.refuse("text", CUT_OFF)
        else:
            cell.gone, cell.new = gone, new
            added |= {cell.written} if new else set()
