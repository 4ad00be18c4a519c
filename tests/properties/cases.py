"""For every rule: facts of all kinds, what of them needs an answer, and how long a nudge may not go away."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st

from kamflow.figures.plan_progress import Plan, PlanFacts
from kamflow.figures.quarter_facts import Controlling
from kamflow.figures.survey_facts import Invitation
from kamflow.nudge import Decision, Nudge, Silence
from kamflow.periods import quarters
from kamflow.workdays import with_absences
from tests.rules import test_annual_meeting as annual
from tests.rules import test_contact_shortfall as contacts
from tests.rules import test_department_requests as requests
from tests.rules import test_measure_followup as measures
from tests.rules import test_plan_creation as plans
from tests.rules import test_quarterly_controlling as quarterly
from tests.rules import test_survey_dispatch as surveys

DAY = timedelta(days=1)
SELDOM = st.sampled_from([False, False, False, True])
FOREVER = date(2099, 12, 31)
Rows = list[Any]


@dataclass(frozen=True, repr=False)
class Case:
    """One rule. `rows`: strategy of its facts, `days`: of the days on which they are looked at.

    `facts` makes of rows what `decide` takes. `mixed` shuffles what has no order within a row. `asks` names
    the parts of a row that need an answer, `said` those that a decision and its silences speak of. `ends`:
    the first day on which a nudge may be gone though nobody did anything: a date of the subject has passed.
    `concerns` tells whether a nudge is about a row.
    """

    rule: str
    rows: st.SearchStrategy[Rows]
    days: st.SearchStrategy[date]
    asks: Callable[[Any], set[Any]]
    said: Callable[[Decision, Sequence[Silence]], set[Any]]
    ends: Callable[[Any, Nudge], date]
    facts: Callable[[Rows], Any] = list
    mixed: Callable[[Any, Any], Any] = lambda row, chance: row
    concerns: Callable[[Any, Nudge], bool] = lambda row, nudge: row.account == nudge.account

    def __repr__(self) -> str:
        return self.rule


def numbered(name: str, rows: Iterable[Any]) -> Rows:
    return [replace(row, **{name: number}) for number, row in enumerate(rows, 1)]


def shuffled(name: str, row: Any, chance: Any) -> Any:
    found = getattr(row, name)
    return replace(row, **{name: tuple(chance.sample(found, len(found)))})


def facts_of(decision: Decision) -> Iterable[tuple[Any, str, Any]]:
    """Account, step and facts of everything that was decided."""
    for each in (*decision.nudges, *decision.effects):
        yield each.account, each.step, each.facts


# --- contacts ------------------------------------------------------------------------------------


def _of_accounts(found: Sequence[tuple[Sequence[Any], Any, Any]]) -> Rows:
    rows, target = [], 0
    for number, (cells, as_of, kam) in enumerate(found, 1):
        own = []
        for cell in cells:
            target += 1
            own.append(cell._replace(target=target, contact=target, person=5 if target % 4 == 0 else 4))
        rows.append(replace(contacts.account(*own, as_of=as_of, kam=kam), account=number))
    return rows


def _cells_said(decision: Decision, silences: Sequence[Silence]) -> set[Any]:
    """A lack of data is told once for all cells of an account that count."""
    said = {cell["target"] for nudge in decision.nudges for cell in nudge.facts["cells"]}
    said |= {(nudge.account, "no data") for nudge in decision.nudges if nudge.facts.get("no_data")}
    return said | {each.figures["target"] for each in silences}


def _cells_asked(row: Any) -> set[Any]:
    if row.as_of is not None or row.kam is None:
        return {cell.target for cell in row.cells}
    wanted = {(row.account, "no data") for cell in row.cells if cell.soll and not cell.gone}
    return wanted | {cell.target for cell in row.cells if not cell.soll or cell.gone}


def _period_ends(row: Any, nudge: Nudge) -> date:
    return date.fromisoformat(nudge.period.partition("..")[2]) + DAY


CONTACTS = Case(
    "contact_shortfall",
    st.lists(
        st.tuples(
            st.lists(st.builds(lambda cell, gone: cell._replace(gone=gone), contacts.cells, SELDOM),
                     min_size=1, max_size=5),
            st.sampled_from([date(2026, 1, 1), date(2026, 1, 1), None]),
            st.sampled_from([4, 4, None]),
        ),
        min_size=1,
        max_size=2,
    ).map(_of_accounts),
    st.dates(*contacts.YEAR),
    _cells_asked,
    _cells_said,
    _period_ends,
    mixed=partial(shuffled, "cells"),
)  # fmt: skip

# --- plans ---------------------------------------------------------------------------------------

# Most of them while the plans of 2027 are written.
PLAN_DAYS = (
    st.dates(date(2026, 8, 15), date(2026, 11, 30))
    | st.dates(date(2026, 6, 20), date(2027, 4, 10))
    | st.dates(date(2026, 5, 1), date(2028, 1, 10))
)
AWAY = with_absences(plans.WEEK, [(date(2026, 10, 5), date(2026, 11, 6))])


def _written(
    state: str, filled: frozenset[int], words: frozenset[int], on: date, imported: bool, form: Any
) -> Plan:
    """A plan as the acts leave it: what is submitted or decided has its day."""
    said = plans.plan(state, filled=filled, steps_by_word=words, form=form)
    if imported:
        said = replace(said, hand_in=None, milestones={})
    if state == "submitted":
        return replace(said, submitted_on=on)
    return replace(said, decided_on=on) if state in ("approved", "returned") else said


written = st.builds(
    _written,
    st.sampled_from(["draft", "draft", "draft", "submitted", "approved", "returned"]),
    st.frozensets(st.integers(1, 10), max_size=6),
    st.frozensets(st.integers(1, 7), max_size=2),
    st.dates(date(2026, 7, 1), date(2026, 12, 1)),
    SELDOM,
    st.sampled_from([None, "key", "short"]),
)
plan_rows = st.builds(
    plans.fact,
    form=st.sampled_from(["key", "key", "short", None]),
    kam=st.sampled_from([4, 4, 4, 5, None]),
    approver=st.sampled_from([2, 2, None]),
    meeting=st.none() | PLAN_DAYS,
    heaviness=st.sampled_from([0.0, 1e9, 3e15]),
    calendar=st.just(plans.WEEK),
    plan=st.none() | written | written,
)


def _of_kams(found: Sequence[PlanFacts], away: bool, begun: date | None) -> Rows:
    """All plans of one KAM have the KAM's days, and all of them begin with kamflow."""
    rows = numbered("account", found)
    return [replace(row, begun=begun, calendar=AWAY if away and row.kam == 4 else plans.WEEK) for row in rows]


def _plan_ends(row: PlanFacts, nudge: Nudge) -> date:
    """A first plan is of no use any more once the first quarter is over."""
    return (quarters(row.year)[0].last if row.plan is None else row.year.last) + DAY


PLANS = Case(
    "plan_creation",
    st.builds(
        _of_kams,
        st.lists(plan_rows, min_size=1, max_size=5),
        st.booleans(),
        st.sampled_from([None, date(2026, 8, 3)]),
    ),
    PLAN_DAYS,
    lambda row: {row.account},
    lambda decision, silences: {each.account for each in (*decision.nudges, *silences)},
    _plan_ends,
)

# --- quarters ------------------------------------------------------------------------------------

QUARTERS = Case(
    "quarterly_controlling",
    st.lists(quarterly.facts, min_size=1, max_size=5).map(quarterly.numbered),
    quarterly.days,
    lambda row: {row.figures.account},
    lambda decision, silences: {each.account for each in (*decision.nudges, *silences)},
    lambda row, nudge: quarterly.LAST_DAY + DAY,
    # Complete some days after it opened: what was preliminary is not gone then.
    facts=partial(Controlling, quarterly.ended(complete_on=date(2026, 10, 20))),
    concerns=lambda row, nudge: row.figures.account == nudge.account,
)

# --- measures and requests -----------------------------------------------------------------------

MEASURES = Case(
    "measure_followup",
    st.lists(measures.facts, min_size=1, max_size=5).map(measures.numbered),
    measures.days,
    lambda row: {row.measure},
    lambda decision, silences: (
        {n.facts["measure"] for n in decision.nudges} | {each.figures["measure"] for each in silences}
    ),
    lambda row, nudge: FOREVER,
    concerns=lambda row, nudge: row.measure == nudge.facts["measure"],
)


REQUESTS = Case(
    "department_requests",
    st.lists(requests.facts, min_size=1, max_size=5).map(requests.numbered),
    requests.dates,
    lambda row: {row.request},
    lambda decision, silences: (
        {n.facts["request"] for n in decision.nudges} | {each.figures["request"] for each in silences}
    ),
    lambda row, nudge: (row.customer_date or FOREVER - DAY) + DAY,
    concerns=lambda row, nudge: row.request == nudge.facts["request"],
)

# --- meetings and surveys ------------------------------------------------------------------------


def _lapses(row: Any, nudge: Nudge) -> date:
    lapses = nudge.facts["lapses"]
    return date.fromisoformat(lapses) if lapses else FOREVER


def _meeting_asks(row: Any) -> set[Any]:
    """Every step of the first round, every other round's own, every department."""
    standing = sorted((r for r in row.rounds if r.state != "cancelled"), key=lambda r: (r.day, r.number))
    wanted = {(row.account, "calendar", r.id) for r in row.rounds}
    if not standing:
        return wanted | {(row.account, "arrange")}
    wanted |= {(row.account, step) for step in ("agenda", "release", "follow_up")}
    wanted |= {(row.account, "minutes", r.id) for r in standing}
    wanted |= {(row.account, "request", need.department) for need in row.needs}
    if row.kam is not None:
        wanted |= {(row.account, step) for step in ("draft", "replanned")}
    wanted |= {(row.account, "morning", person) for person in standing[0].changed}
    people = {asked.person for asked in standing[0].people} - {row.kam.person if row.kam else None}
    return wanted | {(row.account, "briefing", person) for person in people}


KEYS = {"minutes": "round", "calendar": "round", "request": "department", "briefing": "person"} | {
    "morning": "person"
}


def _step(account: Any, step: str, facts: Any) -> Any:
    step = {"month": "arrange", "invite": "calendar", "cancel": "calendar"}.get(step, step)
    step = "request" if "lead_time" in facts and "department" in facts else step
    key = KEYS.get(step)
    return (account, step, facts[key]) if key and key in facts else (account, step)


def _meeting_said(decision: Decision, silences: Sequence[Silence]) -> set[Any]:
    said = {_step(*each) for each in facts_of(decision)}
    return said | {_step(s.account, s.figures["step"], s.figures) for s in silences}


def _mixed_meeting(row: Any, chance: Any) -> Any:
    return shuffled("needs", shuffled("rounds", row, chance), chance)


def _some_asked(row: Any, asked: bool) -> Any:
    return replace(row, needs=tuple(need._replace(asked=asked) for need in row.needs))


MEETINGS = Case(
    "annual_meeting",
    st.lists(st.builds(_some_asked, annual.facts, SELDOM), min_size=1, max_size=3).map(
        partial(numbered, "account")
    ),
    annual.days,
    _meeting_asks,
    _meeting_said,
    _lapses,
    mixed=_mixed_meeting,
)


def _survey_asks(row: Any) -> set[Any]:
    """The wave, or of one that stands every contact by what comes next for it."""
    if row.wave is None:
        return {(row.account, "wave")}
    asked = row.wave.invitations
    wanted = {(row.account, "list")} if all(each.invited_on is None for each in asked) else set()
    for each in asked:
        steps = ("answer",) if each.answered_on else ("remind", "call")
        for step in steps if each.invited_on else ("invite",):
            wanted.add((row.account, step, each.who.contact))
    return wanted


def _survey_said(decision: Decision, silences: Sequence[Silence]) -> set[Any]:
    named = {"invitation": "invite", "reminder": "remind"}
    said = [(account, named.get(step, step), facts) for account, step, facts in facts_of(decision)]
    said += [(each.account, each.figures["step"], each.figures) for each in silences]
    found = {(account, step, facts["contact"]) for account, step, facts in said if "contact" in facts}
    return found | {(account, step) for account, step, _ in said}


def _mixed_survey(row: Any, chance: Any) -> Any:
    row = shuffled("candidates", row, chance)
    return row if row.wave is None else replace(row, wave=shuffled("invitations", row.wave, chance))


# Of whom most may be asked, for a meeting on 10 November.
willing = st.lists(
    surveys.people | st.builds(surveys.who, influence=st.none() | st.integers(1, 10)), max_size=8
)
soon = willing.map(lambda found: surveys.fact(*(replace(p, contact=n) for n, p in enumerate(found, 1))))
# Sent in June; some answered, some were replied to or called.
summer = st.dates(date(2026, 6, 3), date(2026, 8, 31))
replies = st.lists(
    st.builds(
        Invitation, st.builds(surveys.who, influence=st.integers(1, 10)), st.just(date(2026, 6, 2)),
        st.none() | summer, st.integers(0, 10), st.none() | st.none() | summer, st.none() | summer,
    ),
    min_size=1, max_size=4,
).map(lambda found: surveys.numbered(found, date(2026, 6, 2)))  # fmt: skip
SURVEYS = Case(
    "survey_dispatch",
    st.lists(surveys.sent_waves | surveys.unsent | soon | replies, min_size=1, max_size=3).map(
        partial(numbered, "account")
    ),
    # Most of them while the waves of a meeting on 10 November are put together.
    st.dates(date(2026, 6, 3), date(2026, 9, 20)) | surveys.days,
    _survey_asks,
    _survey_said,
    _lapses,
    mixed=_mixed_survey,
)

CASES = (CONTACTS, PLANS, QUARTERS, MEASURES, REQUESTS, MEETINGS, SURVEYS)
