from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from kamflow.demo.cast import Cast
from kamflow.demo.diary import Diary
from kamflow.demo.play import FIRST, decide_and_tell
from kamflow.demo.stage import Stage, staged
from kamflow.errors import InputError
from kamflow.models.nudge import StoredNudge
from kamflow.store import lookup
from kamflow.store.engine import read
from tests.demo.played import Played, nudges, sent_twice


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(3, None, FIRST) as stage:
        yield stage


def test_a_logged_contact_closes_its_nudge_in_the_next_night(stage: Stage) -> None:
    decide_and_tell(stage, FIRST)
    nudge = next(n for n in nudges(stage, "K001", "contacts") if n.owner_id == stage.people["witt"])
    cast = Cast(stage, Diary())
    with read(stage.home.engine) as session:
        paul = lookup.contact(session, "K001-2").id
    for day in (date(2026, 9, 3), FIRST):
        assert cast.log(nudge.owner_id, [paul], stage.accounts["K001"], day=day)

    decide_and_tell(stage, date(2026, 9, 8))

    after = next(n for n in nudges(stage, "K001", "contacts") if n.id == nudge.id)
    assert (after.closed_as, after.closed_on) == ("done", date(2026, 9, 8))


def test_a_plan_that_was_handed_in_is_no_longer_asked_for(week: Played) -> None:
    stage, diary, _ = week
    submitted = next(act for act in diary.acts if act.what == "submitted")
    with read(stage.home.engine) as session:
        found = session.exec(
            select(StoredNudge)
            .where(col(StoredNudge.account_id) == submitted.account)
            .where(col(StoredNudge.step) == "hand_in")
            .order_by(col(StoredNudge.id))
        ).first()

    assert found.closed_on == date(2026, 9, 8)


def test_the_last_day_once_more_opens_and_sends_nothing(week: Played) -> None:
    stage, diary, _ = week

    assert diary.again == (0, 0)
    assert stage.delivered == diary.total("mails") + diary.total("posts") > 0


def test_nothing_is_sent_twice(week: Played) -> None:
    assert not sent_twice(week[0])


def test_the_show_holds_what_arrived(week: Played) -> None:
    stage, _, show = week

    assert sum(len(reader.received) for reader in show.readers) == stage.delivered
    for message in (each for reader in show.readers for each in reader.received):
        assert bool(message.lines) == (message.kind == "nudges"), message.subject


def test_a_refused_act_is_not_in_the_diary(stage: Stage) -> None:
    diary = Diary()

    assert not Cast(stage, diary).approve(stage.people["witt"], stage.accounts["K001"])
    assert diary.acts == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kamflow.db").touch()

    with pytest.raises(InputError, match="not empty"), staged(1, tmp_path, FIRST):
        pass
