"""When a contact was really asked by a survey: what became of the mail, not what was meant to be."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from kamflow.figures.survey_governor import Reason
from kamflow.models.message import MessageState
from kamflow.nudge import subject
from kamflow.store.messages import ENDED_UNSENT, MESSAGE, REDIRECTED
from kamflow.store.run import Run

# What the check before sending says and a later day may undo; the rule asks the governor about all of it.
PASSING = frozenset({*get_args(Reason), "no_meeting", "too-late"})


class Listed(NamedTuple):
    """A contact on the list of a wave. `invited_on`: the day of the effect."""

    id: int
    wave: int
    account: int
    contact: int
    invited_on: date | None


class Fate(NamedTuple):
    """What became of an invitation.

    `on`: the local day on which its mail left, or is to leave; `left`: it did. `again`: its check called it
    back, and it may be sent after all. `unsent`: why it is not sent unless a person sees to it.
    """

    on: date | None = None
    left: bool = False
    again: bool = False
    unsent: str | None = None


NEVER = Fate()


def key(name: str, account: int, contact: int, wave: int, step: str) -> str:
    """The key of the message of an effect `invite` or `remind`."""
    return f"effect:{name}:{subject(account=account, contact=contact)}:{wave}:{step}:{contact}"


def never_left(state: str, cause: str | None) -> bool:
    """Whether a mail ended without having reached its recipient."""
    return state in ENDED_UNSENT or (state == MessageState.SENT and cause == REDIRECTED)


def fates(run: Run, listed: Iterable[Listed]) -> dict[int, Fate]:
    """Invitation -> what became of its mail; missing where there was none.

    What lies after the day of the run is not known yet.
    """
    invited = [
        (each.id, each.invited_on, key("invite", each.account, each.contact, each.wave, "invitation"))
        for each in listed
        if each.invited_on is not None and each.invited_on <= run.today
    ]
    rows = {row.key: row for row in _rows(run, (name for _, _, name in invited))}
    zone = ZoneInfo(run.company.zone)
    return {number: _fate(rows.get(name), invited_on, run, zone) for number, invited_on, name in invited}


class _Row(NamedTuple):
    key: str
    state: str
    cause: str | None
    sent_at: datetime | None
    due_at: datetime


def _rows(run: Run, keys: Iterable[str]) -> Iterable[_Row]:
    wanted = bindparam("keys", sorted(keys), expanding=True)
    column = MESSAGE.c
    columns = (column.key, column.state, column.cause, column.sent_at, column.due_at)
    return map(_Row._make, run.session.execute(select(*columns).where(column.key.in_(wanted))))


def _fate(row: _Row | None, invited_on: date, run: Run, zone: ZoneInfo) -> Fate:
    if row is None:
        return Fate(invited_on, left=True)
    if never_left(row.state, row.cause):
        return _unsent(row, live=run.live)
    if row.state == MessageState.SENT:
        sent_on = row.sent_at.astimezone(zone).date() if row.sent_at else invited_on
        return Fate(sent_on if sent_on <= run.today else invited_on, left=True)
    # Put off by its check, due in the hours of another zone, or held up: it counts from when it leaves.
    return Fate(max(invited_on, row.due_at.astimezone(zone).date(), run.today))


def _unsent(row: _Row, *, live: bool) -> Fate:
    if row.state == MessageState.SENT:
        return Fate(again=True) if live else Fate(unsent="redirected")
    if row.state == MessageState.FAILED:
        return Fate(unsent="mail_failed")
    return Fate(again=True) if row.cause in PASSING else Fate(unsent="mail_cancelled")
