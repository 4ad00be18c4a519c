"""One cell into one typed value. Each function raises ValueError with what was expected."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from kamflow.errors import Refused
from kamflow.intake import dates, numbers
from kamflow.intake.entities.fields import Field
from kamflow.intake.rows import Cell, text

# No database takes these: PostgreSQL no NUL, UTF-8 no half of a surrogate pair.
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")
_MOST = Decimal(10) ** 15
_CENT = Decimal("0.01")
_FLAGS = {"yes": True, "ja": True, "x": True, "1": True, "true": True, "wahr": True}
_FLAGS |= {"no": False, "nein": False, "0": False, "false": False, "falsch": False}


@dataclass(frozen=True, slots=True)
class Format:
    """How the values of one column are written."""

    where: str
    date: str | None
    number: numbers.NumberFormat | None
    zone: ZoneInfo
    year: int | None = None


def literal(cell: Cell) -> str:
    """The text of a cell as the database can hold it."""
    return _IMPOSSIBLE.sub("\ufffd", text(cell))


def clean(cell: Cell) -> str:
    """The same without the spaces around it: what keys, figures and choices are read from."""
    return literal(cell).strip(" \t\u00a0")


def value(cell: Cell, field: Field, form: Format) -> Any:
    """The typed value of a filled cell.

    Raises:
        ValueError: not such a value; the message says what was expected.
        Refused: it can be read in two ways and the mapping does not say in which.
    """
    match field.kind:
        case "day":
            return dates.day(_date(cell, form), form.zone)
        case "moment":
            return _moment(_date(cell, form), form)
        case "money":
            return _money(cell, form)
        case "rate" | "whole" | "percent" | "number":
            return _figure(cell, field, form)
        case "long":
            return literal(cell)
        case "text" if field.name not in ("key", "id"):
            return _short(literal(cell), field)
        case _:
            return _word(_short(clean(cell), field), field)


def _figure(cell: Cell, field: Field, form: Format) -> Decimal | int:
    match field.kind:
        case "rate":
            return _rate(cell, form)
        case "percent":
            return _percent(cell, form)
        case "whole":
            return _whole(cell, field, form)
        case _:
            return _decimal(cell, field, form)


def _short(written: str, field: Field) -> str:
    longest = 200 if field.name in ("key", "id") else 500
    if len(written) > longest:
        raise ValueError(f"at most {longest} characters")
    return written


def _word(written: str, field: Field) -> Any:
    match field.kind:
        case "email":
            return email(written)
        case "choice":
            return _choice(written, field)
        case "flag":
            return _flag(written)
        case "list":
            # Unlike a name, none of these words holds a comma.
            words = split(written.replace(",", ";"))
            return tuple(dict.fromkeys(_choice(each, field) for each in words))
        case "language":
            return _language(written)
        case "currency":
            return _currency(written)
        case "weekdays":
            return _weekdays(written)
        case _:
            return written


def split(written: str) -> list[str]:
    """Cut "Kruse; Witt" into names. A comma stays: it stands inside names."""
    return [each.strip() for each in written.split(";") if each.strip()]


def email(written: str) -> str:
    """A valid address, its domain in lower case; no look-up in the DNS.

    Raises:
        ValueError: with email-validator's reason.
    """
    try:
        return validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(f"a valid e-mail address: {error}") from None


def _date(cell: Cell, form: Format) -> date:
    if isinstance(cell, date):
        return cell.replace(tzinfo=form.zone) if isinstance(cell, datetime) else cell
    written = clean(cell)
    try:
        return dates.parse(written, form.date, form.zone, form.year)
    except dates.Undecidable:
        raise Refused(
            f"{form.where}: {written!r} can be day/month or month/day; state which in the mapping:"
            ' date = "dd/mm/yyyy" or date = "mm/dd/yyyy"'
        ) from None
    except ValueError:
        raise ValueError(f"a date such as {form.date or '2026-03-12, 12.03.2026 or 20260312'}") from None


def _moment(found: date, form: Format) -> datetime | None:
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time(), form.zone) if form.date else None


def _number(cell: Cell, form: Format) -> tuple[Decimal, str | None]:
    if isinstance(cell, Decimal):
        return cell, None
    written = clean(cell)
    try:
        return numbers.parse(written, form.number)
    except numbers.Undecidable:
        raise Refused(
            f"{form.where}: {written!r} is a different number in German and in English; state which in the"
            ' mapping: number = "de" (1.234,56) or number = "en" (1,234.56)'
        ) from None
    except ValueError:
        sample = {"de": "1.234,56", "en": "1,234.56"}.get(form.number or "", "1.234,56 or 1,234.56")
        raise ValueError(f"a number such as {sample}") from None


def _money(cell: Cell, form: Format) -> tuple[Decimal, str | None]:
    amount, currency = _number(cell, form)
    if isinstance(cell, Decimal) and abs(amount - amount.quantize(_CENT)) < Decimal("1e-6"):
        amount = amount.quantize(_CENT)  # what Excel makes of 0.1 + 0.2
    if not amount.is_finite() or abs(amount) >= _MOST:
        raise ValueError("an amount below 1,000,000,000,000,000")
    if amount != amount.quantize(_CENT):
        raise ValueError("an amount with at most two decimals")
    return amount.quantize(_CENT), currency


def _rate(cell: Cell, form: Format) -> Decimal:
    rate = _number(cell, form)[0]
    if not 0 < rate < 1_000_000_000:
        raise ValueError("a rate above 0")
    return rate.quantize(Decimal("0.00000001"))


def _decimal(cell: Cell, field: Field, form: Format) -> Decimal:
    number = _number(cell, form)[0]
    if not number.is_finite() or not 0 <= number < 1_000_000_000:
        raise ValueError("a number from 0 to 999,999,999")
    step = Decimal(1).scaleb(-field.places)
    if isinstance(cell, str) and number != number.quantize(step):
        raise ValueError(f"a number with at most {field.places} decimals")
    return number.quantize(step)


def _whole(cell: Cell, field: Field, form: Format) -> int:
    number = _number(cell, form)[0]
    if (
        not number.is_finite()
        or number != number.to_integral_value()
        or not field.low <= number <= field.high
    ):
        raise ValueError(f"a whole number from {field.low} to {field.high}")
    return int(number)


def _percent(cell: Cell, form: Format) -> int:
    written = cell if isinstance(cell, Decimal) else clean(cell).removesuffix("%").strip()
    number = _number(written, form)[0]
    if not 0 <= number <= 100:
        raise ValueError("a percentage from 0 to 100")
    return round(number)


def _flag(written: str) -> bool:
    found = _FLAGS.get(written.casefold())
    if found is None:
        raise ValueError("yes or no")
    return found


def _choice(written: str, field: Field) -> str:
    known = dict(field.choices)
    if written.casefold() not in known:
        raise ValueError("one of " + ", ".join(dict.fromkeys(known.values())))
    return known[written.casefold()]


def _language(written: str) -> str:
    """`de`, and the region where it is written: `de-CH`."""
    names = {"deutsch": "de", "german": "de", "englisch": "en", "english": "en"}
    said = names.get(written.casefold(), written)
    tag = re.fullmatch(r"([a-zA-Z]{2})(?:[-_]([a-zA-Z]{2}))?", said)
    if tag is None:
        raise ValueError("a language such as de, de-CH or en")
    first, region = tag.group(1).lower(), (tag.group(2) or "").upper()
    return f"{first}-{region}" if region else first


def _currency(written: str) -> str:
    code = {"€": "EUR", "$": "USD", "£": "GBP"}.get(written, written.upper())
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("a currency such as EUR")
    return code


def _weekdays(written: str) -> str:
    if not re.fullmatch(r"[1-7]{1,7}", written):
        raise ValueError("weekdays such as 12345 (1 is Monday)")
    return "".join(sorted(set(written)))
