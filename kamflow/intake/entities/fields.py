"""What can be imported: the entities, their fields, and the headers people give them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "text", "email", "day", "moment", "money", "rate", "whole", "percent", "choice", "language", "currency",
    "list", "weekdays", "account", "person", "contact", "people", "contacts", "parent",
    "long", "number", "flag", "service", "department",
]  # fmt: skip
REFERENCES = ("account", "person", "contact", "people", "contacts", "service", "department")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of an entity. `choices` maps what files say to what we store."""

    name: str
    kind: Kind = "text"
    required: bool = False
    headers: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = 1_000_000_000
    places: int = 2
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    name: str
    fields: tuple[Field, ...]
    shown: str = ""

    def field(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)


def choices(*same: str, **other: str) -> tuple[tuple[str, str], ...]:
    """Pairs of what a file may say and what is stored; compared without case."""
    return (*((each.casefold(), each) for each in same), *((k.casefold(), v) for k, v in other.items()))


EXTERNAL = Field("id", headers=("id", "external id", "nr", "nr.", "nummer"), meaning="the id in the source")
FROM = Field("from", "day", headers=("from", "von", "ab", "seit", "beginn"))
UNTIL = Field("until", "day", headers=("until", "bis", "ende"))
ACCOUNT = Field(
    "account", "account", True,
    ("account", "kunde", "firma", "company", "accountid", "account id", "kundennummer", "kunden-nr.",
     "debitor", "customer", "partnerid", "kunnr", "auftraggeber", "unternehmen", "company_name"),
    meaning="key, external id or exact name of the account",
)  # fmt: skip
PERSON = Field(
    "person", "person", True, ("person", "mitarbeiter", "kam", "betreuer"), meaning="key, e-mail or name"
)
