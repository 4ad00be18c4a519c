"""The quarterly report from the night that writes it to the mail that carries it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.models.account import Pause
from kamflow.settings import Delivery
from kamflow.store.engine import write
from notifications import outbox
from notifications.message import Mail, Part
from notifications.outbox import Claimed
from notifications.prepare import Renderers, prepare
from tests.documents import told
from tests.world import World

REPORT = date(2026, 11, 4)


MORNING = datetime(2026, 11, 4, 8, 0, tzinfo=UTC)


@pytest.fixture
def world(engine: Engine) -> World:
    """A head, four customers of one KAM, and the report on their quarter in the outbox."""
    world = World(engine)
    world.settings = world.settings.model_copy(update={"delivery": Delivery(mode="live")})
    head = world.person("Lang", "head", language="en")
    witt = world.person("Witt", superior_id=head.id)
    for name, amount in (("Muster AG", 600_000), ("Andere GmbH", 900_000), ("Dritte KG", 990_000)):
        account = world.account(name, witt, account_class="key")
        world.sold(account, date(2026, 9, 30), amount)
        world.sold(account, date(2026, 9, 30), 1_000_000, "target")
    silent = world.account("Stille AG", witt, account_class="key")
    world.sold(silent, date(2025, 9, 30), 500_000)
    stamp = datetime(2026, 10, 1, tzinfo=UTC)
    world.add(Pause(account_id=silent.id, until_day=date(2026, 12, 1), reason="a merger", paused_at=stamp))
    world.night("quarterly_controlling", REPORT)
    return world


def waiting(world: World) -> Claimed:
    with write(world.engine) as session:
        [claimed] = outbox.claim(session, "test", MORNING, timedelta(minutes=5), 10)
    return replace(claimed, mail_id="<1@example.com>")


def mail(world: World, message: Claimed, **settings: Any) -> Mail:
    known = world.settings.model_copy(update=settings)
    [prepared] = prepare(world.engine, [message], known, MORNING, Renderers(), world.policy)
    assert isinstance(prepared.outcome, Mail)
    return prepared.outcome


def files(made: Mail) -> list[Part]:
    return [part for part in made.parts if part.content_id is None]


def test_the_head_reads_customers_by_name_and_no_employee(world: World) -> None:
    made = mail(world, waiting(world))
    assert "lang@example.com" in made.to
    assert made.subject == "Quarterly report July – September 2026: 1 red, 1 amber"
    text = made.text
    assert "* Muster AG: 60% of goal\n  Revenue €600,000, goal €1,000,000" in text
    assert text.index("Muster AG") < text.index("Andere GmbH")
    assert "1 green" in text
    assert "Without revenue in the data: 1" in text
    assert text.count("Stille AG") == 2  # paused, and looked at all the same
    assert "a merger" in text
    assert "not shown: it would be about fewer than 5 people" in text
    assert "The PDF file has the whole report, the Excel file every customer." in text
    assert "Witt" not in text
    page, book = files(made)
    assert (page.filename, book.filename) == ("quarterly-report-2026-07.pdf", "quarterly-report-2026-07.xlsx")
    for said in (told.of_pdf(page.content), told.of_workbook(book.content)):
        assert "Muster AG" in said
        assert "a merger" in said
        assert "Witt" not in said


def test_where_no_works_council_watches_a_report_that_waited_says_everything(world: World) -> None:
    message = waiting(world)
    kept, free = mail(world, message), mail(world, message, works_council=False)
    assert "not shown" in kept.text
    assert "not shown" not in free.text
    assert ["Contact coverage" in told.of_workbook(files(each)[1].content) for each in (kept, free)] == [
        False,
        True,
    ]


def test_a_report_that_an_older_kamflow_wrote_is_the_report_of_today(world: World) -> None:
    message = waiting(world)
    old = {name: message.facts[name] for name in ("quarter", "currency", "preliminary", "counts", "day")}
    waited = replace(message, facts={**old, "lines": [], "no_data": [], "comments": None, "paused": []})
    assert mail(world, waited).text == mail(world, message).text
