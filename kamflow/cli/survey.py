"""`kamflow survey`: the list of a survey, a name struck from it, the survey called off."""

from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import rights
from kamflow.acts import survey as surveys
from kamflow.acts.survey import Surveyed
from kamflow.cli.home import Desk, acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.cli.survey_results import results
from kamflow.errors import NotFound
from kamflow.models.account import Account
from kamflow.models.survey import SurveyInvitation
from kamflow.store import survey_lists
from kamflow.store.rows import stored

survey = App(name="survey")
survey.command(results)
COLUMNS = ("contact", "name", "state", "on", "reason")
Wave = Annotated[int | None, Parameter(name="--survey")]


@survey.command
def strike(account: str, contact: str, /, *, reason: str, wave: Wave = None, options: Options = HERE) -> None:
    """Take a contact off the list, before they are asked.

    Parameters
    ----------
    account
        Key, external id or full name.
    contact
        Key, e-mail address or full name.
    reason
        Why; it stays with the name.
    wave
        Which survey, by its number; the newest if not given.
    """
    with acting(options) as desk:
        number = _wave(desk, account, wave)
        said = surveys.strike(desk.to_act(), number, desk.contact(contact), reason)
        name = desk.account_name(said.account)
        who = desk.contact_name(said.contact or 0)
    _answer(options, said, f"{who}, survey {said.wave} of {name}")


@survey.command
def stop(account: str, /, *, reason: str, wave: Wave = None, options: Options = HERE) -> None:
    """Call a survey off: nobody is asked or reminded any more.

    Parameters
    ----------
    account
        Key, external id or full name.
    reason
        Why; it stays with the survey.
    wave
        Which survey, by its number; the newest if not given.
    """
    with acting(options) as desk:
        said = surveys.stop(desk.to_act(), _wave(desk, account, wave), reason)
        name = desk.account_name(said.account)
    _answer(options, said, f"survey {said.wave} of {name}")


@survey.command(name="list")
def list_(account: str, /, *, options: Options = HERE) -> None:
    """Who is on the list of the newest survey of an account.

    Parameters
    ----------
    account
        Key, external id or full name.
    """
    with reading(options) as desk:
        number = desk.account(account)
        row = desk.session.get_one(Account, number)
        actor = desk.to_act().person("see who is asked")
        rights.for_account(desk.session, actor, row, "see who is asked", desk.today)
        wave = surveys.wave_of(desk.to_act(), number)
        names = {each.contact_id: each for each in survey_lists.invitations(desk.session, stored(wave.id))}
        rows = [_row(desk, each) for each in names.values()]
    if options.json:
        head = {"survey": wave.id, "send_on": wave.send_on, "stopped_on": wave.stopped_on}
        say_json(head | {"contacts": rows})
        return
    stopped = f", stopped on {wave.stopped_on}" if wave.stopped_on else ""
    say(f"survey {wave.id} of {row.name}: first sent on {wave.send_on}{stopped}")
    table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])


def _wave(desk: Desk, account: str, wave: int | None) -> int:
    number = desk.account(account)
    if wave is None:
        return stored(surveys.wave_of(desk.to_act(), number).id)
    if wave not in {each.id for each in survey_lists.waves(desk.session, number)}:
        raise NotFound(f"survey {wave} is not one of {desk.account_name(number)}")
    return wave


def _row(desk: Desk, each: SurveyInvitation) -> dict[str, object]:
    # Who has answered, and what, is for the answer's own nudge: the list says whom the survey is for.
    steps = (("struck", each.struck_on), ("reminded", each.reminded_on), ("asked", each.invited_on))
    state, on = next(((name, day) for name, day in steps if day is not None), ("listed", None))
    return {
        "contact": each.contact_id,
        "name": desk.contact_name(each.contact_id),
        "state": state,
        "on": on,
        "reason": each.struck_reason,
    }


def _answer(options: Options, said: Surveyed, what: str) -> None:
    if options.json:
        say_json(said)
    else:
        say(f"{'already so' if said.state == 'already' else said.state}: {what}, on {said.on}")
