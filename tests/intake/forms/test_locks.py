"""Who reads a form in waits for who acts on a meeting, and never the other way round as well."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from kamflow.acts import meeting as meetings
from kamflow.intake.forms import filled, labels, tools, workbook
from kamflow.intake.forms.plan_export import Export
from kamflow.intake.forms.tool_sheet import Scope
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store.engine import read
from tests.intake.bringing import bring
from tests.intake.forms.briefing_filling import act, desk_of, exported, fill, furnish, muster

TODAY = date(2026, 9, 7)
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def locks(engine: Engine) -> list[str]:
    """The locks that are taken from now on, in their order; what is shared ends in `…`."""
    taken: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "pg_advisory_xact_lock" in statement:
            taken.append(parameters["name"] + ("…" if "_shared" in statement else ""))

    furnish(engine)
    event.listen(engine, "before_cursor_execute", note)
    return taken


def written(engine: Engine, path: Path, write: Callable[..., None], *more: Any) -> Path:
    with read(engine) as session:
        export = Export(session, TODAY, Company(), Policy(), "de", labels.load(session))
        write(export, path, *(each(session) for each in more))
    return path


def tool_form(export: Export, path: Path) -> None:
    tools.write(export.session, path, Scope(), "de", TODAY)


FORMS: dict[str, Callable[[Engine, Path], Path]] = {
    "briefing": exported,
    "tools": lambda engine, path: written(engine, path, tool_form),
    "plan": lambda engine, path: written(engine, path, workbook.write_plan, muster),
    "workbook": lambda engine, path: written(
        engine, path, workbook.write_workbook, lambda session: [muster(session)]
    ),
}


@pytest.mark.parametrize("kind", filled.READERS)
def test_every_form_holds_all_meetings_before_all_contacts(
    engine: Engine, locks: list[str], tmp_path: Path, kind: str
) -> None:
    form = FORMS[kind](engine, tmp_path / "form.xlsx")
    with read(engine) as session:
        witt = desk_of(session).actor
    bring(engine, form, preset="form", actor=witt)

    assert locks[:2] == ["meetings", "interactions"]


def test_a_briefing_holds_its_meeting_as_its_move_does(
    engine: Engine, locks: list[str], tmp_path: Path
) -> None:
    form = exported(engine, tmp_path / "form.xlsx")
    fill(engine, form, measure_12__strike="x")
    read_in, locks[:] = list(dict.fromkeys(locks)), []
    act(engine, meetings.move, date(2026, 9, 28))

    [shared, one, *_] = locks
    assert (shared, one[:8], "interactions" in locks) == ("meetings…", "meeting:", True)
    assert read_in == ["meetings", "interactions", "meetings…", one]
