"""The data catalogue: every table and column there is, with what was written down about it.

The tables come from the models, how long rows are kept from `retained` and the settings. What a column means,
who sees it and what it is for is said in templates/privacy/catalogue.toml; what is missing there is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kamflow.errors import StoreError
from kamflow.models.tables import METADATA
from kamflow.store.retained import EIGHT_WEEKS, KEPT, KEPT_FOR
from kamflow.upkeep import Retention

LANGUAGES = ("de", "en")
KINDS = ("employee", "contact", "content", "technical")
_AXES = ("purpose", "basis", "sees", "origin")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type in the database, what kind of data it holds (`KINDS`), what it means."""

    name: str
    type: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A table."""

    name: str
    about: str
    purpose: str
    basis: str
    sees: str
    origin: str
    kept: str
    columns: tuple[Column, ...]

    @property
    def size(self) -> int:
        """How many columns it has."""
        return len(self.columns)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which kinds of data stand in it."""
        return tuple(kind for kind in KINDS if any(each.kind == kind for each in self.columns))


def entries(
    said: Mapping[str, Any], language: str, retention: Retention, *, works_council: bool
) -> list[Entry]:
    """All tables by name, in German or English.

    Raises:
        StoreError: a table or column nobody described.
    """
    at = LANGUAGES.index(language)
    return [_entry(said, at, name, retention, works_council) for name in sorted(METADATA.tables)]


def kind_names(said: Mapping[str, Any], language: str) -> dict[str, str]:
    """How the kinds of data are called."""
    return {kind: said["of"][kind][LANGUAGES.index(language)] for kind in KINDS}


def _entry(said: Mapping[str, Any], at: int, name: str, retention: Retention, works_council: bool) -> Entry:
    own = said.get(name)
    if own is None:
        raise StoreError(f"table {name}: nobody said what it is for; see templates/privacy/catalogue.toml")
    purpose, basis, sees, origin = (
        said[axis][code][at] for axis, code in zip(_AXES, own["_is"], strict=True)
    )
    table = METADATA.tables[name]
    columns = []
    for column in table.columns:
        found = own.get(column.name) or said["shared"].get(column.name)
        if found is None:
            raise StoreError(
                f"column {name}.{column.name}: nobody said what it means; see"
                " templates/privacy/catalogue.toml"
            )
        columns.append(Column(column.name, _type(column), found[0], found[1 + at]))
    kept = _kept(said, at, name, retention, works_council)
    return Entry(name, own["_"][at], purpose, basis, sees, origin, kept, tuple(columns))


def _kept(said: Mapping[str, Any], at: int, name: str, retention: Retention, works_council: bool) -> str:
    if name in KEPT:
        return said["stays"][KEPT[name]][at].format(**retention.model_dump())
    words, kind = said["kept"], KEPT_FOR[name]
    short = works_council and retention.nudge > EIGHT_WEEKS
    if kind == "nudge" and short:
        return words["weeks"][at]
    weeks = words["eight"][at] if short else words["days"][at].format(days=retention.nudge)
    days = getattr(retention, kind)
    return words.get(name, words["days"])[at].format(days=days, weeks=weeks, sign_in=retention.sign_in)


def _type(column: Any) -> str:
    """The type as a database calls it, without its length."""
    name = type(getattr(column.type, "impl", None) or column.type).__name__
    plain = {"AutoString": "text", "String": "text", "Text": "text", "BigInteger": "integer", "JSON": "json"}
    return plain.get(name, {"DateTime": "moment"}.get(name, name.lower()))
