"""A mail about something open says where it is answered, as long as somebody reads that."""

import re
from typing import Any

import pytest

from kamflow.knobs import Delivery, Mailbox
from kamflow.models.nudge import StoredNudge
from kamflow.store.engine import read
from kamflow.store.recipients import recipients
from notifications import links
from notifications.envelope import Renderers, addressed
from notifications.outbox import Claimed
from notifications.prepare import prepare
from notifications.render.html import RenderedMail
from tests.web.mailbox.conftest import BOX, Post


def claimed(post: Post, nudge: StoredNudge | None = None, **more: Any) -> Claimed:
    lines = (
        [{"nudges": [{"id": nudge.id, "reason": "opened", "number": 0, "for_person": None}]}] if nudge else []
    )
    facts = {"day": "2026-09-07", "occasion": "daily", "items": lines, "more": 0}
    said = {
        "id": 4711, "key": "digest:1", "kind": "nudges", "channel": "email", "template": "digest",
        "facts": facts, "person": post.kruse.id, "contact": None, "priority": 5, "attempt": 1,
        "mail_id": "<m@example.com>", "instead_of": None, "until": post.now, "unsure": False,
    }  # fmt: skip
    return Claimed(**said | more)


def headers(post: Post, message: Claimed) -> dict[str, str]:
    with read(post.world.engine) as session:
        reader = recipients(session, [post.kruse.id or 0])[post.kruse.id or 0]
    return dict(addressed(message, reader, post.settings).headers)


def test_a_mail_about_a_nudge_can_be_answered_and_its_reader_is_told(post: Post) -> None:
    plain = Renderers(mail=lambda view: RenderedMail("s", "", f"answered: {view.answered}"))
    [ready] = prepare(
        post.world.engine,
        [claimed(post, post.nudge())],
        post.settings,
        post.now,
        plain,
        post.site.policy,
    )

    outcome: Any = ready.outcome
    local, _, domain = outcome.headers["Reply-To"].partition("@")
    assert re.fullmatch(r"kamflow\+4711-[a-z2-7]{16}", local)
    assert domain == "example.com"
    assert outcome.text == "answered: True"


@pytest.mark.parametrize("kind", ["document", "notice", "alert", "invitation", "sign-in"])
def test_what_asks_for_nothing_has_no_such_address(post: Post, kind: str) -> None:
    assert headers(post, claimed(post, kind=kind, template=kind)) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"delivery": Delivery(mode="redirect", redirect_to="pilot@example.com")},
        {"mailbox": Mailbox()},
        {"mailbox": Mailbox(host="imap.example.com", address=f"{'k' * 45}{BOX}")},
    ],
    ids=["test run", "no mailbox", "no room"],
)
def test_where_nobody_could_act_there_is_no_such_address(post: Post, change: dict[str, Any]) -> None:
    post.knowing(**change)
    assert headers(post, claimed(post)) == {}


def test_a_token_is_of_one_message_one_person_and_one_version() -> None:
    made = {
        links.reply_token(secret, message, person, version)
        for secret in ("a", "b")
        for message in (1, 11)
        for person in (1, 11)
        for version in (1, 2)
    }
    assert len(made) == 16
    assert all(len(each) <= 20 for each in made)
