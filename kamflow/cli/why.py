"""`kamflow why`: the reason for a nudge, its figures, what closes it, who was told."""

from datetime import timedelta
from typing import Any

from kamflow.acts import rights
from kamflow.cli import glass
from kamflow.cli.home import Desk, acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import NotFound
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store import lookup
from notifications.render import speech
from notifications.render.view import PersonView
from notifications.why import Explained, explain, text

# No history of a person's nudges beyond that (works council).
REMEMBERED = timedelta(weeks=8)


def why(nudge: str, /, *, break_glass: str | None = None, options: Options = HERE) -> None:
    """Explain a nudge: rule, figures with date and source, threshold, what closes it, who was told.

    Parameters
    ----------
    nudge
        Its number, as in `kamflow nudges`.
    break_glass
        See another person's, with a reason: it is written down and the person is told.
    """
    opened = acting if break_glass else reading
    with opened(options) as desk:
        row = lookup.nudge(desk.session, nudge)
        if desk.actor not in rights.sees(desk.session, row):
            glass.require(desk, row.assignee_id or row.owner_id, "why", break_glass)
        if desk.settings.works_council and row.closed_at and row.closed_at < desk.now - REMEMBERED:
            raise NotFound(f"nudge {nudge} was closed more than eight weeks ago: nothing is kept to be shown")
        explained = explain(desk.session, row, _reader(desk), desk.settings, desk.now, desk.today)
    if options.json:
        say_json(_answer(row, explained))
    else:
        say(*text(explained))


def _reader(desk: Desk) -> PersonView:
    if desk.actor is None:
        return PersonView(0, "operations", desk.company.language, desk.company.zone)
    row = desk.session.get_one(Person, desk.actor)
    language = speech.addressed(row.language, desk.company.colleagues)
    return PersonView(desk.actor, row.name, language, row.zone)


def _answer(row: StoredNudge, explained: Explained) -> dict[str, Any]:
    return {
        "nudge": row.id,
        "identity": row.identity,
        "rule": row.rule,
        "step": row.step,
        "stage": row.stage,
        "since": row.since,
        "due_on": row.due_on,
        "closes_by": row.closes_by,
        "closed_on": row.closed_on,
        "closed_as": row.closed_as,
        "facts": row.facts,
        "why": row.why,
        "told": explained.told,
        "text": text(explained),
    }
