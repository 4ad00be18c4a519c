"""What contacts say to a survey, by the act that is behind the survey's page."""

from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import survey_answer
from kamflow.acts.acting import Acting
from kamflow.acts.survey_answer import Said
from kamflow.demo.cast import Cast
from kamflow.demo.diary import Act
from kamflow.demo.stage import Stage
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.store.engine import read, write
from kamflow.store.rows import stored
from kamflow.store.survey_page import Rating

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
            desk = Acting(session, None, stage.clock(), stage.home.settings.company)
            survey_answer.answer(desk, invitation, Said(score, comment, _ratings(score)))
        account_id = stage.accounts[account]
        cast.diary.acts.append(Act(stage.clock(), None, "answered", account_id, (contact,), score=score))


def _ratings(score: int) -> dict[str, Rating]:
    return {
        "delivery": Rating(EXPECTED, BELOW if score <= 6 else ABOVE),
        "service": Rating(EXPECTED, ABOVE),
    }
