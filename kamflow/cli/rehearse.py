"""`kamflow rehearse`: the time ahead with the real rules, nothing written and nothing sent."""

import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from flows import runtime
from flows.runtime import Home
from kamflow import policy as policies
from kamflow import settings as knobs
from kamflow.cli.home import day, instant
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table, warn
from kamflow.errors import ConfigError, InputError

if TYPE_CHECKING:
    from flows.rehearsal.findings import Rehearsed

COLUMNS = ("opened", "closed", "told", "messages", "over")
OURS = "kamflow.toml"
Step = Callable[[date], None]


def rehearse(
    *,
    from_: Annotated[str, Parameter(name="--from")],
    to: str,
    people: Literal["idle", "diligent"] = "idle",
    against: Path | None = None,
    html: Path | None = None,
    language: Literal["de", "en"] | None = None,
    options: Options = HERE,
) -> None:
    """Play the days ahead: who would be told what, how often, and where it is too much.

    The real rules and the real rhythm run on a copy; nothing is written to your data, nothing is sent.
    Contact targets, plans and months of annual meetings are carried forward into the days played.

    Parameters
    ----------
    from_
        The first day (2027-01-01).
    to
        The last day.
    people
        idle: nobody acts. diligent: what somebody is told is done on their next working day.
    against
        A second kamflow.toml: the difference its [policy] makes, side by side.
    html
        Write one HTML page to this file.
    language
        Of the page: de or en; the company's if not given.
    """
    first, last = day(from_), day(to)
    home, url = _home(options)
    policy = {OURS: home.policy}
    if against is not None:
        policy[_name(against)] = _policy(against)
    played: list[tuple[str, Rehearsed]] = []
    for name, own in policy.items():
        with _progress(name, first, last, quiet=options.json) as step:
            played.append((name, _play(replace(home, policy=own), url, first, last, people, step)))
    if html is not None:
        from flows.rehearsal.page import page

        html.write_text(page(language or home.settings.company.language, played), encoding="utf-8")
    if options.json:
        say_json(_answer(played))
    else:
        _say(played)
        if html is not None:
            say(f"page: {html}")


def _home(options: Options) -> tuple[Home, str]:
    """Settings and policy, and where the database is; it is not opened, for not a byte of it may change."""
    moment = instant(options.now) if options.now else None
    settings = knobs.load(options.home)
    policy = policies.load(settings.home)
    clock = (lambda: moment) if moment else runtime.clock
    return Home(settings, policy, None, clock), settings.url  # pyright: ignore[reportArgumentType]


def _policy(against: Path) -> policies.Policy:
    if not against.is_file():
        raise InputError(f"{against}: no such file; --against takes another kamflow.toml")
    try:
        data = tomllib.loads(against.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{against}: not valid TOML: {error}") from None
    return policies.parse(data.get("policy", {}), f"{against} [policy]")


def _name(against: Path) -> str:
    return against.name if against.name != OURS else str(against)


def _play(home: Home, url: str, first: date, last: date, people: str, step: Step) -> "Rehearsed":
    from flows.rehearse import rehearse as play

    return play(home, url, first, last, people == "diligent", step)


@contextmanager
def _progress(name: str, first: date, last: date, *, quiet: bool) -> Iterator[Step]:
    """A bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=(last - first).days + 1)
        yield lambda on: bar.update(task, advance=1, description=f"{name} {on}")


def _say(played: "Sequence[tuple[str, Rehearsed]]") -> None:
    for name, found in played:
        if len(played) > 1:
            say(name)
        rows = [[month, *(getattr(sum_, each) for each in COLUMNS)] for month, sum_ in found.months.items()]
        total = ["all", *(getattr(found.total, each) for each in COLUMNS)]
        table(("month", "opened", "closed", "told", "messages", "items over budget"), [*rows, total])
        _say_rest(found)
    if len(played) > 1:
        a, b = played[0][1].total, played[-1][1].total
        said = (f"{each} {getattr(b, each) - getattr(a, each):+d}" for each in COLUMNS)
        say(f"{played[-1][0]} against {played[0][0]}: {', '.join(said)}")


def _say_rest(found: "Rehearsed") -> None:
    if found.days_over:
        day_, (people, items) = max(found.days_over.items(), key=lambda pair: pair[1][1])
        most = f"{items} items of {people} people waited"
        say(f"{len(found.days_over)} days over budget; most on {day_}: {most}")
    if found.plans.created:
        plans = found.plans
        tight = f"{plans.tight} with fewer working days than steps"
        say(f"{plans.created} plans drafted, {tight}, {plans.late} late")
    if found.meetings.arranged or found.meetings.short:
        met = found.meetings
        late = f"{met.missed} whose month passed without a date, {met.short} too late to be prepared"
        say(f"{met.arranged} annual meetings to arrange, {late}")
    if found.approvals:
        most = max(found.approvals, key=lambda on: found.approvals[on])
        say(f"{sum(found.approvals.values())} plans to approve, at most {found.approvals[most]} on {most}")
    if found.quiet_weeks:
        warn(f"{len(found.quiet_weeks)} weeks without any message")
    say(f"open at the end: {found.open}, overdue {found.overdue}")


def _answer(played: "Sequence[tuple[str, Rehearsed]]") -> dict[str, Any]:
    from flows.rehearsal.plain import plain

    answer = plain(played[0][1])
    if len(played) > 1:
        answer["against"] = plain(played[-1][1]) | {"policy": played[-1][0]}
        a, b = played[0][1].total, played[-1][1].total
        answer["difference"] = {each: getattr(b, each) - getattr(a, each) for each in COLUMNS}
    return answer
