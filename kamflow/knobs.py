"""The tables of kamflow.toml, typed; settings.py reads them. `SECRETS` may not stand in the file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

SECRETS = (
    "smtp.password",
    "smtp.oauth.client_secret",
    "slack.token",
    "slack.app_token",
    "slack.signing_secret",
    "mailbox.password",
    "web.oidc.client_secret",
    "events.tokens",
    "prefect.auth",
    "prefect.database_url",
    "prefect.redis_url",
    "heartbeat_url",
    "secret_key",
    "database_url",
)
NETWORK = r"^[0-9A-Fa-f:.]+(/[1-9][0-9]{0,2})?$"
# Over http only to this machine: keys and proofs of who somebody is come from there.
SAFE_URL = r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])([:/]|$))[^\s?#]*$"
URL = r"^https?://[^\s/?#]+[^\s?#]*$"

Language = Literal["de", "de-DE", "de-AT", "de-CH", "en", "en-GB", "en-US"]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(Table):
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


class SmtpOAuth(Table):
    """The application that logs in at the mail server by XOAUTH2; its secret is
    KAMFLOW_SMTP__OAUTH__CLIENT_SECRET."""

    token_url: str | None = Field(default=None, pattern=SAFE_URL)
    client_id: str | None = None
    client_secret: SecretStr | None = None
    scope: str = "https://outlook.office365.com/.default"


class Smtp(Table):
    """The mail server. A login without TLS is refused."""

    host: str = "localhost"
    port: int = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    auth: Literal["password", "oauth", "none"] = Field(
        default="password", description="none: a relay that knows us by our address"
    )
    user: str | None = None
    password: SecretStr | None = None
    oauth: SmtpOAuth = SmtpOAuth()
    sender: str = "kamflow <kamflow@example.com>"
    connections: int = Field(default=8, ge=1)
    per_connection: int = Field(default=100, ge=1, description="mails over one connection, then a new one")
    per_domain: int = Field(
        default=4, ge=1, description="mails at once to one domain; that of the sender is not limited"
    )
    per_minute: int | None = Field(
        default=None, ge=1, description="mails a minute, whichever process sends them; none: no limit"
    )
    timeout: float = Field(default=30, gt=0, description="seconds for one command")

    @property
    def logs_in(self) -> bool:
        """Whether there is a login: with a password only where there is a user."""
        return self.auth == "oauth" or (self.auth == "password" and self.user is not None)

    def misfits(self) -> Iterator[str]:
        """What does not fit together in the login, with what to do."""
        if self.auth == "none" and self.user:
            yield 'smtp.user is set though smtp.auth is "none": take one of them away'
        if self.logs_in and self.tls == "none":
            yield "smtp.user needs TLS, else the password is sent readable: set smtp.tls to starttls"
        if self.auth == "password" and self.user and self.password is None:
            yield "smtp.user is set without a password: set KAMFLOW_SMTP__PASSWORD"
        if self.auth == "oauth":
            needed = {
                "smtp.user": self.user,
                "smtp.oauth.token_url": self.oauth.token_url,
                "smtp.oauth.client_id": self.oauth.client_id,
                "KAMFLOW_SMTP__OAUTH__CLIENT_SECRET": self.oauth.client_secret,
            }
            if missing := [name for name, value in needed.items() if not value]:
                yield f'smtp.auth = "oauth" needs {", ".join(missing)}'

    @property
    def domain(self) -> str:
        """What stands behind the @ of the sender: it tells this installation from all others."""
        return self.sender.rpartition("@")[2].strip("<> ")


class Slack(Table):
    """The Slack workspace; without a token the channel is off.

    What people click there comes by Socket Mode with `app_token`, or with `signing_secret` as requests to
    the internal pages. `detail = "reference"`: no contact's name and no figure ever reaches Slack.
    """

    token: SecretStr | None = None
    app_token: SecretStr | None = None
    signing_secret: SecretStr | None = None
    detail: Literal["full", "reference"] = "full"
    api_url: str = "https://slack.com/api/"
    timeout: float = Field(default=30, gt=0, description="seconds for one call")


class Delivery(Table):
    """Where messages go: to their recipients, all to one address, or nowhere."""

    mode: Literal["live", "redirect", "off"] = "redirect"
    redirect_to: str | None = None
    lease_seconds: int = Field(default=120, ge=1)
    batch: int = Field(default=100, ge=1)
    processes: int = Field(default=2, ge=1, le=16)


class Crm(Table):
    """Where a link to an account leads, and the form that logs a contact; `{id}` is the account's external
    id in `source`."""

    source: str = "crm"
    account_url: str | None = None
    log_url: str | None = None


class Oidc(Table):
    """Sign-in with the company's own accounts; off without an issuer. People are found by their e-mail."""

    issuer: str | None = Field(default=None, pattern=SAFE_URL)
    client_id: str | None = None
    client_secret: SecretStr | None = None
    name: str = Field(default="SSO", description="what the button says people sign in with")
    trust_email: bool = Field(
        default=False,
        description="take an e-mail address about which the issuer does not say whether it is verified",
    )


class Web(Table):
    """Two listeners: surveys for customers, and everything for our own people. Each has its address as
    people reach it (`*_url`) and the one it listens on here (`*_listen`)."""

    public_url: str | None = Field(default=None, pattern=URL)
    internal_url: str | None = Field(default=None, pattern=URL)
    public_listen: str = Field(default="127.0.0.1:8410", pattern=r"^[^\s:]+:\d+$")
    internal_listen: str = Field(default="127.0.0.1:8411", pattern=r"^[^\s:]+:\d+$")
    trusted_proxies: tuple[Annotated[str, Field(pattern=NETWORK)], ...] = Field(
        default=(), description="whose X-Forwarded-For is believed: addresses or networks, never everybody"
    )
    session_hours: int = Field(default=12, ge=1, le=168)
    link_days: int = Field(default=30, ge=1, le=365, description="how long a link in a mail can be used")
    oidc: Oidc = Oidc()


class Events(Table):
    """Systems that may tell what happened: a token each (KAMFLOW_EVENTS__TOKENS='{"crm": "…"}')."""

    tokens: dict[str, SecretStr] = Field(default={})

    @field_validator("tokens")
    @classmethod
    def _apart(cls, tokens: dict[str, SecretStr]) -> dict[str, SecretStr]:
        """The token alone says who is telling: two with the same one would speak for each other."""
        said = [each.get_secret_value() for each in tokens.values()]
        if len(set(said)) < len(said) or not all(said):
            raise ValueError("each source needs a token of its own, and none is empty")
        return tokens


class Mailbox(Table):
    """kamflow's own address, read by IMAP; off without a host."""

    host: str | None = None
    port: int = 993
    tls: Literal["none", "starttls", "tls"] = "tls"
    user: str | None = None
    password: SecretStr | None = None
    address: str | None = Field(default=None, pattern=r"^[^\s@<>]+@[^\s@<>]+$")
    folder: str = "INBOX"
    forward_to: str | None = Field(default=None, description="who reads what kamflow does not understand")
    authserv_id: str | None = Field(
        default=None, description="how the mail server signs its Authentication-Results: then they must pass"
    )
    every: int = Field(default=20, ge=1, le=3600, description="seconds between two looks")
    timeout: float = Field(default=30, gt=0, description="seconds for one command")


class Brand(Table):
    """The house colours and the logo of documents; a colour too light to be read is darkened for text."""

    logo: Path | None = Field(default=None, description="an SVG or PNG, relative to the home")
    primary: str = Field(default="#0b5f67", pattern=r"^#[0-9a-fA-F]{6}$")
    secondary: str = Field(default="#c98a1b", pattern=r"^#[0-9a-fA-F]{6}$")
    fonts: Path | None = Field(default=None, description="a folder with fonts for other scripts")


class Survey(Table):
    """What the law wants to stand in a survey mail: who asks, and how to object (§ 7 (3) UWG)."""

    objection_address: str | None = Field(default=None, pattern=r"^[^\s@<>]+@[^\s@<>]+$")
    legal_details: str | None = Field(default=None, description="of the sender, in one line")
    privacy_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
