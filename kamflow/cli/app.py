"""The command line: which commands there are. Each is imported only when it is called."""

import errno
import os
import sys
import traceback
from difflib import get_close_matches

from cyclopts import App, CycloptsError, Group

from kamflow.cli.options import commands_first
from kamflow.errors import ConfigError, InputError, KamflowError, StoreError

HELP = """The yearly cycle of key account management: who must do what, and why.

Every command takes --home DIR (or KAMFLOW_HOME), --as PERSON (or KAMFLOW_PERSON) and, where it lists or
counts, --json.
"""

# Group -> command -> where it is, what it does.
COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "An installation": {
        "init": ("init:init", "Make a new home, or bring an existing one up to date."),
        "adopt": ("adopt:adopt", "Let a moved, copied or restored home send again."),
        "config": ("config:config", "Check the settings."),
        "go-live": ("go_live:go_live_", "What is missing before kamflow begins."),
        "demo": ("demo:demo", "Play a few weeks of a made-up company."),
    },
    "Running kamflow": {
        "up": ("up:up", "Run everything: Prefect, runner, clock, pages; Ctrl-C stops it."),
        "deploy": ("deploy:deploy", "Register the flows on a Prefect server with workers."),
        "status": ("status:status", "Does it run, and is it well? Exit code 0, 1 degraded, 2 not running."),
        "doctor": ("doctor:doctor", "Try every setting for real, and say what to mend."),
        "backup": ("backup:backup", "One archive of what cannot be had again, while everything runs."),
        "restore": ("restore:restore", "Bring a home back from a backup; it sends once it is adopted."),
        "slack": ("slack:slack", "The manifest of the Slack app, with the scopes kamflow uses."),
        "person": ("person:person", "All that is stored about somebody; erase their name and addresses."),
        "purge": ("purge:purge", "Delete what is older than [retention] says."),
        "privacy": ("privacy:privacy", "Write the papers for data protection and the works council."),
    },
    "Data": {
        "import": ("import_:import_", "Read exports: CSV, Excel, JSON, calendars."),
        "source": ("source:source", "Sources of data: who looks after them, how old theirs is and may be."),
        "export": ("export:export", "Write Excel forms, and CSV for the CRM."),
    },
    "Deciding and telling": {
        "run": ("run:run", "Decide what is due: one flow, or all."),
        "deliver": ("deliver:deliver", "Compose and deliver what is due, until nothing is."),
        "nudges": ("nudges:nudges", "What is open."),
        "why": ("why:why", "Why a nudge is there, and what closes it."),
        "why-not": ("why_not:why_not", "Why nothing is said, and when it would be."),
        "rehearse": ("rehearse:rehearse", "Play the days ahead: who is told what, and where it is too much."),
        "outbox": ("outbox:outbox", "What was and will be sent."),
        "preview": ("preview:preview", "What a person would receive."),
    },
    "What people do": {
        "log": ("log:log", "Log a contact that was held, booked or cancelled."),
        "done": ("nudge_acts:done", "Say that something is done."),
        "snooze": ("nudge_acts:snooze", "Put a nudge off until a day."),
        "hand-over": ("nudge_acts:hand_over", "Give a nudge to somebody else."),
        "absent": ("absent:absent", "Say when somebody is away."),
        "pause": ("pause:pause", "Ask nothing about an account until a date."),
        "resume": ("pause:resume", "End a pause before its day."),
        "account": ("account:account", "Hand a whole account over."),
        "policy": ("policy:policy", "Set a threshold for one account, or look at all of them."),
        "target": ("target:target", "Set how often somebody means to meet a contact."),
        "plan": ("plan:plan", "Fill, submit, approve or return account plans."),
        "quarter": ("quarter:quarter", "Comment the figures of a quarter."),
        "meeting": ("meeting:meeting", "Book, move or cancel the annual meeting; held, agreed."),
        "briefing": ("briefing:briefing", "Look through a briefing and release it."),
        "folder": ("folder:folder", "Tick what the customer is handed at the annual meeting."),
        "question": ("question:question", "Answer what a plan does not know yet."),
        "survey": ("survey:survey", "See a survey's list, strike a name, stop it."),
        "measure": ("measure:measure", "Say that measures are done, or move one."),
        "gap": ("gap:gap", "See the gaps of an account, and make a measure of one."),
        "request": ("request:request", "Deliver what a department was asked for, or refuse it."),
    },
}


def build() -> App:
    """The app with every command by its import path."""
    app = App(
        name="kamflow",
        help=HELP,
        version=_version,
        # Plain text: markup would load a parser and a highlighter, half of what `--help` costs.
        help_format="plaintext",
        version_format="plaintext",
        result_action="return_value",
    )
    for order, (title, commands) in enumerate(COMMANDS.items()):
        group = Group(title, sort_key=order)
        for name, (path, text) in commands.items():
            app.command(f"kamflow.cli.{path}", name=name, help=text, group=group)
    return app


# A file that was named and cannot be there: the caller's to mend.
_NO_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EACCES, errno.EROFS, errno.ENOSPC)


def _version() -> str:
    from importlib.metadata import version

    return version("kamflow")


def run(tokens: list[str]) -> int:
    """Run a command line and return its exit code: 0, 1 failed, 2 refused or misused."""
    ordered = commands_first(tokens)
    try:
        _refuse_unknown(ordered)
        answer = build()(ordered, exit_on_error=False, print_error=True)
    except CycloptsError:
        return 2
    except KamflowError as error:
        print(f"kamflow: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError | ConfigError | StoreError) else 1
    except BrokenPipeError:
        # `kamflow nudges | head`: nobody reads on, and Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.errno not in _NO_PLACE or error.filename is None:
            traceback.print_exc()
            return 1
        print(f"kamflow: {error.filename}: {error.strerror}; name another place", file=sys.stderr)
        return 2
    except Exception:  # noqa: BLE001 - what nobody foresaw is shown in full
        traceback.print_exc()
        return 1
    return answer if isinstance(answer, int) else 0


def _refuse_unknown(tokens: list[str]) -> None:
    # Cyclopts would import every command to list them.
    names = [name for commands in COMMANDS.values() for name in commands]
    if tokens and not tokens[0].startswith("-") and tokens[0] not in names:
        near = get_close_matches(tokens[0], names)
        hint = f"did you mean {' or '.join(near)}?" if near else "`kamflow --help` lists them"
        raise InputError(f"no command {tokens[0]!r}: {hint}")


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
