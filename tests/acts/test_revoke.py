from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select

from kamflow.acts import revoke
from kamflow.acts.acting import Acting
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.visit import WebSession
from kamflow.store import visits
from kamflow.store.engine import read, write
from tests.conftest import NOW
from tests.world import World


def test_whoever_revokes_their_links_is_signed_out_everywhere_and_nobody_else_is(engine: Engine) -> None:
    world = World(engine)
    witt, paul = world.person("Witt"), world.person("Paul")
    with write(world.engine) as session:
        for person, token in ((witt, "a"), (witt, "b"), (paul, "c")):
            visits.begin(session, person.id or 0, token, "link", NOW, NOW + timedelta(hours=1))

    with write(world.engine) as session:
        assert revoke.revoke(Acting(session, witt.id, NOW, world.settings.company)) == 2

    with read(world.engine) as session:
        ended = {row.token_hash for row in session.exec(select(WebSession)) if row.ended_at is not None}
        assert ended == {"a", "b"}
        assert session.get_one(Person, witt.id).links_version == 2
        assert session.get_one(Person, paul.id).links_version == 1
        assert "person.links_ended" in session.exec(select(Event.name)).all()
