"""Open questions ["?"]: what a plan does not know yet is asked, and closed by its answer."""

from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.plan import OpenQuestion
from kamflow.store import plan_rows, questions
from kamflow.store.engine import lock
from kamflow.store.rows import stored


@dataclass(frozen=True)
class Asked:
    """`state` is asked, answered, changed (another answer), or already."""

    question: int
    account: int
    state: str
    answered_on: date | None = None


@dataclass(frozen=True)
class NewQuestion:
    """What is to be found out; by whom (who asks, if not said), until when, and whom one could ask."""

    account: int
    text: str
    owner: int | None = None
    due_on: date | None = None
    contact: int | None = None
    section: int | None = None


def add(desk: Acting, new: NewQuestion) -> Asked:
    """Note a question; the same one that is open already is not asked twice.

    Raises:
        InputError: no text, a day that has passed, or no such section.
        NotAllowed: not in the account's team, nor the head.
    """
    person = desk.person("ask about it")
    row = desk.session.get_one(Account, new.account)
    rights.for_account(desk.session, person, row, "ask about it", desk.today)
    text = _words(new.text, "a question needs words")
    if new.due_on is not None and new.due_on < desk.today:
        raise InputError(f"{new.due_on} has passed: name a day from {desk.today} on")
    if new.section is not None and not 1 <= new.section <= 10:
        raise InputError(f"section {new.section}: expected 1 to 10, the categories of the account plan")
    lock(desk.session, f"question:{new.account}")
    for each in questions.open_ones(desk.session, [new.account]):
        if each.question.casefold() == text.casefold():
            return Asked(stored(each.id), new.account, "already")
    plans = plan_rows.running(desk.session, new.account, desk.today)
    question = OpenQuestion(
        account_id=new.account,
        plan_id=plans[0].id if plans else None,
        section=new.section,
        question=text,
        owner_id=new.owner or person,
        due_on=new.due_on,
        ask_contact_id=new.contact,
    )
    desk.session.add(question)
    desk.session.flush()
    desk.record("question.added", new.account, question=stored(question.id), owner=question.owner_id)
    return Asked(stored(question.id), new.account, "asked")


def answer(desk: Acting, number: int, text: str) -> Asked:
    """Close a question by what was found out; another answer takes the place of the first.

    Raises:
        InputError: no text.
        NotAllowed, NotFound: not its owner, the account's team or the head; no such question.
    """
    person = desk.person("answer this question")
    lock(desk.session, f"question:{number}")
    row = desk.session.get(OpenQuestion, number, populate_existing=True)
    if row is None:
        raise NotFound(f"no question {number}: `kamflow question list` names them")
    rights.for_owner(desk.session, person, row.owner_id, row.account_id, "answer this question", desk.today)
    words = _words(text, "say what was found out")
    if row.answer == words:
        return Asked(number, row.account_id, "already", row.answered_on)
    state = "answered" if row.answered_on is None else "changed"
    row.answer, row.answered_on, row.version = words, row.answered_on or desk.today, row.version + 1
    # The answer stands in its row only: events hold no text.
    desk.record(f"question.{state}", row.account_id, question=number)
    return Asked(number, row.account_id, state, row.answered_on)


def _words(text: str, missing: str) -> str:
    if not text.strip():
        raise InputError(missing)
    return text.strip()
