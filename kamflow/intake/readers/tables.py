"""Pick the reader by what the file is called."""

from pathlib import Path

from kamflow.errors import Refused
from kamflow.intake.readers import delimited, records, workbook
from kamflow.intake.rows import Table

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".json")


def read(path: Path, dialect: delimited.Dialect = delimited.FOUND_OUT) -> list[Table]:
    """All tables of one file.

    Raises:
        Refused: the file is missing, of an unknown kind or damaged.
    """
    if not path.is_file():
        raise Refused(f"{path}: no such file")
    match path.suffix.lower():
        case ".csv" | ".txt" | ".tsv":
            return [delimited.read(path, dialect)]
        case ".xlsx" | ".xlsm":
            return workbook.read(path, dialect.skip_lines)
        case ".json":
            return records.read(path)
        case other:
            raise Refused(
                f"{path.name}: cannot read {other or 'files without a suffix'}: {', '.join(SUFFIXES)}"
            )
