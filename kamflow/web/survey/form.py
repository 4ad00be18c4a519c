"""The form of a survey as it comes from a browser, read without trust."""

from collections.abc import Mapping

from fastapi import Request

from kamflow.acts.survey_answer import LONGEST, Said
from kamflow.errors import InputError
from kamflow.store.survey_page import Asked, Rating

Fields = Mapping[str, str]
PARTS = ("expectation", "experience")
PREFIXES = tuple(f"{part}-" for part in PARTS)


async def fields(request: Request) -> Fields:
    """What was typed and chosen; a file is no answer."""
    async with request.form(max_files=0, max_fields=50) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def said(fields: Fields) -> Said:
    """What a contact says (InputError where it is no number from a list)."""
    asked = dict.fromkeys(name.partition("-")[2] for name in fields if name.startswith(PREFIXES))
    ratings = {name: Rating(*(_number(fields.get(f"{part}-{name}", "")) for part in PARTS)) for name in asked}
    return Said(_number(fields.get("score", "")), _text(fields.get("comment", "")), ratings)


def too_long(said: Said) -> bool:
    """Whether the comment has to be shortened before it is stored."""
    return len((said.comment or "").strip()) > LONGEST


def _text(typed: str) -> str:
    # PostgreSQL keeps no NUL; other characters nobody can see are dealt with where the text is shown.
    return typed.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")


def version(fields: Fields) -> int:
    """Which answer the form was filled in over; 0: none yet."""
    return _number(fields.get("version", ""), 10**9) or 0


def shown(said: Said | None, asked: Asked) -> Said:
    """What the form is filled with: what was just said, else what is stored."""
    if said is not None:
        return said
    given = asked.given
    return Said(given.score, given.comment, given.ratings) if given else Said()


def _number(text: str, highest: int = 10) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= highest):
        raise InputError(f"expected a number from 0 to {highest}")
    return int(text)
