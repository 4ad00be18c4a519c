"""After a restore everybody is erased again, and nobody else."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from kamflow.acts import erase, erase_again
from kamflow.models.contact import Contact
from kamflow.models.erasure import Erased
from kamflow.settings import Settings
from kamflow.store import erasures
from kamflow.store.engine import connect, read, write
from tests.acts.world import World, build
from tests.conftest import NOW

SECRET = "a secret of these tests"
TODAY = date(2026, 9, 7)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, secret_key=SecretStr(SECRET))


@pytest.fixture
def company(sqlite_engine: Engine) -> World:
    with write(sqlite_engine) as session:
        return build(session)


@pytest.fixture
def backup(sqlite_engine: Engine, company: World, tmp_path: Path) -> Iterator[Engine]:
    """The database as it was before Paul was erased."""
    path = tmp_path / "backup.db"
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{path}'")
        connection.exec_driver_sql("BEGIN")
    opened = connect(f"sqlite:///{path}")
    yield opened
    opened.dispose()


def erased(engine: Engine, home: Path, number: int) -> None:
    with write(engine) as session:
        seen = erase.foresee(session, Erased.CONTACT, number)
        erase.erase(session, seen, SECRET, NOW, TODAY)
    assert erase_again.write_down(engine, home) == 1
    assert erase_again.write_down(engine, home) == 0


def name(engine: Engine, number: int) -> str:
    with read(engine) as session:
        return session.get_one(Contact, number).name


def test_who_is_in_the_backup_is_erased_again_once(
    sqlite_engine: Engine, backup: Engine, company: World, settings: Settings
) -> None:
    paul = company.contact("paul")
    erased(sqlite_engine, settings.home, paul)

    again = erase_again.erase_again(backup, settings, NOW)

    assert (again.erased, again.unlike, name(backup, paul)) == ([("contact", paul)], [], "erased contact")
    assert erase_again.erase_again(backup, settings, NOW).erased == []
    assert "aul" not in (settings.home / erase_again.FILE).read_text()


def test_another_one_under_the_same_number_is_left_alone(
    sqlite_engine: Engine, backup: Engine, company: World, settings: Settings
) -> None:
    paul = company.contact("paul")
    erased(sqlite_engine, settings.home, paul)
    with write(backup) as session:
        row = session.get_one(Contact, paul)
        row.key, row.last_name, row.email = "eva", "Eva", "eva@example.de"

    again = erase_again.erase_again(backup, settings, NOW)

    assert (again.erased, again.unlike, name(backup, paul)) == ([], [("contact", paul)], "Eva")
    assert again.kept_out == 1  # and an import does not bring Paul back
    with read(backup) as session:
        assert [each.row for each in erasures.all_of(session)] == [paul]


def test_who_was_readmitted_may_come_back_after_a_restore(
    sqlite_engine: Engine, backup: Engine, company: World, settings: Settings
) -> None:
    paul = company.contact("paul")
    erased(sqlite_engine, settings.home, paul)
    with write(sqlite_engine) as session:
        digests = erase.readmit(session, 1, NOW, None)
    erase_again.readmitted(settings.home, digests)

    again = erase_again.erase_again(backup, settings, NOW)

    assert again.erased == [("contact", paul)]
    with read(backup) as session:
        assert [each.digests for each in erasures.all_of(session)] == [frozenset()]
