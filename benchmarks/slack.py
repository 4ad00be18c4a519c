"""Measure posting to Slack: 300 posts to 30 people against our own Slack, which enforces Slack's limits.

One post a second in a conversation, 50 look-ups and 300 posts a minute: ten posts to each of 30 people take
9 s at best. They come person by person, the order in which most have to wait, and go the whole way on SQLite:
claimed, checked, rendered, posted, marked.
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, process_time
from typing import NamedTuple

import delivery_company as company
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Engine

from flows import logs
from kamflow.demo.slack.limits import POSTS, SECONDS_BETWEEN_POSTS, TIER_3, WINDOW
from kamflow.demo.slack.server import TOKEN, SlackServer, running_slack
from kamflow.demo.slack.workspace import SlackUser
from kamflow.policy import Policy
from kamflow.settings import Settings, Slack
from kamflow.store import engine as db
from notifications import outbox
from notifications.channels.email import EmailChannel
from notifications.channels.slack import SlackChannel
from notifications.channels.slack_pace import Limits, Pace
from notifications.deliver import Delivered, deliver
from notifications.outbox import NewMessage
from notifications.way_out import Channels

RULES = ("contact_shortfall", "quarterly_controlling", "measure_followup", "department_requests",
         "annual_meeting", "plan_creation")  # fmt: skip
say = Console(highlight=False).print


class Measured(NamedTuple):
    """`begun` monotonic; `seconds` until the last mark; `cpu` seconds of our Slack as well."""

    slack: SlackServer
    done: Delivered
    begun: float
    seconds: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--posts", type=int, default=10, help="to each of them")
    parser.add_argument("--in-turn", action="store_true", help="one to each person after the other")
    parser.add_argument("--small", action="store_true", help="3 to each of 10")
    args, _ = parser.parse_known_args()
    people, each = (10, 3) if args.small else (args.people, args.posts)
    logs.configure(lambda: company.NOW, level="warning")
    _measured(1, len(RULES), in_turn=False, fast=True)  # a process that has worked before
    _tell(_measured(people, each, in_turn=args.in_turn), people, each)


def _measured(people: int, each: int, *, in_turn: bool, fast: bool = False) -> Measured:
    members = [SlackUser(f"U{number}", f"p{number}@example.com") for number in range(1, people + 1)]
    slack = SlackServer(members, enforce_limits=not fast, now=lambda: company.NOW)
    with tempfile.TemporaryDirectory(prefix="kamflow-slack-") as folder, running_slack(slack):
        home = Path(folder)
        engine = db.connect(f"sqlite:///{home / 'kamflow.db'}")
        _fill(engine, home, people, each, in_turn=in_turn)
        pace = Pace(Limits(between=0.0)) if fast else Pace()
        cpu, begun = process_time(), monotonic()
        done = asyncio.run(_deliver(engine, _settings(home, slack.url), pace))
        measured = Measured(slack, done, begun, monotonic() - begun, process_time() - cpu)
        engine.dispose()
    return measured


def at_best(people: int, each: int) -> float:
    """Seconds from the first call to the last post, if calls took no time."""
    asked, posted = (people - 1) // TIER_3, (people * each - 1) // POSTS
    return max((each - 1) * SECONDS_BETWEEN_POSTS, asked * WINDOW, posted * WINDOW)


def _settings(home: Path, url: str) -> Settings:
    slack = Slack(token=SecretStr(TOKEN), api_url=url)
    return company.settings(home, 1, 1).model_copy(update={"slack": slack})


def _fill(engine: Engine, home: Path, people: int, each: int, *, in_turn: bool) -> None:
    company.build(engine, home, people, each)
    with db.write(engine) as session:
        turns = [(owner, turn) for owner in range(people) for turn in range(each)]
        for owner, turn in sorted(turns, key=lambda each: each[::-1]) if in_turn else turns:
            line = {"id": owner * each + turn + 1, "reason": "opened", "number": 1, "for_person": None}
            facts = {"day": "2026-09-07", "occasion": "daily", "items": [{"nudges": [line]}], "more": 0}
            key = f"digest:{owner + 1}:{turn}"
            outbox.add(
                session, NewMessage(key, "nudges", "slack", "digest", facts, person=owner + 1), company.NOW
            )


async def _deliver(engine: Engine, settings: Settings, pace: Pace) -> Delivered:
    began = monotonic()

    def now() -> datetime:
        return company.NOW + timedelta(seconds=monotonic() - began)

    email, slack = EmailChannel(settings.smtp, now), SlackChannel(settings.slack, now, pace=pace)
    try:
        return await deliver(engine, now, settings, Policy(), Channels(email, slack))
    finally:
        await email.close()
        await slack.close()


def _tell(found: Measured, people: int, each: int) -> None:
    slack, done, begun, seconds, cpu = found
    wanted, best = people * each, at_best(people, each)
    ids = Counter(post.message_id for post in slack.posts)
    posted = max((post.at for post in slack.posts), default=begun) - begun
    refused = sum(method == "chat.postMessage" for method, _ in slack.calls) - len(slack.posts)
    lost, doubled = wanted - len(ids), len(slack.posts) - len(ids)
    say(f"slack: {wanted} posts to {people} people in {posted:.2f} s, the last mark after {seconds:.2f} s")
    say(f"slack: the limit allows {best:.1f} s: {posted / best - 1:+.1%}")
    say(f"slack: sent {done.sent}, lost {lost}, doubled {doubled}, refused by a 429 {refused}")
    say(f"slack: {cpu / wanted * 1000:.1f} ms of CPU a post, our Slack included")


if __name__ == "__main__":
    main()
