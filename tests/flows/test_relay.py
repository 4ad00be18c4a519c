"""Events set flows in motion: each is handled, none doubled, whatever happens in between."""

import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from kamflow.store import engine as db
from kamflow.store import relay, relay_batches
from kamflow.store.relay_batches import Seen
from kamflow.store.rows import stored
from tests.flows.relaying import Relayed
from tests.world import World

one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def relayed(engine: Engine) -> Relayed:
    return Relayed(World(engine))


@pytest.fixture
def accounts(relayed: Relayed) -> list[int]:
    return [stored(relayed.world.account(f"acc-{number}").id) for number in range(4)]


def test_the_first_event_of_a_quiet_flow_goes_at_once_what_comes_meanwhile_forms_the_next_batch(
    relayed: Relayed, accounts: list[int]
) -> None:
    async def story() -> None:
        relayed.happened("measure.done", accounts[0])
        await relayed.beat()
        relayed.happened("measure.done", accounts[1], accounts[2])
        await relayed.beat()
        relayed.happened("measure.done", accounts[1], accounts[3])
        await relayed.beat()
        [first] = relayed.finish()
        assert (first.flow, first.accounts, first.as_of) == (
            "measure_followup",
            ("acc-0",),
            date(2026, 9, 7),
        )
        await relayed.beat()
        [second] = relayed.finish()
        assert second.accounts == ("acc-1", "acc-2", "acc-3")
        await relayed.beat()

    asyncio.run(story())

    assert [each.state for each in relayed.batches()] == ["done", "done"]
    assert len(relayed.handled()) == 5


@one_database
def test_an_event_starts_every_flow_whose_facts_it_changes_and_an_answered_survey_no_other(
    relayed: Relayed, accounts: list[int]
) -> None:
    relayed.happened("meeting.booked", accounts[0])
    relayed.happened("survey.answered", accounts[1])

    asyncio.run(relayed.beat())

    asked = {ask.flow: ask.accounts for ask in relayed.going().values()}
    assert asked == {
        "annual_meeting": ("acc-0",),
        "plan_creation": ("acc-0",),
        "contact_shortfall": ("acc-0",),
        "survey_dispatch": ("acc-0", "acc-1"),
    }


@one_database
def test_revenue_of_a_site_looks_at_the_group_too(relayed: Relayed) -> None:
    group = relayed.world.account("group")
    site = relayed.world.account("site", parent_id=group.id)
    relayed.happened("revenue.imported", site.id)

    asyncio.run(relayed.beat())

    assert {ask.accounts for ask in relayed.going().values()} == {("group", "site")}


@one_database
def test_an_absence_concerns_what_the_person_has_to_do_with_and_nobody_elses(relayed: Relayed) -> None:
    world = relayed.world
    witt, lang, nobody = world.person("Witt"), world.person("Lang"), world.person("Nemo")
    team, target, asked = world.account("team", witt), world.account("target", lang), world.account("asked")
    world.account("other", lang)
    world.target(witt, world.place("Lech", target), 4)
    world.request(asked, witt)
    relayed.happened("person.absent", person=nobody.id)
    asyncio.run(relayed.beat())
    assert relayed.batches() == []

    relayed.happened("person.absent", person=witt.id)
    asyncio.run(relayed.beat())

    assert {ask.accounts for ask in relayed.going().values()} == {(team.key, target.key, asked.key)}
    assert len(relayed.going()) == 7


@one_database
def test_an_event_about_no_account_is_about_all_of_them(relayed: Relayed) -> None:
    relayed.happened("revenue.complete", first="2026-07-01", last="2026-09-30")

    asyncio.run(relayed.beat())

    assert [(ask.flow, ask.accounts) for ask in relayed.going().values()] == [("quarterly_controlling", None)]


@one_database
def test_a_flow_does_not_start_itself_by_what_it_writes(relayed: Relayed) -> None:
    relayed.world.account("Muster AG", relayed.world.person("Witt"), account_class="key")
    night = relayed.world.night("plan_creation", date(2026, 9, 7))

    assert night.effects > 0
    assert asyncio.run(relayed.beat()) == 0


@one_database
def test_more_accounts_than_fit_are_one_whole_run(relayed: Relayed, accounts: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay, "MOST_ACCOUNTS", 3)
        relayed.happened("measure.done", *accounts)
        asyncio.run(relayed.beat())

    [ask] = relayed.finish()
    assert ask.accounts is None
    assert len(asyncio.run(_quiet(relayed))) == 4


async def _quiet(relayed: Relayed) -> set[tuple[int, str]]:
    await relayed.until_quiet()
    return relayed.handled()


@one_database
def test_a_lost_answer_is_asked_for_again_and_the_run_stays_one(
    relayed: Relayed, accounts: list[int]
) -> None:
    async def story() -> None:
        relayed.happened("measure.done", accounts[0])
        relayed.prefect.forgetful = True
        await relayed.beat()
        # Prefect knows a run for one account by now: what comes belongs to another.
        relayed.happened("measure.done", accounts[1])
        await relayed.beat(40)
        relayed.prefect.forgetful = False
        await relayed.until_quiet()

    asyncio.run(story())

    assert [ask.accounts for ask in relayed.prefect.runs.values()] == [("acc-0",), ("acc-1",)]
    assert len(relayed.handled()) == 2


def test_without_prefect_for_an_hour_events_wait_in_one_batch_and_each_is_handled_after_it(
    relayed: Relayed, accounts: list[int]
) -> None:
    async def story() -> None:
        relayed.prefect.down = "ConnectError"
        for part in range(12):
            relayed.happened("measure.done", accounts[part % 4])
            relayed.happened("request.delivered", accounts[part % 4])
            await relayed.beat(300)
        assert len(relayed.batches("waiting")) == 6  # of three flows: asked for in vain, and growing
        assert {each.cause for each in relayed.batches() if each.attempts} == {"ConnectError"}
        relayed.prefect.down = None
        await relayed.until_quiet()

    asyncio.run(story())

    assert len(relayed.prefect.runs) == 6
    assert len(relayed.handled()) == 12 + 2 * 12


@one_database
def test_after_midnight_a_waiting_batch_is_about_the_new_day(relayed: Relayed, accounts: list[int]) -> None:
    async def story() -> None:
        relayed.prefect.down = "http-503"
        relayed.happened("measure.done", accounts[0])
        await relayed.beat()
        relayed.happened("measure.done", accounts[1])
        await relayed.beat(24 * 3600)
        relayed.prefect.down = None
        await relayed.until_quiet()

    asyncio.run(story())

    # The first was asked for yesterday, and under its key it stays what it was.
    days = [ask.as_of for ask in relayed.prefect.runs.values()]
    assert days == [date(2026, 9, 7), date(2026, 9, 8)]


@one_database
@pytest.mark.parametrize("ends", ["failed", "lost", "elsewhere"])
def test_what_ran_in_vain_is_run_again(relayed: Relayed, accounts: list[int], ends: str) -> None:
    async def story() -> None:
        relayed.happened("measure.done", accounts[0])
        await relayed.beat()
        if ends == "failed":
            relayed.finish(RuntimeError("no"))
        elif ends == "lost":
            relayed.prefect.forget()
        else:
            relayed.prefect.states = dict.fromkeys(relayed.prefect.states, Seen.ENDED)
        await relayed.beat()
        assert len(relayed.going()) == 0
        await relayed.until_quiet()

    asyncio.run(story())

    [batch] = relayed.batches()
    assert (batch.state, batch.failed, len(relayed.handled())) == ("done", 1, 1)
    assert len({ask.key for ask in relayed.prefect.asks}) == 2


@one_database
def test_a_flow_that_fails_again_and_again_is_left_to_the_night_and_holds_up_nobody(
    relayed: Relayed, accounts: list[int]
) -> None:
    async def story() -> None:
        relayed.happened("measure.done", accounts[0])
        for _ in range(30):
            await relayed.beat(10)
            relayed.finish(RuntimeError("no"))
        relayed.happened("measure.done", accounts[1])
        await relayed.until_quiet()

    asyncio.run(story())

    first, second = relayed.batches()
    assert (first.state, first.failed, first.cause) == ("done", 3, "RuntimeError")
    assert (second.failed, [event for event, _ in relayed.handled()]) == (0, [second.last_event_id])


@one_database
def test_a_run_that_nobody_ends_does_not_stop_its_flow_for_ever(
    relayed: Relayed, accounts: list[int]
) -> None:
    async def story() -> None:
        relayed.happened("measure.done", accounts[0])
        await relayed.beat()
        await relayed.beat(3 * 3600)
        assert len(relayed.prefect.runs) == 1  # its runner is away: it will come
        relayed.prefect.states = dict.fromkeys(relayed.prefect.states, Seen.GOING)
        await relayed.beat(22 * 3600)
        await relayed.until_quiet()

    asyncio.run(story())

    assert len(relayed.handled()) == 1


def test_two_supervisors_ask_for_the_same_runs(relayed: Relayed, accounts: list[int]) -> None:
    async def story() -> None:
        for _ in range(5):
            relayed.happened("meeting.booked", *accounts)
            await asyncio.gather(relayed.beat(), relayed.beat())
            relayed.finish()
        await relayed.until_quiet()

    asyncio.run(story())

    assert len(relayed.handled()) == 4 * 4 * 5
    assert len({ask.key for ask in relayed.prefect.asks}) == len(relayed.prefect.runs) <= 4 * 5


@pytest.mark.parametrize("late", ["answer", "no answer"])
def test_what_another_supervisor_hears_too_late_does_not_open_a_done_batch_again(
    relayed: Relayed, accounts: list[int], late: str
) -> None:
    relayed.happened("interaction.held", accounts[0])
    asyncio.run(relayed.until_quiet())
    [before] = relayed.batches("done")

    with db.write(relayed.engine) as session:
        if late == "answer":
            relay_batches.asked(session, before.id or 0, "run-1", relayed.clock())
        else:
            relay_batches.unanswered(session, before.id or 0, "ReadTimeout", relayed.clock())

    assert relayed.batches() == [before]


@pytest.mark.parametrize("late", ["answer", "no answer", "end"])
def test_what_another_supervisor_hears_of_a_run_in_vain_says_nothing_of_the_next_one(
    relayed: Relayed, accounts: list[int], late: str
) -> None:
    relayed.happened("measure.done", accounts[0])
    asyncio.run(relayed.beat())
    [first], failed = relayed.prefect.asks, KeyError()
    relayed.finish(failed)
    asyncio.run(relayed.beat())
    if late == "end":
        asyncio.run(relayed.beat(seconds=30))
    [before] = relayed.batches()
    assert before.state == ("asked" if late == "end" else "waiting")

    with db.write(relayed.engine) as session:
        if late == "answer":
            relay_batches.asked(session, first.batch, "run-1", relayed.clock(), first.key)
        elif late == "no answer":
            relay_batches.unanswered(session, first.batch, "ReadTimeout", relayed.clock(), first.key)
        else:
            relay_batches.settle(session, first.batch, Seen.ENDED, relayed.clock(), "run-1")

    assert relayed.batches() == [before]


@one_database
def test_the_key_of_a_batch_is_known_to_no_other_home_and_no_restored_one(relayed: Relayed) -> None:
    number = relayed.world.account("acc").id
    relayed.happened("measure.done", number)
    asyncio.run(relayed.beat())
    [ask] = relayed.prefect.asks
    assert ask.key == f"batch:{relayed.batches()[0].id}:20260907T063001000000:0"
    assert relayed.clock().astimezone(UTC) == datetime(2026, 9, 7, 6, 30, 1, tzinfo=UTC)


@pytest.mark.slow  # 40,000 rows to write and to take away again
@pytest.mark.parametrize(("parts", "most"), [(1, 2), (10, 6)])
def test_ten_thousand_events_are_few_runs_and_all_handled(relayed: Relayed, parts: int, most: int) -> None:
    numbers = [relayed.world.account(f"a{number}").id for number in range(20)]

    async def story() -> None:
        for part in range(parts):
            relayed.happened("request.delivered", *(numbers[each % 20] for each in range(10_000 // parts)))
            await relayed.beat()
            if part % 5 == 4:  # a run takes a few beats
                relayed.finish()
        await relayed.until_quiet()

    asyncio.run(story())

    assert len(relayed.handled()) == 2 * 10_000
    assert len(relayed.prefect.runs) <= most
    with db.read(relayed.engine) as session:
        assert not relay.waiting(session)
