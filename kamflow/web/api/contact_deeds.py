"""Contacts that another system tells: written as its import would write them, found again by its id."""

from kamflow.intake.entities import interactions, last_word
from kamflow.intake.known import Known, Names
from kamflow.intake.mapping import Block
from kamflow.intake.mentioned import row_of
from kamflow.intake.record import Record
from kamflow.intake.rows import Row, Table
from kamflow.models.interaction import Interaction, InteractionState
from kamflow.store import encounters
from kamflow.store.engine import lock
from kamflow.web.api.data import ContactCancelled, ContactTold
from kamflow.web.api.desk import Desk, Done, refuse_unknown
from kamflow.web.api.problems import Flaw

KIND = "interaction"


def held(desk: Desk, told: ContactTold) -> Done:
    """A contact took place."""
    return _write(desk, told, InteractionState.HELD)


def booked(desk: Desk, told: ContactTold) -> Done:
    """A contact is arranged; one in the past is counted once its own system says it was held."""
    return _write(desk, told, InteractionState.BOOKED)


def cancelled(desk: Desk, told: ContactCancelled) -> Done:
    """A contact that was told before does not take place."""
    lock(desk.session, encounters.LOCK)
    number = row_of(desk.session, desk.source, KIND, told.id)
    row = desk.session.get(Interaction, number) if number else None
    if row is None or number is None:
        refuse_unknown([Flaw("/data/id", "no contact was told under this id")])
        raise AssertionError
    ctx = desk.context(Known(Names(), Names(), Names(), {}, {}))
    meeting = interactions.Meeting(_values(row), frozenset(), told.id, number)
    apart = last_word.elsewhere(desk.session, [meeting]).get(number, frozenset())
    meeting.pairs = frozenset(encounters.pairs(desk.session, number)) | apart
    interactions.save(ctx, [meeting])
    desk.record(ctx)
    return Done(KIND, number, meeting.state != "unchanged")


def _values(row: Interaction) -> dict[str, object]:
    return {
        "account_id": row.account_id,
        "day": row.day,
        "kind": row.kind,
        "state": InteractionState.CANCELLED.value,
    }


def _write(desk: Desk, told: ContactTold, state: InteractionState) -> Done:
    lock(desk.session, encounters.LOCK)
    desk.hour(told.day, told.starts_at)
    parties = desk.parties(told.account, told.people, told.contacts)
    ctx = desk.context(parties.known)
    given = told.model_dump(include={"id", "day", "kind", "starts_at", "minutes"}, exclude_none=True)
    values = given | {"people": parties.people, "contacts": parties.contacts, "state": state.value}
    if parties.account is not None:
        values["account"] = parties.account
    interactions.write(ctx, [row_told("interactions", values)])
    desk.record(ctx)
    number = row_of(desk.session, desk.source, KIND, told.id)
    return Done(KIND, number or 0, ctx.report.counts["interactions"]["unchanged"] == 0)


def row_told(entity: str, values: dict[str, object]) -> Record:
    """An event as the row of a file that holds nothing else."""
    block = Block()
    return Record(entity, Table("event", "event", (), ()), Row(1, ()), block, dict(values))
