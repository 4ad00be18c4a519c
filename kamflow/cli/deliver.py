"""`kamflow deliver`: compose what is to be told, send what is due."""

from kamflow.cli.home import opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, warn
from kamflow.models.message import MessageState
from kamflow.store import message_states
from kamflow.store.engine import read

LATER = (MessageState.RETRYING, MessageState.AMBIGUOUS)
WHY = "smtp.per_minute is reached, their channel is away, or another process is posting to Slack"
STOPPED = "it was told to stop"
REST = "`kamflow up` sends them in time; so does this command in a minute"


def deliver(*, options: Options = HERE) -> int:
    """Compose and deliver what is due at this moment, until nothing is.

    With --now ISO it does so as at another moment. SIGTERM or Ctrl-C ends it well: what is being sent is
    finished, the rest waits for the next time. A second one cuts it off.
    """
    from flows import telling

    with opened(options) as home:
        try:
            told = telling.tell_until_told(home)
        except KeyboardInterrupt:
            warn("cut off: what was being sent may have arrived; the next time it is sent again")
            return 1
        with read(home.engine) as session:
            states = message_states.counts(session)
            waiting = message_states.held_up(session, home.now())
    composed, delivered = told.composed, told.delivered
    later = sum(states.get(state, 0) for state in LATER)
    counts = {"sent": delivered.sent, "failed": delivered.failed, "cancelled": delivered.cancelled}
    if options.json:
        say_json(
            counts
            | {"later": later, "waiting": waiting, "composed": composed.messages, "told": composed.told}
            | {"stopped": told.stopped}
        )
    elif composed.off:
        say('delivery.mode is "off": nothing is told. What is open is told once it is switched on')
    else:
        say(f"composed: {composed.messages} messages about {composed.told} nudges")
        say(", ".join(f"{name}: {count}" for name, count in counts.items()))
        if later:
            say(f"{later} could not be sent yet and will be tried again: `kamflow outbox` says why")
        if waiting:
            say(f"due and still waiting: {waiting} ({STOPPED if told.stopped else WHY}); {REST}")
    return 1 if delivered.failed or later else 0
