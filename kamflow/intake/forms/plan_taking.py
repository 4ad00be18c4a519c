"""One plan on its way in: the plan it is about, who acts, and what came of each line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session

from kamflow.acts import rights
from kamflow.acts.plan import WRITING
from kamflow.errors import Refused
from kamflow.intake.context import Context
from kamflow.intake.forms import labels
from kamflow.intake.forms.plan_reading import Line, Returned
from kamflow.intake.forms.plan_values import SAME, Reader, titled
from kamflow.intake.mapping import Block
from kamflow.intake.record import Problem, Record
from kamflow.intake.rows import Row, Table
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, OpenQuestion, PlanSection, PlanState
from kamflow.store import form_readings, plan_form
from kamflow.store.engine import lock

_COLUMNS = ("line", "cells")


@dataclass(slots=True)
class Taking:
    """What the lines of one plan are compared with. `written`: rows of this form's, with their versions."""

    ctx: Context
    path: Path
    sheet: Returned
    account: Account
    plan: AccountPlan | None
    sections: dict[int, PlanSection]
    asked: dict[str, OpenQuestion]
    questions: dict[int, OpenQuestion]
    reader: Reader
    before: dict[str, int]
    written: dict[str, int] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.ctx.session

    @property
    def number(self) -> int:
        return self.account.id or 0

    def record(self, entity: str, line: Line, **values: Any) -> Record:
        """A record that says where it stands."""
        told = "; ".join(each.said for each in line.cells.values() if each.said)
        table = Table(self.path.name, self.sheet.name, _COLUMNS, ())
        return Record(entity, table, Row(line.row, (line.label, told)), Block(), values)

    def changes(
        self, record: Record, line: Line, now: dict[str, Any], *rows: tuple[str, int]
    ) -> dict[str, Any]:
        """The cells of a line that go in; those that do not are problems of the record.

        `rows` is what they are stored in, with its version now.
        """
        mine = bool(rows) and all(self.before.get(row) == version for row, version in rows)
        found = {
            name: self.reader.change(record, cell, now.get(name), mine=mine)
            for name, cell in line.cells.items()
        }
        return {name: value for name, value in found.items() if value is not SAME}

    def back(self, record: Record) -> None:
        """Give back what did not go in."""
        if record.problems:
            self.ctx.report.reject(record)

    def refuse(self, line: Line, name: str, entity: str, expected: str) -> None:
        """Give back one cell."""
        record, cell = self.record(entity, line), line.cells[name]
        record.problems.append(Problem(titled(cell, self.sheet.language), cell.said, expected))
        self.ctx.report.reject(record)

    def closed(self) -> str | None:
        """Why nobody writes in the plan now; None where they may."""
        plan, today = self.plan, self.ctx.today
        if plan is not None and plan.state == PlanState.SUBMITTED:
            return "no change while the plan lies with the approver: have it returned (kamflow plan return)"
        if self.sheet.year.last < today:
            return f"no change: the plan's year ended on {self.sheet.year.last}; export the plan of this year"
        return None


def begin(ctx: Context, path: Path, sheet: Returned) -> Taking:
    """Look up what the form is about, and keep others out until the transaction ends.

    Raises:
        Refused: there is no such account any more.
        NotAllowed: the actor may not write in the account's plan.
    """
    number = ctx.known.accounts.by_key.get(sheet.account)
    if number is None:
        raise Refused(f"{path.name}, sheet {sheet.name}: no account with the key {sheet.account!r}")
    session = ctx.session
    lock(session, f"plan:{number}")
    account = session.get_one(Account, number)
    plan = plan_form.plan_of(session, number, sheet.year)
    _may(ctx, account, plan)
    found = plan_form.questions(session, number, plan)
    return Taking(
        ctx, path, sheet, account, plan, plan_form.sections(session, plan),
        {each.code: each for each in found if each.code is not None},
        {each.id or 0: each for each in found if each.code is None},
        Reader(ctx, number, sheet.language, labels.load(session)),
        form_readings.versions(session, number, sheet.token),
    )  # fmt: skip


def _may(ctx: Context, account: Account, plan: AccountPlan | None) -> None:
    """As the act `plan fill`; operations hand in what somebody filled in."""
    if ctx.actor is None:
        return
    person = rights.person(ctx.session, ctx.actor, "hand in a plan", ctx.today)
    own = plan is not None and (person == plan.author_id or rights.given(ctx.session, person, plan, WRITING))
    if not own:
        rights.for_account(ctx.session, person, account, "fill its plan", ctx.today)


def drafted(taking: Taking) -> AccountPlan:
    """The plan, drafted where there is none yet; its dates follow when the rule looks at it."""
    if taking.plan is not None:
        return taking.plan
    year, ctx = taking.sheet.year, taking.ctx
    plan = AccountPlan(
        account_id=taking.number, year_first=year.first, year_last=year.last, form=taking.sheet.form,
        author_id=rights.kam_of(taking.session, taking.number, ctx.today),
    )  # fmt: skip
    taking.session.add(plan)
    taking.session.flush()
    taking.plan = plan
    ctx.happened("plan.created", taking.number, plan=plan.id)
    return plan


def section(taking: Taking, number: int) -> PlanSection:
    """A section of the drafted plan, made where it is missing."""
    if number not in taking.sections:
        made = PlanSection(plan_id=drafted(taking).id or 0, number=number, version=0)
        taking.session.add(made)
        taking.sections[number] = made
    return taking.sections[number]
