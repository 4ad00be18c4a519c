"""The kept home of a demo: `kamflow up` in it finds a mail server and the Slack workspace it was played with.

What is mailed lies in `caught/`. The made-up company goes on where the play ended, if that lies ahead.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from flows import runtime
from kamflow import settings as knobs
from kamflow.demo.slack.server import APP_TOKEN, TOKEN, running_slack
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.demo.smtp_terms import Caught
from kamflow.demo.stage import KEY, slack_server
from kamflow.errors import ConfigError

MARK = "demo.json"
CAUGHT = "caught"


def mark(folder: Path, until: datetime) -> None:
    """Note that this home is a demo's, and when its play ended."""
    (folder / MARK).write_text(json.dumps({"played_until": until.isoformat()}), encoding="ascii")


@contextmanager
def surrounded(folder: Path) -> Iterator[None]:
    """Run what the home sends to, and say so to this process and its children.

    Raises:
        ConfigError: the port of its mail server is taken.
    """
    with ExitStack() as stack:
        _catch(stack, folder)
        slack = stack.enter_context(running_slack(slack_server(runtime.clock)))
        known = {"SECRET_KEY": KEY, "SLACK__TOKEN": TOKEN, "SLACK__APP_TOKEN": APP_TOKEN}
        for name, value in (known | {"SLACK__API_URL": slack.url}).items():
            os.environ.setdefault(f"KAMFLOW_{name}", value)
        _go_on(folder)
        yield


def _catch(stack: ExitStack, folder: Path) -> None:
    port = knobs.load(folder).smtp.port
    try:
        stack.enter_context(running_catcher(_Kept(folder / CAUGHT), port))
    except OSError as error:
        raise ConfigError(
            f"smtp.port {port}: the demo's mail server cannot listen there: {error.strerror}; name another"
        ) from None


def _go_on(folder: Path) -> None:
    """Let time go on from the end of the play, where that is later than now."""
    until = datetime.fromisoformat(json.loads((folder / MARK).read_text(encoding="ascii"))["played_until"])
    now = runtime.clock()
    if now < until:
        os.environ.setdefault("KAMFLOW_NOW", f"{until.isoformat()}@{now.isoformat()}")


class _Kept(SmtpCatcher):
    """Keeps each mail as a file, for whoever wants to read it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(keep_bodies=False)
        self._folder = folder

    def _catch(self, mail: Caught) -> None:
        super()._catch(mail)
        self._folder.mkdir(exist_ok=True)
        (self._folder / f"{len(self.messages):05}.eml").write_bytes(mail.raw)
