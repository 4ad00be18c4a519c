"""The briefing's form by the command line: written, filled in, read in."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.meeting import AnnualMeeting, BriefingNote, MeetingRound
from kamflow.store.engine import write
from tests.acts.world import World, store
from tests.cli.conftest import Answer
from tests.intake.filling import filled

Kamflow = Callable[..., Answer]


def book(engine: Engine) -> None:
    with write(engine) as session:
        muster = session.execute(select(Account).where(col(Account.key) == "muster")).scalar_one()
        year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31)}
        meeting = store(session, AnnualMeeting(account_id=muster.id, **year))
        store(session, MeetingRound(meeting_id=meeting.id, day=date(2026, 9, 21)))


def test_a_briefing_is_looked_through_in_excel(
    kamflow: Kamflow, world: World, engine: Engine, stored: Session, tmp_path: Path
) -> None:
    book(engine)
    path = tmp_path / "briefing.xlsx"
    written = kamflow("export", "briefing", "--account", "muster", "--as", "witt", "--out", path)
    assert written.code == 0
    changed = filled(path, tmp_path / "x.xlsx", {("briefing_points", "avoid-1", "text"): "The lawsuit"})

    answer = kamflow("import", changed, "--as", "witt", "--json")

    assert (answer.code, answer.json["briefing"]["changed"]) == (0, 1)
    assert stored.execute(select(col(BriefingNote.text))).scalars().all() == ["The lawsuit"]
    assert kamflow("export", "briefing", "--account", "muster", "--as", "fremd").code == 2
