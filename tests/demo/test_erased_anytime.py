"""Contacts and a colleague are erased amid the demo: everything after it still runs, and names nobody."""

from datetime import date, timedelta

import pytest
from sqlalchemy import or_, select
from sqlmodel import col

from kamflow.acts import erase
from kamflow.demo.play import FIRST, decide_and_tell, play
from kamflow.demo.stage import Stage, staged
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.erasure import Erased
from kamflow.models.interaction import Encounter
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person, PersonRole
from kamflow.store.engine import read, write
from tests.web.conftest import Visited
from tests.web.test_no_personal_data import Crawl
from tests.world import World

ACCOUNTS, COLLEAGUE = 2, "thiele"
DAY, AFTER = (
    date(2026, 9, 8),
    (date(2026, 9, 9), date(2026, 9, 14)),
)  # the last one is a Monday with all digests


def busiest(stage: Stage) -> list[int]:
    """Contacts by how much hangs on them: those who were met, then the others."""
    with read(stage.home.engine) as session:
        met = session.execute(
            select(col(Encounter.contact_id)).distinct().order_by(col(Encounter.contact_id))
        )
        placed = session.execute(select(col(Place.contact_id)).distinct().order_by(col(Place.contact_id)))
        return list(dict.fromkeys([*met.scalars(), *placed.scalars()]))


def left(stage: Stage, key: str) -> int:
    """One of our people who left yesterday and has nothing to look after."""
    number, day = stage.people[key], stage.clock.today
    with write(stage.home.engine) as session:
        session.get_one(Person, number).left_on = day - timedelta(days=1)
        erase.refuse(session, Erased.PERSON, number, day)
    return number


def erased(stage: Stage, kind: Erased, number: int) -> str:
    with write(stage.home.engine) as session:
        name = session.get_one(Contact if kind == Erased.CONTACT else Person, number).name
        seen = erase.foresee(session, kind, number)
        erase.erase(session, seen, "a secret", stage.clock(), stage.clock.today, replace=True)
    return name


def crawled(stage: Stage) -> Crawl:
    """What a head of KAM and every KAM can open, all of it well."""
    visited = Visited(World(stage.home.engine), now=stage.clock())
    with read(stage.home.engine) as session:
        accounts = list(
            session.execute(select(col(Account.id)).where(col(Account.closed_on).is_(None))).scalars()
        )
        roles = select(col(PersonRole.person_id)).where(col(PersonRole.role).in_(("head", "kam"))).distinct()
        people = [session.get_one(Person, number) for number in session.execute(roles).scalars()]
    last = Crawl(visited.inside())
    for person in people[:2]:
        crawl = Crawl(visited.signed_in(person))
        ways = [f"/accounts/{each}/matrix" for each in accounts] + [f"/surveys/{each}" for each in accounts]
        crawl.follow("/list", "/accounts", "/plans", "/log", *ways)
        assert {code for code in crawl.seen.values() if code >= 500} == set(), crawl.seen
        last.said += crawl.said
    return last


@pytest.mark.slow  # three days of a made-up company
def test_everything_still_runs_after_an_erasure() -> None:
    with staged(ACCOUNTS, None, FIRST) as stage:
        play(stage, last=DAY)
        names = [erased(stage, Erased.CONTACT, number) for number in busiest(stage)[:3]]
        names.append(erased(stage, Erased.PERSON, left(stage, COLLEAGUE)))
        mails, posts = len(stage.catcher.messages), len(stage.slack.posts)

        for day in AFTER:
            assert decide_and_tell(stage, day).failed == 0

        with read(stage.home.engine) as session:
            broken = or_(col(StoredMessage.state) == "failed", col(StoredMessage.cause) == "not-rendered")
            assert not session.execute(select(col(StoredMessage.id)).where(broken)).scalars().all()
        new = [str(post.blocks) for post in stage.slack.posts[posts:]]
        new += [mail.raw.decode() for mail in stage.catcher.messages[mails:]]
        assert new
        assert not [name for name in names for text in new if name in text]
        said = crawled(stage).said
        assert not [name for name in names if name.casefold() in said]
