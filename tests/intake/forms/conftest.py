"""Muster AG is met on 21 September, today is 7 September 2026."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.intake.forms.briefing_filling import exported, furnish


@pytest.fixture
def office(sqlite_engine: Engine) -> Engine:
    """A meeting is booked, and two measures are under way."""
    furnish(sqlite_engine)
    return sqlite_engine


@pytest.fixture
def form(office: Engine, tmp_path: Path) -> Path:
    return exported(office, tmp_path / "briefing.xlsx")
