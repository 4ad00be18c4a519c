"""Readers do not write, and a connection that rested is asked whether its server is still there."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from kamflow.store import engine as db

GREET = "INSERT INTO adopted_home (host, path, adopted_at) VALUES ('h', '/p', '2026-09-07 06:30:00+00:00')"
PID = text("SELECT pg_backend_pid()")


def test_a_reader_cannot_write_and_who_comes_after_it_can(engine: Engine) -> None:
    for _ in range(2):
        with pytest.raises(DBAPIError), db.read(engine) as session:
            session.execute(text(GREET))
        with db.write(engine) as session:
            session.execute(text(GREET))
            session.execute(text("DELETE FROM adopted_home"))


def test_a_connection_that_rested_is_replaced_where_its_server_went(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, other = db.connect(postgres_url), db.connect(postgres_url)
    with db.write(engine) as session:
        (gone,) = session.execute(PID).one()
    with db.write(other) as session:
        session.execute(text("SELECT pg_terminate_backend(:gone, 5000)"), {"gone": gone})
    monkeypatch.setattr(db, "RESTED_SECONDS", -1.0)

    with db.write(engine) as session:
        assert session.execute(PID).one() != (gone,)
    engine.dispose()
    other.dispose()
