"""A post that held somebody who was erased is written anew in Slack, however long Slack is down."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from kamflow.acts import erase
from kamflow.demo.slack.workspace import Post
from kamflow.models.contact import Contact
from kamflow.models.erasure import Erased
from kamflow.models.nudge import StoredNudge
from kamflow.settings import Delivery
from kamflow.store import engine as db
from notifications.deliver import Delivered
from notifications.prepare import Renderers
from notifications.render.slack import RenderedPost
from notifications.render.view import NudgesView
from tests.conftest import NOW
from tests.notifications.conftest import PostOffice


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """What is written is tested on both databases in tests/acts/test_erase.py."""
    return sqlite_engine


def names(view: NudgesView) -> RenderedPost:
    """A post that says whom it is about, and nothing else."""
    return RenderedPost(" ".join(each.name for each in view.names.contacts.values()), ())


def deliver(post_office: PostOffice) -> Delivered:
    return post_office.deliver(renderers=Renderers(post=names))


@pytest.fixture
def posted(post_office: PostOffice) -> Post:
    """Anna was told in Slack of a contact that lags behind."""
    anna = post_office.person(channel="slack")
    post_office.on_slack(anna)
    paul = post_office.add(Contact(key="paul", first_name="Paul", last_name="Purr"))
    post_office.nudge(anna, facts={"cells": [{"contact": paul.id}]})
    post_office.compose()
    deliver(post_office)
    return post_office.slack.to("anna@example.com")[0]


def erased(post_office: PostOffice) -> None:
    with db.write(post_office.engine) as session:
        seen = erase.foresee(session, Erased.CONTACT, 1)
        erase.erase(session, seen, "a secret", post_office.clock(), post_office.clock().date())


def states(post_office: PostOffice) -> list[tuple[str, str]]:
    return [(each.kind, each.state) for each in post_office.messages()]


def test_the_post_is_rendered_again_in_its_place(post_office: PostOffice, posted: Post) -> None:
    assert posted.text == "Paul Purr"
    erased(post_office)

    assert deliver(post_office).sent == 1

    assert post_office.slack.to("anna@example.com") == [posted]
    assert (posted.text, posted.edited) == ("erased contact", True)
    assert posted.message_id == post_office.messages()[0].mail_id
    assert states(post_office) == [("nudges", "sent"), ("redaction", "sent")]


def test_what_is_no_longer_open_is_emptied(post_office: PostOffice, posted: Post) -> None:
    [nudge] = post_office.rows(StoredNudge)
    post_office.change(nudge, closed_at=NOW, closed_on=NOW.date(), closed_as="done")
    erased(post_office)
    deliver(post_office)

    assert posted.text.startswith("Diese Nachricht wurde geleert")
    assert "Purr" not in str(posted.blocks)


def test_slack_may_be_down_meanwhile(post_office: PostOffice, posted: Post) -> None:
    post_office.slack.rule = lambda method, _: "drop" if method == "chat.update" else None
    erased(post_office)
    deliver(post_office)
    assert states(post_office)[-1] == ("redaction", "retrying")

    post_office.slack.rule = None
    post_office.clock.advance(hours=1)
    deliver(post_office)
    assert (posted.text, states(post_office)[-1]) == ("erased contact", ("redaction", "sent"))


def test_a_post_that_is_gone_is_listed_with_its_cause(post_office: PostOffice, posted: Post) -> None:
    post_office.slack.workspace.posts.clear()
    erased(post_office)

    assert deliver(post_office).failed == 1
    assert post_office.states()[-1] == ("failed", "message_not_found")


def test_it_waits_while_everything_goes_to_one_address(post_office: PostOffice, posted: Post) -> None:
    erased(post_office)
    post_office.sets(delivery=Delivery(mode="redirect", redirect_to="all@example.com"))

    deliver(post_office)

    message = post_office.messages()[-1]
    assert (message.state, message.due_at) == ("waiting", post_office.clock() + timedelta(days=1))
    assert not posted.edited
