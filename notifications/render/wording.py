"""What a template says in its language: texts, texts that count, and values as they are put out."""

import gettext
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from markupsafe import Markup, escape

from kamflow.store.erasing import CALLED

# What every word has that stands in place of an erased name.
ERASED = "rased "
# How a value is put out, texts with names in them, those without, and texts that count.
Wording: TypeAlias = tuple[
    Callable[[Any], str], dict[str, str], dict[str, str], Callable[[str, str, int, dict[str, Any]], str]
]


def wording(texts: gettext.NullTranslations) -> dict[bool, Wording]:
    """By whether the template escapes, which is then done to what stands in the names' places."""
    named = nameless(texts)
    count = lru_cache(maxsize=4096)(texts.ngettext)

    def said(value: Any) -> str:
        return value if type(value) is str and ERASED not in value else str(named(value))

    def escaped(value: Any) -> str:
        if type(value) is str and ERASED not in value and not _to_escape(value):
            return value
        return value if type(value) is Markup and ERASED not in value else escape(named(value))

    return {False: _wording(texts, count, said, str), True: _wording(texts, count, escaped, Markup)}


def _wording(
    texts: gettext.NullTranslations, count: Callable[..., str], said: Callable[[Any], str], kind: type[str]
) -> Wording:
    def text(message: str) -> str:
        return kind(texts.gettext(message))

    def counted(one: str, many: str, number: int, named: dict[str, Any]) -> str:
        named.setdefault("num", number)
        return kind(count(one, many, number)) % named

    return said, _Kept(text), _Kept(lambda message: text(message) % {}), counted


def _to_escape(text: str) -> bool:
    """Whether anything in it means more than itself in HTML, which is seldom."""
    return "&" in text or "<" in text or ">" in text or '"' in text or "'" in text


class _Kept(dict[str, str]):
    """What a text is in the language, looked up once."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> str:
        return self.setdefault(text, self._make(text))


def nameless(texts: gettext.NullTranslations) -> Callable[[Any], Any]:
    """Says in a language what the data say in place of the name of who was erased."""
    said = {word: texts.gettext(word) for word in CALLED.values()}
    swaps = said | {sentence(word): sentence(other) for word, other in said.items()}

    def finalize(value: Any) -> Any:
        if isinstance(value, str) and ERASED in value:
            for word, other in swaps.items():
                value = value.replace(word, other)
        return value

    return finalize


def sentence(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]
