"""A person's language from the import to the message: its region decides about formats and spelling."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.models.contact import Contact
from kamflow.models.person import Person
from kamflow.settings import Company, Settings
from kamflow.store.engine import read
from notifications import views
from notifications.outbox import Claimed
from notifications.render import training_example as made
from notifications.render.letter import letter
from notifications.render.view import PersonView
from tests.intake.bringing import NOW, bring, first_problem, rows

DAY = date(2026, 9, 7)


def people(engine: Engine, tmp_path: Path, *languages: str) -> list[Person]:
    path = tmp_path / "people.csv"
    lines = [f"p{number},Person {number},{language}" for number, language in enumerate(languages)]
    path.write_text("\n".join(["key,name,language", *lines]), encoding="utf-8")
    bring(engine, path, preset="kamflow")
    return rows(engine, Person)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("Deutsch", "de"), ("de-CH", "de-CH"), ("DE_at", "de-AT"), ("en-us", "en-US"), ("fr", "fr")],
)
def test_a_language_is_kept_with_its_region(engine: Engine, tmp_path: Path, written: str, kept: str):
    assert [each.language for each in people(engine, tmp_path, written)] == [kept]


def test_what_is_no_language_comes_back(engine: Engine, tmp_path: Path):
    path = tmp_path / "people.csv"
    path.write_text("key,name,language\np,Person,Swiss German\n", encoding="utf-8")
    problem = first_problem(bring(engine, path, preset="kamflow"))
    assert problem[3:] == ("Swiss German", "a language such as de, de-CH or en")


def test_a_contact_keeps_a_region_too(engine: Engine, tmp_path: Path):
    path = tmp_path / "contacts.csv"
    path.write_text("key,last_name,account,language\nc,Meier,muster,de-CH\n", encoding="utf-8")
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("key,name\nmuster,Muster AG\n", encoding="utf-8")
    bring(engine, accounts, path, preset="kamflow")
    assert [each.language for each in rows(engine, Contact)] == ["de-CH"]


def test_a_message_speaks_as_its_reader_does(engine: Engine, tmp_path: Path):
    (person,) = people(engine, tmp_path, "de-CH")
    view = made.view((made.plan(),), recipient=PersonView(1, person.name, person.language, "Europe/Zurich"))
    swiss = letter(view)
    assert (swiss.locale, swiss.language) == ("de_CH", "de-CH")
    assert "Massnahmen" in repr(swiss)
    assert "Maßnahmen" not in repr(swiss)


@pytest.mark.parametrize(("form", "hello"), [("sie", "Guten Tag, Person 0"), ("du", "Hallo Person 0")])
def test_colleagues_are_spoken_to_as_the_company_wants(engine: Engine, tmp_path: Path, form: str, hello: str):
    (person,) = people(engine, tmp_path, "de-AT")
    settings = Settings(company=Company(colleagues=form))
    with read(engine) as session:
        reader = views.load(session, [message(person)], settings, NOW).recipients[person.id or 0]
    view = made.view((made.plan(),), recipient=PersonView(1, reader.name, reader.language, reader.zone))
    assert letter(view).heading == hello
    assert letter(view).locale == "de_AT"


def message(person: Person) -> Claimed:
    return Claimed(
        1, "k", "notice", "email", "welcome", {}, person.id, None, 5, 1, None, None, until=NOW, unsure=False
    )
