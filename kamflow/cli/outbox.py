"""`kamflow outbox`: what was and will be sent, why something was not, and what operations do about it."""

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import App, Parameter

from kamflow.cli import glass
from kamflow.cli.home import Desk, acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import clock_time, say, say_json, table
from kamflow.errors import InputError, NotAllowed
from kamflow.models.message import MessageState
from kamflow.store import events, message_states, messages
from kamflow.store.messages import Listed

outbox = App(name="outbox")

# In trouble a recipient has to be named, or nobody could mend the address.
TROUBLE = (MessageState.FAILED, MessageState.RETRYING, MessageState.AMBIGUOUS)
# Works council: to whom a reminder went, and when somebody signed in, is theirs.
THEIRS = ("nudges", "sign-in")
BY_HAND = "cancelled by hand"


@outbox.default
def listing(
    *,
    state: Annotated[list[str] | None, Parameter(negative="")] = None,
    limit: int = 100,
    options: Options = HERE,
) -> None:
    """List messages, the newest first, with the cause where one was not sent.

    Parameters
    ----------
    state
        Only these (repeat it): waiting, sending, sent, retrying, ambiguous, failed, cancelled.
    limit
        At most so many.
    """
    _check(state or ())
    with reading(options) as desk:
        # Whoever does not look after the outbox sees their own part of it.
        persons = () if glass.oversees(desk) or desk.actor is None else (desk.actor,)
        found = messages.find(desk.session, states=state or (), persons=persons, limit=limit)
        rows = [_row(desk, each) for each in found]
        counts, zone = message_states.counts(desk.session, persons), desk.zone
    if options.json:
        say_json({"messages": rows, "states": counts})
        return
    columns = ("id", "state", "kind", "channel", "recipient", "when", "attempts", "cause")
    local = [row | {"when": clock_time(row["when"], zone)} for row in rows]
    table(columns, [[row[name] for name in columns] for row in local])
    say(", ".join(f"{name}: {count}" for name, count in counts.items()) or "the outbox is empty")


@outbox.command
def show(message: int, /, *, options: Options = HERE) -> None:
    """Show one message with its history.

    Parameters
    ----------
    message
        Its number, as in `kamflow outbox`.
    """
    with reading(options) as desk:
        listed, steps = messages.show(desk.session, message)
        if not (glass.oversees(desk) or listed.person == desk.actor):
            raise NotAllowed(
                f"message {message} is not yours: whom it is for, operations and the head see it"
            )
        row, zone = _row(desk, listed), desk.zone
    if options.json:
        say_json(row | {"history": [step._asdict() for step in steps]})
        return
    row["when"] = clock_time(row["when"], zone)
    say(*(f"{name}: {value}" for name, value in row.items() if value is not None))
    table(("at", "state", "cause"), [(clock_time(at, zone), state, cause) for at, state, cause in steps])


@outbox.command
def retry(message: int, /, *, options: Options = HERE) -> None:
    """Send a message again that failed, was cancelled or waits for its next attempt.

    Parameters
    ----------
    message
        Its number, as in `kamflow outbox`.
    """
    with acting(options) as desk:
        glass.operates(desk, "send a message again")
        state = messages.retry(desk.session, message, desk.now)
        events.record(desk.session, "message.retried", desk.now, actor=desk.actor, message=message)
    _answer(options, message, state, f"message {message} goes out with the next `kamflow deliver`")


@outbox.command
def cancel(message: int, /, *, options: Options = HERE) -> None:
    """Stop a message that has not been sent.

    Parameters
    ----------
    message
        Its number, as in `kamflow outbox`.
    """
    with acting(options) as desk:
        glass.operates(desk, "cancel a message")
        messages.cancel(desk.session, message, BY_HAND, desk.now)
        events.record(desk.session, "message.cancelled", desk.now, actor=desk.actor, message=message)
    _answer(options, message, "cancelled", f"message {message} is not sent")


def _answer(options: Options, message: int, state: str, text: str) -> None:
    if options.json:
        say_json({"message": message, "state": state})
    else:
        say(text)


def _check(states: Sequence[str]) -> None:
    known = [each.value for each in MessageState]
    for state in states:
        if state not in known:
            raise InputError(f"state {state!r}: expected one of {', '.join(known)}")


def _row(desk: Desk, listed: Listed) -> dict[str, Any]:
    """What may be shown of a message: not what it says, and its person only to themselves or in trouble."""
    own = glass.reads(desk, listed.person)
    shown = own or listed.kind not in THEIRS or listed.state in TROUBLE
    row = {
        "id": listed.id,
        "state": listed.state,
        "kind": listed.kind,
        "channel": listed.channel,
        "recipient": _recipient(desk, listed) if shown else "(a person)",
        "when": listed.sent_at or listed.due_at,
        "attempts": listed.attempts,
        "cause": listed.cause,
        "instead_of": listed.instead_of,
    }
    return row | {"key": listed.key, "template": listed.template} if own else row


def _recipient(desk: Desk, listed: Listed) -> str:
    if listed.person is not None:
        return desk.person_name(listed.person)
    return "operations" if listed.contact is None else f"contact {listed.contact}"
