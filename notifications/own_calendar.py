"""A person's own due dates as a calendar file, for `kamflow export calendar` and for a signed link."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from kamflow.settings import Settings
from kamflow.store import calendar_entries, hand_in_entries, names, own_calendar
from kamflow.store.names import Names
from kamflow.store.own_calendar import HandIn, Talk
from kamflow.store.recipients import Content
from notifications import views
from notifications.outbox import Claimed
from notifications.render.feed import Dated, feed
from notifications.render.view import ItemView, NudgesView, PersonView

# The day of hand-in stands in the calendar as such; the nudge about it would say the same day twice.
HAND_IN = ("plan_creation", "hand_in")


def of(session: Session, person: int, settings: Settings, now: datetime) -> bytes:
    """What is open for a person, the meetings they attend and the plans they hand in, by date."""
    message = _message(own_calendar.nudges(session, person), person, now)
    known = views.load(session, [message], settings, now)
    reader = known.recipients[person]
    today = now.astimezone(views.zone(reader, settings)).date()
    talks = own_calendar.talks(session, person, today)
    plans = own_calendar.hand_ins(session, person, today)
    said = {(each.account, each.year_first.isoformat()) for each in plans}
    items = tuple(
        ItemView((views.nudge_view(line, content),))
        for line in message.facts["items"][0]["nudges"]
        if (content := known.contents.get(line["id"])) is not None
        and not ((content.rule, content.step) == HAND_IN and (content.account, _year(content)) in said)
    )
    view = NudgesView(
        recipient=PersonView(reader.id, reader.name, reader.language, views.zone(reader, settings).key),
        day=today,
        items=items,
        names=_with(session, known.names, talks, plans),
        company=settings.company.name,
        account_url=settings.crm.account_url,
        currency=settings.company.currency,
    )
    silent = {number: each.silent_until for number, each in known.contents.items() if each.silent_until}
    return feed(view, silent, [*_dated(talks, plans, settings.smtp.domain)], settings.smtp.domain)


def _year(content: Content) -> str:
    """The first day of the year that a plan is for."""
    return str(content.facts["year"]["first"])


def _message(nudges: list[int], person: int, now: datetime) -> Claimed:
    """All of it as one message, so that what it mentions is looked up as for any other."""
    lines = [{"id": number, "reason": "opened", "number": 1, "for_person": None} for number in nudges]
    facts = {"day": now.date().isoformat(), "occasion": "daily", "items": [{"nudges": lines}], "more": 0}
    return Claimed(
        id=0, key="calendar", kind="nudges", channel="email", template="digest", facts=facts, person=person,
        contact=None, priority=5, attempt=0, mail_id=None, instead_of=None, until=now, unsure=False,
    )  # fmt: skip


def _with(session: Session, known: Names, talks: list[Talk], plans: list[HandIn]) -> Names:
    more = names.load(
        session,
        accounts={each.account for each in (*talks, *plans)},
        places={each.round for each in talks},
    )
    return replace(
        known, accounts={**known.accounts, **more.accounts}, places={**known.places, **more.places}
    )


def _dated(talks: list[Talk], plans: list[HandIn], domain: str) -> Iterator[Dated]:
    for talk in talks:
        about = {"round": talk.round, "account": talk.account}
        yield Dated(
            calendar_entries.TEMPLATE,
            about | _event(talk, f"round.{talk.round}@{domain}"),
            talk.starts_at,
        )
    for plan in plans:
        year = {"first": plan.year_first.isoformat(), "last": plan.year_last.isoformat()}
        about = {"plan": plan.plan, "account": plan.account, "year": year}
        yield Dated(hand_in_entries.TEMPLATE, about | _event(plan, f"plan.{plan.plan}@{domain}"))


def _event(each: Talk | HandIn, uid: str) -> dict[str, Any]:
    """Under the UID of its invitation, if there is one."""
    day = each.day.isoformat()
    return {"day": day, "method": "request", "uid": each.uid or uid, "sequence": each.sequence}
