"""When a contact was really asked by a survey: what became of the mail, not what was meant to be."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import Session

from kamflow.models.message import MessageState
from kamflow.nudge import subject
from kamflow.store.messages import MESSAGE

NEVER_LEFT = (MessageState.FAILED, MessageState.CANCELLED)


class Listed(NamedTuple):
    """A contact on the list of a wave. `invited_on`: the day of the effect."""

    id: int
    wave: int
    account: int
    contact: int
    invited_on: date | None


def key(name: str, account: int, contact: int, wave: int, step: str) -> str:
    """The key of the message of an effect `invite` or `remind`."""
    return f"effect:{name}:{subject(account=account, contact=contact)}:{wave}:{step}:{contact}"


def asked_on(session: Session, listed: Iterable[Listed], today: date, zone: str) -> dict[int, date]:
    """Invitation -> the local day on which its mail left, or is to leave; missing where it never did.

    What lies after `today` is not known yet.
    """
    mails = {
        key("invite", each.account, each.contact, each.wave, "invitation"): each
        for each in listed
        if each.invited_on is not None
    }
    fates = {fate.key: fate for fate in _fates(session, mails)}
    found: dict[int, date] = {}
    for name, each in mails.items():
        fate = fates.get(name)
        if each.invited_on is None or each.invited_on > today or (fate and fate.state in NEVER_LEFT):
            continue
        found[each.id] = _left(fate, each.invited_on, today, ZoneInfo(zone))
    return found


class _Fate(NamedTuple):
    key: str
    state: str
    sent_at: datetime | None
    due_at: datetime


def _fates(session: Session, keys: Iterable[str]) -> Iterable[_Fate]:
    wanted = bindparam("keys", sorted(keys), expanding=True)
    column = MESSAGE.c
    rows = session.execute(
        select(column.key, column.state, column.sent_at, column.due_at).where(column.key.in_(wanted))
    )
    return map(_Fate._make, rows)


def _left(fate: _Fate | None, invited_on: date, today: date, zone: ZoneInfo) -> date:
    if fate is None:
        return invited_on
    if fate.sent_at is None:
        # Put off by its check, or due in the hours of another zone.
        return max(invited_on, fate.due_at.astimezone(zone).date())
    sent_on = fate.sent_at.astimezone(zone).date()
    return sent_on if sent_on <= today else invited_on
