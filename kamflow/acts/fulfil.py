"""Say *Done* where saying so is a deed of its own: a measure is done, a request is delivered.

Whoever clicks *Done* on a measure means the measure. For all else it is what `done` makes of it.
"""

from dataclasses import replace

from kamflow.acts import done as doing
from kamflow.acts import measure, request
from kamflow.acts.acting import Acting
from kamflow.acts.done import Done
from kamflow.errors import NotAllowed
from kamflow.models.nudge import StoredNudge
from kamflow.policy import Policy


def fulfil(desk: Acting, nudge_id: int, policy: Policy, *, glass: bool = False) -> Done:
    """Note what the nudge is about as done, or close or silence it; `closed` closes with the next run.

    Raises:
        InputError: it is a contact shortfall.
        NotAllowed: it is not the actor's (see `rights.for_nudge`).
    """
    said = doing.done(desk.session, desk.actor, nudge_id, desk.now, policy, desk.company, glass=glass)
    row = desk.session.get_one(StoredNudge, nudge_id)
    if row.closed_at is not None:
        return said
    state = _deed(desk, row)
    return said if state is None else replace(said, state=state, until=None, closed_as=None)


def is_deed(rule: str, step: str) -> bool:
    """Tell whether *Done* is the fact itself, though the nudge is closed by facts."""
    return rule == "measure_followup" or (rule, step) == ("department_requests", "deliver")


def _deed(desk: Acting, row: StoredNudge) -> str | None:
    if not is_deed(row.rule, row.step):
        return None
    try:
        if row.rule == "measure_followup":
            found = measure.done(desk, [row.facts["measure"]])[0].state
        else:
            found = request.deliver(desk, [row.facts["request"]])[0].state
    except NotAllowed:
        # Who stands in for somebody may silence more than they may decide.
        return None
    return "already" if found == "already" else "closed"
