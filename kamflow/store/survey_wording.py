"""What a company words itself may not ask about named people: customers would rate an employee.

Our people are found however they are written; contacts, who are many and some of them called by plain words,
by their full name or by a name with a capital letter. `kamflow config check` names what is refused; meanwhile
a survey leaves it out, so that one text does not stop a night.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.contact import Contact
from kamflow.models.person import Person
from kamflow.thresholds import SurveyDispatch, Wording

WORD = re.compile(r"[^\W\d_]+")
ADDRESS = re.compile(r"\S+@\S+")
# Who is called that is a person, whether we know them or not.
CALLED = frozenset({"herr", "herrn", "frau", "mr", "mrs", "ms"})
SHORTEST = 3  # letters; two make a word like any other
# Parts of names that are nobody's.
PARTS = frozenset(
    {"von", "vom", "van", "der", "den", "dem", "zur", "zum", "und", "prof", "dipl", "ing", "mag", "del"}
)


@dataclass(frozen=True, slots=True)
class Named:
    """A text that names somebody: `dimension` and language, what was found, and who that is."""

    dimension: str
    language: str
    found: str
    who: Literal["person", "contact", "address", "title"]

    def __str__(self) -> str:
        means = {
            "person": "one of our people is called that",
            "contact": "a contact is called that",
            "address": "it is an address",
            "title": "it speaks of one person",
        }[self.who]
        where = f"policy.survey_dispatch.wording.{self.dimension}.{self.language}"
        return (
            f"{where}: {self.found!r}: {means}. A survey asks about our work, never about a named person; "
            "word it differently, until then it is not asked"
        )


def asked(session: Session, policy: SurveyDispatch) -> tuple[str, ...]:
    """The dimensions a survey asks about, without those that name somebody."""
    left_out = {each.dimension for each in refused(session, policy.wording)}
    return tuple(name for name in policy.dimensions if name not in left_out)


def refused(session: Session, wording: Mapping[str, Wording]) -> list[Named]:
    """The texts that name somebody, with the first name found in each."""
    if not wording:
        return []
    ours = _words(session.execute(select(col(Person.name))).scalars())
    rows = session.execute(select(col(Contact.first_name), col(Contact.last_name)).distinct()).all()
    theirs = _words(name for row in rows for name in row if name)
    pairs = {f"{first} {last}".casefold() for first, last in rows if first}
    found: list[Named] = []
    for dimension, text in wording.items():
        for language in ("de", "en"):
            hit = _first(getattr(text, language), {word.casefold() for word in ours}, theirs, pairs)
            if hit is not None:
                found.append(Named(dimension, language, *hit))
    return found


def _first(
    text: str, ours: set[str], theirs: set[str], pairs: set[str]
) -> tuple[str, Literal["person", "contact", "address", "title"]] | None:
    if address := ADDRESS.search(text):
        return address.group(), "address"
    words = WORD.findall(text)
    for at, word in enumerate(words):
        if word.casefold() in CALLED and words[at + 1 : at + 2] and words[at + 1][0].isupper():
            return f"{word} {words[at + 1]}", "title"
        if word.casefold() in ours:
            return word, "person"
        if word[0].isupper() and word in theirs:
            return word, "contact"
    low = " ".join(words).casefold()
    return next(((pair, "contact") for pair in pairs if f" {pair} " in f" {low} "), None)


def _words(names: Iterable[str]) -> set[str]:
    found = (word for name in names for word in WORD.findall(name))
    return {word for word in found if len(word) >= SHORTEST and word.casefold() not in PARTS}
