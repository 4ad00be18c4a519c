"""In whose words a message speaks: the language, the form of address, Swiss spelling.

A language is a tag: `de`, `de-CH`, `en-US`. Colleagues who call each other by first names are said "du"
(`de-AT@du`); customers never are. What the catalogue of "du" does not have is taken from the one of "Sie".
"""

from typing import Literal

from notifications.render.formats import locale_of

Form = Literal["sie", "du"]

_DU = "@du"


def addressed(language: str, form: Form) -> str:
    """The language as a colleague is spoken to in it; only German has more than one form."""
    german = locale_of(language).startswith("de")
    return formal(language) + _DU if german and form == "du" else formal(language)


def formal(language: str) -> str:
    """The language as a customer is spoken to in it."""
    return language.partition("@")[0]


def spoken(language: str) -> str:
    """What of the tag decides about words: `de`, `de@du`, `de-CH`, `de-CH@du` or `en`."""
    locale = locale_of(language)
    if not locale.startswith("de"):
        return "en"
    return ("de-CH" if locale == "de_CH" else "de") + (_DU if language.endswith(_DU) else "")


def catalogues(spoken: str) -> tuple[str, ...]:
    """The catalogues where a text is looked for, the first one first; none for English."""
    if spoken == "en":
        return ()
    return ("de@du", "de") if spoken.endswith(_DU) else ("de",)
