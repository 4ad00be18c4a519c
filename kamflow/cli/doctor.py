"""`kamflow doctor`: each setting tried for real, one line each, with what to do."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from flows.runtime import Home
from kamflow.cli.checks.finding import Check, Finding, tried
from kamflow.cli.home import open_home
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import ConfigError, KamflowError


def doctor(
    *,
    send_to: str | None = None,
    dkim_selector: str | None = None,
    only: Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=True)] = (),
    options: Options = HERE,
) -> int:
    """Try every setting for real and say what to mend; the exit code is 1 where something is wrong.

    Works while `kamflow up` runs and while it does not. Nothing is sent and nothing changed.

    Parameters
    ----------
    send_to
        Send a test mail to this address.
    dkim_selector
        Where the key of your mail server's signature stands in DNS, such as "mail".
    only
        Some of the checks, by their names.
    """
    try:
        home = open_home(options)
    except KamflowError as error:
        check = "settings" if isinstance(error, ConfigError) else "database"
        return _said([Finding(check, "wrong", str(error), "mend this first, then ask again")], options)
    try:
        looks = _checks(home, send_to, dkim_selector)
        asked = {name: look for name, look in looks.items() if not only or name in only}
        file = home.settings.home / "kamflow.toml"
        found = [Finding("settings", "ok", str(file.resolve()) if file.exists() else "defaults, KAMFLOW_*")]
        return _said(found + tried(asked), options)
    finally:
        home.engine.dispose()


def _checks(home: Home, send_to: str | None, selector: str | None) -> dict[str, Check]:
    from kamflow.cli.checks import data, mail, names, place, servers, slack

    return {
        "files": partial(place.files, home),
        "disk": partial(place.disk, home),
        "texts": partial(place.texts, home),
        "database": partial(data.database, home),
        "clock": partial(data.clock, home),
        "zones": partial(data.zones, home),
        "versions": servers.versions,
        "ports": partial(place.ports, home),
        "prefect": partial(servers.prefect, home),
        "smtp": partial(mail.smtp, home, send_to),
        "mailbox": partial(mail.imap, home),
        "slack": partial(slack.slack, home),
        "sign-in": partial(servers.oidc, home),
        "addresses": partial(servers.reached, home),
        "dns": partial(names.sender, home, selector),
        "standing": partial(data.standing, home),
    }


def _said(found: list[Finding], options: Options) -> int:
    wrong = [each for each in found if each.level == "wrong"]
    if options.json:
        say_json({"well": not wrong, "findings": [asdict(each) for each in found]})
        return 1 if wrong else 0
    for each in found:
        say(f"{each.level:5} {each.check:10} {each.what}")
        if each.todo and each.level != "ok":
            say(f"{'':16} -> {each.todo}")
    say("all right" if not wrong else f"to mend: {len(wrong)}")
    return 1 if wrong else 0
