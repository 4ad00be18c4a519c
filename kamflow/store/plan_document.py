"""The facts of an account plan as a document, from the plan as its form reads it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.documents.account_plan import lines as page
from kamflow.documents.account_plan.lines import Finding, paragraphs
from kamflow.documents.account_plan.plan import CONTROLLING, AccountPlan, Answer, Head, Section
from kamflow.figures import plan_questions as asked
from kamflow.models.plan import OpenQuestion, PlanState
from kamflow.periods import Period
from kamflow.store import folder_revenue, plan_form, plan_tools
from kamflow.store.plan_form import PlanForm
from kamflow.store.plan_form_facts import RevenueTable


@dataclass(frozen=True, slots=True)
class Around:
    """What the company says: currency, zone, what the fiscal year is called, when a category is stale.

    `named`: who is named for what is late: with a works council only the reader and whom they stand in for;
    None: everybody.
    """

    currency: str
    zone: str
    called: str
    stale_after: int
    named: frozenset[int] | None = frozenset()


WITHHELD = "–"  # in place of a name: somebody is late, and who it is, is theirs


def facts(session: Session, form: PlanForm, around: Around) -> AccountPlan:
    """The document of a plan; what is no part of its form is not in it."""
    number = form.account.id or 0
    return AccountPlan(
        _head(session, form, around),
        form.today,
        around.currency,
        around.stale_after,
        tuple(_section(form, each, around) for each in form.numbers),
        revenue(form.revenue, folder_revenue.first_day(session), lambda code: form.answer(3, code)),
        tuple(_projects(form)),
        tuple(
            page.Contact(each.name, each.position, each.influence, each.last_held, each.times)
            for each in form.contacts
        ),
        tuple(_competitors(form)),
        plan_tools.position(session, number, form.today),
        plan_tools.gaps(session, number),
        tuple(_measures(form, around)),
        tuple(_goals(form)),
        tuple(_questions(form, around)),
    )


def _head(session: Session, form: PlanForm, around: Around) -> Head:
    account, plan = form.account, form.plan
    address = ", ".join(filter(None, (account.city, account.country, account.website)))
    return Head(
        account=account.name,
        key=account.key,
        account_class=account.account_class,
        address=address,
        industry=account.industry,
        year=form.year,
        called=around.called,
        form=plan.form if plan else "key" if CONTROLLING in form.numbers else "short",
        state=plan.state if plan else "none",
        state_on=_state_on(form, around.zone),
        decided_by=_named(form, plan.decided_by_id if plan else None),
        comment=paragraphs(plan.comment if plan and plan.state == PlanState.RETURNED else None),
        document_url=plan.document_url if plan else None,
        kam=_all_named(form, form.team["kam"]),
        sponsor=_all_named(form, form.team["sponsor"]),
        team=_all_named(form, form.team["team"]),
        author=_named(form, plan.author_id if plan else None),
        approvers=_all_named(form, form.approvers),
        hand_in=plan.hand_in_on if plan else None,
        created=plan_form.created(session, plan, around.zone),
        updated=max(
            (day for each in form.sections.values() for day in (each.filled_on, each.reviewed_on) if day),
            default=None,
        ),
    )


def _state_on(form: PlanForm, zone: str) -> date | None:
    plan = form.plan
    if plan is None or plan.state == PlanState.DRAFT:
        return None
    at: datetime | None = plan.submitted_at if plan.state == PlanState.SUBMITTED else plan.decided_at
    return at.astimezone(ZoneInfo(zone)).date() if at else None


def _named(form: PlanForm, person: int | None) -> str | None:
    return form.people.get(person) if person is not None else None


def _owner(form: PlanForm, around: Around, person: int | None, due_on: date | None) -> str | None:
    """Whose it is; `due_on` is None of what is done."""
    late = due_on is not None and due_on < form.today
    if late and person is not None and around.named is not None and person not in around.named:
        return WITHHELD
    return _named(form, person)


def _all_named(form: PlanForm, people: Iterable[int]) -> tuple[str, ...]:
    return tuple(form.people[each] for each in people if each in form.people)


def _section(form: PlanForm, number: int, around: Around) -> Section:
    row = form.section(number)
    answers = tuple(_answers(form, number, around))
    return Section(number, row.filled_on, row.reviewed_on, paragraphs(row.body), answers)


def _answers(form: PlanForm, number: int, around: Around) -> Iterable[Answer]:
    """Under each question and prompt what stands there, or who finds it out."""
    for each in asked.QUESTIONS:
        if each.section == number:
            text = paragraphs(form.answer(number, each.code))
            yield Answer(each.code, text, None if text else _finding(form, form.asked.get(each.key), around))
    codes: list[str] = []
    if number == asked.SUMMARY:
        codes = [each.code for each in asked.SUMMARY_PROMPTS]
    if number == asked.COOPERATION:
        fields = asked.COOPERATION_FIELDS
        codes = [f"{each.code}.{name}" for each in asked.COOPERATION_TOPICS for name in fields]
    for code in codes:
        yield Answer(code, paragraphs(form.answer(number, code)))


def _finding(form: PlanForm, question: OpenQuestion | None, around: Around) -> Finding:
    if question is None:
        return Finding()
    ask = form.contacts_by_id.get(question.ask_contact_id or 0)
    due_on = None if question.answered_on else question.due_on
    return Finding(_owner(form, around, question.owner_id, due_on), question.due_on, ask)


def revenue(table: RevenueTable, since: date | None, comments: Callable[[str], str]) -> page.Revenue:
    """The lines of a plan's revenue; `comments` by the code of a line in the form."""
    begun = [since is not None and since in year for year in table.years[:-1]]
    partly = begun.index(True) if True in begun else None
    if partly is not None and folder_revenue.whole(table.years[partly], since):
        partly = None
    groups = sorted(table.sums, key=lambda name: (not name, -_weight(table, name), name))
    begins = table.running is not None and table.until is not None and table.until in table.running
    return page.Revenue(
        tuple(map(_called, table.years)),
        tuple(_line(table, each, partly, comments(f"group:{each}")) for each in groups),
        _line(table, None, partly, comments("total")) if groups else None,
        table.ahead,
        table.years.index(table.running) if begins else None,
        table.until,
        table.sources,
        since if partly is not None else None,
        partly,
        table.so_far.last if table.so_far else None,
    )


def _line(table: RevenueTable, group: str | None, partly: int | None, comment: str) -> page.RevenueLine:
    """Amounts and changes of a product group, or of all (None)."""
    sums = {} if group is None else table.sums[group]
    return page.RevenueLine(
        group or "",
        tuple(table.total(year) if group is None else sums.get(year) for year in table.years),
        tuple(
            None if partly in (at, at - 1) else table.change(group, at) for at in range(1, len(table.years))
        ),
        paragraphs(comment),
    )


def _weight(table: RevenueTable, group: str) -> float:
    return float(max(table.sums[group].values(), default=0))


def _called(year: Period) -> str:
    first, last = year.first.year, year.last.year
    return f"{first}" if first == last else f"{first}/{last % 100:02d}"


def _projects(form: PlanForm) -> Iterable[page.Project]:
    for line in form.projects:
        row = line.project
        yield page.Project(
            row.name, row.state, row.stage, row.value, row.currency, row.chance, row.close_on, row.lost_to,
            paragraphs(form.answer(5, f"project:{row.id}")), line.as_of, line.sources,
        )  # fmt: skip


def _competitors(form: PlanForm) -> Iterable[page.Competitor]:
    for row in form.competitors:
        yield page.Competitor(
            row.name, row.rank, row.revenue, paragraphs(row.strengths), paragraphs(row.weaknesses),
            row.noted_on,
        )  # fmt: skip


def _measures(form: PlanForm, around: Around) -> Iterable[page.Measure]:
    """The nearest date first, what is done last."""
    order = sorted(form.measures, key=lambda row: (row.done_on is not None, row.due_on or date.max, row.id))
    for row in order:
        owner = _owner(form, around, row.owner_id, None if row.done_on else row.due_on)
        yield page.Measure(
            row.title, row.topic, row.side, owner, row.due_on, row.done_on, row.moved_reason or None
        )


def _goals(form: PlanForm) -> Iterable[page.Goal]:
    for row in form.goals:
        yield page.Goal(row.figure, row.amount, row.unit, row.due_on, paragraphs(row.text))


def _questions(form: PlanForm, around: Around) -> Iterable[page.Question]:
    """The "?" that no question of the form stands for."""
    for row in form.questions:
        yield page.Question(
            paragraphs(row.question), row.section, _finding(form, row, around), paragraphs(row.answer),
            row.answered_on,
        )  # fmt: skip
