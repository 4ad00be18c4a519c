"""Which act carries out which event."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kamflow.acts import absent
from kamflow.intake import completion
from kamflow.intake.entities import answers, tools
from kamflow.intake.entities.interactions import OWN
from kamflow.intake.known import Known, Names
from kamflow.intake.mapping import Block, Completes
from kamflow.intake.mentioned import row_of
from kamflow.intake.rows import Table
from kamflow.models.plan import Measure
from kamflow.store.engine import lock
from kamflow.web.api import contact_deeds, meeting_deeds
from kamflow.web.api.data import Away, MeasureDone, PeriodComplete, SurveyTold
from kamflow.web.api.desk import Desk, Done, refuse_unknown
from kamflow.web.api.problems import Flaw, Problem


def measure_done(desk: Desk, told: MeasureDone) -> Done:
    """A measure is done, as an import of it with `done_on` would say."""
    row = _measure(desk, told.measure)
    day = told.done_on or desk.acting.today
    if day > desk.acting.today:
        what = f"{day} is still to come"
        raise Problem("does-not-fit", what, [Flaw("/data/done_on", what)])
    number = row.id or 0
    if row.done_on is not None:
        return Done("measure", number, changed=False)
    ctx = desk.context(_nobody())
    values = {tools.ROW: number, "done_on": day}
    tools.write(ctx, "measures", [contact_deeds.row_told("measures", values)])
    desk.record(ctx)
    return Done("measure", number, changed=True)


def away(desk: Desk, told: Away) -> Done:
    """A person is away."""
    person = desk.person(told.person, "/data/person")
    noted = absent.absent(desk.session, None, person, told.first, told.last, desk.now, desk.company)
    return Done("person", person, noted.state != "already")


def back(desk: Desk, told: Away) -> Done:
    """A person is not away on these days after all."""
    person = desk.person(told.person, "/data/person")
    noted = absent.back(desk.session, None, person, told.first, told.last, desk.now, desk.company)
    return Done("person", person, noted.state != "already")


def survey_answered(desk: Desk, told: SurveyTold) -> Done:
    """A contact answered a survey of another tool, as an import of it would say."""
    parties = desk.parties(told.account, (), [told.contact], contact_at="/data/contact")
    ctx = desk.context(parties.known)
    values = {"account": parties.account, "contact": parties.contacts[0], "day": told.day}
    values |= {"score": told.score, "comment": told.comment}
    record = contact_deeds.row_told("answers", values)
    answers.write(ctx, [record])
    desk.record(ctx)
    return Done("survey_invitation", record.values["invitation"], bool(ctx.report.changes))


def revenue_complete(desk: Desk, told: PeriodComplete) -> Done:
    """The source has told all revenue of a period."""
    if told.last < told.first or told.last >= desk.acting.today:
        what = "expected a day that has passed, not before the first"
        raise Problem("does-not-fit", what, [Flaw("/data/last", what)])
    lock(desk.session, f"complete:{desk.source}")
    ctx = desk.context(_nobody())
    block = Block(completes=Completes(first=told.first, last=told.last))
    completion.note(ctx, "revenue", block, Table("event", "event", (), ()))
    desk.session.flush()
    desk.record(ctx)
    number = completion.number(ctx, "revenue", told.first, told.last)
    return Done("complete_period", number or 0, changed=bool(ctx.events))


def _measure(desk: Desk, called: str) -> Measure:
    number = row_of(desk.session, desk.source, "measure", called)
    ours = called.removeprefix(OWN)
    # A bare number is the sender's own id, known or not: it must never close another customer's measure.
    if number is None and ours != called and ours.isascii() and ours.isdecimal() and len(ours) < 10:
        number = int(ours)
    row = None
    if number is not None:
        lock(desk.session, f"measure:{number}")
        row = desk.session.get(Measure, number, populate_existing=True)
    if row is None:
        refuse_unknown([Flaw("/data/measure", "no such measure")])
        raise AssertionError
    return row


def _nobody() -> Known:
    return Known(Names(), Names(), Names(), {}, {})


DEEDS: Mapping[str, Callable[[Desk, Any], Done]] = MappingProxyType(
    {
        "kamflow.interaction.held": contact_deeds.held,
        "kamflow.interaction.booked": contact_deeds.booked,
        "kamflow.interaction.cancelled": contact_deeds.cancelled,
        "kamflow.meeting.booked": meeting_deeds.booked,
        "kamflow.meeting.moved": meeting_deeds.moved,
        "kamflow.meeting.cancelled": meeting_deeds.cancelled,
        "kamflow.meeting.held": meeting_deeds.held,
        "kamflow.measure.done": measure_done,
        "kamflow.person.absent": away,
        "kamflow.person.back": back,
        "kamflow.survey.answered": survey_answered,
        "kamflow.revenue.complete": revenue_complete,
    }
)
