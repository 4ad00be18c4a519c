"""Read the form of an account plan back: sections, questions, measures, goals, competitors."""

from pathlib import Path

from kamflow.intake.context import Context
from kamflow.intake.forms import plan_asking, plan_list_writing, plan_reading, plan_taking, plan_writing
from kamflow.intake.forms.plan_reading import Returned
from kamflow.intake.forms.plan_taking import Taking
from kamflow.models.plan import PlanState
from kamflow.store import form_readings


def read_in(ctx: Context, path: Path) -> int:
    """Write what the plans of a workbook say; returns how many plans it has.

    Raises:
        Refused: what the file remembers is gone, or an account is.
        NotAllowed: the actor may not write in one of the plans.
    """
    found = plan_reading.read(path)
    for sheet in found:
        _plan(ctx, path, sheet)
    return len(found)


def _plan(ctx: Context, path: Path, sheet: Returned) -> None:
    taking = plan_taking.begin(ctx, path, sheet)
    filled = plan_writing.write(taking)
    asks = taking.closed() is None and (bool(filled) or plan_asking.said_on(taking))
    # Before the lists: what is new in them belongs to the plan that may only now be drafted.
    changed = plan_asking.write(taking, filled, asks=asks) or bool(filled)
    changed |= plan_list_writing.write(taking)
    if changed and taking.closed() is None:
        plan_writing.fill_lists(taking)
    _doubled(taking)
    if taking.written:
        ctx.happened(form_readings.NAME, taking.number, **form_readings.payload(sheet.token, taking.written))
    if taking.reader.left:
        ctx.report.notes.append(
            f"{taking.account.key}: {taking.reader.left} cells say what they were exported with, while this"
            " form has said something else since; they were left alone. To change them back, export it anew"
        )
    if filled and taking.plan is not None and taking.plan.state == PlanState.APPROVED:
        ctx.report.notes.append(f"{taking.account.key}: the approved plan was refreshed, it stays approved")


def _doubled(taking: Taking) -> None:
    for line in taking.sheet.doubled:
        said = [name for name, each in line.cells.items() if each.said]
        if said:
            expected = "a line of its own: this one is a copy, fill in an empty line instead"
            taking.refuse(line, said[0], "sections", expected)
