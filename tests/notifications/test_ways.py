"""Where the buttons of a mail lead: to pages of the reader's own, and to nothing real in a test run."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from pydantic import SecretStr

from kamflow.settings import Crm, Delivery, Web
from kamflow.store.names import AccountName, Names
from kamflow.store.recipients import Recipient
from notifications import links, ways
from notifications.prepare import Renderers
from notifications.render import training_example as made
from notifications.render.view import NudgeView, Ways
from tests.notifications.conftest import Office, PostOffice, text

BASE = "https://kamflow.example.com"
SECRET = "a secret of tests"

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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


READER = Recipient(7, "Anna", None, None, "de", "Europe/Berlin", None, links_version=3)
CRM = Crm(log_url="https://crm.example.com/{id}")
MUSTER = Names(accounts={1: AccountName("Muster AG", "muster", "0017")})


def a_nudge(**changes: Any) -> NudgeView:
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2))
    return replace(nudge, **changes)


def ways_to(office: Office, *nudges: NudgeView, drafts: dict[int, int] | None = None) -> Ways:
    return ways.to_nudges(office.settings, READER, nudges, MUSTER, drafts or {}, office.clock())


def reached_at(office: Office, **more: Any) -> None:
    """Our pages have an address, and links can be signed."""
    values = {"web": Web(internal_url=BASE), "secret_key": SecretStr(SECRET), "crm": CRM}
    office.settings = office.settings.model_copy(update=values | more)


@one_database
@pytest.mark.parametrize("missing", ["web", "secret_key"])
def test_without_an_address_or_a_key_there_is_the_form_of_the_crm_only(office: Office, missing: str) -> None:
    reached_at(office, **{missing: Web() if missing == "web" else None})
    found = ways_to(office, nudge := a_nudge())

    assert found == Ways(forms={nudge.account or 0: "https://crm.example.com/0017"})
    assert ways.nudge_link(office.settings, READER, 1, office.clock()) is None
    assert ways.document_link(office.settings, READER, 1, office.clock()) is None
    assert ways.feed_link(office.settings, 7, 1, office.clock()) is None


@one_database
def test_a_form_is_linked_to_for_an_account_known_there_and_while_it_is_no_page_long(office: Office) -> None:
    def forms(crm_id: str) -> object:
        names = Names(accounts={1: AccountName("Muster AG", "muster", crm_id)})
        nudges = [a_nudge(account=account) for account in (1, 2, None)]
        return ways.to_nudges(office.settings, READER, nudges, names, {}, office.clock()).forms

    reached_at(office, crm=Crm(log_url="https://crm.example.com/{id}/log"))
    assert forms("a/b\ud800") == {1: "https://crm.example.com/a%2Fb%3F/log"}
    assert forms("x" * 3000) == {}


@one_database
def test_what_a_reader_need_not_do_has_no_links(office: Office) -> None:
    reached_at(office)
    own, climbed = a_nudge(), a_nudge(id=4711, account=1, reason="ladder")

    assert [*ways_to(office, own, climbed).nudges] == [own.id]
    assert ways_to(office, climbed) == Ways(own_list=f"{BASE}/list")


@one_database
def test_only_a_draft_to_release_leads_to_its_document(office: Office) -> None:
    reached_at(office)
    draft = a_nudge(step="release", facts={"round": 5})
    found = ways_to(office, draft, drafts={5: 99}).pages[draft.id]
    token = found.removeprefix(f"{BASE}/d/")

    said = links.opened(SECRET, "document", token, office.clock())
    assert (said.person, said.about, said.version) == (7, 99, 3)
    assert ways_to(office, draft, drafts={6: 99}).pages == {}
    assert ways_to(office, replace(draft, step="minutes"), drafts={5: 99}).pages == {}


@one_database
def test_who_approves_plans_is_led_to_them(office: Office) -> None:
    reached_at(office)
    plan = a_nudge(rule="plan_creation", step="approve")

    assert ways_to(office, plan).pages == {plan.id: f"{BASE}/plans"}


@one_database
def test_a_link_is_good_as_long_as_the_settings_say_and_a_calendar_s_is_the_same_all_day(
    office: Office,
) -> None:
    reached_at(office, web=Web(internal_url=BASE, link_days=30))
    now = office.clock()

    def until(link: str | None, at: str, purpose: links.Purpose) -> datetime:
        assert link is not None
        return links.opened(SECRET, purpose, link.removeprefix(f"{BASE}/{at}/"), now).until

    nudge = ways.nudge_link(office.settings, READER, 1, now)
    document = ways.document_link(office.settings, READER, 1, now)
    assert until(nudge, "a", "nudge") == until(document, "d", "document") == now + timedelta(days=30)
    feed = ways.feed_link(office.settings, 7, 3, now)
    assert feed == ways.feed_link(office.settings, 7, 3, now + timedelta(hours=5))
    assert feed != ways.feed_link(office.settings, 7, 3, now + timedelta(days=1))
    midnight = now.replace(hour=0, minute=0)
    assert until((feed or "").removesuffix(".ics"), "f", "feed") == midnight + timedelta(days=366)


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
