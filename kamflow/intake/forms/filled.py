"""Read forms that kamflow wrote and somebody filled in: each kind by its own reader."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from kamflow.errors import Refused
from kamflow.intake.context import Context
from kamflow.intake.forms import briefing_form, briefing_taking, sheet_reading, tools, workbook
from kamflow.intake.forms.sheet import Form

Reader = Callable[[Context, Path, Form], None]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        tools.KIND: tools.read_in,
        workbook.PLAN: workbook.read_in,
        workbook.WORKBOOK: workbook.read_in,
        briefing_form.KIND: briefing_taking.read_in,
    }
)


def are_filled(paths: Sequence[Path]) -> bool:
    """Whether all of these are forms that kamflow wrote."""
    return bool(paths) and all(path.is_file() and sheet_reading.kind(path) is not None for path in paths)


def read_in(ctx: Context, files: Sequence[Path]) -> None:
    """Write what the forms say.

    Raises:
        Refused: a file is no form, or one of a kind that this version does not know.
    """
    for path in files:
        form = sheet_reading.read(path)
        reader = READERS.get(form.kind)
        if reader is None:
            raise Refused(f"{path.name}: a form {form.kind!r}; this version reads {', '.join(READERS)}")
        for each in ctx.report.files:
            if each.name == path.name:
                each.rows = sum(len(sheet.rows) for sheet in form.sheets)
        reader(ctx, path, form)
