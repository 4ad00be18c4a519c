"""`slack.detail = "reference"` on the way out: documents and notices go by mail, or say nothing."""

from typing import Any

import pytest
from pydantic import SecretStr

from kamflow.knobs import Delivery, Slack
from kamflow.settings import Settings
from kamflow.store.names import ContactName, Names
from kamflow.store.recipients import Recipient
from notifications import outbox
from notifications.envelope import Renderers, addressed
from notifications.message import SlackPost
from notifications.outbox import Claimed
from notifications.render.slack_said import as_text
from tests.conftest import NOW

FACTS = {"source": "SAP", "file_id": 7, "rejected": 31, "rows": 140}


def settings(detail: Any) -> Settings:
    return Settings(slack=Slack(token=SecretStr("xoxb"), detail=detail), delivery=Delivery(mode="live"))


@pytest.mark.parametrize(
    ("detail", "content", "channel"),
    [("full", True, "slack"), ("reference", True, "email"), ("reference", False, "slack")],
)
def test_what_would_be_a_mere_reference_goes_by_mail(detail: str, content: bool, channel: str):
    assert outbox.channel("slack", settings(detail), content=content) == channel


@pytest.mark.parametrize(("detail", "said"), [("full", True), ("reference", False)])
def test_to_whom_has_no_address_a_post_says_only_that_there_is_something(detail: str, said: bool):
    known = settings(detail)
    message = Claimed(
        id=1, key="k", kind="notice", channel="slack", template="rejects", facts=FACTS, person=1,
        contact=None, priority=5, attempt=1, mail_id="<m@k>", instead_of=None, until=NOW, unsure=False,
    )  # fmt: skip
    reader = Recipient(1, "Witt", None, "U1", "de", "Europe/Berlin", None)
    names = Names(contacts={1: ContactName("Knut Berger")})

    post = addressed(message, reader, known).notice(Renderers(), FACTS, known, NOW, names)

    assert isinstance(post, SlackPost)
    assert ("31" in as_text(post.blocks)) is said
    assert ("Es gibt etwas zu lesen" in post.text) is not said
