"""Put the made-up company into a home: through the real importer, as any company's data comes in.

Only what no file carries is written directly: who leads a department, and the plans of the running year.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from sqlalchemy import Engine, insert, select
from sqlmodel import Session, col

from kamflow.demo.company import sections
from kamflow.demo.company.build import MadeUp
from kamflow.demo.company.customers import Customer
from kamflow.demo.company.staff import BY_KEY, LEADS
from kamflow.errors import KamflowError
from kamflow.intake.importing import run_import
from kamflow.models.account import Account
from kamflow.models.person import Department, DepartmentLead, Person
from kamflow.models.plan import AccountPlan, Measure, PlanSection, PlanState
from kamflow.policy import PlanCreation
from kamflow.settings import Company
from kamflow.store.engine import write

# Which system each file would come from, in the order of import.
SOURCES = (
    ("kamflow", ("people", "absences")),
    ("crm", ("accounts", "contacts", "projects", "interactions")),
    ("kamflow", ("closings", "teams", "targets", "meetings")),
    ("sap", ("revenue",)),
)
IMPORTED = datetime(2026, 9, 4, 16, 0, tzinfo=UTC)
FORMS = {"key": "key", "major": "short", "target": "short"}


def store(engine: Engine, made: MadeUp, folder: Path, company: Company) -> None:
    """Write the files into `folder` and import them into an empty database.

    Raises:
        KamflowError: a row came back, so the made-up company does not fit kamflow's templates.
    """
    files = {path.stem: path for path in made.write(folder)}
    for source, names in SOURCES:
        paths = [files[name] for name in names if name in files]
        report = run_import(engine, paths, now=IMPORTED, company=company, preset="kamflow", source=source)
        if report.rejects:
            raise KamflowError(f"the made-up {', '.join(names)}: {len(report.rejects)} rows were rejected")
    with write(engine) as session:
        _lead_departments(session)
        _plans_of_2026(session, made.customers, Random("plans of 2026"))


def people(session: Session) -> dict[str, int]:
    """Key -> id of our people."""
    return dict(session.execute(select(col(Person.key), col(Person.id))).tuples().all())


def accounts(session: Session) -> dict[str, int]:
    """Key -> id of the accounts."""
    return dict(session.execute(select(col(Account.key), col(Account.id))).tuples().all())


def _lead_departments(session: Session) -> None:
    ids = people(session)
    known = dict(session.execute(select(col(Department.name), col(Department.id))).tuples().all())
    rows = [
        {"department_id": known[name], "person_id": ids[key], "deputy": False}
        for name, key in LEADS
        if name in known
    ]
    session.execute(insert(DepartmentLead), rows)


def _plans_of_2026(session: Session, customers: list[Customer], random: Random) -> None:
    """The plans of the running year: handed in last October, approved in November."""
    persons, ids = people(session), accounts(session)
    for customer in customers:
        form = FORMS.get(customer.account_class)
        if form is None:
            continue
        plan = AccountPlan(
            account_id=ids[customer.key],
            year_first=date(2026, 1, 1),
            year_last=date(2026, 12, 31),
            form=form,
            state=PlanState.APPROVED.value,
            author_id=persons[customer.kam],
            start_on=date(2025, 7, 1),
            hand_in_on=date(2025, 10, random.randint(6, 30)),
            submitted_at=datetime(2025, 10, 30, 14, 0, tzinfo=UTC),
            decided_at=datetime(2025, 11, random.randint(5, 13), 9, 0, tzinfo=UTC),
            decided_by_id=persons[_approver(customer)],
        )
        session.add(plan)
        session.flush()
        _sections(session, plan, customer, random)
        _measures(session, plan, customer, random)


def _approver(customer: Customer) -> str:
    return BY_KEY[customer.kam].superior


def _sections(session: Session, plan: AccountPlan, customer: Customer, random: Random) -> None:
    policy = PlanCreation()
    numbers = policy.key_sections if plan.form == "key" else policy.short_sections
    session.execute(
        insert(PlanSection),
        [
            {
                "plan_id": plan.id,
                "number": number,
                "body": sections.text(number, customer, 2026, random),
                "filled_on": date(2025, 8 + number % 3, 10 + number),
                "reviewed_on": date(2026, 7, 10 + number),
                "version": 1,
            }
            for number in numbers
        ],
    )


def _measures(session: Session, plan: AccountPlan, customer: Customer, random: Random) -> None:
    """Three a plan; one is done, the others run until the end of the year."""
    for number, (title, topic, side) in enumerate(sections.MEASURES):
        session.add(
            Measure(
                account_id=plan.account_id,
                plan_id=plan.id,
                title=sections.filled_in(title, customer, random),
                topic=topic,
                side=side,
                owner_id=plan.author_id,
                due_on=date(2026, 4 + 4 * number, random.randint(1, 28)),
                done_on=date(2026, 4, 29) if number == 0 else None,
            )
        )
