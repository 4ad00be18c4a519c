"""The isemail suite: what is no address comes back with a reason; what is accepted is reached exactly."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from kamflow.intake.importing import run_import
from kamflow.intake.report import ImportReport
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.store import engine as db
from tests.end_to_end.conftest import Stage
from tests.end_to_end.test_naughty_strings import table

DAY = date(2026, 9, 7)


def suite(shared_data: Callable[[str], Path]) -> list[tuple[str, str]]:
    """(address, category); control pictures stand for control characters."""
    root = ET.parse(shared_data("nasty_isemail/tests.xml")).getroot()  # noqa: S314 - our own shared file
    tests = [(each.findtext("address") or "", each.findtext("category") or "") for each in root.iter("test")]
    assert len(tests) == 164
    return [("".join(_character(letter) for letter in address), kind) for address, kind in tests]


def _character(letter: str) -> str:
    return chr(ord(letter) - 0x2400) if 0x2400 <= ord(letter) <= 0x2420 else letter


def bring(stage: Stage, folder: Path) -> ImportReport:
    return run_import(
        stage.world.engine,
        [folder],
        preset="kamflow",
        now=datetime(2026, 9, 1, tzinfo=UTC),
        company=stage.world.settings.company,
    )


def people_with(stage: Stage, folder: Path, addresses: list[str]) -> ImportReport:
    """A KAM per address with an account that has a target and no data: one nudge each."""
    table(
        folder,
        "people",
        [
            {"key": f"P{n}", "name": f"Person {n}", "email": address, "roles": "kam"}
            for n, address in enumerate(addresses)
        ],
    )
    numbers = range(len(addresses))
    table(folder, "accounts", [{"key": f"A{n}", "name": f"Account {n}", "class": "A"} for n in numbers])
    report = bring(stage, folder)
    for path in folder.iterdir():
        path.unlink()
    known = {person.key for person in everybody(stage)}
    numbers = [n for n in numbers if f"P{n}" in known]
    rows = {
        "teams": [{"person": f"P{n}", "account": f"A{n}", "role": "kam"} for n in numbers],
        "contacts": [{"key": f"C{n}", "last_name": f"C{n}", "account": f"A{n}"} for n in numbers],
        "targets": [
            {"person": f"P{n}", "contact": f"C{n}", "account": f"A{n}", "period": "2026", "soll": 12}
            for n in numbers
        ],
    }
    for name, lines in rows.items():
        table(folder, name, lines)
    assert bring(stage, folder).rejects == []
    return report


def everybody(stage: Stage) -> list[Person]:
    with db.read(stage.world.engine) as session:
        return list(session.execute(select(Person).order_by(col(Person.id))).scalars())


def test_what_is_no_address_comes_back_with_a_reason(
    stage: Stage, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    wrong = [address for address, kind in suite(shared_data) if kind == "ISEMAIL_ERR"]
    (folder := tmp_path / "csv").mkdir()
    table(folder, "accounts", [{"key": "A", "name": "Muster AG"}])
    table(
        folder,
        "contacts",
        [
            {"key": f"C{n}", "last_name": f"C{n}", "account": "A", "email": address}
            for n, address in enumerate(wrong)
        ],
    )

    report = bring(stage, folder)

    # Two of the 66 are the empty text and blanks: no address is no wrong address.
    blank = [address for address in wrong if not address.strip()]
    assert len(wrong) == 66
    assert len(report.rejects) == 66 - len(blank)
    assert all(problem.expected for record in report.rejects for problem in record.problems)


def test_what_is_accepted_reaches_exactly_that_recipient_or_fails_with_a_cause(
    stage: Stage, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    (folder := tmp_path / "csv").mkdir()
    addresses = [address for address, _ in suite(shared_data) if address.strip()]
    people_with(stage, folder, addresses)
    accepted = {person.id: person.email for person in everybody(stage)}
    assert len(accepted) > 20
    stage.night(DAY, "contact_shortfall")

    stage.morning(DAY)

    reached = [recipient for mail in stage.smtp.messages for recipient in mail.recipients]
    with db.read(stage.world.engine) as session:
        messages = list(session.execute(select(StoredMessage)).scalars())
    sent = sorted(on_the_wire(accepted[m.person_id] or "") for m in messages if m.state == "sent")
    assert sorted(reached) == sent
    assert all(m.cause for m in messages if m.state != "sent")
    assert {m.person_id for m in messages} == set(accepted)


def on_the_wire(address: str) -> str:
    """An international domain is written in its ASCII form; the mailbox stays as it is."""
    box, _, domain = address.rpartition("@")
    return f"{box}@{domain if domain.isascii() else domain.encode('idna').decode()}"
