"""Every knob of an installation, typed.

Read from `<home>/kamflow.toml`, then from the environment (`KAMFLOW_*`, nested by `__`).
Secrets come from the environment or a secrets folder only: one found in kamflow.toml is refused.
The numbers of the yearly cycle are not here but in policy.py (the table `[policy]`).
"""

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from kamflow.errors import ConfigError

SECRETS = ("smtp.password", "slack.token", "slack.app_token", "secret_key", "database_url")

Language = Literal["de", "de-DE", "de-AT", "de-CH", "en", "en-GB", "en-US"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Table):
    """The company that runs kamflow. `closings` are ISO days or first..last ranges."""

    name: str = "Our company"
    currency: str = "EUR"
    fiscal_year_start: int = Field(default=1, ge=1, le=12, description="month")
    fiscal_year_changes: tuple[tuple[date, int], ...] = Field(
        default=(), description="(day, month): from that day on fiscal years begin in that month"
    )
    country: str = "DE"
    region: str | None = None
    zone: str = "Europe/Berlin"
    language: Language = "de"
    colleagues: Literal["sie", "du"] = Field(default="sie", description="customers are always said Sie")
    closings: tuple[str, ...] = ()
    half_days: Literal["work", "free"] = Field(default="free", description="24 and 31 December")


class Smtp(_Table):
    """The mail server. A login without TLS is refused."""

    host: str = "localhost"
    port: int = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str = "kamflow <kamflow@example.com>"
    connections: int = Field(default=8, ge=1)
    timeout: float = Field(default=30, description="seconds for one command")

    @property
    def domain(self) -> str:
        """What stands behind the @ of the sender: it tells this installation from all others."""
        return self.sender.rpartition("@")[2].strip("<> ")


class Slack(_Table):
    """The Slack workspace; without a token the channel is off."""

    token: SecretStr | None = None
    app_token: SecretStr | None = None
    api_url: str = "https://slack.com/api/"
    timeout: float = Field(default=30, description="seconds for one call")


class Delivery(_Table):
    """Where messages go: to their recipients, all to one address, or nowhere."""

    mode: Literal["live", "redirect", "off"] = "redirect"
    redirect_to: str | None = None
    lease_seconds: int = 120
    batch: int = 50


class Crm(_Table):
    """Where a link to an account leads; `{id}` is its external id in `source`."""

    source: str = "crm"
    account_url: str | None = None


class Web(_Table):
    """Where customers reach kamflow's pages: surveys only, nothing internal."""

    public_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+[^\s?#]*$")


class Brand(_Table):
    """The house colours and the logo of documents; a colour too light to be read is darkened for text."""

    logo: Path | None = Field(default=None, description="an SVG or PNG, relative to the home")
    primary: str = Field(default="#0b5f67", pattern=r"^#[0-9a-fA-F]{6}$")
    secondary: str = Field(default="#c98a1b", pattern=r"^#[0-9a-fA-F]{6}$")
    fonts: Path | None = Field(default=None, description="a folder with fonts for other scripts")


class Survey(_Table):
    """What the law wants to stand in a survey mail: who asks, and how to object (§ 7 (3) UWG)."""

    objection_address: str | None = Field(default=None, pattern=r"^[^\s@<>]+@[^\s@<>]+$")
    legal_details: str | None = Field(default=None, description="of the sender, in one line")
    privacy_url: str | None = Field(default=None, pattern=r"^https?://\S+$")


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
    survey: Survey = Survey()
    brand: Brand = Brand()
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
        table, _, key = dotted.rpartition(".")
        if key in (data.get(table, {}) if table else data):
            name = "KAMFLOW_" + dotted.upper().replace(".", "__")
            raise ConfigError(f"{path}: {dotted} is a secret; set {name} in the environment instead")
    return data


def load(home: Path | None = None) -> Settings:
    """Settings of `home` (default: `KAMFLOW_HOME`, then the current folder).

    Raises:
        ConfigError: a setting is unknown or has a wrong value.
    """
    home = home or Path(os.environ.get("KAMFLOW_HOME", "."))
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
    """Settings whose sources are, the strongest first: the environment, the secrets folder of the home
    (`secrets/secret_key`, `secrets/smtp__password` …), the tables of kamflow.toml."""

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
                secrets_dir=home / "secrets",
                secrets_prefix="",
                secrets_nested_delimiter="__",
                secrets_dir_missing="ok",
            )
            return init_settings, env_settings, secrets, InitSettingsSource(settings_cls, data)

    return Loaded
