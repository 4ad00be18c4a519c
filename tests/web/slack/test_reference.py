"""`slack.detail = "reference"`: what people do in Slack brings no name and no figure there either."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.slack.conftest import TODAY, Office, opened, run, user
from tests.web.slack.test_clicks import met


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(sqlite_template, tmp_path_factory.mktemp("office"), detail="reference") as made:
        yield made


def everything(office: Office) -> str:
    """All that kamflow ever told Slack."""
    told = [payload for method, payload in office.server.calls if method != "users.info"]
    seen = [[each.text, each.blocks] for each in (*office.server.posts, *office.server.whispers)]
    return json.dumps([told, seen], ensure_ascii=False, default=str)


def test_one_click_still_logs_the_contact_and_names_nobody(office: Office):
    nudge = office.behind("Knut")
    post = office.told(office.witt, nudge)

    office.click(post, "contact", office.witt)

    assert "Kontakt eingetragen von Witt" in office.changed(post)
    assert met(office, nudge.account_id or 0) == [(TODAY, "held", office.witt.id)]
    assert "Knut" not in everything(office)


@pytest.mark.parametrize("act", ["contact", "book", "too_much"])
def test_what_would_name_people_leads_to_the_page(office: Office, act: str):
    nudge, before = office.behind("Karl", "Paul"), len(office.server.whispers)

    office.click(office.told(office.witt, nudge), act, office.witt)

    way = f"https://kamflow.example.com/n/{nudge.id}?do={act.replace('_', '-')}"
    assert office.whispered(before).endswith(way)
    assert not re.search("Karl|Paul", everything(office))


@pytest.mark.parametrize("text", ["log", "warum {}", "briefing Kunde 1 AG"])
def test_commands_that_would_tell_lead_to_the_page(office: Office, text: str):
    nudge = office.behind("Olga")

    answer = office.kam(office.witt, text.format(nudge.id))

    assert answer.text.startswith("Das geht nur auf der Seite")
    assert "Olga" not in everything(office)


def test_list_and_home_tell_kind_account_and_date_only(office: Office):
    nudge = office.behind("Rita", "Rosa")
    account = office.world.one(type(office.account()), nudge.account_id or 0).name

    listed = office.kam(office.witt)
    run(office.server.open_home(user(office.witt)))
    home = run(office.server.until(lambda: office.server.workspace.views.homes.get(user(office.witt))))

    for blocks in (listed.blocks, home.blocks):
        assert account in str(blocks)
        assert "Kontakte hinter Plan" in str(blocks)
        assert not re.search("Rita|Rosa|Einfluss", str(blocks))
    assert not re.search("Rita|Rosa", everything(office))
