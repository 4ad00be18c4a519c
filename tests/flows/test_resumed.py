"""A restored home decides the days it missed, tells nothing of them, and then goes on."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows import resumed
from flows.runtime import Home
from kamflow.models.event import Event
from kamflow.models.message import StoredMessage
from kamflow.store.engine import connect, write
from notifications import papers
from notifications.compose import within
from tests.notifications.test_survey_life import PREPARED, M, Post, at, july, opened

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RESTORED = july(9)


def copied(post: Post, path: Path, day: date) -> Post:
    """The home as it was on a day: what a restore of a backup makes."""
    with write(post.engine) as session:
        session.add(Event(name="test.lived", at=at(day), payload={}))
    post.engine.dispose()
    path.mkdir()
    shutil.copy(str(post.engine.url.database), path / "kamflow.db")
    engine = connect(f"sqlite:///{path / 'kamflow.db'}")
    settings = post.settings.model_copy(update={"home": path})
    return Post(engine, settings, smtp=post.smtp)


def resume(post: Post, day: date) -> int:
    home = Home(post.settings, post.policy, post.engine, lambda: at(day))
    assert resumed.is_needed(home)
    return resumed.resume(home, None)


@pytest.mark.slow  # ten nights of seven flows, twice
@pytest.mark.parametrize("knows_the_wave", [True, False])
def test_no_survey_invitation_goes_out_twice(engine: Engine, tmp_path: Path, knows_the_wave: bool) -> None:
    with opened(engine, tmp_path) as post:
        muster = post.account("Muster AG", post.person("Witt"), account_class="key")
        post.meeting(muster, M)
        post.contact("Kruse", muster, salutation="Frau", region="BY")
        if knows_the_wave:
            post.dispatch(PREPARED)
        back = copied(post, tmp_path / "back", PREPARED)
        for day in (PREPARED, july(7)):
            post.dispatch(day)
            post.deliver(at(day))
        assert len(post.received("Kruse")) == 1

        assert resume(back, RESTORED) > 0
        for day in (july(10), july(14), july(15), july(16), july(21), july(22)):
            back.dispatch(day)
            back.deliver(at(day))
        assert len(post.received("Kruse")) == 1
        assert {cause for _, cause in back.mails()} == {"restored"}
        back.engine.dispose()


def test_what_is_due_afterwards_is_sent(engine: Engine, tmp_path: Path) -> None:
    with opened(engine, tmp_path) as post:
        muster = post.account("Muster AG", post.person("Witt"), account_class="key")
        back = copied(post, tmp_path / "back", july(9))
        resume(back, RESTORED)
        back.meeting(muster, M)
        back.contact("Kruse", muster, salutation="Frau", region="BY")
        for day in (july(10), july(16)):
            back.dispatch(day)
            back.deliver(at(day))
        assert len(post.received("Kruse")) == 1
        back.engine.dispose()


def test_a_digest_and_a_document_do_not_go_out_twice(engine: Engine, tmp_path: Path) -> None:
    day, before = date(2026, 10, 27), date(2026, 10, 23)  # ten working days before M the draft is due
    with opened(engine, tmp_path) as post:
        witt = post.person("Witt", email="witt@example.de")
        post.meeting(post.account("Muster AG", witt, account_class="key"), M)
        back = copied(post, tmp_path / "back", before)
        lived(post, day)
        sent = subjects(post)
        assert len(sent) == len(set(sent))
        assert {"digest", papers.BRIEFING} <= {row.template for row in post.rows(StoredMessage)}

        assert resume(back, day) > 0
        lived(back, day)
        assert subjects(back) == sent
        back.engine.dispose()


def lived(post: Post, day: date) -> None:
    """A night and the morning after it."""
    post.at = at(day, "05:17")
    for rule in ("annual_meeting", "plan_creation"):
        post.night(rule, day)
    with write(post.engine) as session:
        within(session, at(day), post.settings, post.policy)
    assert post.deliver(at(day)).failed == 0


def subjects(post: Post) -> list[str]:
    return sorted(str(mail["Subject"]) for mail in post.received("witt"))
