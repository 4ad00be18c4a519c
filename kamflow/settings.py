"""Every knob of an installation, typed.

Read from `<home>/kamflow.toml`, then from the environment (`KAMFLOW_*`, nested by `__`).
Secrets come from the environment or a secrets folder only: one found in kamflow.toml is refused.
The numbers of the yearly cycle are not here but in policy.py (the table `[policy]`).
"""

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from kamflow.errors import ConfigError
from kamflow.knobs import (
    SECRETS,
    Brand,
    Company,
    Crm,
    Delivery,
    Events,
    Mailbox,
    Slack,
    Smtp,
    Survey,
    Web,
)
from kamflow.upkeep import Http, Operations, Prefect, Retention

RESTORING = "restore-unfinished"  # a file that says that settings and database are of two states


class Settings(BaseSettings):
    """All settings of one home. Build with `load`, never at import."""

    model_config = SettingsConfigDict(
        env_prefix="KAMFLOW_", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    home: Path = Path()
    database_url: SecretStr | None = None
    secret_key: SecretStr | None = None
    company: Company = Company()
    smtp: Smtp = Smtp()
    slack: Slack = Slack()
    delivery: Delivery = Delivery()
    crm: Crm = Crm()
    web: Web = Web()
    events: Events = Events()
    mailbox: Mailbox = Mailbox()
    survey: Survey = Survey()
    brand: Brand = Brand()
    operations: Operations = Operations()
    prefect: Prefect = Prefect()
    http: Http = Http()
    retention: Retention = Retention()
    heartbeat_url: SecretStr | None = None
    log: Literal["auto", "console", "json"] = "auto"
    works_council: bool = True
    operations_email: str | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the domain database; SQLite in the home unless set otherwise."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'kamflow.db'}"


def read_toml(home: Path) -> dict[str, Any]:
    """The tables of kamflow.toml, or none where the file is absent.

    Raises:
        ConfigError: the file is not TOML, or holds a secret.
    """
    path = home / "kamflow.toml"
    if not path.exists():
        return {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    for dotted in SECRETS:
        *tables, key = dotted.split(".")
        if key in _table(data, tables):
            name = "KAMFLOW_" + dotted.upper().replace(".", "__")
            raise ConfigError(f"{path}: {dotted} is a secret; set {name} in the environment instead")
    return data


def _table(data: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    for name in names:
        inner = data.get(name, {})
        data = inner if isinstance(inner, dict) else {}
    return data


def load(home: Path | None = None) -> Settings:
    """Settings of `home` (default: `KAMFLOW_HOME`, then the current folder).

    Raises:
        ConfigError: a setting is unknown or has a wrong value, or the home is half restored.
    """
    home = home or Path(os.environ.get("KAMFLOW_HOME", "."))
    if (home / RESTORING).exists():
        raise ConfigError(
            f"{home}: a restore broke off, settings and database are not of one state: run `kamflow restore`"
            " with the same file once more, it ends what was begun"
        )
    data = read_toml(home)
    data.pop("policy", None)
    return _validated(home, data)


def _validated(home: Path, data: dict[str, Any]) -> Settings:
    unknown = set(data) - set(Settings.model_fields)
    if unknown:
        raise ConfigError(f"{home / 'kamflow.toml'}: unknown: {', '.join(sorted(unknown))}")
    try:
        return _reading(home, data)(home=home)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise ConfigError(f"{home / 'kamflow.toml'} or KAMFLOW_*: " + "; ".join(lines)) from None


def _reading(home: Path, data: dict[str, Any]) -> type[Settings]:
    """Settings whose sources are, the strongest first: the environment, the folder of what systemd or a
    container was given (`CREDENTIALS_DIRECTORY`), the secrets folder of the home (`secrets/secret_key`,
    `secrets/smtp__password` …), the tables of kamflow.toml."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    folders = [home / "secrets", *([Path(given)] if given else [])]

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            secrets = NestedSecretsSettingsSource(
                file_secret_settings,
                secrets_dir=folders,
                secrets_prefix="",
                secrets_nested_delimiter="__",
                secrets_dir_missing="ok",
            )
            return init_settings, env_settings, secrets, InitSettingsSource(settings_cls, data)

    return Loaded
