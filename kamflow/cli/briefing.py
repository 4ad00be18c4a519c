"""`kamflow briefing`: what is on the next briefing, what is left out or added, and its release."""

from cyclopts import App

from kamflow.acts import briefing as briefings
from kamflow.acts import rights
from kamflow.acts.briefing import Reviewed
from kamflow.cli.home import acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.errors import InputError
from kamflow.models.account import Account
from kamflow.store import briefing_facts, briefing_rows

briefing = App(name="briefing")


@briefing.command
def release(account: str, /, *, options: Options = HERE) -> None:
    """Let the briefing of the next annual meeting go to those who attend.

    Parameters
    ----------
    account
        Key, external id or full name.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said, name = briefings.release(desk.to_act(), number), desk.account_name(number)
    _answer(options, said, name)


@briefing.command
def strike(account: str, line: str, /, *, options: Options = HERE) -> None:
    """Leave a line of the briefing out, or take a point back.

    Parameters
    ----------
    account
        Key, external id or full name.
    line
        As in `kamflow briefing lines`: measure.12, figure.margin, note.5.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said, name = briefings.strike(desk.to_act(), number, line), desk.account_name(number)
    _answer(options, said, name)


@briefing.command
def restore(account: str, line: str, /, *, options: Options = HERE) -> None:
    """Take a line in again that was struck by mistake.

    Parameters
    ----------
    account
        Key, external id or full name.
    line
        As in `kamflow briefing lines`, where struck lines are listed.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said, name = briefings.restore(desk.to_act(), number, line), desk.account_name(number)
    _answer(options, said, name)


@briefing.command
def correct(account: str, line: str, text: str, /, *, options: Options = HERE) -> None:
    """Put your own words beside a line of the briefing.

    Parameters
    ----------
    account
        Key, external id or full name.
    line
        As in `kamflow briefing lines`.
    text
        What the reader should know about it.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said, name = briefings.correct(desk.to_act(), number, line, text), desk.account_name(number)
    _answer(options, said, name)


@briefing.command
def note(
    account: str,
    /,
    *,
    raise_: str | None = None,
    ask: str | None = None,
    avoid: str | None = None,
    options: Options = HERE,
) -> None:
    """Add a point to raise (three at most), the question to ask, or what not to raise.

    Parameters
    ----------
    account
        Key, external id or full name.
    raise_
        A point to raise.
    ask
        The one question to ask.
    avoid
        The one thing not to raise.
    """
    given = [(kind, text) for kind, text in (("raise", raise_), ("ask", ask), ("avoid", avoid)) if text]
    if not given:
        raise InputError("say what to add: --raise, --ask or --avoid TEXT")
    with acting(options) as desk:
        number = desk.account(account)
        said = [briefings.point(desk.to_act(), number, kind, text) for kind, text in given]
        name = desk.account_name(number)
    if options.json:
        say_json({"briefing": said})
        return
    for each in said:
        say(_line(each, name))


@briefing.command
def lines(account: str, /, *, options: Options = HERE) -> None:
    """The lines of the next briefing, and what was made of them.

    Parameters
    ----------
    account
        Key, external id or full name.
    """
    with reading(options) as desk:
        number = desk.account(account)
        if desk.actor is not None:
            row = desk.session.get_one(Account, number)
            rights.for_account(desk.session, desk.actor, row, "read its briefing", desk.today)
        talk = briefings.coming(desk.to_act(), number)
        facts = briefings.facts(desk.to_act(), talk, desk.policy)
        notes = briefing_rows.notes(desk.session, [talk.id], desk.today).get(talk.id, [])
        rows = [(line, "", "") for line in briefing_facts.lines(facts)]
        rows += [
            (each.line or f"note.{each.id}", each.kind, each.text or "")
            for each in notes
            if each.kind != "withdrawn"
        ]
    if options.json:
        say_json({"lines": [dict(zip(("line", "what", "text"), row, strict=True)) for row in rows]})
    else:
        table(("line", "what", "text"), rows)


def _answer(options: Options, said: Reviewed, name: str) -> None:
    if options.json:
        say_json(said)
    else:
        say(_line(said, name))


def _line(said: Reviewed, name: str) -> str:
    what = f"note.{said.note}" if said.line is None and said.note is not None else said.line
    state = "already so" if said.state == "already" else said.state
    return f"{state}: {name}, briefing for {said.day}{f', {what}' if what else ''}"
