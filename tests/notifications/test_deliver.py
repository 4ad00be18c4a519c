"""From the outbox to the servers: what is sent, to whom, and what is left out."""

from contextlib import nullcontext
from datetime import date
from email import message_from_bytes, policy
from typing import Any

import pytest

from kamflow.errors import ConfigError, NotAdopted
from kamflow.settings import Delivery
from kamflow.store import engine as db
from notifications import outbox
from notifications.deliver import Delivered
from notifications.outbox import NewMessage
from notifications.prepare import mail_id
from tests.notifications.conftest import PostOffice, text


def lines(body: str) -> list[str]:
    return body.replace("\r", "").strip().split("\n")


def test_a_digest_reaches_its_reader_by_mail(post_office: PostOffice):
    nudge = post_office.nudge(post_office.person())
    post_office.compose()

    assert post_office.deliver() == Delivered(sent=1)

    [mail] = post_office.smtp.to("anna@example.com")
    assert lines(text(mail)) == [f"{nudge.id} opened", "more 0"]
    [message] = post_office.messages()
    assert (message.state, message.mail_id) == ("sent", mail.message_id)
    # Not by its key alone, whose ids come again after a restore: mail servers drop what they have seen.
    assert message.mail_id != mail_id(message.key, post_office.settings)
    assert message.sent_at == post_office.clock()


def test_delivering_again_sends_nothing(post_office: PostOffice):
    post_office.nudge(post_office.person())
    post_office.compose()
    post_office.deliver()

    assert post_office.deliver() == Delivered()
    assert len(post_office.smtp.messages) == 1


def test_who_prefers_slack_is_told_there(post_office: PostOffice):
    anna = post_office.person(channel="slack")
    post_office.on_slack(anna)
    nudge = post_office.nudge(anna)
    post_office.compose()

    assert post_office.deliver() == Delivered(sent=1)

    [post] = post_office.slack.to("anna@example.com")
    assert lines(post.text) == [f"{nudge.id} opened", "more 0"]
    assert post.message_id == post_office.messages()[0].mail_id
    assert post_office.smtp.messages == []


def test_many_messages_are_delivered_in_batches(post_office: PostOffice):
    post_office.sets(delivery=Delivery(mode="live", batch=5))
    for number in range(12):
        post_office.nudge(post_office.person(f"P{number}"))
    post_office.compose()

    assert post_office.deliver() == Delivered(sent=12)
    assert set(post_office.smtp.counts.values()) == {1}
    assert len(post_office.smtp.counts) == 12


def test_the_real_templates_are_rendered_when_none_are_given(post_office: PostOffice):
    with db.write(post_office.engine) as session:
        facts = {"source": "crm", "file_id": 4, "rejected": 3, "rows": 120}
        anna = post_office.person(language="en")
        message = NewMessage("notice:4", "notice", "email", "rejects", facts, person=anna.id)
        outbox.add(session, message, post_office.clock())

    assert post_office.deliver(renderers=None) == Delivered(sent=1)
    assert "3" in text(post_office.smtp.messages[0])


def test_an_alert_goes_to_operations(post_office: PostOffice):
    def alert(key: str) -> None:
        facts = {"flow": "intake", "day": "2026-09-07", "cause": "crashed", "error": None, "run": "7"}
        with db.write(post_office.engine) as session:
            outbox.add(session, NewMessage(key, "alert", "email", "alert", facts), post_office.clock())

    alert("alert:1")
    assert post_office.deliver() == Delivered(failed=1)
    assert post_office.states() == [("failed", "no-address")]

    post_office.sets(operations_email="ops@example.com")
    alert("alert:2")
    assert post_office.deliver() == Delivered(sent=1)
    assert len(post_office.smtp.to("ops@example.com")) == 1


# --- the check before sending -----------------------------------------------------------------------


def test_lines_closed_meanwhile_are_left_out(post_office: PostOffice):
    anna = post_office.person()
    done, still_open = post_office.nudge(anna, "done"), post_office.nudge(anna, "open")
    post_office.compose()
    post_office.change(done, closed_at=post_office.clock(), closed_on=date(2026, 9, 7))

    assert post_office.deliver() == Delivered(sent=1)
    assert lines(text(post_office.smtp.messages[0])) == [f"{still_open.id} opened", "more 0"]


@pytest.mark.parametrize(
    "change",
    [
        {"closed_on": date(2026, 9, 7)},
        {"snoozed_until": date(2026, 9, 9)},
        {"quiet_until": date(2026, 9, 14)},
        {"assignee_id": None},
    ],
    ids=["closed", "snoozed", "said done", "handed over"],
)
def test_a_message_without_an_open_line_is_cancelled(post_office: PostOffice, change: dict[str, Any]):
    nudge = post_office.nudge(post_office.person())
    post_office.compose()
    values = dict(change)
    if "closed_on" in values:
        values["closed_at"] = post_office.clock()
    if "assignee_id" in values:
        values["assignee_id"] = post_office.person("Ben").id
    post_office.change(nudge, **values)

    assert post_office.deliver() == Delivered(cancelled=1)
    assert post_office.states() == [("cancelled", "closed-meanwhile")]
    assert post_office.smtp.messages == []


def test_what_is_only_shown_along_does_not_keep_a_message_alive(post_office: PostOffice):
    anna = post_office.person()
    post_office.nudge(anna, "old", group_key="plans")
    post_office.compose()
    post_office.deliver()
    post_office.clock.advance(days=1)
    new = post_office.nudge(anna, "new", group_key="plans", opened_on=date(2026, 9, 8))
    post_office.compose()
    post_office.change(new, closed_at=post_office.clock(), closed_on=date(2026, 9, 8))

    assert post_office.deliver() == Delivered(cancelled=1)


def test_who_left_meanwhile_gets_nothing(post_office: PostOffice):
    anna = post_office.person()
    post_office.nudge(anna)
    post_office.compose()
    post_office.change(anna, left_on=date(2026, 9, 6))

    assert post_office.deliver() == Delivered(cancelled=1)
    assert post_office.states() == [("cancelled", "recipient-left")]


# --- modes ------------------------------------------------------------------------------------------


def test_redirected_everything_goes_to_one_address_and_names_the_true_reader(post_office: PostOffice):
    anna = post_office.person(channel="slack")
    post_office.on_slack(anna)
    post_office.nudge(anna)
    post_office.nudge(post_office.person("Ben", email=None))
    post_office.sets(delivery=Delivery(mode="redirect", redirect_to="test@example.com"))
    post_office.compose()

    assert post_office.deliver() == Delivered(sent=2)
    assert post_office.slack.posts == []
    firsts = {lines(text(mail))[0] for mail in post_office.smtp.to("test@example.com")}
    assert firsts == {"for Anna <anna@example.com>", "for Ben <no address>"}


def test_redirected_to_nowhere_is_a_wrong_setting_once_something_is_due(post_office: PostOffice):
    post_office.sets(delivery=Delivery(mode="redirect"))
    assert post_office.deliver() == Delivered()

    post_office.nudge(post_office.person())
    post_office.compose()
    with pytest.raises(ConfigError, match=r"delivery\.redirect_to"):
        post_office.deliver()
    assert post_office.states() == [("waiting", None)]


def test_switched_off_everything_waits(post_office: PostOffice):
    post_office.nudge(post_office.person())
    post_office.compose()
    post_office.sets(delivery=Delivery(mode="off"))

    assert post_office.deliver() == Delivered()
    assert post_office.states() == [("waiting", None)]


@pytest.mark.parametrize("mode", ["off", "redirect"])
def test_what_operations_are_told_goes_out_even_where_nothing_else_does(post_office: PostOffice, mode: Any):
    post_office.nudge(post_office.person())
    post_office.compose()
    post_office.sets(delivery=Delivery(mode=mode), operations_email="ops@example.com")
    facts = {"flow": "intake", "day": "2026-09-07", "cause": "crashed", "error": None, "run": "7"}
    with db.write(post_office.engine) as session:
        outbox.add(session, NewMessage("alert", "alert", "email", "alert", facts), post_office.clock())

    with pytest.raises(ConfigError) if mode == "redirect" else nullcontext():
        post_office.deliver()
    assert [mail.recipients for mail in post_office.smtp.messages] == [("ops@example.com",)]
    assert post_office.states() == [("waiting", None), ("sent", None)]


def test_a_copy_of_the_home_delivers_nothing(post_office: PostOffice):
    post_office.nudge(post_office.person())
    post_office.compose()
    post_office.sets(home=post_office.settings.home / "copy")

    with pytest.raises(NotAdopted):
        post_office.deliver()
    assert post_office.smtp.messages == []


# --- names and addresses ----------------------------------------------------------------------------


def test_a_name_with_a_line_break_adds_no_header(post_office: PostOffice):
    eve = post_office.person("Eve\r\nBcc: other@example.com", key="eve", email="eve@example.com")
    post_office.nudge(eve)
    post_office.compose()

    assert post_office.deliver() == Delivered(sent=1)
    [caught] = post_office.smtp.messages
    mail = message_from_bytes(caught.raw, policy=policy.default)
    assert caught.recipients == ("eve@example.com",)
    assert mail["Bcc"] is None


def test_the_message_id_depends_on_the_key_and_the_installation_alone(post_office: PostOffice):
    settings = post_office.settings
    other = settings.model_copy(update={"secret_key": settings.slack.token})

    assert mail_id("digest:1:2026-09-07", settings) == mail_id("digest:1:2026-09-07", settings)
    assert mail_id("digest:1:2026-09-07", settings) != mail_id("digest:2:2026-09-07", settings)
    assert mail_id("digest:1:2026-09-07", settings) != mail_id("digest:1:2026-09-07", other)
    assert mail_id("digest:1:2026-09-07", settings).endswith("@example.com>")
