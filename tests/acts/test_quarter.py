from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts.acting import Acting
from kamflow.acts.quarter import NewMeasure, comment
from kamflow.errors import InputError, NotAllowed
from kamflow.models.controlling import QuarterComment, StoredScorecard
from kamflow.models.plan import Measure, PlanSection
from tests.acts.world import Act, World

TALK = NewMeasure("Talk about the price list", date(2026, 10, 1))


@pytest.fixture
def say(world: World, given: SimpleNamespace) -> Act:
    """`say("why")` comments the quarter of Muster AG as Witt."""

    def call(text: str = "one order came late", actor: str | None = "witt", **more: object) -> object:
        acting = Acting(world.session, world.person(actor) if actor else None, given.now, given.company)
        return comment(acting, world.account("muster"), text, **more)

    return call


def test_the_quarter_that_ended_last_is_commented(world: World, say: Act) -> None:
    said = say()

    row = world.session.get_one(QuarterComment, said.comment)
    assert (said.state, str(said.quarter)) == ("commented", "2026-04-01..2026-06-30")
    assert (row.text, row.commented_on) == ("one order came late", date(2026, 9, 7))
    [event] = world.events()
    assert (event.name, event.payload["version"]) == ("quarter.commented", 1)
    assert "order" not in str(event.payload)


def test_an_answer_to_an_older_mail_belongs_to_the_quarter_whose_figures_are_open(
    world: World, say: Act
) -> None:
    """In the first days of a quarter nobody has looked at the one that just ended."""
    world.session.add(
        StoredScorecard(
            account_id=world.account("muster"),
            quarter_first=date(2026, 1, 1),
            quarter_last=date(2026, 3, 31),
            state="complete",
            light="red",
            facts={},
            digest="",
            kept_on=date(2026, 4, 20),
        )
    )
    world.session.flush()

    assert str(say().quarter) == "2026-01-01..2026-03-31"
    assert str(say(within=date(2026, 5, 5)).quarter) == "2026-04-01..2026-06-30"
    with pytest.raises(InputError, match="not over"):
        say(within=date(2026, 9, 7))


def test_the_same_again_changes_nothing_and_another_text_takes_its_place(world: World, say: Act) -> None:
    said = [say(text).state for text in ("late", " late ", "lost")]

    assert said == ["commented", "already", "changed"]
    [row] = world.session.execute(select(QuarterComment)).scalars().all()
    assert (row.text, row.version) == ("lost", 2)


def test_a_measure_and_the_look_at_the_plan_are_one_form_with_it(world: World, say: Act) -> None:
    plan = world.plan(year_first=date(2026, 1, 1), year_last=date(2026, 12, 31))
    world.session.get_one(PlanSection, (plan.id, 9)).filled_on = date(2026, 1, 8)

    said = say(measure=TALK, plan_reviewed=True)
    again = say(measure=TALK, plan_reviewed=True)

    [row] = world.session.execute(select(Measure)).scalars().all()
    assert (row.id, row.owner_id, row.plan_id) == (said.measure, world.person("witt"), plan.id)
    assert (again.state, again.measure) == ("already", said.measure)
    sections = world.session.execute(select(PlanSection).order_by(col(PlanSection.number))).scalars()
    assert [section.reviewed_on for section in sections] == [*[None] * 4, date(2026, 9, 7)]
    assert [event.name for event in world.events()] == ["measure.agreed", "quarter.commented"]


def test_another_date_of_its_measure_is_refused_with_the_way_to_move_it(say: Act) -> None:
    said = say(measure=TALK)
    later = NewMeasure(TALK.title, date(2026, 12, 1))

    with pytest.raises(InputError, match=f"kamflow measure move {said.measure}"):
        say(measure=later)


@pytest.mark.parametrize(
    ("text", "measure", "match"),
    [
        (" ", None, "needs a text"),
        ("why", NewMeasure("", date(2026, 10, 1)), "needs a title"),
        ("why", NewMeasure("Talk", date(2026, 9, 1)), "has passed"),
    ],
)
def test_what_is_missing_is_asked_for(say: Act, text: str, measure: NewMeasure | None, match: str) -> None:
    with pytest.raises(InputError, match=match):
        say(text, measure=measure)


@pytest.mark.parametrize("actor", ["fremd", "gone", None])
def test_the_team_comments_nobody_else(say: Act, actor: str | None) -> None:
    with pytest.raises(NotAllowed):
        say(actor=actor)
