"""What is written to our people beside nudges: the welcome, and the page for who takes an account over.

Both wait for the reader's working time; nothing here is decided by a rule.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from sqlmodel import Session

from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import account_move, calendars, handover, handover_note, starting
from kamflow.store.handover_note import Note
from kamflow.store.people import Member, People
from notifications import outbox
from notifications.cadence.rhythm import local, reads
from notifications.outbox import NewMessage

_DAY = timedelta(days=1)  # somewhere it is tomorrow already


def compose(session: Session, everybody: People, now: datetime, settings: Settings, policy: Policy) -> int:
    """Put what is due of them into the outbox; how many messages were new."""
    quiet = calendars.quiet_weeks(policy.cadence, settings.company)
    readers = [each for each in everybody.values() if reads(each, now, policy.cadence, quiet)]
    first = starting.told_from(policy.starting, settings.company)
    new = 0
    if first is not None:
        for message in _welcomes(session, readers, first, now, settings, policy):
            new += outbox.add(session, message, now) is not None
    return new + _pages(session, readers, first, now, settings)


def _welcomes(
    session: Session,
    readers: Iterable[Member],
    first: date,
    now: datetime,
    settings: Settings,
    policy: Policy,
) -> Iterator[NewMessage]:
    known = starting.welcomed(session)
    new = [each for each in readers if each.id not in known and each.digest != "none"]
    if not new:
        return
    concerned = starting.concerned(session, policy.starting, min(local(each, now).date() for each in new))
    for member in new:
        if member.id in concerned:
            day = local(member, now).date()
            yield NewMessage(
                key=f"{starting.WELCOME}:{member.id}",
                kind="notice",
                channel=outbox.channel(member.channel, settings, content=True),
                template=starting.WELCOME,
                facts={
                    "day": day.isoformat(),
                    "told_from": first.isoformat(),
                    "rhythm": member.digest,
                    "most": policy.starting.ramp_items,
                    "ramp": policy.starting.ramp_days,
                    "council": settings.works_council,
                },
                person=member.id,
            )


def _pages(
    session: Session, readers: Iterable[Member], first: date | None, now: datetime, settings: Settings
) -> int:
    """The pages of accounts that were handed over by today, to whoever has them today."""
    by_person = {each.id: each for each in readers}
    new = 0
    for note in handover_note.waiting(session, by_person, now.date() + _DAY):
        member = by_person[note.person]
        today = local(member, now).date()
        if today < note.on or (first is not None and today < first):
            continue
        number = None
        if member.id in account_move.kams(session, note.account, today):
            number = _page(session, note, member, today, now, settings)
        if number is None:
            handover_note.drop(session, note)
        new += number is not None
    return new


def _page(
    session: Session, note: Note, member: Member, today: date, now: datetime, settings: Settings
) -> int | None:
    facts = handover.page(session, note, today, council=settings.works_council)
    message = NewMessage(
        key=f"handover:{note.account}:{note.on.isoformat()}:{member.id}",
        kind="document",
        channel=outbox.channel(member.channel, settings, content=True),
        template=handover_note.KIND,
        facts=facts,
        person=member.id,
    )
    number = outbox.add(session, message, now)
    if number is not None:
        handover_note.sent(session, note, facts, number)
    return number
