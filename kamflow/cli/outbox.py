"""`kamflow outbox`: what was and will be sent, why something was not, and what operations do about it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from kamflow.cli import glass
from kamflow.cli.home import Desk, acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import clock_time, say, say_json, table
from kamflow.errors import InputError, NotAllowed
from kamflow.models.message import MessageState
from kamflow.store import events, message_states, outbox_listing
from kamflow.store import messages as stored
from kamflow.store.messages import Listed

outbox = App(name="outbox")

CHANNELS = ("email", "slack")
# In trouble a recipient has to be named, or nobody could mend the address.
TROUBLE = (MessageState.FAILED, MessageState.RETRYING, MessageState.AMBIGUOUS)
# Works council: to whom a reminder went, and when somebody signed in, is theirs.
THEIRS = ("nudges", "sign-in")
BY_HAND = "cancelled by hand"
TRIED = (MessageState.RETRYING, MessageState.AMBIGUOUS)
# What waits has its hour: nobody sends all of it at once.
AGAIN, STOPPED = (MessageState.FAILED, MessageState.CANCELLED, *TRIED), (MessageState.WAITING, *TRIED)


@outbox.default
def listing(
    *,
    state: Annotated[list[str] | None, Parameter(negative="")] = None,
    channel: str | None = None,
    cause: str | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1))] = 100,
    options: Options = HERE,
) -> None:
    """List messages, the newest first, with the cause where one was not sent.

    Parameters
    ----------
    state
        Only these (repeat it): waiting, sending, sent, retrying, ambiguous, failed, cancelled.
    channel
        Only those by email or slack.
    cause
        Only those with this cause.
    limit
        At most so many.
    """
    _check("state", state or (), tuple(MessageState))
    _check("channel", [channel] if channel else (), CHANNELS)
    with reading(options) as desk:
        # Whoever does not look after the outbox sees their own part of it.
        persons = () if glass.oversees(desk) or desk.actor is None else (desk.actor,)
        found = stored.find(
            desk.session,
            states=state or (),
            persons=persons,
            channels=[channel] if channel else (),
            causes=[cause] if cause else (),
            limit=limit,
        )
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
        listed, steps = stored.show(desk.session, message)
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
def retry(
    *messages: int,
    all: Annotated[bool, Parameter(negative="")] = False,  # noqa: A002 - the name of the option
    state: str | None = None,
    channel: str | None = None,
    cause: str | None = None,
    options: Options = HERE,
) -> None:
    """Send messages again that failed, were cancelled or wait for their next attempt.

    Parameters
    ----------
    messages
        Their numbers, as in `kamflow outbox`.
    all
        All of a state, as named by the next three; what went another way meanwhile is left out.
    state
        failed (if not given) or cancelled, each of the last week; retrying or ambiguous.
    channel
        Only those by email or slack.
    cause
        Only those with this cause.
    """
    if wanted := _many(messages, all, AGAIN, state, channel, cause):

        def some(desk: Desk, after: int) -> outbox_listing.Again:
            glass.operates(desk, "send messages again")
            return outbox_listing.again(desk.session, wanted, after, desk.actor, desk.now)

        _answer_many(options, _all(options, some), "go out with the next `kamflow deliver`")
        return
    became: dict[int, str] = {}
    with acting(options) as desk:  # all or, where one cannot be, none
        glass.operates(desk, "send a message again")
        for message in dict.fromkeys(messages):
            became[message] = stored.retry(desk.session, message, desk.now)
            events.record(desk.session, "message.retried", desk.now, actor=desk.actor, message=message)
    _answer(options, became, "goes out with the next `kamflow deliver`")


@outbox.command
def cancel(
    *messages: int,
    all: Annotated[bool, Parameter(negative="")] = False,  # noqa: A002 - the name of the option
    state: str | None = None,
    channel: str | None = None,
    cause: str | None = None,
    options: Options = HERE,
) -> None:
    """Stop messages that have not been sent.

    Parameters
    ----------
    messages
        Their numbers, as in `kamflow outbox`.
    all
        All of a state, as named by the next three.
    state
        waiting (if not given), retrying or ambiguous.
    channel
        Only those by email or slack.
    cause
        Only those with this cause.
    """
    if wanted := _many(messages, all, STOPPED, state, channel, cause):

        def some(desk: Desk, after: int) -> outbox_listing.Again:
            glass.operates(desk, "cancel messages")
            return outbox_listing.stop(desk.session, wanted, after, BY_HAND, desk.actor, desk.now)

        _answer_many(options, _all(options, some), "are not sent")
        return
    with acting(options) as desk:
        glass.operates(desk, "cancel a message")
        for message in dict.fromkeys(messages):
            stored.cancel(desk.session, message, BY_HAND, desk.now)
            events.record(desk.session, "message.cancelled", desk.now, actor=desk.actor, message=message)
    _answer(options, dict.fromkeys(messages, "cancelled"), "is not sent")


def _many(
    messages: Sequence[int], all_: bool, states: Sequence[str], state: str | None, *which: str | None
) -> outbox_listing.Filter | None:
    """All of a state (the first if none is given), or None: those with these numbers."""
    if all_ == bool(messages):
        raise InputError("name the messages by their numbers, or say --all (--state, --channel, --cause)")
    if messages and any((state, *which)):
        raise InputError("--state, --channel and --cause choose among --all, not among numbers")
    channel, cause = which
    _check("state", [state] if state else (), states)
    _check("channel", [channel] if channel else (), CHANNELS)
    return outbox_listing.Filter(channel, state or states[0], cause) if all_ else None


def _all(options: Options, some: Callable[[Desk, int], outbox_listing.Again]) -> outbox_listing.Again:
    """Some hundreds in one transaction, then the next: whoever else writes gets between."""
    done, left, after = 0, 0, 0
    while after is not None:
        with acting(options) as desk:
            found = some(desk, after)
        done, left, after = done + found.sent, left + found.left, found.after
    return outbox_listing.Again(done, left, None)


def _answer_many(options: Options, done: outbox_listing.Again, what: str) -> None:
    if options.json:
        say_json({"messages": done.sent, "left": done.left})
        return
    left = f"; {done.left} were left: their readers have it another way" if done.left else ""
    say(f"{done.sent} messages {what}{left}")


def _answer(options: Options, became: Mapping[int, str], what: str) -> None:
    rows = [{"message": message, "state": state} for message, state in became.items()]
    if options.json:
        say_json(rows[0] if len(rows) == 1 else rows)
    else:
        say(*(f"message {message} {what}" for message in became))


def _check(option: str, given: Sequence[str], known: Sequence[str]) -> None:
    for each in given:
        if each not in known:
            raise InputError(f"{option} {each!r}: expected one of {', '.join(known)}")


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
