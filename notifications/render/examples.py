"""Each message with made-up facts of its own, for `kamflow preview`, for designers and for tests.

Cases: one thing, many, the longest names, data that is missing, and the occasions that change the frame.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from notifications.render import letter as letters
from notifications.render import meeting_example as meeting
from notifications.render import people_example as around
from notifications.render import quarter_example as made
from notifications.render import survey_example as survey
from notifications.render.incident_example import OLD_DATA
from notifications.render.item import Letter
from notifications.render.notice_examples import NOTICES
from notifications.render.training_example import (
    DAY,
    KRUSE,
    LONG,
    cell,
    contacts,
    names,
    no_data,
    plan,
    view,
)
from notifications.render.view import NudgesView, NudgeView


def classic() -> tuple[NudgeView, ...]:
    """The classic contact matrix, some of it behind."""
    return contacts(
        cell(2, 6, 2, 2, last="2026-03-12"),
        cell(3, 12, 5, 2, booked=1, last="2026-06-24"),
        cell(1, 1, 0, 1, last=None),
        cell(4, 4, 2, 1, unconfirmed=1, last="2026-05-05"),
        visits=[[2, 3, 1, 4], [2, 3]],
    )


def longest(account: int = 4) -> tuple[NudgeView, ...]:
    """Twenty cells, each with the longest names and topic."""
    worst = cell(5, 12, 1, 9, booked=1, unconfirmed=2, fits=False, last="2025-11-28")
    return contacts(*([worst] * 20), account=account, visits=[[5] * 6] * 5, for_person=KRUSE, reason="back")


def missing() -> tuple[NudgeView, ...]:
    """Influence, position, topic, earlier contacts and date of the data unknown."""
    gaps = cell(6, 4, 0, 2, influence=None)
    nudge = contacts(gaps, cell(99, 2, 0, 1, influence=None, fits=False), account=99)[0]
    facts = {**nudge.facts, "data": {"as_of": None, "source": None}}
    return (replace(nudge, facts=facts, why={**nudge.why, "lead": None}),)


def three_plans() -> tuple[NudgeView, ...]:
    """Three plans in work, one of them with a step due and one returned."""
    return (
        plan(1),
        plan(1, ask="position", due_on=date(2026, 9, 11)),
        plan(
            2, due_on=date(2026, 10, 23), form="short", hand_in="2026-10-23", missing=[8, 9, 1], questions=[]
        ),
        plan(
            3,
            returned_on="2026-09-03",
            missing=[],
            questions=[1, 2, 3],
            steps_done=[1, 2, 3, 4, 5, 6],
            step=7,
            step_due="2026-10-16",
            hand_in="2026-10-16",
            due_on=date(2026, 10, 16),
        ),
    )


def approvals() -> tuple[NudgeView, ...]:
    """Two plans that wait for their approver."""
    return (
        plan(1, "approve", date(2026, 9, 17), submitted_on="2026-09-03", missing=[], questions=[1, 2]),
        plan(
            2, "approve", date(2026, 9, 4), submitted_on="2026-08-21", missing=[], questions=[], form="short"
        ),
    )


def _now() -> tuple[NudgeView, ...]:
    (nudge,) = contacts(cell(1, 1, 0, 1, last=None), due_on=date(2026, 9, 9))
    return (replace(nudge, urgency="now", for_person=KRUSE, owner=KRUSE),)


def _overdue() -> tuple[NudgeView, ...]:
    overdue = {"due_on": date(2026, 9, 1), "reason": "overdue", "reminder": 2}
    return contacts(cell(2, 6, 2, 2), account=2, visits=[[2]], **overdue)


def quarters() -> tuple[NudgeView, ...]:
    """Two customers of one KAM, one of them red, with preliminary figures."""
    behind = made.figures(460_000, 520_000, None, "amber")
    one = made.quarter(2, "amber", figures=behind, hints=made.NO_HINTS, state="preliminary")
    return (one, made.quarter())


def unknown_quarters() -> tuple[NudgeView, ...]:
    """Customers without revenue in the data."""
    return (made.no_revenue(), made.no_revenue(2, source=None, kam=None))


def measures() -> tuple[NudgeView, ...]:
    """An overdue one of the customer, one due today that nobody is named for, one soon."""
    return (
        made.measure(2, 2, "overdue", side="customer", moved=True),
        made.measure(1, 1, "due", owner=None, side="joint"),
        made.measure(2, 1, "soon"),
    )


def requests() -> tuple[NudgeView, ...]:
    """A specialist's list: agreed, asked too late, without a customer date."""
    return (
        made.request(2, 2, customer_date=None, due="2026-09-21", agreed=False, lead_time=10, kind="Muster"),
        made.request(),
        made.request(2, 3, customer_date="2026-09-18", due="2026-09-10", short=True, kind="Preise"),
    )


_LONG_PLANS = tuple(
    plan(4, missing=[3, 4, 5, 6, 7, 8, 9, 10, 1], questions=[3, 3, 3]) for _ in range(1)
) + tuple(plan(100 + number, questions=[3, 3]) for number in range(11))

VIEWS: Mapping[tuple[str, str], Callable[[str], NudgesView]] = {
    ("contact_shortfall", "one"): lambda to: view(_overdue(), language=to),
    ("contact_shortfall", "many"): lambda to: view(classic(), language=to),
    ("contact_shortfall", "missing"): lambda to: view(missing(), no_data(), language=to),
    ("contact_shortfall", "long"): lambda to: view(longest(), language=to),
    ("plan_creation", "one"): lambda to: view((plan(),), language=to),
    ("plan_creation", "many"): lambda to: view(three_plans(), language=to),
    ("plan_creation", "approve"): lambda to: view(approvals(), language=to),
    ("plan_creation", "long"): lambda to: view(_LONG_PLANS, language=to),
    ("quarterly_controlling", "one"): lambda to: view((made.quarter(),), language=to),
    ("quarterly_controlling", "many"): lambda to: view(quarters(), language=to),
    ("quarterly_controlling", "missing"): lambda to: view(unknown_quarters(), language=to),
    ("quarterly_controlling", "long"): lambda to: view((made.quarter(4, "amber"),) * 12, language=to),
    ("measure_followup", "one"): lambda to: view((made.measure(),), language=to),
    ("measure_followup", "many"): lambda to: view(measures(), language=to),
    ("measure_followup", "long"): lambda to: view((made.measure(3, 4, "overdue"),) * 12, language=to),
    ("department_requests", "one"): lambda to: view((made.request(),), language=to),
    ("department_requests", "many"): lambda to: view(requests(), language=to),
    ("department_requests", "refused"): lambda to: view(
        (made.request(step="refused"), made.request(2, 2, "conflict", cause="conflict")), language=to
    ),
    ("department_requests", "long"): lambda to: view(
        (made.request(3, 4, kind=LONG, department=2),) * 12, language=to
    ),
    ("survey_dispatch", "list"): lambda to: view((survey.wave(),), language=to),
    ("survey_dispatch", "detractor"): lambda to: view((survey.answer(),), language=to, occasion="now"),
    ("survey_dispatch", "promoter"): lambda to: view((survey.answer(10, 3),), language=to),
    ("survey_dispatch", "call"): lambda to: view((survey.call(),), language=to),
    ("survey_dispatch", "many"): lambda to: view(survey.many(), language=to),
    ("survey_dispatch", "long"): lambda to: view(survey.longest(), language=to),
    ("annual_meeting", "one"): lambda to: view((meeting.asked("arrange"),), language=to),
    ("annual_meeting", "month"): lambda to: view((meeting.asked("month", 3),), language=to),
    ("annual_meeting", "release"): lambda to: view((meeting.asked("release"),), language=to),
    ("annual_meeting", "minutes"): lambda to: view((meeting.asked("minutes", 2),), language=to),
    ("annual_meeting", "many"): lambda to: view(meeting.season(), language=to),
    ("annual_meeting", "long"): lambda to: view(
        tuple(meeting.asked(step, 4) for step in ("arrange", "release", "agenda", "minutes")) * 3, language=to
    ),
    ("ladder", "one"): lambda to: view((around.climbed(),), language=to, without_kam=1),
    ("ladder", "many"): lambda to: view(
        (around.climbed(), around.climbed(2, 12)), (around.asked_of_the_lead(),), language=to, without_kam=4
    ),
    ("ladder", "long"): lambda to: view((around.climbed(4, 11),) * 12, language=to),
    ("digest", "daily"): lambda to: view(classic(), three_plans(), _overdue(), language=to, more=4),
    ("digest", "return"): lambda to: view(classic(), approvals(), language=to, occasion="return"),
    ("digest", "catch-up"): lambda to: view(
        _overdue(), no_data(), language=to, occasion="catch-up", redirected_from="Jürgen Witt"
    ),
    ("digest", "paused"): lambda to: view(approvals(), language=to, paused=OLD_DATA),
    ("digest", "paused_only"): lambda to: view(language=to, paused=OLD_DATA),
    ("digest", "data_back"): lambda to: view(classic(), language=to, occasion="catch-up", back=True),
    ("digest", "longest"): lambda to: view(*([longest()] * 7), language=to, more=120),
    ("now", "deputy"): lambda to: view(_now(), language=to, occasion="now"),
}


def documents() -> tuple[str, ...]:
    """What can be previewed."""
    return tuple(dict.fromkeys(document for document, _ in (*VIEWS, *NOTICES)))


def cases(document: str) -> tuple[str, ...]:
    """The cases of one document."""
    return tuple(case for known, case in (*VIEWS, *NOTICES) if known == document)


def example(document: str, case: str, language: str) -> Letter:
    """One case of one document in one language."""
    if (document, case) in VIEWS:
        return letters.letter(VIEWS[document, case](language))
    template, facts = NOTICES[document, case]
    return letters.notice(template, language, facts, "Beispiel Technik GmbH", DAY, names=names(language))
