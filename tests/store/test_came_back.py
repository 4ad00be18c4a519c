"""A mail that came back finds its message, however many there are."""

from sqlalchemy import Engine, event

from kamflow.store import engine as db
from kamflow.store import messages


def test_the_message_of_a_mail_is_found_by_an_index(sqlite_engine: Engine) -> None:
    asked: list[tuple[str, object]] = []
    with db.read(sqlite_engine) as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        messages.by_mail_id(session, ["<1@example.com>", "<2@example.com>"])
        [(query, values)] = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()

    steps = [row.detail for row in plan]
    assert "SEARCH message USING INDEX ix_message_mail_id (mail_id=?)" in steps, steps
    assert not [step for step in steps if step.startswith("SCAN")]
