import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact
from kamflow.models.person import Person
from kamflow.store import lookup
from kamflow.store.engine import write
from tests.acts.world import World, build, store


@pytest.fixture
def world(engine: Engine):
    with write(engine) as session:
        yield build(session)


@pytest.fixture
def session(world: World) -> Session:
    return world.session


@pytest.mark.parametrize("text", ["witt", "WITT@example.com", "Jürgen Witt", "JÜRGEN WITT", " witt "])
def test_a_person_is_found_by_key_mail_and_name(session: Session, text: str) -> None:
    assert lookup.person(session, text).key == "witt"


def test_an_account_is_found_by_an_external_id_of_any_source(world: World, session: Session) -> None:
    store(
        session,
        ExternalReference(
            source="sap", kind="account", external_id="0000100", row_id=world.account("muster")
        ),
    )
    assert lookup.account(session, "0000100").name == "Muster AG"
    with pytest.raises(NotFound):
        lookup.account(session, "100")


def test_a_contact_is_found_by_first_and_last_name(session: Session) -> None:
    store(session, Contact(key="k9", first_name="Karl", last_name="Knut", email="k@example.de"))
    assert lookup.contact(session, "karl knut").key == "k9"
    assert lookup.contact(session, "k@example.de").key == "k9"


def test_near_matches_are_named_up_to_three(session: Session) -> None:
    for number in range(5):
        store(session, Account(key=f"m{number}", name=f"Muster {number} AG"))
    with pytest.raises(NotFound, match="did you mean") as error:
        lookup.account(session, "Muster A")
    assert str(error.value).count("(") == 3


def test_part_of_a_name_is_a_hint(session: Session) -> None:
    with pytest.raises(NotFound, match=r"did you mean Dr\. Kruse \(kruse\)"):
        lookup.person(session, "Krus")
    with pytest.raises(NotFound, match="give the key"):
        lookup.person(session, "zzzz")


def test_two_of_one_name_are_listed(session: Session) -> None:
    store(session, Person(key="witt2", name="Jürgen Witt"))
    with pytest.raises(InputError, match=r"Jürgen Witt \(witt\), Jürgen Witt \(witt2\): give the key"):
        lookup.person(session, "Jürgen Witt")
    assert lookup.person(session, "witt2").key == "witt2"


def test_a_nudge_is_found_by_number_and_identity(world: World, session: Session) -> None:
    nudge = world.nudge()
    assert lookup.nudge(session, str(nudge.id)).id == nudge.id
    assert lookup.nudge(session, nudge.identity).id == nudge.id
    for text in ("999", "x:y:z", "9" * 30, "²"):
        with pytest.raises(NotFound, match="kamflow nudges"):
            lookup.nudge(session, text)


def test_nothing_is_no_name(session: Session) -> None:
    with pytest.raises(InputError, match="no person named"):
        lookup.person(session, "  ")
