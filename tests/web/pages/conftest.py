"""Pages prove the same on both databases; SQLite is enough here."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy
from sqlalchemy import Engine

from tests.web.conftest import Visited
from tests.world import World


@pytest.fixture
def visited(sqlite_engine: Engine) -> Visited:
    return Visited(World(sqlite_engine))


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile, transactions left out."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.split(maxsplit=1)[0] in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE"):
            seen.append(statement)

    sqlalchemy.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sqlalchemy.event.remove(engine, "before_cursor_execute", note)
