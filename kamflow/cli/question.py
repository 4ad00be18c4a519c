"""`kamflow question`: what a plan does not know yet."""

from cyclopts import App

from kamflow.acts import question as questions
from kamflow.acts import rights
from kamflow.acts.question import NewQuestion
from kamflow.cli.home import Desk, acting, day, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.models.account import Account
from kamflow.models.plan import OpenQuestion
from kamflow.store import questions as stored

question = App(name="question")
COLUMNS = ("question", "account", "text", "yours", "ask", "due")


@question.command
def answer(number: int, text: str, /, *, options: Options = HERE) -> None:
    """Close a question by what was found out.

    Parameters
    ----------
    number
        Its number, as in `kamflow question list`.
    text
        The answer.
    """
    with acting(options) as desk:
        said = questions.answer(desk.to_act(), number, text)
        name = desk.account_name(said.account)
    if options.json:
        say_json(said)
    else:
        state = "answered already" if said.state == "already" else said.state
        say(f"question {number} ({name}): {state} on {said.answered_on}")


@question.command
def add(
    account: str,
    text: str,
    /,
    *,
    owner: str | None = None,
    by: str | None = None,
    ask: str | None = None,
    section: int | None = None,
    options: Options = HERE,
) -> None:
    """Note what is not known about an account.

    Parameters
    ----------
    account
        Key, external id or full name.
    text
        The question.
    owner
        Who finds it out; yourself if not given.
    by
        The day until which it is known (2026-11-30).
    ask
        The contact who may know.
    section
        The category of the account plan it belongs to (1 to 10).
    """
    with acting(options) as desk:
        number = desk.account(account)
        new = NewQuestion(
            number,
            text,
            desk.person(owner) if owner else None,
            day(by) if by else None,
            desk.contact(ask) if ask else None,
            section,
        )
        said = questions.add(desk.to_act(), new)
        name = desk.account_name(number)
    if options.json:
        say_json(said)
    else:
        say(f"{'asked already' if said.state == 'already' else 'asked'}: question {said.question} ({name})")


@question.command(name="list")
def list_(account: str | None = None, /, *, options: Options = HERE) -> None:
    """The questions without an answer: of an account, or your own.

    Parameters
    ----------
    account
        Key, external id or full name; your own questions if not given.
    """
    with reading(options) as desk:
        rows = [_row(desk, each) for each in _listed(desk, account)]
    if options.json:
        say_json({"questions": rows})
    else:
        table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])


def _listed(desk: Desk, account: str | None) -> list[OpenQuestion]:
    actor = desk.to_act().person("see questions")
    if account is None:
        return stored.open_ones(desk.session, owner=actor)
    number = desk.account(account)
    row = desk.session.get_one(Account, number)
    rights.for_account(desk.session, actor, row, "read its questions", desk.today)
    return stored.open_ones(desk.session, [number])


def _row(desk: Desk, each: OpenQuestion) -> dict[str, object]:
    return {
        "question": each.id,
        "account": desk.account_key(each.account_id),
        "text": each.question,
        # Works council: whose open items these are is shown to themselves only.
        "yours": each.owner_id == desk.actor,
        "ask": desk.contact_name(each.ask_contact_id) if each.ask_contact_id is not None else None,
        "due": each.due_on,
    }
