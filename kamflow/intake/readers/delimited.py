"""CSV as German and English programs write it: encoding, delimiter and lines before the header."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from kamflow.errors import Refused
from kamflow.intake.rows import Row, Table, distinct

DELIMITERS = (";", ",", "\t", "|")
# A single cell longer than this is a quote that was never closed.
LONGEST_CELL = 1_000_000
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a mapping may state about a text file; None is found out."""

    encoding: str | None = None
    delimiter: str | None = None
    skip_lines: int = 0


FOUND_OUT = Dialect()


def read(path: Path, dialect: Dialect = FOUND_OUT) -> Table:
    """Read one delimited file.

    Raises:
        Refused: not text in the encoding, no header, or a quote that never closes.
    """
    content = decode(path, path.read_bytes(), dialect.encoding)
    before, body = _after(content, dialect.skip_lines)
    delimiter = dialect.delimiter
    if body[:4].lower() == "sep=" and len(body) > 5:  # Excel's own hint
        delimiter = delimiter or body[4]
        skipped, body = _after(body, 1)
        before += skipped
    delimiter = delimiter or sniff(body)
    return _table(path, body, before, delimiter)


def decode(path: Path, data: bytes, encoding: str | None = None) -> str:
    """BOM, then strict UTF-8, then cp1252; or exactly the stated encoding."""
    line = 1
    if encoding is None and data.startswith(_UTF16):
        encoding = "utf-16"
    for name in (encoding,) if encoding else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
        except LookupError:
            raise Refused(f"{path.name}: there is no encoding {name!r}") from None
    raise Refused(
        f"{path.name}, line {line}: not text in {encoding or 'UTF-8 or cp1252'};"
        ' state encoding = "…" in the mapping'
    )


def sniff(body: str) -> str:
    """Take the delimiter that cuts the header into most columns; quotes are respected."""
    header = _first_record(body)
    return max(DELIMITERS, key=lambda each: _width(header, each))


def _width(header: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(header, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0


def _first_record(body: str) -> str:
    quotes = 0
    for at, char in enumerate(body[:100_000]):
        if char == '"':
            quotes += 1
        elif char in "\r\n" and quotes % 2 == 0:
            return body[:at]
    return body[:100_000]


def _after(content: str, lines: int) -> tuple[int, str]:
    stream = io.StringIO(content, newline="")
    for _ in range(lines):
        stream.readline()
    return lines, stream.read()


def _table(path: Path, body: str, before: int, delimiter: str) -> Table:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    line = before + 1
    try:
        for cells in reader:
            if not columns and cells:
                columns = distinct(cells)
            elif any(cells):
                rows.append(_row(line, cells, len(columns)))
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise Refused(f"{path.name}, line {line}: {error}; a quote is open or stands inside a cell") from None
    if not columns:
        raise Refused(f"{path.name}: the file has no header line")
    return Table(path.name, path.stem, columns, rows)


def _row(line: int, cells: list[str], width: int) -> Row:
    while len(cells) > width and not cells[-1]:
        cells.pop()
    flaw = None
    if len(cells) != width:
        flaw = f"{width} cells as in the header; this row has {len(cells)}"
    return Row(line, tuple(cells), flaw)
