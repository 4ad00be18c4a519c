"""What becomes of one attempt: when it is tried again, who waits because of it, what goes the other way."""

from datetime import timedelta
from typing import Any

import pytest

from kamflow.errors import Ambiguous
from kamflow.settings import Delivery
from kamflow.store.channel_ways import LONGEST_PAUSE
from notifications.deliver import Delivered
from notifications.envelope import OPERATIONS
from notifications.message import Mail, SlackPost
from notifications.retry import MAX_ATTEMPTS
from tests.notifications import test_dispatcher as pipeline
from tests.notifications.test_dispatcher import House, refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
house = pipeline.house


def test_what_may_have_arrived_at_the_last_attempt_does_not_go_the_other_way(house: House) -> None:
    house.put("a", person=house.person().id)
    house.change(house.messages()[0], attempts=MAX_ATTEMPTS - 1)

    async def lost(_: Mail | SlackPost) -> None:
        raise Ambiguous("no answer", cause="lost-after-data")

    house.mail.answer = lost

    assert house.deliver() == Delivered(failed=1)
    assert house.states() == [("failed", "lost-after-data")]


def test_a_recipient_that_is_put_off_holds_up_nobody_else(house: House) -> None:
    house.put("greylisted")
    house.mail.answer = refused("deferred", retry_after=40.0)
    house.deliver()
    house.mail.answer = None
    house.put("other")

    assert house.deliver() == Delivered(sent=1)
    assert house.mail.taken == ["other"]


def test_a_channel_that_asks_for_a_day_is_asked_again_after_an_hour(house: House) -> None:
    house.put("first", channel="slack")
    house.slack.answer = refused("ratelimited", retry_after=86400.0)
    house.deliver()
    house.slack.answer = None
    house.put("second", channel="slack")

    assert house.deliver() == Delivered()
    house.clock.at += LONGEST_PAUSE - timedelta(seconds=1)
    assert house.deliver() == Delivered()
    house.clock.advance(seconds=1)
    assert house.deliver() == Delivered(sent=1)
    assert house.slack.taken == ["second"]


def test_only_what_others_read_instead_is_kept_as_redirected(house: House) -> None:
    delivery: Any = Delivery(mode="redirect", redirect_to="test@example.com")
    house.settings = house.settings.model_copy(update={"delivery": delivery})
    house.put("digest")
    house.put("alert", kind=OPERATIONS)

    assert house.deliver() == Delivered(sent=2)
    assert house.states() == [("sent", "redirected"), ("sent", None)]
