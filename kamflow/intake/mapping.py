"""A mapping: which columns of which file are which of our fields. A commented TOML file."""

import tomllib
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from kamflow.errors import Refused
from kamflow.intake.dates import FORMATS
from kamflow.intake.entities.catalogue import BY_NAME, ENTITIES
from kamflow.intake.numbers import NumberFormat


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_SCALE = r"^-?\d{1,4}\.\.-?\d{1,4}$"
Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
DateFormat = Literal[
    "iso", "yyyymmdd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "dd-mm-yyyy", "ddmm"
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Take(_Strict):
    """Where a value comes from: the first filled of some columns, all of them joined, or the row's number."""

    first: Names = ()
    all: Names = ()
    between: str = "/"
    row: str | None = Field(default=None, description='such as "AccountRef{row}", where no column has it')
    strip: str = Field(default="", description="what the value may begin with and is not part of it")
    date: DateFormat | None = None
    number: NumberFormat | None = None


def _as_take(value: Any) -> Any:
    return {"first": [value]} if isinstance(value, str) else value


class Join(_Strict):
    """Columns of a second file, found by key; they are called `<name of the file>.<column>`."""

    file: str
    column: str
    equals: str | None = Field(default=None, description="the column there; the same name unless said")
    required: bool = False


class Completes(_Strict):
    """The period whose data is complete with this file."""

    first: date
    last: date


class Block(_Strict):
    """One entity out of one file."""

    file: Names = ()
    columns: dict[str, Annotated[Take, BeforeValidator(_as_take)]] = {}
    values: dict[str, dict[str, str]] = {}
    constants: dict[str, str] = {}
    where: dict[str, Names] = {}
    where_not: dict[str, Names] = {}
    join: tuple[Join, ...] = ()
    optional: Names = Field(
        default=(), description="an unknown account, person or contact there is left empty"
    )
    required: Names = Field(default=(), description="must be filled, beyond what always must be")
    no_match: Literal["reject", "skip"] = "reject"
    empty: Literal["keep", "clear"] = "keep"
    repeats: Literal["reject", "first", "number"] = "reject"
    match: Literal["reference", "key"] = "reference"
    completes: Completes | Literal["months"] | None = None
    date: DateFormat | None = None
    number: NumberFormat | None = None
    year: int | None = None
    currency: str | None = None
    scale: str | None = Field(default=None, pattern=_SCALE, description="of scores, if not 0..10: 1..5")
    ratings_scale: str | None = Field(default=None, pattern=_SCALE, description="if not that of the scores")
    skip_lines: int | None = None
    encoding: str | None = None
    delimiter: str | None = None

    def fits(self, file: str, name: str) -> bool:
        """Whether a file, or a sheet in it, is meant by `file`."""
        given = {file.casefold(), name.casefold()}
        wanted = [each.casefold() for each in self.file]
        stems = [each.rsplit(".", 1)[0] for each in wanted]
        return not wanted or any(fnmatch(g, w) for g in given for w in (*wanted, *stems))


class CalendarForm(_Strict):
    """Calendars: how far back and ahead repeated events are spelled out."""

    days_back: int = Field(400, ge=0, le=3700)
    days_ahead: int = Field(400, ge=0, le=3700)
    kind: Literal["visit", "call", "video", "mail", "event"] = "visit"


class MatrixForm(_Strict):
    """Contact matrices. `ist` says what becomes of contacts made that kamflow does not know."""

    account: str | None = None
    period: str | None = Field(default=None, description="2026 or 2026-Q3; else what the title says")
    ist: Literal["report", "held"] = "report"
    held_on: date | None = Field(default=None, description="the day of contacts taken over with ist = held")


class FilledForm(_Strict):
    """Forms that kamflow wrote: they say themselves what they are about."""


class Mapping(_Strict):
    """A whole mapping file. `source` names where the data comes from, in external references too."""

    source: str
    lenient: bool = Field(
        default=False, description="columns of fields that need not be filled may be missing"
    )
    number: NumberFormat | None = None
    date: DateFormat | None = None
    currency: str | None = None
    skip_lines: int = 0
    encoding: str | None = None
    delimiter: str | None = None
    calendar: CalendarForm | None = None
    contact_matrix: MatrixForm | None = None
    form: FilledForm | None = None
    people: tuple[Block, ...] = ()
    absences: tuple[Block, ...] = ()
    rates: tuple[Block, ...] = ()
    accounts: tuple[Block, ...] = ()
    closings: tuple[Block, ...] = ()
    teams: tuple[Block, ...] = ()
    contacts: tuple[Block, ...] = ()
    targets: tuple[Block, ...] = ()
    projects: tuple[Block, ...] = ()
    revenue: tuple[Block, ...] = ()
    interactions: tuple[Block, ...] = ()
    meetings: tuple[Block, ...] = ()
    answers: tuple[Block, ...] = ()
    goals: tuple[Block, ...] = ()
    positions: tuple[Block, ...] = ()
    criteria: tuple[Block, ...] = ()
    gaps: tuple[Block, ...] = ()
    services: tuple[Block, ...] = ()
    services_given: tuple[Block, ...] = ()
    complaints: tuple[Block, ...] = ()
    competitors: tuple[Block, ...] = ()
    business_cases: tuple[Block, ...] = ()
    negotiations: tuple[Block, ...] = ()
    collaboration: tuple[Block, ...] = ()
    measures: tuple[Block, ...] = ()
    questions: tuple[Block, ...] = ()

    @property
    def blocks(self) -> list[tuple[str, Block]]:
        """(entity, block) in the order in which they are written."""
        return [(each.name, block) for each in ENTITIES for block in getattr(self, each.name)]

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        for name, block in self.blocks:
            entity = BY_NAME[name]
            known = [each.name for each in entity.fields]
            for field in (*block.columns, *block.values, *block.constants, *block.optional, *block.required):
                if field not in known:
                    raise ValueError(f"[[{name}]] has no field {field!r}; it has {', '.join(known)}")
            for field in entity.fields:
                if field.required and field.name not in {**block.columns, **block.constants}:
                    raise ValueError(f"[[{name}]] needs a column for {field.name!r}")
        return self


def parse(content: str, origin: str) -> Mapping:
    """Read a mapping.

    Raises:
        Refused: not TOML, an unknown word, or a needed column is missing; says which.
    """
    try:
        return Mapping.model_validate(tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{origin}: not valid TOML: {error}") from None
    except ValidationError as error:
        told = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}".lstrip(": ") for each in error.errors()[:5]
        ]
        hint = f" (date formats: {', '.join(FORMATS)})" if any(".date" in each for each in told) else ""
        raise Refused(f"{origin}: {'; '.join(told)}{hint}") from None


def load(path: Path) -> Mapping:
    """Read a mapping file; raises as `parse` does."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), str(path))
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: a mapping is written in UTF-8") from None
