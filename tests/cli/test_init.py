import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from kamflow import policy, settings
from kamflow.cli.init import TOML, import_templates
from kamflow.policy import Policy
from kamflow.settings import SECRETS, Settings
from kamflow.store.engine import connect, read
from tests.acts.world import Act

# "#name = value" is a default that may be changed, "# name = value" an example of what has none.
DEFAULT = re.compile(r"(?m)^#(?=\w+ = )")
EXAMPLE = re.compile(r"(?m)^# (?=\w+ = )")


@pytest.fixture
def fresh(tmp_path: Path, bare_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home yet to be made."""
    monkeypatch.setenv("KAMFLOW_DATABASE_URL", bare_database_url)
    monkeypatch.setenv("KAMFLOW_NOW", "2026-09-07T08:30:00+02:00")
    return tmp_path / "new" / "home"


def names(data: dict[str, Any], prefix: str = "") -> set[str]:
    return {
        name
        for key, value in data.items()
        for name in (names(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}"})
    }


def fields(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        nested = isinstance(inner, type) and issubclass(inner, BaseModel)
        found |= fields(inner, f"{prefix}{name}.") if nested else {f"{prefix}{name}"}
    return found


def test_the_template_shows_every_default_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kamflow.toml").write_text(
        DEFAULT.sub("", TOML.read_text(encoding="utf-8")), encoding="utf-8"
    )
    loaded, default = settings.load(tmp_path), Settings(home=tmp_path)
    assert loaded.model_dump() == default.model_dump()
    assert policy.load(tmp_path) == Policy()


def test_the_template_names_every_knob_but_secrets() -> None:
    text = EXAMPLE.sub("", DEFAULT.sub("", TOML.read_text(encoding="utf-8")))
    knobs = fields(Settings) | fields(Policy, "policy.")
    # What differs for a class of accounts, and questions of one's own, have an example instead.
    shown = {"home", "policy.by_class", "policy.survey_dispatch.wording"}
    assert names(tomllib.loads(text)) == knobs - set(SECRETS) - shown


def test_the_example_of_a_class_of_accounts_can_be_used_as_it_stands() -> None:
    example = re.findall(r"(?m)^#   (.+)$", TOML.read_text(encoding="utf-8"))
    loaded = policy.parse(tomllib.loads("\n".join(example))["policy"])
    assert loaded.of_class("key") == {"contact_shortfall.gap": 2, "annual_meeting.arrange": 120}


def test_every_figure_of_the_cycle_has_its_source_nearby() -> None:
    paragraphs = TOML.read_text(encoding="utf-8").partition("[policy.contact_shortfall]")[2]
    tables = re.split(r"(?m)^\[policy\.\w+\]$", paragraphs)
    for table in tables:
        assert "wn choice" in table or "Source:" in table


def test_a_new_home_has_all_it_needs(fresh: Path, kamflow: Act) -> None:
    said = kamflow("init", fresh)
    assert said.code == 0, said.err
    assert said.out.startswith("new home:")
    assert f"  made: {len(import_templates())} files in import-templates/\n" in said.out
    assert {path.name for path in fresh.iterdir()} >= {"kamflow.toml", "inbox", "rejects", "import-templates"}
    secret = fresh / "secrets" / "secret_key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(secret.read_text()) > 40
    assert settings.load(fresh).delivery.mode == "redirect"
    assert kamflow("nudges", "--home", fresh, "--json").json == {"sums": []}
    assert kamflow("config", "check", "--home", fresh).code == 0


def test_the_home_is_adopted(fresh: Path, kamflow: Act, bare_database_url: str) -> None:
    from kamflow.store import adopted

    kamflow("init", fresh)
    engine = connect(bare_database_url)
    with read(engine) as session:
        assert adopted.is_adopted(session, fresh)
    engine.dispose()


def test_an_existing_home_keeps_everything(fresh: Path, kamflow: Act) -> None:
    kamflow("init", fresh)
    secret = (fresh / "secrets" / "secret_key").read_text()
    (fresh / "kamflow.toml").write_text('[company]\nname = "Ours"\n', encoding="utf-8")
    answer = kamflow("init", fresh, "--json").json
    assert answer["made"] == []
    assert settings.load(fresh).company.name == "Ours"
    assert (fresh / "secrets" / "secret_key").read_text() == secret


def test_a_copy_does_not_adopt_itself(
    fresh: Path, kamflow: Act, tmp_path: Path, bare_database_url: str
) -> None:
    from kamflow.store import adopted

    kamflow("init", fresh)
    kamflow("init", tmp_path / "copy")
    engine = connect(bare_database_url)
    with read(engine) as session:
        assert not adopted.is_adopted(session, tmp_path / "copy")
    engine.dispose()


def test_the_import_templates_have_the_headers_of_the_preset() -> None:
    templates = import_templates()
    assert templates["people.csv"].startswith("key;id;name;email;")
    assert {"accounts.csv", "contacts.csv", "targets.csv", "interactions.csv"} <= set(templates)


def test_the_readme_imports_from_the_folder_that_init_makes(
    fresh: Path, kamflow: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    [command] = re.findall(r"(?m)^kamflow (import .*?) +#", readme)
    kamflow("init", fresh)
    monkeypatch.chdir(fresh)
    (fresh / "import-templates" / "people.csv").write_text("key;name\nwitt;Witt\n", encoding="utf-8")
    said = kamflow(*command.split(), "--json")
    assert (said.code, said.json["people"]["new"]) == (0, 1)


def test_a_wrong_setting_is_named(fresh: Path, kamflow: Act) -> None:
    kamflow("init", fresh)
    path = fresh / "kamflow.toml"
    path.write_text('[company]\nzone = "Berlin"\n', encoding="utf-8")
    said = kamflow("config", "check", "--home", fresh)
    assert (said.code, "company.zone: 'Berlin'" in said.err) == (2, True)
    path.write_text("[compnay]\n", encoding="utf-8")
    assert "unknown: compnay" in kamflow("config", "check", "--home", fresh).err


def test_config_check_names_what_is_missing(fresh: Path, kamflow: Act) -> None:
    kamflow("init", fresh)
    warnings = kamflow("config", "check", "--home", fresh, "--json").json["warnings"]
    assert any("redirect_to" in each for each in warnings)
    assert not any("adopted" in each for each in warnings)
