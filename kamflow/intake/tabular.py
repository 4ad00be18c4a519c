"""Tables into entities: which block reads which table, and in which order."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from kamflow.errors import Refused
from kamflow.intake import completion
from kamflow.intake.context import Context
from kamflow.intake.converting import Converter, Joined, index
from kamflow.intake.entities.writers import WRITERS
from kamflow.intake.mapping import Block, Join, Mapping
from kamflow.intake.readers import tables
from kamflow.intake.readers.delimited import Dialect
from kamflow.intake.rows import Table

Progress = Callable[[str, int, int], None]


def read_in(ctx: Context, plan: Mapping, files: Sequence[Path], progress: Progress | None) -> None:
    """Read the files and write what the mapping finds in them.

    Raises:
        Refused: a file cannot be read, is not spoken of, or lacks a column.
    """
    read = {path: tables.read(path, dialect(plan, path)) for path in files}
    for path, found in read.items():
        _count_rows(ctx, path, found)
    _check_all_meant(plan, read)
    work = [
        (entity, block, table)
        for entity, block in plan.blocks
        for found in read.values()
        for table in found
        if block.fits(table.file, table.name)
    ]
    joins = _Joins(plan, read)
    for at, (entity, block, table) in enumerate(work, 1):
        converter = Converter(entity, block, table, plan, joins.of(block), ZoneInfo(ctx.company.zone))
        WRITERS[entity](ctx, list(converter.records()))
        ctx.report.count(entity, "skipped", table.file, converter.skipped)
        completion.note(ctx, entity, block, table)
        if progress:
            progress(f"{table.file}: {entity}", at, len(work))
    for entity, block in plan.blocks:
        if not any(block is each for _, each, _ in work) and not plan.lenient:
            ctx.report.notes.append(f"{' or '.join(block.file)} was not given: {entity} from it left out")


def dialect(plan: Mapping, path: Path) -> Dialect:
    """What the mapping states about a text file: the first block for it, else the whole."""
    block = next((each for _, each in plan.blocks if each.fits(path.name, path.stem)), Block())
    return Dialect(
        block.encoding or plan.encoding,
        block.delimiter or plan.delimiter,
        plan.skip_lines if block.skip_lines is None else block.skip_lines,
    )


def speaks_of(plan: Mapping, path: Path) -> bool:
    """Whether the mapping reads or joins a file of this name."""
    return path.name.casefold() in _joined(plan) or any(
        block.file and block.fits(path.name, path.stem) for _, block in plan.blocks
    )


def _joined(plan: Mapping) -> set[str]:
    return {join.file.casefold() for _, block in plan.blocks for join in block.join}


def _count_rows(ctx: Context, path: Path, found: Iterable[Table]) -> None:
    for each in ctx.report.files:
        if each.name == path.name:
            each.rows = sum(len(table.rows) for table in found)


def _check_all_meant(plan: Mapping, read: dict[Path, list[Table]]) -> None:
    for path, found in read.items():
        meant = path.name.casefold() in _joined(plan) or any(
            block.fits(table.file, table.name) for table in found for _, block in plan.blocks
        )
        if not meant:
            named = sorted({name for _, block in plan.blocks for name in block.file})
            raise Refused(f"{path.name}: the mapping does not speak of it; it reads {', '.join(named)}")


class _Joins:
    """Second files: among those given, else beside them."""

    def __init__(self, plan: Mapping, read: dict[Path, list[Table]]) -> None:
        self.plan, self.read = plan, read

    def of(self, block: Block) -> tuple[Joined, ...]:
        return tuple(index(join, self._table(join)) for join in block.join)

    def _table(self, join: Join) -> Table:
        for path, found in self.read.items():
            if path.name.casefold() == join.file.casefold() and found:
                return found[0]
        for folder in dict.fromkeys(path.parent for path in self.read):
            path = folder / join.file
            if path.is_file() and (found := tables.read(path, dialect(self.plan, path))):
                return found[0]
        raise Refused(f"{join.file}: the mapping joins it, but it is neither given nor beside the others")
