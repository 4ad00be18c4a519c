"""`kamflow meeting`: the annual meeting is booked, moved, cancelled, held, agreed; and its month planned."""

from collections.abc import Sequence
from datetime import time
from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import meeting as meetings
from kamflow.acts import meeting_held
from kamflow.acts.meeting import Arranged
from kamflow.acts.meeting_held import Held
from kamflow.acts.meeting_replanned import Replanned, replanned
from kamflow.acts.meeting_round import Booking
from kamflow.cli.home import Desk, acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError, NotFound
from kamflow.intake.periods import period
from kamflow.periods import Period, fiscal_year

meeting = App(name="meeting")
Attendees = Annotated[list[str] | None, Parameter(negative="")]
Round = Annotated[int | None, Parameter(name="--round")]
Time = Annotated[str | None, Parameter(name="--time")]


@meeting.command
def book(
    account: str,
    on: str,
    /,
    *,
    at: Time = None,
    place: str | None = None,
    kind: str | None = None,
    number: Round = None,
    attendee: Attendees = None,
    year: str | None = None,
    options: Options = HERE,
) -> None:
    """Book the annual meeting, or a round of a negotiation.

    Parameters
    ----------
    account
        Key, external id or full name.
    on
        The day (2026-11-10).
    at
        When it begins (10:00), where you are.
    place
        Where it is.
    kind
        strategic (one meeting) or negotiation (rounds until both sides agree).
    number
        Which round; the first if not given.
    attendee
        People of ours and contacts (repeat it): key, e-mail address or full name. The KAM if nobody of
        ours is named.
    year
        The fiscal year it is for, as 2026 or 2026/27; that of the day if not given.
    """
    with acting(options) as desk:
        people, row = _people(desk, attendee or ()), desk.account(account)
        wanted = Booking(row, day(on), _clock(at), place, kind, number, *people, year=_year(desk, year))
        said = meetings.book(desk.to_act(), wanted)
        name = desk.account_name(row)
    _answer(options, said, name)


@meeting.command
def move(
    account: str,
    on: str,
    /,
    *,
    number: Round = None,
    at: Time = None,
    place: str | None = None,
    options: Options = HERE,
) -> None:
    """Move a booked meeting, and say what that means for its dates.

    Parameters
    ----------
    account
        Key, external id or full name.
    on
        The new day (2026-11-17).
    number
        Which round, where several are booked.
    at
        When it begins; as before if not given.
    place
        Where it is; as before if not given.
    """
    with acting(options) as desk:
        row = desk.account(account)
        said = meetings.move(desk.to_act(), row, day(on), number, _clock(at), place)
        means = replanned(desk.to_act(), desk.policy, said) if said.state == "moved" else None
        name = desk.account_name(row)
    _answer(options, said, name, means)


@meeting.command
def cancel(account: str, /, *, number: Round = None, options: Options = HERE) -> None:
    """Call a booked meeting off.

    Parameters
    ----------
    account
        Key, external id or full name.
    number
        Which round, where several are booked.
    """
    with acting(options) as desk:
        row = desk.account(account)
        said = meetings.cancel(desk.to_act(), row, number)
        name = desk.account_name(row)
    _answer(options, said, name)


@meeting.command
def held(
    account: str,
    /,
    *,
    on: str | None = None,
    number: Round = None,
    kind: str | None = None,
    attendee: Attendees = None,
    options: Options = HERE,
) -> None:
    """Note that the meeting took place; everybody who attended has met everybody.

    Parameters
    ----------
    account
        Key, external id or full name.
    on
        The day on which it took place; the booked one if not given.
    number
        Which round, where several are booked.
    kind
        strategic or negotiation, of a meeting that was not booked here.
    attendee
        Who was there of both sides (repeat it), in place of who was expected.
    """
    with acting(options) as desk:
        row = desk.account(account)
        told = Held(row, number, day(on) if on else None, kind, *_people(desk, attendee or ()))
        said = meeting_held.held(desk.to_act(), told)
        name = desk.account_name(row)
    _answer(options, said, name)


@meeting.command
def agreed(account: str, /, *, on: str | None = None, options: Options = HERE) -> None:
    """Note that a negotiation ended with an agreement: measures and follow-up come next.

    Parameters
    ----------
    account
        Key, external id or full name.
    on
        The day (2026-12-03); today if not given.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said = meeting_held.agreed(desk.to_act(), number, day(on) if on else None)
        name = desk.account_name(number)
    if options.json:
        say_json(said)
    else:
        say(f"agreed{' already' if said.state == 'already' else ''}: {name}, on {said.agreed_on}")


@meeting.command(name="month")
def plan_month(account: str, month: int, /, *, options: Options = HERE) -> None:
    """Plan the month of the annual meeting, for this year and those to come.

    Parameters
    ----------
    account
        Key, external id or full name.
    month
        1 to 12.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said = meeting_held.plan_month(desk.to_act(), number, month)
        name = desk.account_name(number)
    if options.json:
        say_json(said)
        return
    was = f" (was {said.was})" if said.was and said.state == "planned" else ""
    say(f"{'already so' if said.state == 'already' else 'planned'}: {name}, month {said.month}{was}")


def _people(desk: Desk, texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Our people and contacts, each by the one text that names them."""
    persons: list[int] = []
    contacts: list[int] = []
    for text in texts:
        try:
            persons.append(desk.person(text))
        except NotFound:
            contacts.append(_contact(desk, text))
    return persons, contacts


def _contact(desk: Desk, text: str) -> int:
    try:
        return desk.contact(text)
    except NotFound as error:
        raise NotFound(f"nobody of ours and no contact is {text!r}; {error}") from None


def _year(desk: Desk, text: str | None) -> Period | None:
    if text is None:
        return None
    rules = desk.company.fiscal_year_start, desk.company.fiscal_year_changes
    found = period(text, *rules)
    if found is None or found != fiscal_year(found.first, *rules):
        raise InputError(f"--year {text!r}: expected a fiscal year such as 2026 or 2026/27")
    return found


def _clock(text: str | None) -> time | None:
    if text is None:
        return None
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InputError(f"--time {text!r}: expected a time of day such as 10:00") from None


def _answer(options: Options, said: Arranged, name: str, means: Replanned | None = None) -> None:
    if options.json:
        say_json({"meeting": said, "replanned": means})
        return
    state = "already so" if said.state == "already" else said.state
    was = f" (was {said.was})" if said.was else ""
    say(f"{state}: {name}, round {said.number} on {said.day}{was}")
    if means is not None:
        say(f"  {means.moved} dates moved, {means.due} already due, {means.dropped} dropped")
