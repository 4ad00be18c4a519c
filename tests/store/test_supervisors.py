"""Which supervisors there are, and how the jobs of the clock stand."""

from datetime import timedelta

from sqlalchemy import Engine

from kamflow.models.watch import Supervisor
from kamflow.store import clock_jobs, leases, supervisors
from kamflow.store import engine as db
from kamflow.store.clock_jobs import Beat
from tests.conftest import NOW


def one(name: str, path: str = "/srv/kamflow", minutes: float = 0) -> Supervisor:
    at = NOW + timedelta(minutes=minutes)
    return Supervisor(
        name=name, host="vm", path=path, pid=1, version="1", started_at=at, seen_at=at
    )  # fmt: skip


def test_a_new_one_at_the_same_place_says_that_the_former_is_dead_and_takes_its_lease(engine: Engine) -> None:
    with db.write(engine) as session:
        supervisors.begun(session, one("killed"), "clock")
        supervisors.begun(session, one("elsewhere", "/srv/other"), "clock")
    assert leases.take(engine, "clock", "killed", NOW, 12)
    with db.write(engine) as session:
        supervisors.begun(session, one("new", minutes=0.1), "clock")
        assert {each.name: each.stopped_at is None for each in supervisors.all_of_them(session)} == {
            "new": True,
            "elsewhere": True,
            "killed": False,
        }

    assert leases.take(engine, "clock", "new", NOW + timedelta(seconds=6), 12)


def test_it_says_that_it_is_alive_until_it_stops_and_is_forgotten_a_week_later(sqlite_engine: Engine) -> None:
    later = NOW + timedelta(minutes=5)
    with db.write(sqlite_engine) as session:
        supervisors.begun(session, one("first"), "clock")
        supervisors.seen(session, "first", later)
        supervisors.stopped(session, "first", later)
        [row] = supervisors.all_of_them(session)
        assert row.seen_at == row.stopped_at == later
        supervisors.begun(session, one("second", "/srv/other", minutes=60 * 24 * 8), "clock")
        assert [each.name for each in supervisors.all_of_them(session)] == ["second"]


def test_a_job_keeps_when_it_was_last_done_and_one_of_another_version_goes(engine: Engine) -> None:
    with db.write(engine) as session:
        clock_jobs.write(session, "a", [Beat("relay", NOW), Beat("former", NOW)], NOW)
    later = NOW + timedelta(seconds=3)
    with db.write(engine) as session:
        clock_jobs.write(session, "b", [Beat("relay", None, 2, "OperationalError"), Beat("watch")], later)
    with db.read(engine) as session:
        found = [
            (row.job, row.holder, row.done_at, row.failed, row.cause)
            for row in clock_jobs.all_of_them(session)
        ]

    assert found == [("relay", "b", NOW, 2, "OperationalError"), ("watch", "b", None, 0, None)]
