"""A home is opened only where there is one; what cannot be opened leaves nothing behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from flows import runtime
from kamflow.errors import NotMigrated, StoreError
from kamflow.store import engine as db


@pytest.fixture
def disposed(monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    """The engines that were made and let go of."""
    gone: list[Engine] = []
    connect = db.connect

    def noted(url: str) -> Engine:
        engine = connect(url)
        event.listen(engine, "engine_disposed", gone.append)
        return engine

    monkeypatch.setattr(db, "connect", noted)
    return gone


def test_a_home_without_a_database_is_refused_and_none_is_made(tmp_path: Path) -> None:
    for home in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreError, match="kamflow init"):
            runtime.open_home(home)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_version_is_let_go_of(folder: Path, disposed: list[Engine]) -> None:
    engine = create_engine(f"sqlite:///{folder / 'kamflow.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    with pytest.raises(NotMigrated):
        runtime.open_home(folder)
    assert len(disposed) == 1


def test_a_server_that_does_not_answer_is_named_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAMFLOW_DATABASE_URL", "postgresql://kam:geheim@127.0.0.1:1/kamflow")
    with pytest.raises(StoreError, match="kamflow cannot be used") as error:
        runtime.open_home(tmp_path)
    assert "geheim" not in str(error.value)


def test_the_clock_stands_where_a_test_stops_it_or_goes_on_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped = datetime(2026, 7, 9, 8, tzinfo=UTC)
    monkeypatch.setenv("KAMFLOW_NOW", "2026-07-09T10:00:00+02:00")
    assert runtime.clock() == runtime.clock() == stopped

    monkeypatch.setenv("KAMFLOW_NOW", "2026-07-09T10:00:00+02:00@2020-01-01T00:00:00+00:00")
    years = runtime.clock() - stopped
    assert years > timedelta(days=365)
    assert runtime.clock() - stopped >= years
