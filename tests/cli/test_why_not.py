from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.account import Account, Pause
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.event import Event
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.person import Absence, Person
from kamflow.models.plan import Measure
from kamflow.models.source import ImportedFile, Source
from kamflow.store.engine import write
from kamflow.store.registry import RULES
from tests.acts.world import Act, World, store


@pytest.fixture
def writing(engine: Engine) -> Act:
    """`writing(row)` stores a row and commits."""

    def add(row: Any) -> Any:
        with write(engine) as session:
            return store(session, row)

    return add


def begin(home: Path, starting: str) -> None:
    path = home / "kamflow.toml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n[policy.starting]\n{starting}\n", encoding="utf-8")


@pytest.fixture
def cell(world: World, writing: Any, engine: Engine) -> int:
    """Witt means to meet Paul twice in 2026 and met him on 3 March, as the CRM says."""
    person, contact = world.person("witt"), world.contact("paul")
    with write(engine) as session:
        place = (
            session.execute(select(col(Place.id)).where(col(Place.contact_id) == contact)).scalars().first()
        )
    year = {"period_first": date(2026, 1, 1), "period_last": date(2026, 12, 31)}
    writing(ContactTarget(person_id=person, place_id=place or 0, soll=2, **year))
    met = writing(Interaction(account_id=world.account("muster"), day=date(2026, 3, 3), source="crm"))
    writing(Encounter(interaction_id=met.id, person_id=person, contact_id=contact))
    return contact


def test_a_contact_on_pace_says_when_the_rule_would_speak(world: World, kamflow: Act, cell: int) -> None:
    said = kamflow("why-not", "witt", "paul", "--as", "witt")
    assert said.code == 0, said.err
    assert "Kontakte: Muster AG, " in said.out
    assert (
        "es liegt im Plan (Ist 1 von Soll 2, zuletzt 3. März 2026, Stand 3. März 2026, Quelle crm)"
        in said.out
    )
    assert "würde sprechen am " in said.out
    silence = kamflow("why-not", "witt", "paul", "--as", "witt", "--json").json["silences"][0]
    assert (silence["reason"], silence["contact"], silence["source"]) == ("on_pace", cell, "crm")
    assert silence["until"] > "2026-09-07"


def test_every_rule_that_looked_at_the_account_says_why_in_english(
    world: World, kamflow: Act, engine: Engine, cell: int
) -> None:
    with write(engine) as session:
        session.get_one(Person, world.person("witt")).language = "en"
        muster = session.get_one(Account, world.account("muster"))
        muster.account_class = "key"
        session.get_one(Account, muster.parent_id).account_class = "key"
    said = kamflow("why-not", "witt", "muster", "--as", "witt").out
    assert "contacts: Muster AG, " in said
    assert "account plan: Muster AG: the year is under way: the next plan is nearer than this one" in said
    assert "quarterly figures: Muster AG: the account is counted with its group (quarter 1 April 2026" in said
    assert "measures: Muster AG: there is nothing entered that the rule could look at" in said


def test_what_holds_back_telling_is_named(world: World, kamflow: Act, writing: Any, cell: int) -> None:
    person, stamp = world.person("witt"), datetime(2026, 9, 1, tzinfo=UTC)
    writing(Absence(person_id=person, from_day=date(2026, 9, 7), until_day=date(2026, 9, 11)))
    writing(
        Pause(account_id=world.account("muster"), until_day=date(2026, 10, 1), reason="-", paused_at=stamp)
    )
    said = kamflow("why-not", "witt", "muster", "--as", "witt").out
    assert "abwesend bis 11. September 2026" in said
    assert "nächste Übersicht am 15. September 2026" in said
    assert "Muster AG: pausiert bis 1. Oktober 2026" in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"snoozed_until": date(2026, 9, 10)}, "verschoben bis 10. September 2026"),
        ({"quiet_until": date(2026, 9, 14)}, "als erledigt gemeldet, still bis 14. September 2026"),
        ({}, "kommt mit der nächsten Übersicht"),
        ({"urgency": "now"}, "kommt sofort in der Arbeitszeit"),
    ],
)
def test_an_open_item_says_why_it_is_not_told_today(
    kamflow: Act, nudge: Act, values: dict[str, Any], words: str
) -> None:
    number = nudge(**values)
    said = kamflow("why-not", "witt", "muster", "--as", "witt").out
    assert f"  {number} Accountplan: Muster AG, fällig am 11. September 2026: {words}" in said


def test_an_open_item_that_waits_for_data_says_so(kamflow: Act, nudge: Act, writing: Any) -> None:
    nudge(rule="contact_shortfall", step="contacts")
    writing(Source(key="crm", age_limit_days=7))
    came = datetime(2026, 8, 20, 4, tzinfo=UTC)
    brought = {"rows": 1, "counts": {"interactions": {}}, "imported_at": came}
    writing(ImportedFile(source="crm", name="x", digest="1", **brought))
    said = kamflow("why-not", "witt", "muster", "--as", "witt").out
    assert "wartet auf neue Daten; die letzten sind vom 20. August 2026" in said


def test_it_is_for_the_person_and_the_deputy(kamflow: Act, stored: Session, world: World) -> None:
    assert kamflow("why-not", "witt", "--as", "arnst").code == 0
    assert kamflow("why-not", "witt", "--as", "lech").code == 2
    assert kamflow("why-not", "witt", "--break-glass", "asked by the works council").code == 0
    broken = select(col(Event.payload)).where(col(Event.name) == "works_council.glass_broken")
    assert stored.execute(broken).scalar_one()["command"] == "why-not"


def test_nobody_knows_what_is_meant(kamflow: Act, world: World) -> None:
    said = kamflow("why-not", "witt", "nobody", "--as", "witt")
    assert said.code == 2
    assert "no contact 'nobody'" in said.err
    assert "no account 'nobody'" in said.err


def test_what_fell_due_before_the_start_is_said_to_be_so(
    world: World, kamflow: Act, writing: Any, home: Path
) -> None:
    begin(home, "go_live = 2026-09-01")
    muster, witt = world.account("muster"), world.person("witt")
    writing(Measure(account_id=muster, owner_id=witt, title="t", due_on=date(2026, 8, 20)))

    said = kamflow("why-not", "witt", "muster", "--as", "witt").out

    assert "Maßnahmen: Muster AG: es war vor dem Start von kamflow fällig (fällig am 20. August 2026)" in said


@pytest.mark.parametrize(
    ("starting", "reason", "until"),
    [
        ('go_live = 2026-09-01\npilot = ["andere"]', "not_in_pilot", None),
        ("go_live = 2026-10-01", "not_live", "2026-10-01"),
    ],
)
def test_of_what_has_not_begun_every_rule_says_so(
    world: World, kamflow: Act, home: Path, starting: str, reason: str, until: str | None
) -> None:
    begin(home, starting)

    silences = kamflow("why-not", "witt", "muster", "--as", "witt", "--json").json["silences"]

    assert {(each["rule"], each["reason"], each["until"]) for each in silences} == {
        (rule, reason, until) for rule in RULES
    }
