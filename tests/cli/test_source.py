"""`kamflow source`: how old the data of a source is, how old it may be, and who hears when it is older."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from kamflow.models.source import ImportedFile
from kamflow.store.engine import write
from tests.acts.world import Act, World


def test_a_source_gets_its_owner_and_its_limit(world: World, kamflow: Act, engine: Engine):
    with write(engine) as session:
        at = datetime(2026, 8, 20, 8, tzinfo=UTC)
        counts = {"interactions": {"new": 1}}
        session.add(ImportedFile(source="crm", name="a", digest="1", rows=1, counts=counts, imported_at=at))
    said = ("source", "crm", "--owner", "witt", "--age-limit", "7", "--name", "CRM")
    [row] = kamflow(*said, "--json").json["sources"]

    assert (row["newest"], row["limit"], row["too_old"]) == ("2026-08-20 (too old)", 7, True)
    assert "CRM" in kamflow("source").out
    [row] = kamflow("source", "crm", "--no-age-limit", "--json").json["sources"]
    assert (row["limit"], row["too_old"]) == (None, False)


def test_a_limit_is_a_number_of_days(world: World, kamflow: Act):
    answer = kamflow("source", "crm", "--age-limit", "0")
    assert (answer.code, "--no-age-limit" in answer.err) == (2, True)
