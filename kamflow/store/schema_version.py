"""Which database there is and at which version its tables are."""

from sqlalchemy import text
from sqlmodel import Session

from kamflow.store import migrate

KINDS = {"sqlite": ("SQLite", "SELECT sqlite_version()"), "postgresql": ("PostgreSQL", "SHOW server_version")}


def database(session: Session) -> str:
    """`SQLite 3.46.1`, `PostgreSQL 16.4`."""
    name, query = KINDS[session.get_bind().dialect.name]
    return f"{name} {session.execute(text(query)).scalar_one().split()[0]}"


def schema(session: Session) -> str | None:
    """The version of the tables: the number of the last migration."""
    return migrate.current(session.connection())
