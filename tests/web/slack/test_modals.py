"""Modals: several contacts, booking, handing over, lowering targets, logging with whomever."""

from datetime import date

import pytest

from kamflow.acts import hand_over as handing
from kamflow.models.contact import ContactTarget
from kamflow.web.slack import sending
from notifications.render.slack_actions import rows_in
from tests.web.slack.conftest import TODAY, Office, run, user
from tests.web.slack.test_clicks import met


def blocks_of(view: object, name: str) -> dict[str, object]:
    return next(each for each in view.blocks if str(each.get("block_id", "")).startswith(name))


def test_several_contacts_are_ticked_and_those_that_stay_are_logged(office: Office):
    nudge = office.behind("Karl", "Knut", "Paul")
    post = office.told(office.witt, nudge)
    office.click(post, "contact", office.witt)
    view = office.modal(office.witt)
    element = blocks_of(view, "contacts")["element"]
    assert [each["text"]["text"][:4] for each in element["initial_options"]] == ["Karl", "Knut", "Paul"]

    chosen = [each["value"] for each in element["options"][:2]]
    run(office.server.submit(view, {"contacts": chosen, "kind": "video"}))

    assert "Kontakt eingetragen von Witt" in office.changed(post)
    assert len(met(office, nudge.account_id or 0)) == 2


def test_a_booking_needs_a_day_to_come_and_shows_it(office: Office):
    nudge = office.behind("Lech")
    post = office.told(office.witt, nudge)
    office.click(post, "book", office.witt)
    view = office.modal(office.witt)

    missing = run(office.server.submit(view))
    past = run(office.server.submit(view, {"day": TODAY.isoformat()}))
    right = run(office.server.submit(view, {"day": "2026-09-21"}))

    assert missing == {"day": "Bitte einen Tag wählen."}
    assert past == {"day": "Bitte einen künftigen Tag wählen."}
    assert right == {}
    assert "Für 21. September vereinbart" in office.changed(post)
    assert met(office, nudge.account_id or 0) == [(date(2026, 9, 21), "booked", office.witt.id)]


def test_nobody_chosen_is_said_at_the_field(office: Office):
    office.click(office.told(office.witt, office.behind("Olaf", "Otto")), "contact", office.witt)

    wrong = run(office.server.submit(office.modal(office.witt), {"contacts": []}))

    assert wrong == {"contacts": "Bitte mindestens einen Ansprechpartner wählen."}


def test_what_is_handed_over_says_to_whom(office: Office):
    nudge = office.minutes(office.kruse)
    post = office.told(office.kruse, nudge)
    office.click(post, "hand_over", office.kruse)

    run(office.server.submit(office.modal(office.kruse), {"to": str(office.witt.id)}))

    assert "Handed over to Witt by Kruse" in office.changed(post)
    assert office.now_is(nudge).assignee_id == office.witt.id
    assert list(rows_in(post.blocks)) == []


def test_targets_are_lowered_where_the_plan_says_too_much(office: Office):
    nudge = office.behind("Rosa")
    post = office.told(office.witt, nudge)
    office.click(post, "too_much", office.witt)
    view, target = office.modal(office.witt), nudge.facts["cells"][0]["target"]

    wrong = run(office.server.submit(view, {f"soll:{target}": "1.5"}))
    run(office.server.submit(view, {f"soll:{target}": "2"}))

    assert list(wrong) == [f"soll:{target}"]
    assert "Soll geändert von Witt" in office.changed(post)
    assert office.world.one(ContactTarget, target).soll == 2


def test_a_contact_with_whomever_is_logged_customer_first(office: Office):
    account = office.account()
    place = office.world.place("Vera", account)
    run(office.server.command("UWITT", "kontakt"))
    view = office.modal(office.witt)
    assert run(office.server.submit(view)) == {
        "account": "Bitte zuerst den Kunden wählen, danach seine Ansprechpartner."
    }

    run(office.server.click(view, "account", "UWITT", str(account.id)))
    run(office.server.until(lambda: any("contacts" in b.get("block_id", "") for b in view.blocks)))
    assert run(office.server.submit(view, {"contacts": [str(place.contact_id)], "kind": "call"})) == {}

    assert met(office, account.id or 0) == [(TODAY, "held", office.witt.id)]


@pytest.mark.parametrize("act", ["contact", "hand_over", "snooze", "book", "too_much"])
def test_a_modal_that_nobody_opened_changes_nothing_of_others(office: Office, act: str):
    nudge = office.minutes(office.kruse)
    mine = office.minutes()
    office.click(office.told(office.witt, mine), "hand_over", office.witt)
    view = office.modal(office.witt)
    forged = view.content["private_metadata"].replace(f'"nudge": {mine.id}', f'"nudge": {nudge.id}')
    view.content |= {"private_metadata": forged.replace("hand_over", act)}

    wrong = run(office.server.submit(view, {"to": str(office.albers.id)}))

    assert wrong
    assert office.now_is(nudge).model_dump() == nudge.model_dump()
    view.open = False


def test_a_colleagues_customer_cannot_be_chosen(office: Office):
    foreign = office.account(office.kruse)
    contact = office.world.place("Zoe", foreign).contact_id
    run(office.server.command("UWITT", "log"))
    view = office.modal(office.witt)
    view.state["account"] = {
        "account": {"type": "static_select", "selected_option": {"value": str(foreign.id)}}
    }

    wrong = run(office.server.submit(view, {"contacts": [str(contact)]}))

    assert "account" in wrong
    assert met(office, foreign.id or 0) == []


def test_a_head_with_more_customers_than_a_menu_holds_types_a_part_of_the_name(office: Office):
    me = office.person("Haupt", "head")
    for number in range(101):
        office.world.account(f"Werk {number:03d} GmbH")
    run(office.server.command(user(me), "log"))
    view = office.modal(me)

    found = run(office.server.typed(view, "account", "werk 07"))
    run(office.server.click(view, "account", user(me), found[3]["value"]))
    run(office.server.until(lambda: "kein Ansprechpartner" in str(view.blocks)))

    assert [each["text"]["text"] for each in found] == [f"Werk 07{number} GmbH" for number in range(10)]
    assert view.blocks[0]["element"]["initial_option"]["text"]["text"] == "Werk 073 GmbH"


def test_a_modal_stays_open_with_what_was_entered_where_the_database_is_not_there(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    nudge = office.minutes()
    office.click(office.told(office.witt, nudge), "hand_over", office.witt)
    view = office.modal(office.witt)

    def broken(*_: object) -> None:
        raise OSError("disk gone")

    with monkeypatch.context() as patch:
        patch.setattr(handing, "hand_over", broken)
        wrong = run(office.server.submit(view, {"to": str(office.kruse.id)}))

    assert wrong == {"to": "Das hat nicht geklappt. Bitte später noch einmal versuchen."}
    assert run(office.server.submit(view, {"to": str(office.kruse.id)})) == {}
    assert office.now_is(nudge).assignee_id == office.kruse.id


def test_what_takes_longer_than_slack_waits_is_done_and_said_afterwards(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    nudge = office.minutes()
    post = office.told(office.witt, nudge)
    office.click(post, "hand_over", office.witt)
    monkeypatch.setattr(sending, "ACK_WITHIN", 0)

    assert run(office.server.submit(office.modal(office.witt), {"to": str(office.kruse.id)})) == {}

    assert "Übergeben an Kruse von Witt" in office.changed(post)
