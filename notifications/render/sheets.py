"""What a template writes a workbook into: `{% do book.sheet(…) %}`; the words are the template's."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from kamflow.store.names import Names
from notifications.render.drawn import flat
from notifications.render.item import Tone
from notifications.render.xlsx import Kind, Sheet, Toned, Value


class Book:
    """The sheets of a workbook while its template fills it; values of facts become typed values."""

    def __init__(self, names: Names) -> None:
        self.sheets: list[Sheet] = []
        self._names = names

    def sheet(
        self,
        name: str,
        columns: Iterable[tuple[str, Kind]],
        rows: Iterable[Iterable[Value | Toned]],
        title: str = "",
        notes: Iterable[str] = (),
    ) -> str:
        """One table; a column is its title and the kind of its values."""
        titles, kinds = zip(*((flat(title), kind) for title, kind in columns), strict=True)
        said = tuple(note for note in map(flat, notes) if note)
        self.sheets.append(Sheet(flat(name), titles, kinds, tuple(map(tuple, rows)), flat(title), said))
        return ""

    def number(self, text: Any) -> Decimal | None:
        """An amount as facts hold it; None stays unknown."""
        return None if text is None else Decimal(str(text))

    def day(self, text: str | None) -> date | None:
        return None if text is None else date.fromisoformat(text)

    def toned(self, value: Value, tone: Tone | None) -> Value | Toned:
        return Toned(value, tone) if tone else value

    def key(self, account: int) -> str | None:
        """The number under which the customer is known to us."""
        known = self._names.accounts.get(account)
        return known.key if known else None
