"""One cell of a sheet both ways: how a value is shown, compared, and read again."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.errors import Refused
from kamflow.intake import cells
from kamflow.intake.entities.fields import Field
from kamflow.intake.forms.memory import fitting, shown
from kamflow.intake.forms.sheet import Title
from kamflow.intake.known import Known
from kamflow.intake.rows import Cell, text

TEXT = ("text", "long", "email")
NUMBERS = ("money", "number", "whole", "percent", "rate")
DIGITS = 15  # what Excel keeps of a number
FLAG = {True: Title("ja", "yes"), False: Title("nein", "no")}
Labels = Mapping[str, Mapping[int, str]]


def canonical(value: Any) -> str:
    """A typed value as text that is the same whatever the language of the form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    if isinstance(value, date):
        return value.isoformat()
    return fitting(shown(str(value))).strip()


def word(field: Field, code: str, language: str) -> str:
    """The word of a choice: in German the first other one that files may say."""
    if language == "en" or not code.isascii() or not code.replace("-", "").isalpha():
        return code
    return next((said for said, kept in field.choices if kept == code and said != code.casefold()), code)


def words(field: Field, language: str) -> list[str]:
    """All words of a choice, in order."""
    if field.kind == "flag":
        return [FLAG[True][language], FLAG[False][language]]
    return list(dict.fromkeys(word(field, kept, language) for _, kept in field.choices))


def spelled(field: Field, value: Any, language: str, labels: Labels) -> Any:
    """What stands in the sheet: a date, a number that Excel can hold, or text."""
    if value is None:
        return ""
    if field.kind in labels:
        return labels[field.kind].get(value, "")
    if field.kind == "flag":
        return FLAG[bool(value)][language]
    if field.kind == "choice":
        return word(field, str(value), language)
    if isinstance(value, Decimal | int) and field.kind in NUMBERS:
        digits = canonical(Decimal(value))
        if len(digits.strip("-").replace(".", "").lstrip("0")) <= DIGITS:
            return Decimal(value)
        return digits if language == "en" else digits.replace(".", ",")
    return value if isinstance(value, date) else fitting(shown(str(value)))


def typed(cell: Cell, field: Field, known: Known, zone: ZoneInfo, language: str) -> Any:
    """The typed value of a cell, references as row ids; None where it is empty.

    Raises:
        ValueError: with what was expected.
    """
    if not text(cell).strip():
        if field.required:
            raise ValueError(f"a value for {field.name}")
        return None
    number = "en" if language == "en" else "de"
    try:
        value = cells.value(cell, field, cells.Format("cell", None, number, zone))
    except Refused:
        raise ValueError("a date such as 2026-03-12 or 12.03.2026") from None
    if field.kind == "money":
        amount, currency = value
        if currency:
            raise ValueError("an amount without a currency: sheets are in the company's currency")
        return amount
    names = known.of(field.kind)
    if names is None or not isinstance(value, str):
        return value.date() if isinstance(value, datetime) else value
    found = names.find(value)
    if found is None:
        raise ValueError(f"a {field.kind} that kamflow knows: key, external id or full name")
    return found
