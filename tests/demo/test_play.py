from collections import Counter
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
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.nudge import StoredNudge
from kamflow.store import lookup
from kamflow.store.engine import read
from tests.demo.played import Played, nudges, of_kind


@pytest.fixture
def stage() -> Iterator[Stage]:
    with staged(3, None, FIRST) as stage:
        yield stage


def sent_twice(stage: Stage) -> list[object]:
    mails = [key for key, count in stage.catcher.counts.items() if count > 1]
    posts = Counter(post.message_id for post in stage.slack.posts)
    return [*mails, *(key for key, count in posts.items() if count > 1)]


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


@pytest.mark.slow
def test_the_figures_are_those_of_the_database(weeks: Played) -> None:
    stage, diary, _ = weeks
    with read(stage.home.engine) as session:
        closed = [row.closed_at is not None for row in session.exec(select(StoredNudge))]

    assert diary.total("opened") == len(closed)
    assert diary.total("closed") == sum(closed)


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


@pytest.mark.slow
def test_three_weeks_end_with_nothing_left_to_send(weeks: Played) -> None:
    stage, diary, _ = weeks

    assert diary.again == (0, 0)
    assert diary.total("failed") == 0
    assert not sent_twice(stage)
    assert diary.total("opened") > diary.total("closed") > 20


@pytest.mark.slow
def test_nobody_gets_more_than_one_list_a_day(weeks: Played) -> None:
    for each in weeks[2].readers:
        lists = (m for m in each.received if m.kind == "nudges" and m.occasion != "now")
        days = Counter(message.at.date() for message in lists)
        assert not [day for day, count in days.items() if count > 1], each.key


@pytest.mark.slow
def test_who_is_away_gets_nothing_and_one_list_on_the_second_day_back(weeks: Played) -> None:
    around = [m for m in of_kind(weeks[2], "prigge", "nudges") if 10 <= m.at.day <= 17]

    assert [(m.at.day, m.occasion) for m in around] == [(17, "return")]


@pytest.mark.slow
def test_every_scene_is_played(weeks: Played) -> None:
    acts = {act.what for act in weeks[1].acts}

    assert acts == {
        "held",
        "booked",
        "cancelled",
        "snoozed",
        "handed over",
        "done",
        "filled",
        "submitted",
        "approved",
        "returned",
        "absent",
        "calendar",
        "measure done",
        "measure moved",
        "delivered",
        "refused",
        "commented",
        "revenue",
        "accepted",
        "paused",
        "meeting booked",
        "meeting moved",
        "noted",
        "released",
        "struck",
        "answered",
    }


@pytest.mark.slow
def test_a_contact_known_from_a_calendar_counts(weeks: Played) -> None:
    stage = weeks[0]
    with read(stage.home.engine) as session:
        found = session.exec(
            select(Encounter)
            .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
            .where(col(Interaction.source) == "calendar", col(Interaction.state) == "held")
        ).all()

    assert {pair.person_id for pair in found} == {stage.people["witt"]}
    assert len(found) == 2
