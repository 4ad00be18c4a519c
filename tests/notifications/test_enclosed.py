"""The page that goes with a briefing: to whom, what it is called, and a mail that goes without it."""

import io
from datetime import date
from email import message_from_bytes, policy

import pypdf
import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.models.account import Account, Team
from kamflow.models.meeting import MeetingRound
from kamflow.models.message import MessageFacts, StoredMessage
from kamflow.models.person import Person
from kamflow.settings import Brand, Delivery, Slack
from kamflow.store import engine as db
from notifications.message import Mail, Part, SlackPost, mime
from tests.meeting_rows import attend, mark, meeting, talk
from tests.notifications.test_papers import DRAFT, RULE, M, on
from tests.notifications.test_papers_looked_through import sending
from tests.world import STAMP, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OUT = date(2026, 11, 5)


@pytest.fixture
def world(engine: Engine) -> World:
    made = World(engine)
    made.settings = made.settings.model_copy(update={"delivery": Delivery(mode="live")})
    return made


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt", language="en")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    account = world.account("Müster & Söhne AG", witt, account_class="key")
    sommer = world.person("Sommer", "assistant", language="en")
    kruse = world.person("Kruse", "sponsor", language="en", assistant_id=sommer.id)
    world.add(Team(person_id=kruse.id, account_id=account.id, role="sponsor"))
    return account


@pytest.fixture
def booked(world: World, witt: Person, muster: Account) -> MeetingRound:
    people = (witt, world.place("Knut", muster, 8))
    return talk(world, meeting(world, muster), M, people, fixed_on=date(2026, 8, 10), place="Halle 4")


def pages(mail: Mail) -> list[Part]:
    return [part for part in mail.parts if part.content_type == "application/pdf"]


def test_draft_and_briefing_carry_their_page_and_say_so(world: World, booked: MeetingRound) -> None:
    world.night(RULE, DRAFT)
    mail = on(world, DRAFT)["draft"].outcome

    assert isinstance(mail, Mail)
    [page] = pages(mail)
    assert page.filename == "briefing-muester-soehne-ag-2026-11-10.pdf"
    assert "The same on one page to print: see the attachment." in mail.text
    read = pypdf.PdfReader(io.BytesIO(page.content))
    assert len(read.pages) == 1
    assert "Müster & Söhne AG" in read.pages[0].extract_text()
    sent = message_from_bytes(mime(mail, STAMP), policy=policy.default)
    assert page.content in [part.get_content() for part in sent.iter_attachments()]


def test_sponsor_attendee_and_assistant_get_the_page_of_their_own(world: World, booked: MeetingRound) -> None:
    extern = world.person("Extern", "specialist", language="en")
    attend(world, booked, extern)
    for day in (date(2026, 8, 11), DRAFT):
        world.night(RULE, day)
        mark(world, "sent")
    world.night(RULE, OUT)

    found = [each.outcome for each in sending(world) if each.message.template == "briefing"]

    assert len(found) == 3
    assert all(isinstance(each, Mail) and len(pages(each)) == 1 for each in found)
    [copy] = [each for each in found if isinstance(each, Mail) and "for the assistant of Kruse" in each.text]
    assert (
        "for the assistant of Kruse"
        in pypdf.PdfReader(io.BytesIO(pages(copy)[0].content)).pages[0].extract_text()
    )


def test_a_page_that_cannot_be_made_keeps_no_mail_back(world: World, booked: MeetingRound) -> None:
    world.night(RULE, DRAFT)
    broken = world.settings.model_copy(update={"brand": Brand(logo="gone.svg")})

    mail = on(world, DRAFT, broken)["draft"].outcome

    assert isinstance(mail, Mail)
    assert pages(mail) == []
    assert "The page to print could not be made." in mail.text
    assert "Tuesday, 10 November 2026, Halle 4" in mail.text


def test_a_briefing_kept_by_an_earlier_version_is_sent_as_it_is(world: World, booked: MeetingRound) -> None:
    world.night(RULE, DRAFT)
    newer = ("goals", "gaps", "series", "satisfaction", "matrix", "currency")
    with db.write(world.engine) as session:
        rows = session.execute(select(col(StoredMessage.id), col(StoredMessage.facts))).all()
        for number, facts in rows:
            old = {name: value for name, value in facts.items() if name not in newer}
            session.execute(
                update(MessageFacts).where(col(MessageFacts.message_id) == number).values(facts=old)
            )

    mail = on(world, DRAFT)["draft"].outcome

    assert isinstance(mail, Mail)
    assert len(pages(mail)) == 1
    assert "Goals" not in mail.text


def test_a_post_says_the_same_without_a_page(world: World, booked: MeetingRound, witt: Person) -> None:
    world.night(RULE, DRAFT)
    with db.write(world.engine) as session:
        session.execute(update(StoredMessage).values(channel="slack"))
    slack = world.settings.model_copy(update={"slack": Slack(token="xoxb-test")})

    post = on(world, DRAFT, slack)["draft"].outcome

    assert isinstance(post, SlackPost)
    assert "attachment" not in str(post.blocks)


@pytest.mark.parametrize("council", [True, False])
def test_with_a_works_council_a_promise_of_others_has_no_name(
    world: World, booked: MeetingRound, muster: Account, witt: Person, council: bool
) -> None:
    world.measure(muster, date(2026, 10, 1), world.person("Lech", "specialist"), title="Crates")
    world.measure(muster, date(2026, 12, 1), witt, title="Prices")
    world.night(RULE, DRAFT)

    mail = on(world, DRAFT, world.settings.model_copy(update={"works_council": council}))["draft"].outcome

    assert isinstance(mail, Mail)
    assert "Crates (our side): by 1 October" in mail.text
    assert "Prices (our side): by 1 December\n  Witt\n" in mail.text
    assert ("Lech" in mail.text) is not council
