"""A survey as its page needs it: one invitation, whether it can be answered, and what was said so far.

Hundreds may open their page in the same minute: each question to the database is put together once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import String, Table, bindparam, exists, literal, select
from sqlmodel import Session

from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating, SurveyWave
from kamflow.settings import Company
from kamflow.store import survey_mails
from kamflow.store.messages import MESSAGE, REDIRECTED
from kamflow.store.surveys_write import zone_of

ASKED, WAVE, CONTACT, ACCOUNT, ANSWER, RATING = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (SurveyInvitation, SurveyWave, Contact, Account, SurveyAnswer, SurveyRating)
)
State = Literal["open", "over", "objected"]
# Three weeks, for a mail that left before its last day was kept.
UNKNOWN_END = timedelta(days=21)


class Rating(NamedTuple):
    """0 to 10 each, or nothing said."""

    expectation: int | None = None
    experience: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What was said so far; `version` counts its changes."""

    version: int
    score: int | None
    comment: str | None
    changed_at: datetime
    ratings: Mapping[str, Rating]


@dataclass(frozen=True, slots=True)
class Asked:
    """One invitation. `language` is the contact's or the customer's, `country` likewise.

    `version` is the one its link has to be of. `trial`: the mail went to the address of a pilot, so whoever
    reads the page is not the contact.
    """

    id: int
    version: int
    wave: int
    account: int
    account_name: str
    contact: int
    state: State
    closes_on: date
    today: date
    dimensions: tuple[str, ...]
    language: str | None
    country: str | None
    consent: bool
    trial: bool = False
    given: Given | None = None


def by_link(session: Session, token_hash: str, now: datetime, company: Company) -> Asked | None:
    """The invitation with that token, as it stands at a moment; None: nobody has it."""
    return _load(session, _BY_LINK, {"wanted": token_hash}, now, company)


def by_number(session: Session, invitation: int, now: datetime, company: Company) -> Asked | None:
    """The invitation with that id; None: there is none."""
    return _load(session, _BY_NUMBER, {"wanted": invitation}, now, company)


def _load(
    session: Session, query: Any, wanted: Mapping[str, Any], now: datetime, company: Company
) -> Asked | None:
    row = session.connection().execute(query, wanted).one_or_none()
    if row is None:
        return None
    today = now.astimezone(zone_of(row.zone, row.account_zone, company.zone)).date()
    closes_on = row.closes_on or (row.invited_on or date.min) + UNKNOWN_END
    return Asked(
        id=row.id,
        version=row.version,
        wave=row.wave_id,
        account=row.account_id,
        account_name=row.account_name,
        contact=row.contact_id,
        state=_state(row, today, closes_on),
        closes_on=closes_on,
        today=today,
        dimensions=tuple(row.dimensions or ()),
        language=row.language or row.account_language,
        country=row.country or row.account_country,
        consent=row.survey_consent == "given",
        trial=row.mail_cause == REDIRECTED,
        given=_given(session, row),
    )


def _state(row: Any, today: date, closes_on: date) -> State:
    if row.survey_consent == "objected" or row.other_objected:
        return "objected"
    ended = row.stopped_on is not None or row.struck_on is not None
    closed = row.closed_on is not None and row.closed_on <= today
    return "over" if ended or row.imported or closed or today > closes_on else "open"


def _given(session: Session, row: Any) -> Given | None:
    if row.answer_version is None:
        return None
    rows = session.connection().execute(_RATINGS, {"wanted": row.id})
    ratings = {dimension: Rating(*said) for dimension, *said in rows}
    return Given(row.answer_version, row.score, row.comment, row.changed_at, ratings)


def _query() -> Any:
    asked, wave, contact, account, answer = ASKED.c, WAVE.c, CONTACT.c, ACCOUNT.c, ANSWER.c
    same = CONTACT.alias()
    # By the address as it is written: an index finds it. The governor compares spellings too.
    other = exists().where(same.c.email == contact.email, same.c.survey_consent == "objected")
    cause = select(MESSAGE.c.cause).where(MESSAGE.c.key == _mail_key()).scalar_subquery()
    return (
        select(
            asked.id, asked.version, asked.wave_id, asked.contact_id, asked.invited_on, asked.struck_on,
            asked.closes_on, wave.account_id, wave.stopped_on, wave.imported, wave.dimensions,
            contact.language, contact.country, contact.zone, contact.survey_consent,
            account.closed_on, answer.score, answer.comment, answer.changed_at,
            other.label("other_objected"),
            cause.label("mail_cause"),
            account.name.label("account_name"),
            account.language.label("account_language"),
            account.country.label("account_country"),
            account.zone.label("account_zone"),
            answer.version.label("answer_version"),
        )
        .join_from(ASKED, WAVE, wave.id == asked.wave_id)
        .join(CONTACT, contact.id == asked.contact_id)
        .join(ACCOUNT, account.id == wave.account_id)
        .outerjoin(ANSWER, answer.invitation_id == asked.id)
    )  # fmt: skip


def _mail_key() -> Any:
    """The key of the invitation's mail, as `survey_mails.key` spells it, put together by the database."""
    columns = (WAVE.c.account_id, ASKED.c.contact_id, ASKED.c.wave_id)
    account, contact, wave = -1, -2, -3  # no id is negative
    spelt = survey_mails.key("invite", account, contact, wave, "invitation")
    parts: list[Any] = [spelt]
    for number, column in zip((account, contact, wave), columns, strict=True):
        parts = [piece for part in parts for piece in _cut(part, str(number), column.cast(String))]
    key = literal(parts[0])
    for part in parts[1:]:
        key = key.concat(part)
    return key


def _cut(part: Any, mark: str, column: Any) -> list[Any]:
    if not isinstance(part, str):
        return [part]
    first, *rest = part.split(mark)
    return [first, *(piece for text in rest for piece in (column, text))]


_BY_LINK = _query().where(ASKED.c.token_hash == bindparam("wanted"))
_BY_NUMBER = _query().where(ASKED.c.id == bindparam("wanted"))
_RATINGS = select(RATING.c.dimension, RATING.c.expectation, RATING.c.experience).where(
    RATING.c.invitation_id == bindparam("wanted")
)
