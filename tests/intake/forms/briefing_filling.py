"""Look through a briefing by its form, as a KAM would in Excel."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_round import Booking
from kamflow.intake.forms import briefing_form
from kamflow.models.account import Account
from kamflow.models.meeting import BriefingNote
from kamflow.models.person import Person
from kamflow.models.plan import Measure
from kamflow.settings import Company
from kamflow.store.engine import read, write
from tests.acts.world import build, store
from tests.intake.bringing import NOW, bring
from tests.intake.filling import filled
from tests.intake.training import TRAP

M = date(2026, 9, 21)


def furnish(engine: Engine) -> None:
    with write(engine) as session:
        world = build(session)
        muster = world.account("muster")
        desk = Acting(session, world.person("witt"), NOW, Company())
        meetings.book(desk, Booking(muster, M, contacts=[world.contact("paul")]))
        for number, title in ((12, "Preisliste"), (13, TRAP)):
            store(session, Measure(id=number, account_id=muster, title=title, due_on=date(2026, 9, 30)))


def desk_of(session: Session, key: str = "witt") -> Acting:
    person = session.execute(select(col(Person.id)).where(col(Person.key) == key)).scalar_one()
    return Acting(session, person, NOW, Company())


def muster(session: Session) -> Account:
    return session.execute(select(Account).where(col(Account.key) == "muster")).scalar_one()


def exported(engine: Engine, path: Path, language: str = "de") -> Path:
    with read(engine) as session:
        briefing_form.write(desk_of(session), path, muster(session), language)
    return path


def act(engine: Engine, do: Any, *said: Any) -> None:
    with write(engine) as session:
        do(desk_of(session), muster(session).id, *said)


def fill(engine: Engine, form: Path, actor: str | None = "witt", **said: Any) -> Any:
    """`measure_12__strike="x"`, `raise_1="…"`, `release="x"`: what is written into the form, and read in."""
    changes = {}
    for name, value in said.items():
        row, _, field = name.partition("__")
        if field:
            changes["briefing_lines", row.replace("_", "."), field] = value
        elif row == "release":
            changes["briefing_release", row, row] = value
        else:
            changes["briefing_points", row.replace("_", "-"), "text"] = value
    with read(engine) as session:
        number = desk_of(session, actor).actor if actor else None
    return bring(engine, filled(form, form.with_name("filled.xlsx"), changes), preset="form", actor=number)


def notes(engine: Engine) -> list[tuple[str, str | None]]:
    with read(engine) as session:
        rows = session.execute(select(BriefingNote).order_by(col(BriefingNote.id))).scalars()
        return [(row.kind, row.line or row.text) for row in rows if row.kind != "withdrawn"]


def problems(report: Any) -> list[tuple[str, str, str]]:
    return [(p.column, p.value, p.expected) for record in report.rejects for p in record.problems]
