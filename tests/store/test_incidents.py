"""An incident is open once; what comes back before its end was told goes on."""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from kamflow.models.event import ReceivedEvent
from kamflow.models.source import ImportedFile, Source
from kamflow.store import channel_health, data_age, incidents, places
from kamflow.store.engine import read, write

KEY = "channel:slack"


def report(engine: Engine, now: datetime, **facts: object) -> None:
    with write(engine) as session:
        incidents.report(session, KEY, "channel", facts, now)


def test_it_is_opened_once_and_touched(engine: Engine, now: datetime):
    report(engine, now, cause="a")
    report(engine, now + timedelta(minutes=3), cause="b")
    with read(engine) as session:
        [known] = incidents.open_now(session)
        assert incidents.to_tell(session) == [known]
    assert (known.opened_at, known.seen_at, known.facts) == (now, now + timedelta(minutes=3), {"cause": "b"})
    assert (known.about, known.lasted(now - timedelta(hours=1))) == ("slack", timedelta())


def test_what_comes_back_before_its_end_was_told_is_the_same(engine: Engine, now: datetime):
    report(engine, now)
    with write(engine) as session:
        [known] = incidents.open_now(session)
        incidents.told(session, [known.id], [], now)
        assert incidents.over(session, KEY, now)
    report(engine, now + timedelta(hours=1))
    with write(engine) as session:
        assert [each.id for each in incidents.open_now(session)] == [known.id]
        incidents.over(session, KEY, now)
        incidents.told(session, [], [known.id], now)
    report(engine, now + timedelta(hours=2))
    with read(engine) as session:
        assert [each.id for each in incidents.open_now(session)] != [known.id]
        assert len(incidents.recent(session, now)) == 2
        assert (incidents.times(session, KEY, now), incidents.last_told(session)) == (1, now)


def test_a_source_is_as_old_as_the_kind_of_its_data_that_is_oldest(engine: Engine, now: datetime):
    def came(days: int, state: str = "imported", **counts: object) -> ImportedFile:
        at = now - timedelta(days=days)
        return ImportedFile(
            source="crm", name="x", digest="1", rows=1, counts=counts, state=state, imported_at=at
        )

    with write(engine) as session:
        session.add_all(
            [Source(key="crm", age_limit_days=7), Source(key="erp"), Source(key="new", age_limit_days=1)]
        )
        session.add_all([came(9, interactions={}), came(20, revenue={}), came(1, people={}, revenue={})])
        session.add(came(0, "held", interactions={}))
    with read(engine) as session:
        crm, erp, new = data_age.ages(session, date(2026, 9, 7))
    assert (crm.newest_on, crm.too_old, crm.old) == (
        date(2026, 8, 29),
        True,
        {"interactions": date(2026, 8, 29)},
    )
    assert (erp.newest_on, erp.too_old, new.newest_on, new.too_old) == (None, False, None, False)
    assert data_age.called(crm) == "CRM"

    with write(engine) as session:
        told = {"sender_id": "1", "digest": "1", "answer": {}}
        session.add(ReceivedEvent(source="crm", kind="kamflow.interaction.held", at=now, **told))
    with read(engine) as session:
        assert not data_age.ages(session, date(2026, 9, 7))[0].too_old


def test_the_database_knows_its_size_and_its_backups(engine: Engine, now: datetime):
    with read(engine) as session:
        assert places.database_bytes(session) > 10_000
        assert (places.last_backup(session), places.begun(session)) == (None, None)
        assert channel_health.down(session, "email", now, timedelta(minutes=5)) is None
