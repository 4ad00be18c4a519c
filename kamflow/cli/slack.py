"""`kamflow slack manifest`: what to paste where Slack asks for the manifest of the app."""

import json

from cyclopts import App

from kamflow import settings as knobs
from kamflow.cli.options import HERE, Options

slack = App(name="slack")


@slack.command
def manifest(*, options: Options = HERE) -> None:
    """Print the manifest of the Slack app as JSON, with exactly the scopes that these settings use.

    Paste it on api.slack.com/apps: Create New App, From a manifest, JSON. docs/slack.md says what comes next.
    """
    from kamflow.web.slack import scopes

    print(json.dumps(scopes.manifest(knobs.load(options.home)), indent=2))
