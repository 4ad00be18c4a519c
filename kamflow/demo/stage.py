"""Where the demo plays: a home of its own, a clock of its own, a mail server and a Slack on loopback."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from flows import logs
from flows.runtime import Home
from kamflow.demo.company import planning, storing
from kamflow.demo.company.build import MadeUp, build
from kamflow.demo.company.staff import STAFF
from kamflow.demo.company.words import COMPANY, OUR_DOMAIN
from kamflow.demo.slack.server import APP_TOKEN, TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.errors import InputError
from kamflow.policy import Policy
from kamflow.settings import Company, Crm, Delivery, Settings, Slack, Smtp, Survey, Web
from kamflow.store import adopted, migrate
from kamflow.store import engine as db

ZONE = ZoneInfo("Europe/Berlin")
OUR_COMPANY = Company(name=COMPANY, region="NW", closings=("2026-12-24..2026-12-31",))
ACCOUNT_URL = "https://crm.example.com/accounts/{id}"
OPERATIONS = f"betrieb@{OUR_DOMAIN}"
# Signs the links: the same on each run, and worth nothing, for they lead to this machine or nowhere.
KEY = "the key of a made-up company"
WEB = Web(public_url=f"https://feedback.{OUR_DOMAIN}", internal_url=f"https://kamflow.{OUR_DOMAIN}")
SURVEY = Survey(
    objection_address=f"widerspruch@{OUR_DOMAIN}",
    legal_details=f"{COMPANY}, Am Musterhafen 1, 58095 Hagen",
    privacy_url=f"https://{OUR_DOMAIN}/datenschutz",
)

# What a kept home is read with later. Secrets are not in it: Slack is off there but for `kamflow up`.
TOML = """# The home of `kamflow demo`: made-up data, and a mail server that only runs with the demo.

operations_email = "{operations}"

[company]
name = "{company}"
region = "NW"
closings = ["2026-12-24..2026-12-31"]

[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
sender = "kamflow <kamflow@{domain}>"

[delivery]
mode = "live"

[crm]
source = "crm"
account_url = "{account_url}"

[web]
public_url = "{public_url}"
internal_url = "{internal_url}"

[survey]
objection_address = "{objection}"
legal_details = "{legal}"
privacy_url = "{privacy}"
"""


@dataclass
class Clock:
    """A clock that stands until it is set."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def set(self, day: date, hour: int, minute: int = 0) -> None:
        """Set it to a local time of the company."""
        self.at = datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)

    @property
    def today(self) -> date:
        return self.at.astimezone(ZONE).date()


@dataclass
class Stage:
    """Everything a play needs. `people` and `accounts` lead from keys to ids."""

    home: Home
    clock: Clock
    made: MadeUp
    catcher: SmtpCatcher
    slack: SlackServer
    people: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)

    @property
    def delivered(self) -> int:
        """Mails and posts so far, as the other side counts them."""
        return len(self.catcher.messages) + len(self.slack.posts)


@contextmanager
def staged(accounts: int, folder: Path | None, first: date, web: Web = WEB) -> Iterator[Stage]:
    """Build the company in `folder` (kept) or in a temporary one (removed at the end).

    `web` says where the links of its messages lead.

    Raises:
        InputError: there is something in the folder already.
    """
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty: name a new folder for the demo, or empty this one")
    with tempfile.TemporaryDirectory(prefix="kamflow-demo-") as temporary:
        home = folder or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        clock = Clock(datetime.combine(first, time(2), ZONE).astimezone(UTC))
        with running_catcher() as catcher, running_slack(slack_server(clock)) as slack:
            stage = _stage(home, accounts, clock, catcher, slack, web)
            try:
                yield stage
            finally:
                stage.home.engine.dispose()


def slack_server(now: Callable[[], datetime]) -> SlackServer:
    """The workspace in which the company's people are."""
    members = [member for member in STAFF if member.slack]
    return SlackServer([SlackUser(each.slack_id, each.email, each.name) for each in members], now=now)


def _stage(
    folder: Path, accounts: int, clock: Clock, catcher: SmtpCatcher, slack: SlackServer, web: Web
) -> Stage:
    toml = TOML.format(
        company=COMPANY,
        operations=OPERATIONS,
        port=catcher.port,
        domain=OUR_DOMAIN,
        account_url=ACCOUNT_URL,
        public_url=web.public_url,
        internal_url=web.internal_url,
        objection=SURVEY.objection_address,
        legal=SURVEY.legal_details,
        privacy=SURVEY.privacy_url,
    )
    (folder / "kamflow.toml").write_text(toml, encoding="utf-8")
    settings = _settings(folder, catcher, slack, web)
    logs.configure(clock, level="warning")  # whoever looks at the demo wants no log
    engine = db.connect(settings.url)
    migrate.upgrade(engine)
    home = Home(settings, Policy(), engine, clock)
    made = build(accounts)
    storing.store(engine, made, folder / "company", OUR_COMPANY)
    planning.plan_2027(home, made.customers)
    with db.write(engine) as session:
        adopted.adopt(session, folder, clock())
        people, ids = storing.people(session), storing.accounts(session)
    return Stage(home, clock, made, catcher, slack, people, ids)


def _settings(folder: Path, catcher: SmtpCatcher, slack: SlackServer, web: Web) -> Settings:
    # Everything is named, so that no KAMFLOW_* of this machine can point the demo anywhere else.
    return Settings(
        home=folder,
        database_url=SecretStr(f"sqlite:///{folder / 'kamflow.db'}"),
        secret_key=SecretStr(KEY),
        company=OUR_COMPANY,
        smtp=Smtp(host="127.0.0.1", port=catcher.port, tls="none", sender=f"kamflow <kamflow@{OUR_DOMAIN}>"),
        slack=Slack(token=SecretStr(TOKEN), app_token=SecretStr(APP_TOKEN), api_url=slack.url),
        delivery=Delivery(mode="live"),
        crm=Crm(source="crm", account_url=ACCOUNT_URL),
        web=web,
        survey=SURVEY,
        works_council=True,
        operations_email=OPERATIONS,
    )
