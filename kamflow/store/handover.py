"""The page for who takes an account over: the matrix, what was promised, what nobody knows, what comes.

The hand-over leaves a document without a message (store/handover_note.py); what the page says is gathered on
the day on which it is sent. Where the works council's rule holds it says of a colleague only where they are
in charge, not whether they are late or how often they met whom.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.meeting import AnnualMeeting, MeetingRound, Request, RequestState
from kamflow.models.plan import AccountPlan, Measure, OpenQuestion, PlanMilestone, PlanState
from kamflow.store import account_move, teams
from kamflow.store.handover_note import Note

AHEAD = timedelta(days=90)


def page(session: Session, asked: Note, today: date, *, council: bool) -> dict[str, Any]:
    """What the page says: ids, figures and dates; of whom it may say everything where a council asks."""
    known = _Known(session, asked.person) if council else None
    places = account_move.with_sites(session, asked.account, today)
    return {
        "day": today.isoformat(),
        "account": asked.account,
        "person": asked.before,
        "on": asked.on.isoformat(),
        "matrix": [_cell(each, known) for each in _matrix(session, asked, places, today)],
        "promises": [_promise(each, known) for each in _promises(session, places)],
        "questions": list(_questions(session, places)),
        "dates": sorted(_dates(session, places, today), key=lambda each: (each["day"], each["kind"])),
    }


class _Known:
    """Whose figures the reader may see: their own, and those of whom they stand in for."""

    def __init__(self, session: Session, reader: int) -> None:
        self._session, self._reader = session, reader
        self._said: dict[int, bool] = {}

    def __contains__(self, person: int | None) -> bool:
        if person is None or person == self._reader:
            return True
        if person not in self._said:
            self._said[person] = self._reader in teams.standing_in(self._session, [person])
        return self._said[person]


def _cell(cell: dict[str, Any], known: _Known | None) -> dict[str, Any]:
    hidden = () if known is None or cell["person"] in known else ("soll", "held", "booked")
    return {name: value for name, value in cell.items() if name not in hidden}


def _promise(promise: dict[str, Any], known: _Known | None) -> dict[str, Any]:
    hidden = () if known is None or promise["person"] in known else ("due",)
    return {name: value for name, value in promise.items() if name not in hidden}


def _matrix(session: Session, asked: Note, places: Collection[int], today: date) -> Iterator[dict[str, Any]]:
    """Soll and Ist of everybody there and at its sites, the successor's own first, then by influence."""
    rows = _cells(session, places, today)
    last = _last(session, places, today)
    order = sorted(rows, key=lambda row: (row[1] != asked.person, -(row[4] or 0), row[0]))
    for number, person, contact, soll, influence, account, was, is_booked in order:
        yield {
            "target": number,
            "account": account,
            "person": person,
            "contact": contact,
            "soll": soll,
            "held": was,
            "booked": is_booked,
            "influence": influence,
            "last": last.get(contact),
        }


def _cells(session: Session, places: Collection[int], today: date) -> Sequence[Any]:
    """The running targets: target, person, contact, Soll, influence, account, held, booked."""
    target, met = ContactTarget, Interaction
    cell = (
        col(target.id),
        col(target.person_id),
        col(Place.contact_id),
        col(target.soll),
        col(Place.influence),
        col(Place.account_id),
    )
    within = (col(met.day) >= func.coalesce(col(target.from_day), col(target.period_first))) & (
        col(met.day) <= func.coalesce(col(target.until_day), col(target.period_last))
    )
    held = (col(met.state) == InteractionState.HELD) & (col(met.day) <= today)
    booked = (col(met.state) == InteractionState.BOOKED) & (col(met.day) >= today)
    found = session.execute(
        select(
            *cell,
            func.count(case((within & held, col(met.day))).distinct()),
            func.count(case((within & booked, col(met.day))).distinct()),
        )
        .join_from(target, Place, col(Place.id) == col(target.place_id))
        .outerjoin(
            Encounter,
            (col(Encounter.contact_id) == col(Place.contact_id))
            & (col(Encounter.person_id) == col(target.person_id)),
        )
        .outerjoin(met, col(met.id) == col(Encounter.interaction_id))
        .where(col(Place.account_id).in_(places), col(target.soll) > 0)
        .where(col(target.period_first) <= today, col(target.period_last) >= today)
        .where(or_(col(target.from_day).is_(None), col(target.from_day) <= today))
        .where(or_(col(target.until_day).is_(None), col(target.until_day) >= today))
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= today))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .group_by(*cell)
    )
    return found.all()


def _last(session: Session, places: Collection[int], today: date) -> dict[int, str]:
    """The last day on which anybody of ours met the contact."""
    rows = session.execute(
        select(col(Encounter.contact_id), func.max(col(Interaction.day)))
        .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
        .join(Place, col(Place.contact_id) == col(Encounter.contact_id))
        .where(col(Place.account_id).in_(places), col(Interaction.day) <= today)
        .where(col(Interaction.state) == InteractionState.HELD)
        .group_by(col(Encounter.contact_id))
    )
    return {contact: day.isoformat() for contact, day in rows}


def _promises(session: Session, places: Collection[int]) -> Iterator[dict[str, Any]]:
    rows = session.execute(
        select(
            col(Measure.id),
            col(Measure.account_id),
            col(Measure.due_on),
            col(Measure.side),
            col(Measure.owner_id),
        )
        .where(col(Measure.account_id).in_(places), col(Measure.done_on).is_(None))
        .order_by(col(Measure.due_on).is_(None), col(Measure.due_on), col(Measure.id))
    )
    for number, account, due, side, owner in rows:
        yield {"measure": number, "account": account, "due": _iso(due), "side": side, "person": owner}


def _questions(session: Session, places: Collection[int]) -> Iterator[dict[str, Any]]:
    question = OpenQuestion
    rows = session.execute(
        select(
            col(question.id),
            col(question.account_id),
            col(question.due_on),
            col(question.ask_contact_id),
        )
        .where(col(question.account_id).in_(places), col(question.answered_on).is_(None))
        .order_by(col(question.due_on).is_(None), col(question.due_on), col(question.id))
    )
    for number, account, due, contact in rows:
        yield {"question": number, "account": account, "due": _iso(due), "contact": contact}


def _dates(session: Session, places: Collection[int], today: date) -> Iterator[dict[str, Any]]:
    """What comes within 90 days, measures and questions apart: those say their dates themselves."""
    plan, talk, request = AccountPlan, MeetingRound, Request
    writing = (PlanState.DRAFT, PlanState.RETURNED)
    in_work = (col(plan.account_id).in_(places), col(plan.state).in_(writing))
    queries = {
        "hand_in": select(col(plan.hand_in_on)).where(*in_work),
        "step": select(col(PlanMilestone.due_on))
        .join(plan, col(plan.id) == col(PlanMilestone.plan_id))
        .where(
            *in_work, col(PlanMilestone.done_on).is_(None), col(PlanMilestone.due_on) != col(plan.hand_in_on)
        ),
        "meeting": select(col(talk.day))
        .join(AnnualMeeting, col(AnnualMeeting.id) == col(talk.meeting_id))
        .where(col(AnnualMeeting.account_id).in_(places), col(talk.state) != "cancelled"),
        "request": select(col(request.customer_date)).where(
            col(request.account_id).in_(places), col(request.state) == RequestState.OPEN
        ),
        "visit": select(col(Interaction.day)).where(
            col(Interaction.account_id).in_(places), col(Interaction.state) == InteractionState.BOOKED
        ),
    }
    for kind, query in queries.items():
        for day in session.execute(query.distinct()).scalars():
            if day is not None and today <= day <= today + AHEAD:
                yield {"day": day.isoformat(), "kind": kind}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
