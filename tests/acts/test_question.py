from datetime import date
from types import SimpleNamespace

import pytest

from kamflow.acts import question as questions
from kamflow.acts.acting import Acting
from kamflow.acts.question import NewQuestion
from kamflow.errors import InputError, NotAllowed, NotFound
from kamflow.models.plan import OpenQuestion
from tests.acts.world import Act, World


@pytest.fixture
def act(world: World, given: SimpleNamespace) -> Act:
    def call(actor: str | None = "witt") -> Acting:
        return Acting(world.session, world.person(actor) if actor else None, given.now, given.company)

    return call


def test_a_question_is_asked_once_and_answered(world: World, act: Act) -> None:
    plan, new = world.plan(), NewQuestion(world.account("muster"), " Who decides? ", section=2)

    asked, again = questions.add(act(), new), questions.add(act("kruse"), new)
    answered = [questions.answer(act(), asked.question, text).state for text in ("Paul", "Paul", "Knut")]

    row = world.session.get_one(OpenQuestion, asked.question)
    assert (asked.state, again.state, answered) == ("asked", "already", ["answered", "already", "changed"])
    assert (row.question, row.plan_id, row.owner_id) == ("Who decides?", plan.id, world.person("witt"))
    assert (row.answer, row.answered_on) == ("Knut", date(2026, 9, 7))
    payloads = [event.payload for event in world.events("question.")]
    assert payloads[1:] == [{"question": row.id}] * 2
    names = [event.name for event in world.events("question.")]
    assert names == ["question.added", "question.answered", "question.changed"]
    assert "decides" not in str(payloads)


def test_an_answered_question_may_be_asked_again(world: World, act: Act) -> None:
    new = NewQuestion(world.account("muster"), "Who decides?")
    first = questions.add(act(), new)
    questions.answer(act(), first.question, "Paul")
    assert questions.add(act(), new).state == "asked"


def test_its_owner_may_answer_wherever_they_are(world: World, act: Act) -> None:
    new = NewQuestion(world.account("muster"), "How much?", owner=world.person("fremd"))
    number = questions.add(act(), new).question
    assert questions.answer(act("fremd"), number, "12").state == "answered"


def test_others_may_not_and_what_is_empty_is_refused(world: World, act: Act) -> None:
    muster = world.account("muster")
    number = questions.add(act(), NewQuestion(muster, "How much?")).question
    with pytest.raises(NotAllowed, match="only the team of Muster AG"):
        questions.answer(act("fremd"), number, "12")
    with pytest.raises(NotAllowed, match="--as PERSON"):
        questions.answer(act(None), number, "12")
    with pytest.raises(InputError, match="what was found out"):
        questions.answer(act(), number, " ")
    with pytest.raises(NotFound, match="no question 4711"):
        questions.answer(act(), 4711, "12")
    with pytest.raises(InputError, match="has passed"):
        questions.add(act(), NewQuestion(muster, "When?", due_on=date(2026, 9, 4)))
    with pytest.raises(InputError, match="expected 1 to 10"):
        questions.add(act(), NewQuestion(muster, "When?", section=11))
