"""A company's own questions never name a person: neither one of ours nor a contact."""

import pytest
from sqlalchemy import Engine

from kamflow.errors import ConfigError
from kamflow.figures import survey_dimensions
from kamflow.models.contact import Contact
from kamflow.models.survey import SurveyWave
from kamflow.policy import Policy, parse
from kamflow.store import survey_wording
from kamflow.store.engine import read
from kamflow.thresholds import DIMENSIONS, SurveyDispatch, Wording
from tests.surveyed import M, Surveyed
from tests.world import World


def wording(text: str) -> dict[str, Wording]:
    return {"own": Wording(de=text, en="Spare parts")}


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    world = World(sqlite_engine)
    world.person("Dr. Jürgen von Witt", key="witt")
    world.add(Contact(key="k", first_name="Stefanie", last_name="Kurz"))
    return world


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wie war Herr Meyer?", ("Herr Meyer", "title")),
        ("Betreuung durch Witt", ("Witt", "person")),
        ("betreuung durch jürgen", ("jürgen", "person")),
        ("Frau kurz entschlossen", None),
        ("Auskunft von Stefanie", ("Stefanie", "contact")),
        ("Arbeit von stefanie kurz", ("stefanie kurz", "contact")),
        ("Kurz gesagt", ("Kurz", "contact")),
        ("kurz gesagt", None),
        ("Antwort von witt@example.com", ("witt@example.com", "address")),
        ("Lieferung von Ersatzteilen", None),
        ("Wittenberger Lager", None),
    ],
)
def test_a_text_that_names_somebody_is_found(world: World, text: str, found: tuple[str, str] | None) -> None:
    with read(world.engine) as session:
        refused = survey_wording.refused(session, wording(text))

    assert [(each.found, each.who) for each in refused] == ([found] if found else [])


def test_the_refusal_says_what_where_and_how_to_mend(world: World) -> None:
    with read(world.engine) as session:
        [refused] = survey_wording.refused(session, wording("Betreuung durch Witt"))

    assert str(refused).startswith(
        "policy.survey_dispatch.wording.own.de: 'Witt': one of our people is called"
    )
    assert "word it differently" in str(refused)


def test_a_wave_asks_about_what_names_nobody(sqlite_engine: Engine) -> None:
    world = Surveyed(sqlite_engine)
    own = wording("Betreuung durch Witt")
    world.policy = Policy(
        survey_dispatch=SurveyDispatch(dimensions=("delivery", "own", "price"), wording=own)
    )
    muster = world.account("Muster AG", world.person("Witt"), account_class="key")
    world.meeting(muster, M)
    world.contact("Kruse", muster)
    world.dispatch(M.replace(month=6, day=30))

    with read(sqlite_engine) as session:
        assert session.get_one(SurveyWave, 1).dimensions == ["delivery", "price"]


def test_every_dimension_has_its_words_in_both_languages() -> None:
    assert set(survey_dimensions.KNOWN) == set(DIMENSIONS)
    own = wording("Ersatzteile")
    said = [survey_dimensions.label(name, "de-CH", own) for name in ("own", "price", "gone_since")]
    assert said == ["Ersatzteile", "Preis und Leistung", "gone since"]
    assert survey_dimensions.label("own", "en-GB", own) == "Spare parts"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"dimensions": ["spare_parts"]}, "expected one of quality"),
        ({"dimensions": ["price", "price"]}, "each once"),
        ({"dimensions": list(DIMENSIONS[:6])}, "at most 5"),
        ({"wording": {"Spare parts": {"de": "Ersatzteile", "en": "Spare parts"}}}, "expected a short name"),
        ({"wording": {"spare": {"de": "Ersatzteile"}}}, "wording.spare.en"),
        ({"wording": {"spare": {"de": "x" * 61, "en": "Spare parts"}}}, "at most 60"),
    ],
)
def test_dimensions_that_no_page_could_show_are_refused(table: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse({"survey_dispatch": table})
