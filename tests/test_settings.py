"""Settings come from the environment, the secrets folder and kamflow.toml, in this order of strength."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from kamflow.errors import ConfigError
from kamflow.settings import SECRETS, Settings, load


def write(home: Path, text: str) -> None:
    (home / "kamflow.toml").write_text(text, encoding="utf-8")


def secret(home: Path, name: str, value: str) -> None:
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / name).write_text(value)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[smtp]\nhost = "mail.example.com"\nport = 25\n')
    monkeypatch.setenv("KAMFLOW_SMTP__PORT", "2525")

    smtp = load(tmp_path).smtp

    assert (smtp.host, smtp.port) == ("mail.example.com", 2525)


def test_secrets_are_read_from_their_folder_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret(tmp_path, "secret_key", "from the folder")
    secret(tmp_path, "smtp__password", "from the folder")
    monkeypatch.setenv("KAMFLOW_SMTP__PASSWORD", "from the environment")

    settings = load(tmp_path)

    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == "from the folder"
    assert settings.smtp.password is not None
    assert settings.smtp.password.get_secret_value() == "from the environment"


def test_what_systemd_or_a_container_hands_over_goes_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret(tmp_path, "smtp__password", "from the folder")
    secret(tmp_path, "slack__token", "from the folder")
    (given := tmp_path / "given").mkdir()
    (given / "smtp__password").write_text("from systemd\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))

    settings = load(tmp_path)

    assert settings.smtp.password.get_secret_value() == "from systemd"
    assert settings.slack.token.get_secret_value() == "from the folder"


def test_a_secret_in_the_file_is_refused_with_where_it_belongs(tmp_path: Path) -> None:
    write(tmp_path, '[smtp]\npassword = "hunter2"\n')

    with pytest.raises(ConfigError, match="KAMFLOW_SMTP__PASSWORD") as refused:
        load(tmp_path)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("dotted", SECRETS)
def test_every_secret_is_refused_in_the_file_wherever_it_stands(tmp_path: Path, dotted: str) -> None:
    *tables, key = dotted.split(".")
    value = '{ crm = "hunter2" }' if dotted == "events.tokens" else '"hunter2"'
    for text in (f"{dotted} = {value}\n", f"[{'.'.join(tables)}]\n{key} = {value}\n" if tables else ""):
        if text:
            write(tmp_path, text)
            with pytest.raises(ConfigError, match=f"KAMFLOW_{dotted.upper().replace('.', '__')}") as refused:
                load(tmp_path)
            assert "hunter2" not in str(refused.value)


def test_every_secret_of_the_settings_is_kept_out_of_the_file(tmp_path: Path) -> None:
    assert set(_secrets(Settings)) == set(SECRETS)


def test_a_secret_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for dotted in SECRETS:
        name = "KAMFLOW_" + dotted.upper().replace(".", "__")
        monkeypatch.setenv(name, '{"crm": "hunter2"}' if dotted == "events.tokens" else "hunter2")
    loaded = load(tmp_path)

    assert loaded.events.tokens["crm"].get_secret_value() == "hunter2"
    assert "hunter2" not in f"{loaded!r} {loaded} {loaded.model_dump()} {loaded.model_dump_json()}"


@pytest.mark.parametrize("tokens", ['{"crm": "hunter2", "erp": "hunter2"}', '{"crm": ""}'])
def test_a_token_belongs_to_one_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: str) -> None:
    monkeypatch.setenv("KAMFLOW_EVENTS__TOKENS", tokens)

    with pytest.raises(ConfigError, match="a token of its own") as refused:
        load(tmp_path)
    assert "hunter2" not in str(refused.value)


def _secrets(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _secrets(inner, f"{prefix}{name}.")
        elif "SecretStr" in str(inner):
            yield f"{prefix}{name}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[company]\nfiscal_year_start = 13\n", "fiscal_year_start"),
        ('[compnay]\nname = "x"\n', "compnay"),
        ("[smtp]\nprot = 25\n", "prot"),
        ('[web]\ntrusted_proxies = ["*"]\n', "trusted_proxies"),
        ('[web]\ntrusted_proxies = ["0.0.0.0/0"]\n', "trusted_proxies"),
        ("[smtp\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, text)

    with pytest.raises(ConfigError, match=said):
        load(tmp_path)


def test_a_fiscal_year_may_change_once(tmp_path: Path) -> None:
    write(tmp_path, '[company]\nfiscal_year_changes = [["2027-10-01", 10]]\n')

    assert load(tmp_path).company.fiscal_year_changes[0][1] == 10


@pytest.mark.parametrize(
    ("table", "name"),
    [("delivery", "batch"), ("delivery", "lease_seconds"), ("smtp", "timeout"), ("slack", "timeout")],
)
def test_with_what_nothing_would_ever_be_sent_is_refused(tmp_path: Path, table: str, name: str) -> None:
    write(tmp_path, f"[{table}]\n{name} = 0\n")

    with pytest.raises(ConfigError, match=name):
        load(tmp_path)
