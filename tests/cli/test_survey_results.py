"""`kamflow survey results`: what was answered, for the team of the account and for the head."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from kamflow.models.survey import SurveyUnnamed, SurveyWave
from kamflow.store.engine import write
from tests.acts.world import Act, World, store

MARCH = date(2026, 3, 2)


@pytest.fixture
def answered(world: World, engine: Engine) -> None:
    """Three answers on a scale of 1 to 5 at Muster AG; their scores are stretched already."""
    with write(engine) as session:
        wave = store(session, SurveyWave(
            account_id=world.account("muster"), year_first=date(2026, 1, 1), year_last=date(2026, 12, 31),
            source="tool", send_on=MARCH, imported=True, scale="1..5",
            created_at=datetime(2026, 3, 2, tzinfo=UTC),
        ))  # fmt: skip
        for key, score in (("1", 10), ("2", 10), ("3", 3)):
            store(session, SurveyUnnamed(wave_id=wave.id, key=key, answered_on=MARCH, score=score))


@pytest.mark.usefixtures("answered")
def test_an_account_s_results_come_with_counts_coverage_and_the_scale(kamflow: Act) -> None:
    said = kamflow("survey", "results", "muster", "--as", "witt")
    [year] = kamflow("survey", "results", "muster", "--as", "witt", "--json").json["years"]

    assert "2026-01-01..2026-12-31\ttool (scale 1..5)\t3\t3\t33.3\t2\t0\t1" in said.out
    assert (year["nps"], year["promoters"], year["detractors"], year["scales"]) == (33.3, 2, 1, ["1..5"])
    assert year["coverage"]["people"] == 0


@pytest.mark.usefixtures("answered")
def test_all_accounts_are_for_the_head(kamflow: Act) -> None:
    assert kamflow("survey", "results", "--as", "witt").code != 0
    assert kamflow("survey", "results").code != 0
    total = kamflow("survey", "results", "--as", "berg", "--json").json["total"]

    assert (total["nps"], total["scores"]) == (33.3, 3)


def test_nothing_asked_is_said_and_is_no_zero(world: World, kamflow: Act) -> None:
    assert "nobody was asked yet" in kamflow("survey", "results", "muster", "--as", "witt").out
    assert kamflow("survey", "results", "muster", "--as", "witt", "--json").json["years"] == []
