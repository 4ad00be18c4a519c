"""What an unknown file seems to be, and the draft that a person edits."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.intake.mapping import load
from kamflow.intake.recognise import draft, draft_path, recognise
from kamflow.models.account import Account
from tests.intake.bringing import bring, counts, put

Shared = Callable[[str], Path]


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("crm_salesforce_dataloader/Account.csv", "salesforce"),
        ("crm_salesforce_dataloader/Opportunity.csv", "salesforce"),
        ("crm_salesforce_tree_json/Contacts.json", "salesforce-tree"),
        ("crm_salesforce_tree_json/Contacts.csv", "salesforce-tree"),
        ("ics_icalendar_suite/calendars/example.ics", "calendar"),
    ],
)
def test_a_preset_is_recognised(shared_data: Shared, name: str, preset: str):
    assert recognise(shared_data(name)).preset == preset


@pytest.mark.parametrize(
    ("name", "entity", "columns"),
    [
        ("de_header_lines/outlook_contacts_de.csv", "contacts",
         {"last_name": "Nachname", "first_name": "Vorname", "account": "Firma", "email": "E-Mail-Adresse",
          "position": "Position", "reports_to": "Name des/r Vorgesetzten"}),
        ("rev_sap_semicolon/SalesOrders.csv", "revenue", {"amount": "NETAMOUNT", "currency": "CURRENCY"}),
        ("crm_atomic_contacts/contacts.csv", "contacts", {"last_name": "last_name", "email": "email_work"}),
    ],
)  # fmt: skip
def test_german_and_english_headers_are_recognised(
    shared_data: Shared, name: str, entity: str, columns: dict[str, str]
):
    (guess,) = recognise(shared_data(name)).guesses
    assert guess.entity.name == entity
    assert columns.items() <= guess.columns.items()


def test_a_draft_with_nothing_left_open_can_be_imported(engine: Engine, tmp_path: Path):
    path = tmp_path / "Kunden.csv"
    path.write_text("Kundennummer;Vorname;Nachname;Firma;E-Mail;Einfluss;Was auch \"immer\"\n"
                    "7;Karl;Knut;Muster AG;knut@example.de;5;x\n", encoding="cp1252")  # fmt: skip
    found = recognise(path)
    draft_path(path).write_text(draft(found), encoding="utf-8")
    put(engine, Account(key="M", name="Muster AG"), Account(key="7", name="Sieben"))
    report = bring(engine, path, mapping=tmp_path / "Kunden.draft.toml")
    assert counts(report, "contacts") == (1, 0, 0, 0)


def test_every_draft_is_a_valid_mapping_or_names_what_is_open(shared_data: Shared, tmp_path: Path):
    for name in ("rev_sap_semicolon/SalesOrders.csv", "de_datev_extf/EXTF_Stammdaten.csv",
                 "crm_maven_iso/sales_pipeline.csv", "crm_maven_iso/accounts.csv"):  # fmt: skip
        found = recognise(shared_data(name))
        path = tmp_path / "draft.toml"
        path.write_text(draft(found), encoding="utf-8")
        assert load(path).source
        for guess in found.guesses:
            assert all(f'columns.{field} = "?"' in draft(found) for field in guess.missing)


def test_a_draft_that_is_there_is_not_overwritten(tmp_path: Path):
    first = draft_path(tmp_path / "a.csv")
    first.touch()
    assert (first.name, draft_path(tmp_path / "a.csv").name) == ("a.draft.toml", "a.draft-2.toml")


def test_a_file_of_nothing_known_says_so(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_text("foo;bar\n1;2\n", encoding="utf-8")
    assert recognise(path).told() == ["x.csv: nothing recognised"]
    assert "Nothing was recognised" in draft(recognise(path))
