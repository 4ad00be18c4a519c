from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from flows import rehearse
from flows.rehearsal import hours
from flows.runtime import Home, run_whole
from kamflow.acts.account_hand_over import hand_over
from kamflow.acts.acting import Acting
from kamflow.models.account import AccountPolicy, Team
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredEffect, StoredNudge
from kamflow.policy import Starting, parse
from kamflow.store import adopted, carrying, copying, handover_note, messages, people
from kamflow.store import engine as db
from kamflow.store.registry import RULES
from notifications.compose import compose
from tests.flows import year
from tests.world import World, decide, decided

ZONE = ZoneInfo("Europe/Berlin")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # one database is enough


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Any:
    engine = db.connect(database_url)
    yield World(engine)
    engine.dispose()


def told(engine: Engine) -> dict[str, list[Any]]:
    """What is left in a database: nudges with all they say, effects, keys of messages."""
    nudge = StoredNudge
    columns = (
        nudge.identity, nudge.owner_id, nudge.since, nudge.due_on, nudge.stage, nudge.group_key, nudge.weight,
        nudge.opened_on, nudge.staged_on, nudge.closed_on, nudge.closed_as, nudge.fingerprint,
    )  # fmt: skip
    with db.read(engine) as session:
        nudges = sorted(map(repr, session.execute(select(*(col(each) for each in columns))).all()))
        effect = (col(StoredEffect.key), col(StoredEffect.as_of))
        effects = sorted(map(repr, session.execute(select(*effect)).all()))
        keys = sorted(session.execute(select(col(StoredMessage.key))).scalars())
    return {"nudges": nudges, "effects": effects, "keys": keys}


Night = Callable[[Home, str, date], object]


def as_a_home(home: Home, rule: str, day: date) -> object:
    return run_whole(home, rule, decide(rule), day)


def for_real(world: World, first: date, last: date, night: Night) -> dict[str, list[Any]]:
    """Run every rule and tell everybody, day by day, as a home does; next year's targets are the same."""
    home = world.home()
    with db.write(world.engine) as session:
        adopted.adopt(session, world.settings.home, home.now())
        everybody = people.load(session, world.settings.company, first, last)
        company, plans = world.settings.company, world.policy.plan_creation
        carrying.forward(session, home.today(), first, last, company, plans)
    zones = {member.zone for member in everybody.members.values()}
    for day in rehearse.days(first, last):
        for moment in hours.of_day(day, RULES, zones, world.policy.cadence, ZONE):
            if moment.kind == "run":
                night(replace(home, now=lambda at=moment.at: at), moment.what, day)
            elif moment.kind == "tell":
                compose(world.engine, moment.at, world.settings, world.policy)
                with db.write(world.engine) as session:
                    messages.all_sent(session, moment.at)
    return told(world.engine)


def rehearsed(
    world: World, first: date, last: date, path: Path, diligent: bool = False
) -> dict[str, list[Any]]:
    """The same days, rehearsed on a copy."""
    engine = copying.copy(
        str(world.engine.url.render_as_string(hide_password=False)), path / f"copy-{diligent}.db"
    )
    home = replace(world.home(), engine=engine)
    play = rehearse.play(home, first, last, diligent)
    left = told(engine)
    with db.read(engine) as session:
        play.record.written(session)
    engine.dispose()
    return left | {"keys": sorted(play.record.keys)}


def same(world: World, tmp_path: Path, first: date, last: date, many: int, night: Night = as_a_home) -> None:
    played = rehearsed(world, first, last, tmp_path)
    real = for_real(world, first, last, night)
    for what in ("nudges", "effects", "keys"):
        assert played[what] == real[what], what
    assert len(played["keys"]) >= many


@pytest.mark.slow
def test_a_rehearsal_ends_as_the_days_do_for_real(world: World, tmp_path: Path) -> None:
    """A week with its end; of PostgreSQL only that its copy is the same matters, which a few days show."""
    year.build(world, 1, accounts=7)
    days = (date(2026, 1, 5), date(2026, 1, 13 if world.engine.dialect.name == "sqlite" else 7))
    same(world, tmp_path, *days, many=5)


@pytest.mark.slow
@ON_SQLITE
def test_so_it_does_where_kamflow_only_begins(world: World, tmp_path: Path) -> None:
    year.build(world, 2, accounts=4)
    begin = Starting(go_live=date(2026, 1, 12), shadow_days=3, ramp_days=3, ramp_items=1)
    world.policy = world.policy.model_copy(update={"starting": begin})
    same(world, tmp_path, date(2026, 1, 9), date(2026, 1, 20), many=5)


@pytest.mark.slow
@ON_SQLITE
def test_so_it_does_where_accounts_are_handed_over_ahead(world: World, tmp_path: Path) -> None:
    year.build(world, 4, accounts=4)
    with db.write(world.engine) as session:
        teams = session.execute(select(Team).where(col(Team.role) == "kam").order_by(col(Team.id))).scalars()
        kams = {row.account_id: row.person_id for row in teams}
        desk = Acting(session, None, datetime(2026, 1, 2, 9, tzinfo=UTC), world.settings.company)
        for account, kam in sorted(kams.items()):
            to = next(person for person in sorted(kams.values()) if person != kam)
            hand_over(desk, account, to, date(2026, 1, 13))
    same(world, tmp_path, date(2026, 1, 9), date(2026, 1, 16), many=5)
    with db.read(world.engine) as session:
        assert not handover_note.any_open(session)


@pytest.mark.slow
@ON_SQLITE
def test_so_it_does_where_accounts_have_thresholds_of_their_own(world: World, tmp_path: Path) -> None:
    year.build(world, 2, accounts=4)
    for name, value in (("contact_shortfall.lead", 60), ("measure_followup.ahead", 30)):
        for account, begin in ((1, date(2026, 1, 13)), (2, date(2026, 1, 1))):
            world.add(AccountPolicy(account_id=account, name=name, value=value, from_day=begin))
    world.policy = parse({"class": {"key": {"contact_shortfall": {"gap": 2}}}})
    same(world, tmp_path, date(2026, 1, 9), date(2026, 1, 16), many=3)


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("seed", "accounts"), [(3, 6)])  # one of each class
def test_a_whole_year_is_the_same_too(world: World, tmp_path: Path, seed: int, accounts: int) -> None:
    year.build(world, seed, accounts, first=date(2026, 3, 1))
    same(world, tmp_path, date(2026, 2, 20), date(2027, 1, 31), 100, decided)


@pytest.mark.slow
@ON_SQLITE
def test_what_people_do_ends_as_if_they_had_done_it(world: World, tmp_path: Path) -> None:
    """Held contacts count for the rule as real ones do, plans are submitted and approved, words are kept."""
    year.build(world, 1, accounts=4)
    played = rehearsed(world, date(2026, 1, 5), date(2026, 1, 23), tmp_path, diligent=True)
    idle = rehearsed(world, date(2026, 1, 5), date(2026, 1, 23), tmp_path, diligent=False)
    closed = [row for row in played["nudges"] if "'done'" in row]
    assert closed
    assert sum("'done'" in row for row in idle["nudges"]) < len(closed)
