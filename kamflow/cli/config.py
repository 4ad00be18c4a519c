"""`kamflow config check`: are the settings right, and do they fit together?"""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cyclopts import App

from kamflow.cli.checks import running
from kamflow.cli.home import opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import ConfigError
from kamflow.settings import Settings
from kamflow.store import adopted, calendars, own_policy, survey_wording
from kamflow.store.engine import read
from kamflow.workdays import calendar, parse_closings
from notifications.message import mailbox as address

config = App(name="config")
HARD_TO_GUESS = 24  # characters of a secret; 96 bits if they are random


@config.command
def check(*, options: Options = HERE) -> None:
    """Read every setting and the policy, look at the database, and name what is missing or odd."""
    with opened(options) as home, read(home.engine) as session:
        _refuse_company(home.settings)
        running.refuse(home.settings)
        # Built here because the days of the quiet weeks are only looked at in a night of its own.
        calendars.quiet_weeks(home.policy.cadence, home.settings.company)
        named = survey_wording.refused(session, home.policy.survey_dispatch.wording)
        if named:
            raise ConfigError("; ".join(map(str, named)))
        warnings = [*_missing(home.settings), *own_policy.unfit(session, home.policy, home.today())]
        if not adopted.is_adopted(session, home.settings.home):
            warnings.append("this home is not adopted by its database: nothing is composed or sent from it")
    found = str(_file(home.settings.home))
    if options.json:
        say_json({"home": home.settings.home.resolve(), "file": found, "warnings": warnings})
        return
    say(
        f"home: {home.settings.home.resolve()}", f"settings: {found}", *(f"mind: {each}" for each in warnings)
    )
    say("the settings can be used" if not warnings else "the settings can be used, as they are")


def _file(home: Path) -> Path | str:
    path = home / "kamflow.toml"
    return path if path.exists() else "no kamflow.toml, defaults and KAMFLOW_* only"


def _refuse_company(settings: Settings) -> None:
    """Use what the types of settings.py cannot judge: zone, holidays, closings."""
    company = settings.company
    try:
        ZoneInfo(company.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            f"company.zone: {company.zone!r} is no time zone; use a name such as Europe/Berlin"
        ) from None
    calendar(company.country, company.region, closings=parse_closings(company.closings))


def _missing(settings: Settings) -> Iterator[str]:
    delivery, smtp = settings.delivery, settings.smtp
    if delivery.mode == "redirect" and not delivery.redirect_to:
        yield 'delivery.redirect_to is not set: with mode "redirect" nothing can be delivered'
    if delivery.mode == "off":
        yield 'delivery.mode is "off": nothing is told to anybody'
    yield from smtp.misfits()
    if smtp.sender.rstrip(">").endswith("@example.com"):
        yield "smtp.sender is still the example: mails would come from nobody"
    if settings.slack.token is None:
        yield "KAMFLOW_SLACK__TOKEN is not set: who prefers Slack gets mail"
    if settings.operations_email is None:
        yield "operations_email is not set: nobody is told of failed runs"
    yield from _mailbox(settings)
    yield from running.odd(settings)
    if settings.secret_key is None:
        yield "there is no secret key: `kamflow init` makes one in the folder secrets"
    yield from _guessable(settings)


def _guessable(settings: Settings) -> Iterator[str]:
    secrets = {f"the token of source {name}": each for name, each in settings.events.tokens.items()}
    if settings.secret_key is not None:
        secrets["the secret key"] = settings.secret_key
    for name, secret in secrets.items():
        if len(secret.get_secret_value()) < HARD_TO_GUESS:
            yield f"{name} is shorter than {HARD_TO_GUESS} characters: make one with `openssl rand -hex 32`"


def _mailbox(settings: Settings) -> Iterator[str]:
    from kamflow.web.mailbox import box

    mailbox = settings.mailbox
    if mailbox.host is None:
        return
    box.check(mailbox)
    if mailbox.forward_to is None:
        yield "mailbox.forward_to is not set: what kamflow does not understand stays in the mailbox, flagged"
    if address(settings.smtp.sender).address.casefold() != (mailbox.address or "").casefold():
        yield "smtp.sender is not mailbox.address: returned mails go to the sender, unless they end up there"
