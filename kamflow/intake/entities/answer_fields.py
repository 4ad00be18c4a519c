"""Answers to surveys that were held elsewhere: what a file may say of them."""

from dataclasses import replace

from kamflow.figures.survey_dimensions import KNOWN
from kamflow.figures.survey_scale import Scale
from kamflow.intake.entities.fields import ACCOUNT, EXTERNAL, Entity, Field

PAIRS = tuple((name, f"expectation_{name}", f"experience_{name}") for name in KNOWN)


def _rating(name: str, german: str, english: str) -> tuple[Field, Field]:
    return (
        Field(f"expectation_{name}", "whole", high=10, headers=(f"expectation {english.lower()}",
              f"erwartung {german.lower()}"), meaning=f"what was expected: {english}"),
        Field(f"experience_{name}", "whole", high=10, headers=(f"experience {english.lower()}",
              f"erfahrung {german.lower()}"), meaning=f"what was experienced: {english}"),
    )  # fmt: skip


ANSWERS = Entity("answers", (
    EXTERNAL, ACCOUNT,
    Field("contact", "contact", headers=("contact", "ansprechpartner", "befragter", "respondent"),
          meaning="who answered or was asked; without one the answer needs an id"),
    Field("day", "day", True, ("day", "date", "datum", "answered on", "beantwortet am"),
          meaning="of the answer, or on which somebody was asked"),
    Field("score", "whole", high=10, headers=("score", "nps", "wert", "note", "empfehlung"),
          meaning="0 to 10, or as `scale` says; empty is no answer"),
    Field("comment", "long", headers=("comment", "kommentar", "bemerkung")),
    *(field for name, (german, english) in KNOWN.items() for field in _rating(name, german, english)),
))  # fmt: skip
_RATINGS = {name for pair in PAIRS for name in pair[1:]}


def scaled(field: Field, scale: str | None, ratings: str | None) -> Field:
    """The field with the range that a mapping states for it; other fields as they are."""
    stated = {"score": scale}.get(field.name) or ((ratings or scale) if field.name in _RATINGS else None)
    if stated is None:
        return field
    given = Scale.parse(stated)
    return replace(field, low=given.low, high=given.high)
