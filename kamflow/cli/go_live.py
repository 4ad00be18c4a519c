"""`kamflow go-live --check`: what is missing before kamflow begins."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from cyclopts import Parameter

from kamflow.cli.home import Desk, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError
from kamflow.settings import Settings
from kamflow.store import adopted, go_live, starting, survey_wording
from kamflow.store.go_live import Finding

NO_SURVEYS = "without surveys set policy.survey_dispatch.classes = []"
SAYS = {
    "no_address": "people have neither an e-mail address nor a Slack id",
    "no_head": "nobody is head of KAM: nothing can climb, and nobody decides where an approver is missing",
    "no_accounts": "there is no account of the classes key, major or target",
    "no_kam": "accounts have no key account manager: nobody is asked about them",
    "no_targets": "key accounts have no contact targets",
    "no_plan": "key accounts have no plan for this year: take over those approved (`kamflow plan imported`)",
    "unknown_pilot": "keys of policy.starting.pilot are no accounts",
    "no_revenue_complete": "no revenue source ever said that a period is complete",
    "sponsor_many": "sponsors look after more accounts than they can (board 5, second level 8 by default)",
    "sponsor_not_key": "accounts have a sponsor without being key accounts",
    "unknown_region_person": "people live where no holidays are known: those of the company count",
    "unknown_region_account": "accounts lie where no holidays are known: those of the company count",
    "no_go_live": "policy.starting.go_live is not set: kamflow would tell everything from the first run on",
    "not_live": 'delivery.mode is not "live": nobody but one address, or nobody at all, receives anything',
    "no_smtp": "smtp.host or smtp.sender is still the example",
    "no_login": "the login at the mail server is not complete: `kamflow config check` says what is missing",
    "no_slack": "people prefer Slack, but KAMFLOW_SLACK__TOKEN is not set: they get mail",
    "no_operations": "operations_email is not set: nobody is told of failed runs",
    "no_public_url": f"web.public_url is not set: customers cannot open a survey; {NO_SURVEYS}",
    "no_objection": f"survey.objection_address is not set: a survey has to name it; {NO_SURVEYS}",
    "named": "texts of policy.survey_dispatch.wording name somebody: customers rate our work, not a person",
    "no_secret": "there is no secret key: `kamflow init` makes one",
    "not_adopted": "this home is not adopted by its database: nothing is sent from it (`kamflow adopt`)",
}


def go_live_(*, check: Annotated[bool, Parameter(negative="")] = False, options: Options = HERE) -> int:
    """Say what is missing before kamflow begins, and when it will.

    Parameters
    ----------
    check
        Look at data and settings; the exit code is 1 where something is missing.
    """
    if not check:
        raise InputError(
            "the day of going live stands in kamflow.toml ([policy.starting] go_live); say --check"
        )
    with reading(options) as desk:
        found = [*_settings(desk), *go_live.findings(desk.session, desk.policy, desk.company, desk.today)]
        begins = desk.policy.starting.go_live
        told = starting.told_from(desk.policy.starting, desk.company)
    missing = [each for each in found if each.blocks]
    if options.json:
        say_json({"go_live": begins, "told_from": told, "ready": not missing, "findings": found})
    else:
        _print(found, begins, told)
    return 1 if missing else 0


def _settings(desk: Desk) -> Iterator[Finding]:
    settings = desk.settings
    if desk.policy.starting.go_live is None:
        yield Finding("no_go_live", True, 1)
    if not adopted.is_adopted(desk.session, settings.home):
        yield Finding("not_adopted", True, 1)
    yield from _delivery(settings)
    yield from _surveys(desk)
    if settings.slack.token is None and (keys := go_live.prefer_slack(desk.session, desk.today)):
        yield Finding("no_slack", False, len(keys), tuple(keys[: go_live.SHOWN]))


def _delivery(settings: Settings) -> Iterator[Finding]:
    smtp = settings.smtp
    if settings.delivery.mode != "live":
        yield Finding("not_live", True, 1)
    if smtp.host == "localhost" or smtp.sender.rstrip(">").endswith("@example.com"):
        yield Finding("no_smtp", True, 1)
    if any(smtp.misfits()):
        yield Finding("no_login", True, 1)
    if settings.secret_key is None:
        yield Finding("no_secret", True, 1)
    if settings.operations_email is None:
        yield Finding("no_operations", False, 1)


def _surveys(desk: Desk) -> Iterator[Finding]:
    """What no mail of a survey can go out without, where there are surveys."""
    settings = desk.settings
    if not go_live.surveyed(desk.session, desk.policy, desk.today):
        return
    if settings.web.public_url is None:
        yield Finding("no_public_url", True, 1)
    if settings.survey.objection_address is None:
        yield Finding("no_objection", True, 1)
    if named := survey_wording.refused(desk.session, desk.policy.survey_dispatch.wording):
        yield Finding("named", True, len(named), tuple(each.dimension for each in named))


def _print(found: list[Finding], begins: date | None, told: date | None) -> None:
    if begins is not None:
        say(f"goes live on {begins}; the first nudges are told on {told}")
    for each in found:
        count = f"{each.count} " if each.keys else ""
        named = f" ({', '.join(each.keys)}{' …' if each.count > len(each.keys) else ''})" if each.keys else ""
        say(f"{'missing' if each.blocks else 'mind'}: {count}{SAYS[each.code]}{named}")
    say("ready" if not any(each.blocks for each in found) else "not ready yet")
