"""A mail scanner opens every link of every mail, again and again: nothing changes, byte for byte."""

import html
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_round import Booking
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store import engine as db
from notifications import sign_in_link
from notifications.compose import compose
from notifications.render import examples
from tests.notifications.test_survey_life import PREPARED, M, Post, at, july, opened
from tests.web.conftest import INTERNAL, PUBLIC, Visited

URL = re.compile(r"https?://[^\s\"'<>\\]+")
SENT = at(july(7))
MANY = 6  # times that one link of each kind is opened; the others twice
CASES = [
    ("contact_shortfall", "missing"), ("plan_creation", "many"), ("plan_creation", "approve"),
    ("quarterly_controlling", "many"), ("measure_followup", "many"), ("department_requests", "many"),
    ("department_requests", "refused"), ("survey_dispatch", "many"), ("survey_dispatch", "detractor"),
    ("annual_meeting", "many"),
]  # fmt: skip


@pytest.fixture
def post(sqlite_engine: Engine, tmp_path: Path) -> Iterator[Post]:
    with opened(sqlite_engine, tmp_path) as made:
        made.settings = Visited(made).settings
        yield made


def every_kind(post: Post) -> Person:
    """Mails of all kinds with links: a digest with every rule, at once, a draft, a survey, a sign-in."""
    head = post.person("Lang", "head")
    witt = post.person("Witt", superior_id=head.id)
    muster, halm = (post.account(name, witt, account_class="key") for name in ("Muster AG", "Halm"))
    post.meeting(muster, M)
    post.contact("Lech", muster, influence=8)
    with db.write(post.engine) as session:
        desk = Acting(session, witt.id, at(july(1)), post.settings.company)
        meetings.book(desk, Booking(halm.id or 0, july(20)))
    for day in (PREPARED, july(7)):
        post.dispatch(day)
    post.night("annual_meeting", july(7))
    for person, row in of_every_rule(post, muster.id or 0):
        post.add(row)
        assert row.owner_id == person.id
    with db.write(post.engine) as session:
        sign_in_link.send(session, session.get_one(Person, witt.id), SENT, post.settings, "/")
    compose(post.engine, SENT, post.settings, post.policy)
    post.deliver(SENT)
    return witt


def of_every_rule(post: Post, account: int) -> Iterator[tuple[Person, StoredNudge]]:
    """Open nudges of every rule, with the facts of its examples; the message of each case has its reader."""
    for document, case in CASES:
        person = post.person(f"{document} {case}", email=f"{document}.{case}@example.com")
        for at_item, item in enumerate(examples.VIEWS[document, case]("de").items):
            for at_nudge, nudge in enumerate(item.nudges):
                subject = f"{document}.{case}.{at_item}.{at_nudge}"
                yield (
                    person,
                    StoredNudge(
                        identity=f"{nudge.rule}:{subject}:2026:{nudge.step}",
                        rule=nudge.rule,
                        subject=subject,
                        period="2026-01-01..2026-12-31",
                        step=nudge.step,
                        stage=nudge.stage,
                        account_id=account,
                        owner_id=person.id or 0,
                        since=july(1),
                        due_on=july(10),
                        urgency=nudge.urgency,
                        group_key=f"{document}.{case}.{at_item}",
                        closes_by="word" if document == "survey_dispatch" else "facts",
                        facts=dict(nudge.facts),
                        why=dict(nudge.why),
                        fingerprint="",
                        opened_at=SENT - timedelta(days=1),
                        opened_on=july(6),
                        staged_on=july(6),
                        weight=50.0,
                    ),
                )


def links(post: Post) -> set[str]:
    """Every address in every mail, in its HTML and its text."""
    found: set[str] = set()
    for caught in post.smtp.messages:
        for part in message_from_bytes(caught.raw, policy=policy.default).walk():
            if part.get_content_maintype() == "text":
                found |= {html.unescape(url) for url in URL.findall(part.get_content())}
    return {url for url in found if url.startswith((PUBLIC, INTERNAL))}


def content(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = list(connection.iterdump())
    connection.close()
    return found


@pytest.mark.slow
def test_opening_every_link_of_every_mail_changes_nothing(post: Post) -> None:
    every_kind(post)
    visited = Visited(post, SENT)
    found = links(post)
    kinds = {url.removeprefix(PUBLIC).removeprefix(INTERNAL).split("/")[1] for url in found}
    assert {"a", "d", "s", "sign-in", "list"} <= kinds
    assert len(found) > 80
    few = {min(url for url in found if f"/{kind}" in url) for kind in kinds}
    assert {row.state for row in post.rows(StoredMessage)} == {"sent"}
    path = Path(str(post.engine.url.database))
    before = content(path)

    for number, url in enumerate(sorted(found)):
        address = f"192.0.2.{number % 250}"
        listeners = {PUBLIC: visited.outside(client=address), INTERNAL: visited.inside(client=address)}
        for base, browser in listeners.items():
            way = "/" + url.split("/", 3)[3]
            for _ in range(MANY if url in few else 2):
                answers = [browser.get(way), browser.head(way)]
                expected = {200, 303} if url.startswith(base) else {404}
                assert {each.status_code for each in answers} <= expected, (base, way)
                assert not any("set-cookie" in each.headers for each in answers)
    assert content(path) == before
