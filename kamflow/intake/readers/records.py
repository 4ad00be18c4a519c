"""JSON: arrays of objects, and Salesforce's data trees with their attributes and references."""

import json
from collections.abc import Iterator
from decimal import Decimal
from json.decoder import WHITESPACE, JSONDecoder, scanstring  # pyright: ignore[reportAttributeAccessIssue]
from pathlib import Path
from typing import Any

from kamflow.errors import Refused
from kamflow.intake.readers.delimited import decode
from kamflow.intake.rows import Cell, Row, Table, distinct

DEEPEST = 60
_Object = dict[str, Any]


def read(path: Path) -> list[Table]:
    """One table per kind of record (`attributes.type`, the key of the array, or the file's name).

    Raises:
        Refused: not JSON, or no array of objects in it.
    """
    content = decode(path, path.read_bytes())
    try:
        found = list(_Scanner(content).objects(path.stem))
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path.name}: not JSON: {error}") from None
    if not found:
        raise Refused(f"{path.name}: no array of objects in it")
    groups: dict[str, list[tuple[int, _Object]]] = {}
    for name, line, record in found:
        for kind, each in _flat(name, record):
            groups.setdefault(kind, []).append((line, each))
    return [_table(path, name, records) for name, records in groups.items()]


class _Scanner:
    """Walks the outer levels by hand, for a JSON parser forgets the lines."""

    def __init__(self, content: str) -> None:
        self.content = content
        self.decoder = JSONDecoder(parse_float=Decimal, parse_constant=str)
        self.line, self.counted = 1, 0

    def objects(self, name: str) -> Iterator[tuple[str, int, _Object]]:
        at = self._skip(0)
        if self.content[at : at + 1] == "[":
            at = yield from self._array(at, name)
        elif self.content[at : at + 1] == "{":
            at = yield from self._members(at, name)
        else:
            raise ValueError("it starts with neither [ nor {")
        if self._skip(at) != len(self.content):
            raise ValueError(f"more text after the end, line {self._line(at)}")

    def _members(self, at: int, name: str) -> Any:
        at = self._skip(at + 1)
        while self.content[at : at + 1] != "}":
            key, at = (
                scanstring(self.content, at + 1, True) if self.content[at : at + 1] == '"' else _fail(at)
            )
            at = self._skip(self._expect(at, ":"))
            if self.content[at : at + 1] == "[":
                at = yield from self._array(at, name if key == "records" else key)
            else:
                _, at = self.decoder.raw_decode(self.content, at)
            at = self._next(at, "}")
        return at + 1

    def _array(self, at: int, name: str) -> Any:
        at = self._skip(at + 1)
        while self.content[at : at + 1] != "]":
            line = self._line(at)
            value, at = self.decoder.raw_decode(self.content, at)
            if isinstance(value, dict):
                yield name, line, value
            at = self._next(at, "]")
        return at + 1

    def _next(self, at: int, end: str) -> int:
        at = self._skip(at)
        if self.content[at : at + 1] == ",":
            return self._skip(at + 1)
        return at if self.content[at : at + 1] == end else _fail(at)

    def _expect(self, at: int, char: str) -> int:
        at = self._skip(at)
        return at + 1 if self.content[at : at + 1] == char else _fail(at)

    def _skip(self, at: int) -> int:
        return WHITESPACE.match(self.content, at).end()

    def _line(self, at: int) -> int:
        self.line += self.content.count("\n", self.counted, at)
        self.counted = at
        return self.line


def _fail(at: int) -> Any:
    raise ValueError(f"unexpected character at position {at}")


def _flat(name: str, record: _Object, parent: str | None = None) -> Iterator[tuple[str, _Object]]:
    """Yield a record, then those Salesforce nests in it, which point back by `parent`."""
    attributes = record.get("attributes")
    kind = attributes.get("type", name) if isinstance(attributes, dict) else name
    own = {key: value for key, value in record.items() if not _is_nested(value)}
    yield str(kind), own | ({"parent": parent} if parent else {})
    reference = attributes.get("referenceId") if isinstance(attributes, dict) else None
    for key, value in record.items():
        if _is_nested(value):
            for child in value["records"]:
                if isinstance(child, dict):
                    yield from _flat(key, child, f"@{reference}" if reference else None)


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("records"), list)


def _table(path: Path, name: str, records: list[tuple[int, _Object]]) -> Table:
    spread = [(line, dict(_spread(record))) for line, record in records]
    keys = list(dict.fromkeys(key for _, record in spread for key in record))
    rows = [Row(line, tuple(record.get(key, "") for key in keys)) for line, record in spread]
    return Table(path.name, name, distinct(keys), rows)


def _spread(record: _Object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Cell]]:
    for key, value in record.items():
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _spread(value, f"{prefix}{key}.", depth + 1)
        else:
            yield prefix + key, _cell(value)


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bool | Decimal | str):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return ";".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, default=str)
