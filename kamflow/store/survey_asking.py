"""The effects `invite` and `remind`: the mails of a night to contacts, written for all of them at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, or_, select, update
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.message import MessageState
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.nudge import Effect
from kamflow.store import events, survey_mails, traces
from kamflow.store.messages import MESSAGE, REDIRECTED, history
from kamflow.store.new_messages import NORMAL, insert_all, say_anew
from kamflow.store.run import Run
from kamflow.store.surveys_write import KIND, zone_of

TEMPLATE = "survey_invitation"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail that is to be made. `before`: when the contact was asked that way already."""

    effect: Effect
    invitation: int
    before: Any
    zone: ZoneInfo

    @property
    def key(self) -> str:
        asked = self.effect.facts
        name, step = self.effect.name, self.effect.step
        return survey_mails.key(name, self.effect.account or 0, asked["contact"], asked["wave"], step)


def invite(run: Run, effects: Sequence[Effect]) -> None:
    """Ask contacts: note the day and put the mails into the outbox; those called back go there again."""
    asked = _mails(run, effects, "invited_on")
    again = [mail for mail in asked if mail.before is not None and mail.effect.revision]
    _note(run, [*_new(run, asked), *_reopened(run, again)], "invited_on", "survey.invited")


def remind(run: Run, effects: Sequence[Effect]) -> None:
    """Ask contacts once more."""
    _note(run, _new(run, _mails(run, effects, "reminded_on")), "reminded_on", "survey.reminded")


def _mails(run: Run, effects: Sequence[Effect], noted: str) -> list[_Mail]:
    """Who is on the list of their wave, with the zone of each."""
    row = SurveyInvitation
    rows = run.session.execute(
        select(
            col(row.wave_id),
            col(row.contact_id),
            col(row.id),
            col(getattr(row, noted)),
            col(Contact.zone),
            col(Account.zone),
        )
        .join(SurveyWave, col(SurveyWave.id) == col(row.wave_id))
        .join(Contact, col(Contact.id) == col(row.contact_id))
        .join(Account, col(Account.id) == col(SurveyWave.account_id))
        .where(col(row.wave_id).in_({effect.facts["wave"] for effect in effects}))
    )
    known = {(wave, contact): found for wave, contact, *found in rows}
    made: list[_Mail] = []
    for effect in effects:
        found = known.get((effect.facts["wave"], effect.facts["contact"]))
        if found is not None:
            number, before, *zones = found
            made.append(_Mail(effect, number, before, zone_of(*zones, run.company.zone)))
    return made


def _new(run: Run, mails: Iterable[_Mail]) -> list[_Mail]:
    """Those that were not made before; their messages are in the outbox now."""
    new = [mail for mail in mails if mail.before is None]
    if new:
        insert_all(run.session, [_row(run, mail) for mail in new], run.now)
    return new


def _reopened(run: Run, mails: Sequence[_Mail]) -> list[_Mail]:
    """Those whose mail ended without having left; it waits again."""
    column, by_key = MESSAGE.c, {mail.key: mail for mail in mails}
    if not by_key:
        return []
    redirected = and_(column.state == MessageState.SENT, column.cause == REDIRECTED)
    ended = or_(column.state == MessageState.CANCELLED, redirected)
    query = select(column.id, column.key).where(column.key.in_(by_key), ended).with_for_update()
    numbers = {number: by_key[key] for number, key in run.session.execute(query)}
    if numbers:
        rows = [{"number": number, "due_at": _moment(run, mail)} for number, mail in numbers.items()]
        values = {"state": MessageState.WAITING, "cause": None, "attempts": 0, "sent_at": None}
        waits = update(MESSAGE).where(column.id == bindparam("number")).values(values)
        run.session.connection().execute(waits.values(due_at=bindparam("due_at")), rows)
        say_anew(run.session, {number: _facts(mail) for number, mail in numbers.items()})
        history(run.session, [(number, run.now, MessageState.WAITING, "asked again") for number in numbers])
    return list(numbers.values())


def _note(run: Run, mails: Sequence[_Mail], noted: str, event: str) -> None:
    if not mails:
        return
    row = SurveyInvitation
    numbers = [mail.invitation for mail in mails]
    run.session.execute(update(row).where(col(row.id).in_(numbers)).values({noted: run.today}))
    events.record_many(
        run.session,
        [
            {
                "name": event,
                "at": run.now,
                "actor_id": None,
                "account_id": mail.effect.account,
                "payload": {"wave": mail.effect.facts["wave"], "invitation": mail.invitation},
            }
            for mail in mails
        ],
    )


def _row(run: Run, mail: _Mail) -> dict[str, Any]:
    return {
        "key": mail.key,
        "kind": KIND,
        "channel": "email",
        "template": TEMPLATE,
        "contact_id": mail.effect.facts["contact"],
        "facts": _facts(mail),
        "priority": NORMAL,
        "state": MessageState.WAITING,
        "created_at": run.now,
        "due_at": _moment(run, mail),
        "attempts": 0,
        "trace": traces.current(),
    }


def _facts(mail: _Mail) -> dict[str, Any]:
    effect = mail.effect
    more = {"account": effect.account, "invitation": mail.invitation, "step": effect.step}
    return dict(effect.facts) | more


def _moment(run: Run, mail: _Mail) -> datetime:
    """The next hours for surveys in the contact's zone; whether its day fits is checked before sending."""
    asked, zone = mail.effect.facts, mail.zone
    start, end = (time.fromisoformat(asked[name]) for name in ("from", "until"))
    at = max(datetime.combine(run.today, start, zone), run.now.astimezone(zone))
    if at.time() >= end or at.isoweekday() not in asked["weekdays"]:
        at = datetime.combine(at.date() + DAY, start, zone)
        while at.isoweekday() not in asked["weekdays"]:
            at = datetime.combine(at.date() + DAY, start, zone)
    return at
