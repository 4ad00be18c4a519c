"""No link of before a restore fits a row that was given its id afterwards."""

from datetime import timedelta

from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.person import Person
from kamflow.models.visit import WebSession
from kamflow.store import link_versions, visits
from kamflow.store.engine import read, write
from kamflow.store.rows import stored
from tests.conftest import NOW
from tests.world import World

LATER = NOW + timedelta(days=3)


def versions(engine: Engine) -> dict[str, int]:
    with read(engine) as session:
        return dict(session.execute(select(col(Person.name), col(Person.links_version))).tuples().all())


def test_after_a_restore_every_link_of_a_person_is_worthless(engine: Engine) -> None:
    world = World(engine)
    world.person("Witt")
    world.person("Paul", links_version=link_versions.new(LATER) + 3)  # revoked four times in a second
    before = versions(engine)
    with write(engine) as session:
        link_versions.renew(session, LATER)
    after = versions(engine)
    assert all(after[name] > before[name] for name in before)
    # Restored again from the same backup: what was sent in between is worthless as well.
    assert after["Witt"] == link_versions.new(LATER) < link_versions.new(LATER + timedelta(seconds=1))


def test_after_a_restore_nobody_is_signed_in(engine: Engine) -> None:
    witt = stored(World(engine).person("Witt").id)
    with write(engine) as session:
        visits.begin(session, witt, "hash", "link", NOW, NOW + timedelta(hours=12))
        link_versions.renew(session, NOW)
    with read(engine) as session:
        assert visits.find(session, "hash", NOW, NOW.date()) is None
        assert session.execute(select(col(WebSession.ended_at))).scalar_one() == NOW
