"""A backup comes back as it was, and whatever it may have sent since is not sent a second time."""

import shutil
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.message import MessageState, StoredMessage
from kamflow.store import adopted, copies, new_messages
from kamflow.store.engine import connect, read, write
from kamflow.store.new_messages import NewMessage
from tests.acts.world import Act, World
from tests.conftest import NOW


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with its own file and its settings."""
    folder = tmp_path / "home"
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "secret_key").write_text("a secret that nobody can guess")
    (folder / "kamflow.toml").write_text('[company]\nname = "Ours"\n')
    shutil.copy(sqlite_template, folder / "kamflow.db")
    monkeypatch.setenv("KAMFLOW_HOME", str(folder))
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T08:30:00+02:00")
    return folder


@pytest.fixture
def database_url(home: Path) -> str:
    return f"sqlite:///{home / 'kamflow.db'}"


@pytest.fixture
def waiting(world: World, home: Path, engine: Engine) -> None:
    """The home is adopted and has a message that waits."""
    with write(engine) as session:
        adopted.adopt(session, home, NOW)
        new_messages.add(session, NewMessage("a", "notice", "email", "x", {}, world.person("witt")), NOW)


def made(kamflow: Act, *more: object) -> Path:
    said = kamflow("backup", "--json", *more)
    assert said.code == 0, said.err
    return Path(said.json["file"])


def messages(home: Path) -> list[tuple[str, str | None]]:
    engine = connect(f"sqlite:///{home / 'kamflow.db'}")
    with read(engine) as session:
        found = session.execute(select(col(StoredMessage.state), col(StoredMessage.cause))).all()
    engine.dispose()
    return [(state, cause) for state, cause in found]


def names_of(session: Session) -> list[str]:
    return list(session.execute(select(col(Event.name)).order_by(col(Event.id))).scalars())


@pytest.mark.usefixtures("waiting")
def test_a_new_home_is_made_of_a_backup_and_is_silent(kamflow: Act, tmp_path: Path) -> None:
    file, new = made(kamflow), tmp_path / "new"
    said = kamflow("restore", file, "--home", new, "--json")

    assert (said.code, said.json["held"]) == (0, 1), said.err
    assert messages(new) == [(MessageState.CANCELLED, "restored")]
    assert (new / "kamflow.toml").read_text() == '[company]\nname = "Ours"\n'
    assert (new / "secrets" / "secret_key").read_text() == "a secret that nobody can guess"
    refused = kamflow("deliver", "--home", new)
    assert (refused.code, "kamflow adopt" in refused.err) == (2, True)


@pytest.mark.usefixtures("waiting")
def test_the_archive_is_ours_alone_and_old_ones_go(kamflow: Act, home: Path) -> None:
    (home / "backups").mkdir()
    (home / "backups" / "kamflow-20200101-000000.tar.gz").touch()
    file = made(kamflow, "--keep", 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in (home / "backups").iterdir()] == [file.name]
    with tarfile.open(file) as archive:
        assert archive.getnames()[0] == "contents.json"
        assert "home/secrets/secret_key" in archive.getnames()


@pytest.mark.usefixtures("waiting")
def test_a_restored_home_goes_back_and_keeps_what_stood_there(
    kamflow: Act, home: Path, engine: Engine
) -> None:
    file = made(kamflow)
    with write(engine) as session:
        session.add(Event(name="test.since", at=NOW, payload={}))
    engine.dispose()
    (home / "kamflow.toml").write_text('[company]\nname = "Theirs"\n')
    said = kamflow("restore", file, "--json")

    assert said.code == 0, said.err
    assert (Path(said.json["set_aside"]) / "kamflow.toml").read_text() == '[company]\nname = "Theirs"\n'
    with read(engine) as session:
        found = names_of(session)
    assert "test.since" not in found
    assert found[-1] == "home.restored"


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.usefixtures("waiting")
def test_a_restore_that_was_killed_is_ended_by_the_next_one(
    kamflow: Act, home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, swapped: bool
) -> None:
    file = made(kamflow)
    engine.dispose()
    (home / "kamflow.toml").write_text('[company]\nname = "Theirs"\n')
    (home / ".restore-killed" / "database").mkdir(parents=True)
    put_in_place = copies.put_in_place

    def killed(*given: Any) -> None:
        if swapped:
            put_in_place(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(copies, "put_in_place", killed)
        with pytest.raises(SystemExit):
            kamflow("restore", file)
    refused = kamflow("nudges", "--home", home)
    assert (refused.code, "kamflow restore" in refused.err) == (2, True)
    assert kamflow("restore", file, "--home", home).code == 0
    assert messages(home) == [(MessageState.CANCELLED, "restored")]
    assert (home / "kamflow.toml").read_text() == '[company]\nname = "Ours"\n'
    assert [each.name for each in home.glob(".restore-*")] == []


@pytest.mark.parametrize("spoil", ["truncated", "no archive", "newer"])
@pytest.mark.usefixtures("waiting")
def test_what_is_no_good_backup_changes_nothing(kamflow: Act, home: Path, spoil: str, engine: Engine) -> None:
    if spoil == "newer":
        with write(engine) as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        engine.dispose()
        file = _made_by_newer(kamflow, home)
    else:
        file = made(kamflow)
        file.write_bytes(file.read_bytes()[:2000] if spoil == "truncated" else b"no archive")
    said = kamflow("restore", file)
    assert said.code == 2
    assert messages(home) == [(MessageState.WAITING, None)]
    assert [each for each in home.iterdir() if each.name.startswith(".restore-")] == []


def _made_by_newer(kamflow: Act, home: Path) -> Path:
    """As a backup of a later version would be: its database is of a version that we do not know."""
    from kamflow.store import archive, copies
    from kamflow.store.archive import Contents

    engine, staged = connect(f"sqlite:///{home / 'kamflow.db'}"), home.parent / "staged"
    (staged / "database").mkdir(parents=True)
    schema = copies.write_out(engine, staged / "database")
    with write(engine) as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    engine.dispose()
    files = {"database/kamflow.db": archive.digest(staged / "database" / "kamflow.db")}
    archive.pack(home.parent / "b.tar.gz", Contents("9.9", schema, "sqlite", NOW, files), staged)
    return home.parent / "b.tar.gz"


@pytest.mark.usefixtures("waiting")
def test_a_home_that_runs_is_not_restored(kamflow: Act, home: Path) -> None:
    from flows import single

    file = made(kamflow)
    with single.alone(home):
        said = kamflow("restore", file)
    assert (said.code, "runs on" in said.err) == (2, True)


@pytest.mark.usefixtures("waiting")
def test_a_copied_home_is_silent_and_what_it_may_have_sent_is_stopped(
    kamflow: Act, home: Path, tmp_path: Path, engine: Engine
) -> None:
    engine.dispose()
    shutil.copytree(home, tmp_path / "copy")
    assert kamflow("deliver", "--home", tmp_path / "copy").code == 2
    said = kamflow("adopt", "--home", tmp_path / "copy", "--json")
    assert said.code == 0, said.err
    assert said.json["held"] >= 1
    assert {state for state, _ in messages(tmp_path / "copy")} == {MessageState.CANCELLED}
    assert messages(home) == [(MessageState.WAITING, None)]


@pytest.mark.usefixtures("waiting")
def test_a_home_that_was_only_moved_sends_what_waits(kamflow: Act, home: Path, engine: Engine) -> None:
    engine.dispose()
    moved = home.rename(home.parent / "moved")
    assert kamflow("adopt", "--moved", "--home", moved).code == 0
    assert messages(moved) == [(MessageState.WAITING, None)]
