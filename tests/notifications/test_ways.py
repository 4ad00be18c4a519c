"""Where the buttons of a mail lead: to pages of the reader's own, and to nothing real in a test run."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from itsdangerous import URLSafeSerializer
from pydantic import SecretStr

from kamflow.settings import Crm, Delivery, Web
from kamflow.store.names import AccountName, Names
from kamflow.store.recipients import Recipient
from notifications import links, ways
from notifications.prepare import Renderers
from notifications.render import training_example as made
from notifications.render.view import NudgeView
from tests.notifications.conftest import PostOffice, text

BASE = "https://kamflow.example.com"
SECRET = "a secret of tests"


def reached(post_office: PostOffice, **more: object) -> None:
    slack = post_office.settings.slack.model_copy(update={"token": None})
    web = Web(internal_url=BASE)
    post_office.sets(web=web, secret_key=SecretStr(SECRET), slack=slack, **more)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("mode", "version"), [("live", 3), ("redirect", ways.TRYING_OUT)])
def test_a_mail_s_links_are_its_reader_s_and_do_nothing_where_somebody_else_reads_it(
    post_office: PostOffice, mode: str, version: int
) -> None:
    reached(post_office, delivery=Delivery.model_validate({"mode": mode, "redirect_to": "test@example.com"}))
    anna = post_office.person(links_version=3)
    (view,) = made.contacts(made.cell(2, 6, 2, 2))
    nudge = post_office.nudge(anna, facts=dict(view.facts), why=dict(view.why))
    post_office.compose()
    post_office.deliver(renderers=Renderers())
    (mail,) = post_office.smtp.messages
    found = re.search(rf"{BASE}/a/(\S+)\?do=contact", text(mail))

    assert found is not None
    said = links.opened(SECRET, "nudge", found[1], post_office.clock())
    assert (said.person, said.about, said.version) == (anna.id, nudge.id, version)


def test_a_contact_is_logged_in_the_crm_of_an_account_that_has_an_id_there(post_office: PostOffice) -> None:
    reached(post_office, crm=Crm(log_url="https://crm.example.com/new?account={id}"))
    reader = Recipient(7, "Anna", None, None, "de", "Europe/Berlin", None)
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2))
    known = Names(accounts={1: AccountName("Muster AG", "muster", "00 1&x")})

    def forms(names: Names) -> object:
        return ways.to_nudges(post_office.settings, reader, [nudge], names, {}, post_office.clock()).forms

    assert forms(known) == {1: "https://crm.example.com/new?account=00%201%26x"}
    assert forms(Names(accounts={1: AccountName("Muster AG", "muster")})) == {}


def test_without_an_address_of_our_pages_there_are_no_links(post_office: PostOffice) -> None:
    reader = Recipient(7, "Anna", None, None, "de", "Europe/Berlin", None)
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2))
    found = ways.to_nudges(post_office.settings, reader, [nudge], Names(), {}, post_office.clock())

    assert found == replace(found, nudges={}, pages={}, own_list=None)
    assert ways.feed_link(post_office.settings, 7, 1, post_office.clock()) is None


def test_the_list_of_a_survey_opens_where_a_name_can_be_struck(post_office: PostOffice) -> None:
    reached(post_office)
    reader = Recipient(7, "Anna", None, None, "de", "Europe/Berlin", None)
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2))
    listed = replace(nudge, rule="survey_dispatch", step="list")
    found = ways.to_nudges(post_office.settings, reader, [listed], Names(), {}, post_office.clock())

    assert found.pages[listed.id] == f"{found.nudges[listed.id]}?do=strike"


def test_a_returned_plan_leads_to_what_is_to_change_in_it(post_office: PostOffice) -> None:
    reached(post_office)
    reader = Recipient(7, "Anna", None, None, "de", "Europe/Berlin", None)
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2))
    plan = replace(nudge, rule="plan_creation", step="hand_in")
    returned = replace(plan, facts={**plan.facts, "returned_on": "2026-09-04"})

    def pages(view: NudgeView) -> object:
        return ways.to_nudges(post_office.settings, reader, [view], Names(), {}, post_office.clock()).pages

    assert pages(returned) == {returned.id: f"{BASE}/plans"}
    assert pages(plan) == {}


@pytest.mark.parametrize("version", [0, 1, 12])
def test_a_link_is_the_one_that_was_sent_before_for_the_same_words(version: int) -> None:
    until = datetime(2026, 12, 7, 6, 30, tzinfo=UTC)
    before = URLSafeSerializer(
        "secret", salt="kamflow nudge", signer_kwargs={"digest_method": hashlib.sha256}
    )
    said = links.Signed(person=7, about=4711, until=until, version=version)

    token = links.signed("secret", "nudge", said)
    assert token == before.dumps([7, 4711, int(until.timestamp()), version])
    assert links.opened("secret", "nudge", token, until - timedelta(days=1)) == said
    with pytest.raises(links.BadLink):
        links.opened("secret", "document", token, until - timedelta(days=1))
