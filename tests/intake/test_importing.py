"""All good rows go in, every bad one comes back, a second time changes nothing."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import Engine

from kamflow.errors import Refused
from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.event import Event
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.meeting import MeetingAttendee, MeetingRound
from kamflow.models.person import Absence, Person, PersonRole
from kamflow.models.revenue import RevenueEntry
from kamflow.models.source import CompletePeriod, ImportedFile
from tests.intake.bringing import bring, counts, first_problem, put, rows

TEMPLATES = {
    "people": "key;name;email;position;department;level;roles;superior;deputy\n"
    "witt;Wilma Witt;witt@example.com;KAM;Vertrieb;;kam;kruse;arnst\n"
    "kruse;Karl Kruse;kruse@example.com;Vorstand;;Vorstand;sponsor;;\n"
    "arnst;Arno Arnst;arnst@example.com;PM;Vertrieb;other;kam;kruse;\n",
    "absences": "person;from;until\nwitt;01.10.2026;2026-10-14\n",
    "accounts": "key;name;class;parent;currency;meeting_month;approver\n"
    "SITE;Muster Werk Süd;C;MUSTER;EUR;;\nMUSTER;Muster AG;key;;EUR;11;kruse\n",
    "closings": "account;from;until\nMUSTER;24.12.2026;31.12.2026\n",
    "teams": "person;account;role;from\nWilma Witt;Muster AG;kam;2026-01-01\nkruse;MUSTER;Pate;\n",
    "contacts": "key;account;first_name;last_name;email;position;level;influence;reports_to\n"
    "paul;MUSTER;;Paul;paul@example.de;Einkäufer;;8;knut\nknut;MUSTER;Knut;Knudsen;;GF;board;5;\n",
    "targets": "person;contact;period;soll;topic\nwitt;paul;2026;4;Preise\nwitt;knut;2026-Q4;1;Allianz\n",
    "projects": "id;account;name;state;value;chance;close_on;owner\n"
    "P1;MUSTER;Lift;offen;1.250,50;40 %;;witt\n",
    "revenue": "id;account;day;amount;product_group;kind\nR1;MUSTER;2026-03-31;1250,50;Lifte;Ist\n"
    "R2;SITE;31.03.2026;-20,00;;actual\n",
    "interactions": "id;day;people;contacts;kind\nI1;2026-03-12;witt;paul;Besuch\n"
    "I2;2026-10-12;Wilma Witt;Knut Knudsen;call\n",
    "meetings": "account;year;kind;round;day;people;contacts\n"
    "MUSTER;2026;strategisch;1;2026-11-12;kruse;knut\n",
}


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    for name, content in TEMPLATES.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8-sig")
    return folder


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_own_templates_bring_every_entity(engine: Engine, templates: Path):
    report = bring(engine, templates, preset="kamflow")
    assert report.rejected == 0
    new = {name: counter["new"] for name, counter in report.counts.items() if name in TEMPLATES}
    assert new == {name: content.count("\n") - 1 for name, content in TEMPLATES.items()}
    witt = next(person for person in rows(engine, Person) if person.key == "witt")
    by_key = {person.key: person.id for person in rows(engine, Person)}
    assert (witt.superior_id, witt.deputy_id) == (by_key["kruse"], by_key["arnst"])
    assert rows(engine, Absence)[0].until_day == date(2026, 10, 14)
    assert {role.role for role in rows(engine, PersonRole)} == {"kam", "sponsor"}
    assert [place.influence for place in rows(engine, Place)] == [8, 5]
    assert sum(each.reports_to_id is not None for each in rows(engine, Place)) == 1
    assert {target.period_first for target in rows(engine, ContactTarget)} == {
        date(2026, 1, 1),
        date(2026, 10, 1),
    }
    # The annual meeting of November is booked for Kruse and Knut as well.
    met = sorted((i.state, i.day.month) for i in rows(engine, Interaction))
    assert met == [("booked", 10), ("booked", 11), ("held", 3)]
    assert sum(entry.amount for entry in rows(engine, RevenueEntry)) == Decimal("1230.50")
    assert (rows(engine, MeetingRound)[0].day, len(rows(engine, MeetingAttendee))) == (date(2026, 11, 12), 2)


def test_a_second_import_changes_nothing(engine: Engine, templates: Path):
    bring(engine, templates, preset="kamflow")
    before = {
        model: rows(engine, model) for model in (Person, Account, Contact, Place, Encounter, Interaction)
    }
    again = bring(engine, templates, preset="kamflow")
    assert (again.changes, again.rejected) == (0, 0)
    assert sum(counter["unchanged"] for counter in again.counts.values()) == sum(
        content.count("\n") - 1 for content in TEMPLATES.values()
    )
    for model, known in before.items():
        assert rows(engine, model) == known


def test_a_changed_row_changes_only_what_it_says(engine: Engine, tmp_path: Path, templates: Path):
    bring(engine, templates, preset="kamflow")
    again = bring(engine, write(tmp_path / "accounts.csv", "key;name\nMUSTER;Muster SE\n"), preset="kamflow")
    assert counts(again, "accounts") == (0, 1, 0, 0)
    muster = next(account for account in rows(engine, Account) if account.key == "MUSTER")
    assert (muster.name, muster.account_class, muster.meeting_month) == ("Muster SE", "key", 11)


def test_a_dry_run_counts_the_same_and_writes_nothing(engine: Engine, templates: Path, tmp_path: Path):
    tried = bring(engine, templates, preset="kamflow", dry_run=True, rejects_folder=tmp_path / "rejects")
    assert rows(engine, Person) == rows(engine, Event) == rows(engine, ImportedFile) == []
    done = bring(engine, templates, preset="kamflow")
    assert tried.counts == done.counts
    assert not (tmp_path / "rejects").exists()


def test_a_bad_row_comes_back_in_full(engine: Engine, tmp_path: Path):
    path = write(
        tmp_path / "contacts.csv",
        "key;account;last_name;email\na;M;Gut;gut@example.com\nb;M;Schlecht;kein@\n",
    )
    put(engine, Account(key="M", name="Muster"))
    report = bring(engine, path, preset="kamflow", rejects_folder=tmp_path / "rejects")
    assert (counts(report, "contacts"), report.exit_code) == ((1, 0, 0, 1), 1)
    file, line, column, value, expected = first_problem(report)
    assert (file, line, column, value) == ("contacts.csv", 3, "email", "kein@")
    assert expected.startswith("a valid e-mail address: ")
    with report.reject_files[0].open(encoding="utf-8-sig", newline="") as back:
        (row,) = csv.DictReader(back, delimiter=";")
    assert (row["key"], row["account"], row["last_name"], row["email"]) == ("b", "M", "Schlecht", "kein@")
    assert (row["_file"], row["_line"], row["_expected"]) == ("contacts.csv", "3", expected)


def test_a_mended_reject_goes_in(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Muster"))
    path = write(tmp_path / "contacts.csv", "key;account;last_name;email\nb;M;=Formel;kein@\n")
    report = bring(engine, path, preset="kamflow", rejects_folder=tmp_path / "rejects")
    back = report.reject_files[0]
    assert "'=Formel" in back.read_text(encoding="utf-8-sig")
    mended = back.read_text(encoding="utf-8-sig").replace("kein@;", "b@example.com;", 1)
    (tmp_path / "mended").mkdir()
    again = bring(engine, write(tmp_path / "mended" / "contacts.csv", mended), preset="kamflow")
    assert counts(again, "contacts") == (1, 0, 0, 0)
    assert rows(engine, Contact)[0].last_name == "=Formel"


def test_an_undecidable_date_refuses_the_whole_import(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Muster"))
    path = write(tmp_path / "revenue.csv", "id;account;day;amount\n1;M;25/04/2026;5\n2;M;03/04/2026;5\n")
    with pytest.raises(Refused, match=r'revenue\.csv, line 3.*"dd/mm/yyyy"'):
        bring(engine, path, preset="kamflow")
    assert rows(engine, RevenueEntry) == rows(engine, ImportedFile) == []


def test_an_undecidable_number_refuses_the_whole_import(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Muster"))
    path = write(tmp_path / "revenue.csv", "id;account;day;amount\n1;M;2026-04-25;1.234\n")
    with pytest.raises(Refused, match=r'number = "de"'):
        bring(engine, path, preset="kamflow")


def test_the_same_key_with_other_values_comes_back(engine: Engine, tmp_path: Path):
    path = write(tmp_path / "accounts.csv", "key;name\nA;Eins\nA;Zwei\nA;Eins\n")
    report = bring(engine, path, preset="kamflow")
    assert counts(report, "accounts") == (1, 0, 0, 1)
    assert first_problem(report)[1] == 3
    assert "line 2" in first_problem(report)[4]


def test_an_account_whose_parent_is_unknown_takes_its_children_back_with_it(engine: Engine, tmp_path: Path):
    path = write(tmp_path / "accounts.csv", "key;name;parent\nA;Eins;B\nB;Zwei;nobody\nC;Drei;\n")
    report = bring(engine, path, preset="kamflow")
    assert counts(report, "accounts") == (1, 0, 0, 2)


def test_an_account_of_the_same_name_in_another_source_is_linked_not_doubled(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Muster AG"))
    path = write(tmp_path / "Account.csv", "Id,Name\n001A,Muster  AG\n001B,Andere AG\n")
    report = bring(engine, path, preset="salesforce")
    assert counts(report, "accounts")[0] == 1
    assert {(ref.external_id, ref.kind) for ref in rows(engine, ExternalReference)} == {
        ("001A", "account"),
        ("001B", "account"),
    }


def test_two_accounts_of_one_name_are_never_merged(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Nissan"))
    path = write(tmp_path / "Account.csv", "Id,Name\n001A,Nissan\n001B,Nissan\n")
    assert counts(bring(engine, path, preset="salesforce"), "accounts") == (2, 0, 0, 0)


def test_foreign_money_is_turned_at_the_rate_of_its_day(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Muster"))
    write(tmp_path / "rates.csv", "currency;from;rate\nUSD;2026-01-01;0,9\nUSD;2026-02-01;0,8\n")
    write(
        tmp_path / "revenue.csv",
        "id;account;day;amount;currency\n1;M;2026-01-31;100,00;USD\n2;M;2026-02-01;100,00;USD\n"
        "3;M;2025-12-31;100,00;USD\n4;M;2026-02-01;$ 10,00;EUR\n",
    )
    report = bring(engine, tmp_path, preset="kamflow")
    entries = rows(engine, RevenueEntry)
    assert [entry.amount for entry in entries] == [Decimal(90), Decimal(80)]
    assert {(entry.currency, entry.original_amount) for entry in entries} == {("USD", Decimal(100))}
    assert [record.row.line for record in report.rejects] == [4, 5]
    assert bring(engine, tmp_path, preset="kamflow").changes == 0


def test_complete_months_are_noted_once(engine: Engine, tmp_path: Path):
    put(engine, Account(key="M", name="Muster"))
    write(tmp_path / "u.csv", "id;kunde;tag;betrag\n1;M;2026-08-03;5\n2;M;2026-09-03;5\n")
    mapping = write(
        tmp_path / "m.toml",
        'source = "erp"\n[[revenue]]\ncompletes = "months"\n'
        'columns = {id = "id", account = "kunde", day = "tag", amount = "betrag"}\n',
    )
    for _ in range(2):
        bring(engine, tmp_path / "u.csv", mapping=mapping)
    spans = [(each.first, each.last) for each in rows(engine, CompletePeriod)]
    assert spans == [(date(2026, 8, 1), date(2026, 8, 31))]


def test_what_happened_is_written_as_events_without_names(engine: Engine, templates: Path):
    bring(engine, templates, preset="kamflow")
    events = rows(engine, Event)
    names = {event.name for event in events}
    assert names >= {
        "file.imported", "revenue.imported", "target.changed", "person.absent", "interaction.held",
        "interaction.booked",
    }  # fmt: skip
    assert not any("Witt" in str(event.payload) or "@" in str(event.payload) for event in events)


def test_a_contact_held_tomorrow_comes_back(engine: Engine, templates: Path, tmp_path: Path):
    bring(engine, templates, preset="kamflow")
    path = write(tmp_path / "interactions.csv", "id;day;people;contacts;state\nX;2026-10-01;witt;paul;held\n")
    assert counts(bring(engine, path, preset="kamflow"), "interactions") == (0, 0, 0, 1)


def test_salesforce_events_count_only_between_our_people_and_known_contacts(engine: Engine, tmp_path: Path):
    write(tmp_path / "User.csv", "Id,Name,Email,IsActive\n005A,Witt,witt@example.com,true\n")
    write(tmp_path / "Account.csv", "Id,Name\n001A,Muster\n")
    write(tmp_path / "Contact.csv", "Id,AccountId,LastName\n003A,001A,Knut\n")
    write(
        tmp_path / "Event.csv",
        "Id,OwnerId,WhoId,ActivityDate,StartDateTime,DurationInMinutes,EventSubtype,IsPrivate\n"
        "00U1,005A,003A,2026-03-12,2026-03-12T09:00:00.000+0000,60,Event,false\n"
        "00U2,005A,00Q9,2026-03-12,,60,Event,false\n00U3,005A,003A,2026-03-13,,60,Event,true\n",
    )
    write(
        tmp_path / "Task.csv",
        "Id,OwnerId,WhoId,ActivityDate,Status,TaskSubtype\n00T1,005A,003A,2026-04-01,Completed,Call\n"
        "00T2,005A,003A,2026-04-02,Open,Call\n00T3,005A,003A,2026-04-02,Completed,Email\n",
    )
    report = bring(engine, tmp_path, preset="salesforce")
    assert report.rejected == 0
    assert (report.counts["interactions"]["new"], report.counts["interactions"]["skipped"]) == (2, 4)
    assert [(each.kind, each.minutes) for each in rows(engine, Interaction)] == [
        ("visit", 60),
        ("call", None),
    ]
    assert bring(engine, tmp_path, preset="salesforce").changes == 0


def test_exported_projects_come_back_as_what_they_are(engine: Engine, tmp_path: Path):
    from kamflow.intake import exporting
    from kamflow.store.engine import read

    write(tmp_path / "Account.csv", "Id,Name\n001A,Muster\n")
    write(
        tmp_path / "Opportunity.csv",
        "Id,AccountId,Name,IsClosed,IsWon,Amount\n006A,001A,Lift,true,false,5\n006B,001A,Rampe,false,false,\n",
    )
    bring(engine, tmp_path, preset="salesforce")
    with read(engine) as session:
        exporting.write_file(session, "projects", tmp_path / "projects.csv")
    assert counts(bring(engine, tmp_path / "projects.csv", preset="kamflow"), "projects") == (0, 0, 2, 0)


def test_a_workbook_with_a_sheet_per_entity_goes_in_like_the_templates(engine: Engine, tmp_path: Path):
    with xlsxwriter.Workbook(str(tmp_path / "everything.xlsx")) as book:
        for name, content in TEMPLATES.items():
            sheet = book.add_worksheet(name)
            for row, line in enumerate(csv.reader(content.splitlines(), delimiter=";")):
                for column, cell in enumerate(line):
                    sheet.write_string(row, column, cell)
    report = bring(engine, tmp_path / "everything.xlsx", preset="kamflow")
    assert (report.rejected, report.counts["people"]["new"], report.counts["targets"]["new"]) == (0, 3, 2)
    assert bring(engine, tmp_path / "everything.xlsx", preset="kamflow").changes == 0


def test_a_row_found_by_its_id_may_change_its_key(engine: Engine, tmp_path: Path):
    bring(
        engine, write(tmp_path / "accounts.csv", "id;key;name\n7;OLD;Muster\n8;B;Andere\n"), preset="kamflow"
    )
    path = write(tmp_path / "accounts.csv", "id;key;name\n7;NEW;Muster\n8;NEW;Andere\n")
    assert counts(bring(engine, path, preset="kamflow"), "accounts") == (0, 1, 0, 1)
    assert [account.key for account in rows(engine, Account)] == ["NEW", "B"]
