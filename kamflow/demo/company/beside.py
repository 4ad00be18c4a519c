"""What no file carries, written as rows: who leads departments and sources, plans of the running year,
what departments were asked for, and what an agency's survey brought in spring."""

from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import insert, select
from sqlmodel import Session, col

from kamflow.demo.company import sections
from kamflow.demo.company.build import MadeUp
from kamflow.demo.company.business import MISSING_QUARTER
from kamflow.demo.company.customers import Customer
from kamflow.demo.company.satisfaction import ASKED_ON
from kamflow.demo.company.staff import BY_KEY, LEADS
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.meeting import AnnualMeeting, MeetingRound, Request, RequestState
from kamflow.models.person import Department, DepartmentLead, Person
from kamflow.models.plan import AccountPlan, PlanSection, PlanState
from kamflow.models.source import CompletePeriod, Source
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyWave
from kamflow.store.rows import stored
from kamflow.thresholds import PlanCreation

FORMS = {"key": "key", "major": "short", "target": "short"}
CONTROLLER = "maibach"
BY_US = date(2026, 11, 3)


def write(session: Session, made: MadeUp) -> None:
    """Write all of it into a database that holds the files of the made-up company."""
    ids = _Ids(session)
    _lead_departments(session, ids)
    _complete_the_quarter(session, ids)
    _take_days_from_calendars(session)
    _ask_departments(session, made, ids)
    _keep_answers(session, made, ids)
    _plan_2026(session, made.customers, ids, Random("plans of 2026"))


class _Ids:
    """Keys (of departments their names) -> ids."""

    def __init__(self, session: Session) -> None:
        self.people = _pairs(session, Person.key, Person.id)
        self.accounts = _pairs(session, Account.key, Account.id)
        self.contacts = _pairs(session, Contact.key, Contact.id)
        self.departments = _pairs(session, Department.name, Department.id)


def _pairs(session: Session, name: str, number: int | None) -> dict[str, int]:
    rows = session.execute(select(col(name), col(number))).tuples()
    return {name: stored(number) for name, number in rows}


def _lead_departments(session: Session, ids: _Ids) -> None:
    rows = [
        {"department_id": ids.departments[name], "person_id": ids.people[key], "deputy": False}
        for name, key in LEADS
    ]
    session.execute(insert(DepartmentLead), rows)


def _complete_the_quarter(session: Session, ids: _Ids) -> None:
    """SAP's figures have an owner, who called the second quarter complete in July."""
    session.merge(Source(key="sap", name="SAP", owner_id=ids.people[CONTROLLER]))
    first, last = MISSING_QUARTER
    session.add(CompletePeriod(source="sap", first=first, last=last, complete_on=date(2026, 7, 9)))


def _take_days_from_calendars(session: Session) -> None:
    """What was booked long ago stands in everybody's calendar; only the last one is sent by kamflow."""
    for row in session.execute(select(MeetingRound)).scalars():
        row.from_calendar = row.day != BY_US


def _ask_departments(session: Session, made: MadeUp, ids: _Ids) -> None:
    rows = session.execute(
        select(col(AnnualMeeting.account_id), col(MeetingRound.day), col(AnnualMeeting.id)).join(
            MeetingRound, col(MeetingRound.meeting_id) == col(AnnualMeeting.id)
        )
    )
    meetings = {(account, day): number for account, day, number in rows}
    for each in made.asked:
        account = ids.accounts[each.account]
        session.add(
            Request(
                account_id=account,
                meeting_id=meetings.get((account, each.customer_date)),
                department_id=ids.departments[each.department],
                specialist_id=ids.people[each.specialist] if each.specialist else None,
                kind=each.kind,
                text=each.text,
                asked_on=each.asked_on,
                customer_date=each.customer_date,
                state=RequestState.DELIVERED.value if each.delivered_on else RequestState.OPEN.value,
                decided_on=each.delivered_on,
            )
        )


def _keep_answers(session: Session, made: MadeUp, ids: _Ids) -> None:
    at = datetime(ASKED_ON.year, ASKED_ON.month, ASKED_ON.day, 9, tzinfo=UTC)
    waves: dict[str, int] = {}
    for each in made.answers:
        if each.account not in waves:
            waves[each.account] = _add(session, _earlier_wave(ids.accounts[each.account], at))
        contact = ids.contacts[each.contact]
        invitation = SurveyInvitation(wave_id=waves[each.account], contact_id=contact, invited_on=ASKED_ON)
        number = _add(session, invitation)
        if each.score is not None:
            session.add(SurveyAnswer(invitation_id=number, score=each.score, first_at=at, changed_at=at))


def _add(session: Session, row: SurveyWave | SurveyInvitation) -> int:
    session.add(row)
    session.flush()
    return stored(row.id)


def _earlier_wave(account: int, at: datetime) -> SurveyWave:
    return SurveyWave(
        account_id=account,
        year_first=date(2026, 1, 1),
        year_last=date(2026, 12, 31),
        source="Agentur",
        send_on=ASKED_ON,
        imported=True,
        created_at=at,
    )


def _plan_2026(session: Session, customers: list[Customer], ids: _Ids, random: Random) -> None:
    """The plans of the running year: handed in last October, approved in November."""
    for customer in customers:
        form = FORMS.get(customer.account_class)
        if form is None:
            continue
        plan = AccountPlan(
            account_id=ids.accounts[customer.key],
            year_first=date(2026, 1, 1),
            year_last=date(2026, 12, 31),
            form=form,
            state=PlanState.APPROVED.value,
            author_id=ids.people[customer.kam],
            start_on=date(2025, 7, 1),
            hand_in_on=date(2025, 10, random.randint(6, 30)),
            submitted_at=datetime(2025, 10, 30, 14, 0, tzinfo=UTC),
            decided_at=datetime(2025, 11, random.randint(5, 13), 9, 0, tzinfo=UTC),
            decided_by_id=ids.people[BY_KEY[customer.kam].superior],
        )
        session.add(plan)
        session.flush()
        _write_sections(session, plan, customer, random)


def _write_sections(session: Session, plan: AccountPlan, customer: Customer, random: Random) -> None:
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
