"""Many posts through the outbox to a Slack that enforces its limits."""

from collections import Counter
from dataclasses import replace

import pytest

from kamflow.demo.slack.limits import Limits as TheirLimits
from kamflow.store import engine as db
from notifications import outbox
from notifications.channels.slack_pace import Limits
from notifications.deliver import Delivered
from notifications.outbox import NewMessage
from notifications.render.slack import RenderedPost
from tests.notifications.conftest import PLAIN, PostOffice

SAID = replace(PLAIN, post_notice=lambda *_: RenderedPost("Welcome", ()))


def add_posts(post_office: PostOffice, people: int, each: int) -> None:
    """All of one person, then all of the next: the order in which most have to wait."""
    for number in range(people):
        person = post_office.person(f"P{number}", channel="slack")
        post_office.on_slack(person)
        with db.write(post_office.engine) as session:
            for turn in range(each):
                key = f"welcome:{number}:{turn}"
                made = NewMessage(key, "notice", "slack", "welcome", {}, person=person.id)
                outbox.add(session, made, post_office.clock())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("people", "each", "second"), [(5, 4, 0.1), pytest.param(30, 10, 1.0, marks=pytest.mark.slow)]
)
def test_no_post_is_refused_lost_or_doubled(post_office: PostOffice, people: int, each: int, second: float):
    posts = people * each
    workspace = post_office.slack.workspace
    workspace.enforce_limits, workspace.limits = True, TheirLimits(between_posts=second)
    post_office.limits = Limits(between=second)
    add_posts(post_office, people, each)

    assert post_office.deliver(renderers=SAID) == Delivered(sent=posts)

    called = Counter(method for method, _ in post_office.slack.calls)
    assert called == {"users.lookupByEmail": people, "conversations.open": people, "chat.postMessage": posts}
    assert len({post.message_id for post in post_office.slack.posts}) == posts
