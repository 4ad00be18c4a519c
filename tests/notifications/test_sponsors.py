"""A sponsor is asked at once about key accounts only, and twice a month at most."""

from datetime import UTC, date, datetime

from kamflow.models.account import Account
from kamflow.models.person import Person, PersonRole
from kamflow.policy import Sponsors
from kamflow.store.tellings import OpenNudge
from notifications.cadence.decide import decide
from notifications.cadence.sponsors import few, spared
from tests.notifications.cast import ANNA, BEN, MONDAY, POLICY, QUIET, at, member, nudge, people
from tests.notifications.conftest import Office

SPONSOR = member(ANNA, roles=frozenset({"sponsor"}))
TEAM = people(SPONSOR, member(BEN))


def urgent(number: int = 1, account_class: str | None = "key", **more: int) -> OpenNudge:
    return nudge(number, urgency="now", account_class=account_class, **more)


def urgencies(*nudges: OpenNudge, asked: int = 0) -> list[str]:
    return [each.urgency for each in spared(nudges, TEAM, {ANNA: asked}, Sponsors())]


def test_about_key_accounts_a_sponsor_is_asked_at_once_twice_a_month():
    assert [urgencies(urgent(), asked=n) for n in (0, 1, 2)] == [["now"], ["now"], ["daily"]]


def test_about_any_other_account_it_waits_for_the_digest():
    assert urgencies(urgent(account_class="major"), urgent(account_class=None)) == ["daily", "daily"]


def test_everybody_else_is_asked_as_often_as_it_is_urgent():
    assert urgencies(urgent(account_class="C", responsible=BEN), asked=9) == ["now"]
    kam_too = people(member(ANNA, roles=frozenset({"sponsor", "kam"})))
    assert spared([urgent()], kam_too, {ANNA: 9}, Sponsors())[0].urgency == "now"


def test_at_one_moment_too_it_is_two():
    said = decide([urgent(n) for n in (1, 2, 3)], TEAM, {}, at(MONDAY), POLICY, QUIET)

    assert [len(few(said, TEAM, {ANNA: n}, Sponsors())) for n in (0, 1, 2)] == [2, 1, 0]


def test_the_month_is_counted_from_the_outbox(office: Office):
    sponsor: Person = office.person("Kruse", digest="first-tuesday")
    office.add(PersonRole(person_id=sponsor.id, role="sponsor"))
    account = office.add(Account(key="muster", name="Muster AG", account_class="key"))
    for number in range(4):
        office.nudge(sponsor, f"call{number}", urgency="now", account_id=account.id, due_on=date(2026, 12, 1))

    office.compose()
    assert len(office.messages()) == 2
    office.clock.at = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
    office.compose()
    assert [each.template for each in office.messages()] == ["now"] * 4
