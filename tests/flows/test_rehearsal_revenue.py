"""In a rehearsal the revenue of a quarter arrives as planned."""

from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from flows.rehearsal import revenue
from kamflow.models.source import CompletePeriod
from kamflow.store.engine import read, write
from tests.world import World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ARRIVES, LATER = date(2026, 4, 9), date(2026, 4, 30)  # five working days after the quarter, Easter between


@pytest.mark.parametrize("known", [ARRIVES, LATER, None])
def test_a_quarter_that_its_source_called_complete_arrives_once(engine: Engine, known: date | None) -> None:
    world = World(engine)
    muster = world.account("Muster AG", world.person("Witt"))
    world.sold(muster, date(2026, 2, 2), 1000, "target", source="erp")
    if known is not None:
        quarter = {"first": date(2026, 1, 1), "last": date(2026, 3, 31)}
        world.add(CompletePeriod(source="erp", complete_on=known, **quarter))
    with write(engine) as session:
        assert revenue.arrive(session, ARRIVES, world.settings.company) == {muster.id}
    with read(engine) as session:
        said = session.execute(select(col(CompletePeriod.source), col(CompletePeriod.complete_on)))
        assert dict(said.tuples().all()) == {"erp": ARRIVES, "rehearsal": ARRIVES}
