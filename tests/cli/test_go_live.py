"""`kamflow go-live --check`: what is missing, and that nothing is missing any more."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.models.source import CompletePeriod
from kamflow.store import adopted
from kamflow.store.engine import write
from tests.acts.world import World, store
from tests.cli.conftest import Answer

READY = """
operations_email = "it@example.org"
[web]
public_url = "https://survey.example.org"
[survey]
objection_address = "nein@example.org"
[delivery]
mode = "live"
[smtp]
host = "mail.example.org"
sender = "kamflow <kamflow@example.org>"
[policy.starting]
go_live = 2026-09-14
"""


def codes(answer: object) -> dict[str, tuple[bool, int, list[str]]]:
    found = answer.json["findings"]
    return {each["code"]: (each["blocks"], each["count"], each["keys"]) for each in found}


@pytest.fixture
def ready(home: Path, world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch, now: object) -> World:
    """Nothing is missing: settings, and a key account with KAM, target, plan and complete revenue."""
    (home / "kamflow.toml").write_text(READY, encoding="utf-8")
    monkeypatch.setenv("KAMFLOW_SECRET_KEY", "not a secret")
    with write(engine) as session:
        adopted.adopt(session, home, now)
        key = store(session, Account(key="schluessel", name="Key AG", account_class="key", country="DE"))
        store(session, Team(person_id=world.person("witt"), account_id=key.id, role="kam"))
        contact = store(session, Contact(key="neu", last_name="Neu"))
        place = store(session, Place(contact_id=contact.id, account_id=key.id))
        year = {"period_first": date(2026, 1, 1), "period_last": date(2026, 12, 31)}
        store(session, ContactTarget(person_id=world.person("witt"), place_id=place.id, soll=4, **year))
        plan = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31), "state": "approved"}
        store(session, AccountPlan(account_id=key.id, **plan))
        period = {"first": date(2026, 4, 1), "last": date(2026, 6, 30), "complete_on": date(2026, 7, 8)}
        store(session, CompletePeriod(source="sap", **period))
    return world


def test_a_new_home_lacks_nearly_everything(home: Path, world: World, kamflow: Callable[..., Answer]) -> None:
    answer = kamflow("go-live", "--check", "--json")

    assert answer.code == 1
    assert {"no_go_live", "not_adopted", "not_live", "no_smtp", "no_revenue_complete"} <= set(codes(answer))
    assert answer.json["ready"] is False


def test_when_nothing_is_missing_it_says_when_it_begins(ready: World, kamflow: Callable[..., Answer]) -> None:
    answer = kamflow("go-live", "--check")

    assert answer.code == 0
    assert "goes live on 2026-09-14; the first nudges are told on 2026-09-28" in answer.out
    assert answer.out.endswith("ready\n")


def test_people_and_accounts_that_lack_something_are_named(
    ready: World, engine: Engine, kamflow: Callable[..., Answer]
) -> None:
    with write(engine) as session:
        bare = store(session, Account(key="leer", name="Leer", account_class="key", country="XX"))
        silent = store(session, Person(key="stumm", name="Stumm", country="ZZ"))
        store(session, Team(person_id=silent.id, account_id=bare.id, role="core"))

    answer = kamflow("go-live", "--check", "--json")
    found = codes(answer)

    assert answer.code == 1
    assert found["no_address"] == (True, 1, ["stumm"])
    assert found["no_kam"] == found["no_targets"] == found["no_plan"] == (True, 1, ["leer"])
    assert found["unknown_region_person"] == (False, 1, ["stumm"])
    assert "leer" in found["unknown_region_account"][2]


def test_sponsors_with_too_many_accounts_or_the_wrong_ones_are_minded_only(
    ready: World, engine: Engine, kamflow: Callable[..., Answer]
) -> None:
    with write(engine) as session:
        session.get_one(Person, ready.person("kruse")).level = "board"
        for number in range(5):
            key = store(
                session, Account(key=f"k{number}", name=f"K{number}", account_class="A", country="DE")
            )
            store(session, Team(person_id=ready.person("kruse"), account_id=key.id, role="sponsor"))

    answer = kamflow("go-live", "--check", "--json")

    assert answer.code == 0
    assert codes(answer)["sponsor_many"] == (False, 1, ["kruse"])
    assert codes(answer)["sponsor_not_key"][1] == 6


def test_a_pilot_is_looked_at_alone(
    ready: World, home: Path, engine: Engine, kamflow: Callable[..., Answer]
) -> None:
    with write(engine) as session:
        store(session, Account(key="leer", name="Leer", account_class="key", country="DE"))
    (home / "kamflow.toml").write_text(READY + 'pilot = ["schluessel", "nirgends"]\n', encoding="utf-8")

    found = codes(kamflow("go-live", "--check", "--json"))

    assert "no_kam" not in found
    assert found["unknown_pilot"] == (True, 1, ["nirgends"])


def test_it_only_looks(home: Path, kamflow: Callable[..., Answer]) -> None:
    answer = kamflow("go-live")

    assert answer.code == 2
    assert "--check" in answer.err


def test_a_site_that_is_looked_after_with_its_group_lacks_no_kam(
    ready: World, engine: Engine, kamflow: Callable[..., Answer]
) -> None:
    muster = ready.account("muster")
    with write(engine) as session:
        store(
            session, Account(key="werk", name="Werk", account_class="major", country="DE", parent_id=muster)
        )
        store(session, Account(key="allein", name="Allein", account_class="major", country="DE"))

    assert codes(kamflow("go-live", "--check", "--json"))["no_kam"] == (True, 1, ["allein"])


def test_where_there_are_surveys_their_page_and_the_address_for_objections_are_missing(
    ready: World, home: Path, kamflow: Callable[..., Answer]
) -> None:
    bare = READY.replace("public_url", "# public_url").replace("objection_address", "# objection_address")
    (home / "kamflow.toml").write_text(bare, encoding="utf-8")
    found = codes(kamflow("go-live", "--check", "--json"))
    assert found["no_public_url"] == found["no_objection"] == (True, 1, [])

    switched_off = bare + "[policy.survey_dispatch]\nclasses = []\n"
    (home / "kamflow.toml").write_text(switched_off, encoding="utf-8")
    assert kamflow("go-live", "--check").code == 0
