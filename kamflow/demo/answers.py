"""What contacts say to a survey, written as the survey's page would write it."""

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.demo.cast import Cast
from kamflow.demo.diary import Act
from kamflow.demo.stage import Stage
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating, SurveyWave
from kamflow.store import events
from kamflow.store.engine import read, write
from kamflow.store.rows import stored

# How good it was to be, and how good it was.
EXPECTED, BELOW, ABOVE = 8, 3, 9


def invited(stage: Stage, account: str) -> list[tuple[int, int]]:
    """Invitation and contact of everybody at an account who was asked and did not answer, in order."""
    row = SurveyInvitation
    answered = select(col(SurveyAnswer.invitation_id))
    query = (
        select(col(row.id), col(row.contact_id))
        .join(SurveyWave, col(SurveyWave.id) == col(row.wave_id))
        .where(col(SurveyWave.account_id) == stage.accounts.get(account), col(SurveyWave.imported).is_(False))
        .where(col(row.invited_on).is_not(None), col(row.id).not_in(answered))
        .order_by(col(row.id))
    )
    with read(stage.home.engine) as session:
        return [(stored(number), contact) for number, contact in session.execute(query)]


def answer(stage: Stage, cast: Cast, account: str, score: int, comment: str | None = None) -> None:
    """Let the next one who was asked answer; nobody, where nobody was."""
    for invitation, contact in invited(stage, account)[:1]:
        with write(stage.home.engine) as session:
            _write(session, stage, invitation, score, comment)
        account_id = stage.accounts[account]
        cast.diary.acts.append(Act(stage.clock(), None, "answered", account_id, (contact,), score=score))


def _write(session: Session, stage: Stage, invitation: int, score: int, comment: str | None) -> None:
    now = stage.clock()
    session.add(
        SurveyAnswer(invitation_id=invitation, score=score, comment=comment, first_at=now, changed_at=now)
    )
    session.flush()
    for dimension, experience in (("delivery", BELOW if score <= 6 else ABOVE), ("service", ABOVE)):
        session.add(
            SurveyRating(
                invitation_id=invitation, dimension=dimension, expectation=EXPECTED, experience=experience
            )
        )
    wave = session.get_one(SurveyWave, session.get_one(SurveyInvitation, invitation).wave_id)
    events.record(
        session,
        "survey.answered",
        now,
        account=wave.account_id,
        wave=wave.id,
        invitation=invitation,
        score=score,
    )
