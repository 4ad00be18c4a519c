"""Answer a survey, and change the answer until it closes: the act of a contact, not of one of our people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sqlalchemy import Table, delete, insert, update

from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.figures.nps import HIGHEST, LOWEST
from kamflow.models.survey import SurveyAnswer, SurveyRating
from kamflow.store import events, survey_page
from kamflow.store.engine import lock
from kamflow.store.survey_page import Asked, Rating, State

ANSWER, RATING = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (SurveyAnswer, SurveyRating)
)
LONGEST = 4000  # characters of a comment
Outcome = Literal["answered", "changed", "already", "empty", "conflict", "trial"]
NOTHING = Rating()


@dataclass(frozen=True)
class Said:
    """What a contact says; all of it may be left out, and no score is not a score of 0."""

    score: int | None = None
    comment: str | None = None
    ratings: Mapping[str, Rating] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        return self == Said()


@dataclass(frozen=True)
class Answered:
    """What became of it: an outcome, or the state of a survey that takes no answer.

    `asked` is the invitation as it was before. Of a conflict it holds what another browser saved meanwhile.
    """

    state: Outcome | State
    asked: Asked


def answer(desk: Acting, invitation: int, said: Said, version: int | None = None) -> Answered:
    """Store what a contact says, or what it says now.

    `version` is that of the answer the contact saw (0: none yet): one that was changed since is not
    overwritten. None asks for no such check.

    Raises:
        NotFound: no such invitation; InputError: out of range, too long, or not asked.
    """
    # The unique key alone would end a second first answer with an error.
    lock(desk.session, f"survey:{invitation}")
    asked = survey_page.by_number(desk.session, invitation, desk.now, desk.company)
    if asked is None:
        raise NotFound(f"no invitation {invitation}: `kamflow survey list ACCOUNT` names those of a survey")
    said = _checked(said, asked)
    if asked.state != "open" or asked.trial:
        return Answered("trial" if asked.state == "open" else asked.state, asked)
    given = asked.given
    if said == _said(asked):
        return Answered("already" if given else "empty", asked)
    if version is not None and version != (given.version if given else 0):
        return Answered("conflict", asked)
    _write(desk, asked, said)
    payload = {"wave": asked.wave, "invitation": asked.id, "score": said.score}
    event = {"name": "survey.answered", "at": desk.now, "actor_id": None, "account_id": asked.account}
    events.record_many(desk.session, [event | {"payload": payload}])
    return Answered("changed" if given else "answered", asked)


def _said(asked: Asked) -> Said:
    given = asked.given
    return Said(given.score, given.comment, given.ratings) if given else Said()


def _checked(said: Said, asked: Asked) -> Said:
    """The same without what is empty."""
    for name, value in (("score", said.score), *_values(said)):
        if value is not None and not LOWEST <= value <= HIGHEST:
            raise InputError(f"{name} {value}: expected {LOWEST} to {HIGHEST}, or nothing")
    if unknown := said.ratings.keys() - set(asked.dimensions):
        raise InputError(f"survey {asked.wave} does not ask about {', '.join(sorted(unknown))}")
    comment = (said.comment or "").strip() or None
    if comment and len(comment) > LONGEST:
        raise InputError(f"the comment has {len(comment)} characters: at most {LONGEST}")
    return Said(said.score, comment, {name: each for name, each in said.ratings.items() if each != NOTHING})


def _values(said: Said) -> list[tuple[str, int | None]]:
    return [(name, value) for name, rating in said.ratings.items() for value in rating]


def _write(desk: Acting, asked: Asked, said: Said) -> None:
    given, session = asked.given, desk.session.connection()
    values: dict[str, Any] = {"score": said.score, "comment": said.comment, "changed_at": desk.now}
    if given is None:
        row = {"invitation_id": asked.id, "first_at": desk.now, "version": 1}
        session.execute(insert(ANSWER), [values | row])
    else:
        own = ANSWER.c.invitation_id == asked.id
        session.execute(update(ANSWER).where(own).values(values | {"version": given.version + 1}))
        session.execute(delete(RATING).where(RATING.c.invitation_id == asked.id))
    rows = [
        {"invitation_id": asked.id, "dimension": name, **rating._asdict()}
        for name, rating in said.ratings.items()
    ]
    if rows:
        session.execute(insert(RATING), rows)
