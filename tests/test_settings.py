"""Settings come from the environment, the secrets folder and kamflow.toml, in this order of strength."""

from pathlib import Path

import pytest

from kamflow.errors import ConfigError
from kamflow.settings import load


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


def test_a_secret_in_the_file_is_refused_with_where_it_belongs(tmp_path: Path) -> None:
    write(tmp_path, '[smtp]\npassword = "hunter2"\n')

    with pytest.raises(ConfigError, match="KAMFLOW_SMTP__PASSWORD") as refused:
        load(tmp_path)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[company]\nfiscal_year_start = 13\n", "fiscal_year_start"),
        ('[compnay]\nname = "x"\n', "compnay"),
        ("[smtp]\nprot = 25\n", "prot"),
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
