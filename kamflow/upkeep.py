"""The tables of kamflow.toml about running kamflow: who is told what is wrong, Prefect, the proxy, how long
data is kept."""

from pathlib import Path

from pydantic import Field, SecretStr

from kamflow.knobs import SAFE_URL, Language, Table


class Operations(Table):
    """Who is told that something of kamflow is wrong, and from when on. Mail goes to `operations_email`."""

    slack_channel: str | None = Field(default=None, description="id or name; the app has to be a member")
    language: Language | None = Field(default=None, description="the company's where it is not set")
    listen: str = Field(
        default="127.0.0.1:8412", pattern=r"^[^\s:]+:\d+$", description="health and metrics, no sign-in"
    )
    late_minutes: int = Field(default=60, ge=5, description="a run that has not begun so long after")
    long_minutes: int = Field(default=120, ge=5, description="a run that goes on for longer")
    channel_minutes: int = Field(default=10, ge=1, description="nothing goes over it for so long")
    calm_minutes: int = Field(default=5, ge=1, description="before it is told that something is over")
    disk_free_mb: int = Field(default=1_000, ge=0)
    database_mb: int = Field(default=5_000, ge=1)
    backup_days: int = Field(default=7, ge=0, description="without a backup; 0: somebody else makes them")


class Prefect(Table):
    """The Prefect server: our own on this machine, or with `api_url` one that others run."""

    port: int = Field(default=4200, ge=1, le=65535)
    api_url: str | None = Field(default=None, pattern=SAFE_URL, description="such as https://host/api")
    auth: SecretStr | None = Field(default=None, description="user:password; our own server has one")
    database_url: SecretStr | None = Field(default=None, description="PostgreSQL for Prefect's own data")
    redis_url: SecretStr | None = Field(default=None, description="for two servers and more")
    work_pool: str | None = Field(default=None, description="workers of this pool run the flows, not `up`")
    retention_days: int = Field(default=30, ge=1, description="of runs in Prefect; our ledger has them, too")


class Http(Table):
    """How kamflow reaches Slack, the sign-in and the heartbeat: by a proxy, with the company's own root."""

    proxy: str | None = Field(default=None, pattern=r"^https?://\S+$")
    ca_bundle: Path | None = Field(default=None, description="PEM file, relative to the home")


class Retention(Table):
    """Days after which rows are deleted, per kind of data; docs and `kamflow privacy pack` print them."""

    sign_in: int = Field(default=30, ge=1, description="ended sessions and sign-in links")
    received: int = Field(default=90, ge=7, description="ids of mails and events that came in")
    message: int = Field(
        default=400, ge=60, description="what messages said; that they were sent: as `event`"
    )
    document: int = Field(default=800, ge=400, description="facts of papers that were sent")
    nudge: int = Field(default=400, ge=60, description="closed nudges; in works-council mode 56 days")
    event: int = Field(default=800, ge=400, description="what happened, with ids only")
    run: int = Field(default=400, ge=60, description="the ledger of runs")
    answer: int = Field(default=1_100, ge=400, description="survey answers: their text; scores stay")
    contact: int = Field(default=1_100, ge=400, description="contacts without a place since: erased")
    rejects: int = Field(default=90, ge=7, description="files in done/ and rejects/")
