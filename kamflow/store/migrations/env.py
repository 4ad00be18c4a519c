"""Alembic's entry: the engine comes from migrate.config, never from an ini file."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from kamflow.models.columns import Instant, Money
from kamflow.models.tables import METADATA
from kamflow.store import migrate

engine = context.config.attributes["engine"]


def spell(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types by their names."""
    if kind == "type" and isinstance(item, Instant | Money):
        return f"columns.{type(item).__name__}()"
    if kind == "type" and isinstance(item, JSON):
        return "columns.Json"
    return False


with engine.connect() as connection, migrate.unreferenced(connection):
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        render_item=spell,
        # SQLite can as well, and Alembic does not know: all versions go in, or none.
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        migrate.refuse_orphans(connection)
    connection.commit()
