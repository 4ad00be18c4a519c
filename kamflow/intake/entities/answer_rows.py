"""The rows of answers whose contact is known: invitation, answer, ratings."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.upsert import Wanted
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating

if TYPE_CHECKING:
    from kamflow.intake.entities.answers import Told

_NOON = time(12)  # of an answer only the day is known


class _Stored(NamedTuple):
    """An answer as it stands."""

    score: int | None
    comment: str | None
    day: date
    ratings: dict[str, list[int | None]]


def write(ctx: Context, told: "Sequence[Told]") -> None:
    """Write what contacts said; sets `invitation` of each record and the state."""
    _invite(ctx, told)
    known = _answers(ctx, [each.record.values["invitation"] for each in told])
    for each in told:
        values = each.record.values
        said = _Stored(values["score"], values.get("comment"), values["day"], values["ratings"])
        if said.score is None and not said.comment and not said.ratings:
            continue  # asked, and nothing said
        before = known.get(values["invitation"])
        # A file that was written before the newest answer takes nothing back.
        if before == said or (before is not None and before.day > said.day):
            continue
        _save(ctx, values["invitation"], said, new=before is None)
        each.state = "new" if before is None and each.state == "new" else "changed"


def _invite(ctx: Context, told: "Sequence[Told]") -> None:
    row = SurveyInvitation
    known: dict[tuple[int, int], int] = {}
    for chunk in upsert.chunks(sorted({each.wave for each in told})):
        query = select(col(row.wave_id), col(row.contact_id), col(row.id)).where(col(row.wave_id).in_(chunk))
        known |= {(wave, contact): number or 0 for wave, contact, number in ctx.session.execute(query)}
    wanted = [
        Wanted(
            {"wave_id": each.wave, "contact_id": each.record.values["contact"]},
            known.get((each.wave, each.record.values["contact"])),
            {"invited_on": each.record.values["day"], "version": 1},
        )
        for each in told
    ]
    upsert.write(ctx.session, SurveyInvitation, wanted)
    for each, invitation in zip(told, wanted, strict=True):
        each.record.values["invitation"] = invitation.row_id
        each.state = invitation.state


def _answers(ctx: Context, invitations: Sequence[int]) -> dict[int, _Stored]:
    row, rating = SurveyAnswer, SurveyRating
    zone = ZoneInfo(ctx.company.zone)
    found: dict[int, _Stored] = {}
    for chunk in upsert.chunks(invitations):
        answers = select(col(row.invitation_id), col(row.score), col(row.comment), col(row.changed_at)).where(
            col(row.invitation_id).in_(chunk)
        )
        for number, score, comment, at in ctx.session.execute(answers):
            found[number] = _Stored(score, comment, at.astimezone(zone).date(), {})
        ratings = select(
            col(rating.invitation_id), col(rating.dimension), col(rating.expectation), col(rating.experience)
        ).where(col(rating.invitation_id).in_(chunk))
        for number, dimension, expectation, experience in ctx.session.execute(ratings):
            found[number].ratings[dimension] = [expectation, experience]
    return found


def _save(ctx: Context, invitation: int, said: _Stored, *, new: bool) -> None:
    at = datetime.combine(said.day, _NOON, ZoneInfo(ctx.company.zone)).astimezone(UTC)
    values: dict[str, Any] = {"score": said.score, "comment": said.comment, "changed_at": at}
    if new:
        ctx.session.add(SurveyAnswer(invitation_id=invitation, first_at=at, **values))
        ctx.session.flush()
    else:
        own = update(SurveyAnswer).where(col(SurveyAnswer.invitation_id) == invitation)
        ctx.session.execute(own.values(**values, version=SurveyAnswer.version + 1))
        ctx.session.execute(delete(SurveyRating).where(col(SurveyRating.invitation_id) == invitation))
    rows = [
        {"invitation_id": invitation, "dimension": name, "expectation": pair[0], "experience": pair[1]}
        for name, pair in said.ratings.items()
    ]
    if rows:
        ctx.session.execute(insert(SurveyRating), rows)
