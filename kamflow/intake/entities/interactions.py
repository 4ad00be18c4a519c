"""Contacts that took place or are booked, found again by their id or by who met whom on which day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import keyed, last_word
from kamflow.intake.entities.last_word import PLANNED
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted, chunks
from kamflow.models.account import ExternalReference
from kamflow.models.interaction import Encounter, Interaction, InteractionState

OWN = "kamflow-"  # how our own rows are called in an export
Pairs = frozenset[tuple[int, int]]


@dataclass(slots=True)
class Meeting:
    """An interaction as a source tells it."""

    values: dict[str, Any]
    pairs: Pairs
    external: str | None = None
    row_id: int | None = None
    state: str = "unchanged"
    told: str | None = None  # what the source said of the state, where the day decided it: PLANNED


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write interactions and their encounters; each new or changed one is an event."""
    good = ctx.sort_out(records)
    for record in good:
        _complete(ctx, record)
    settled = ctx.settle(ctx.sift(good), _identity)
    meetings = [_meeting(record) for record in settled]
    save(ctx, meetings)
    for record, meeting in zip(settled, meetings, strict=True):
        ctx.done(record, meeting.state)


def _complete(ctx: Context, record: Record) -> None:
    values = record.values
    if not values.get("people") or not values.get("contacts"):
        missing = "people" if not values.get("people") else "contacts"
        record.refuse(missing, f"no {missing} known to kamflow", "", unknown=True)
        return
    if "account" not in values:
        values["account"] = account_of(ctx, values["contacts"])
    values["told"] = values.get("state") or PLANNED
    if values.get("state") is None:
        values["state"] = state_on(values["day"], ctx.today)
    elif values["state"] == InteractionState.HELD and values["day"] > ctx.today:
        record.refuse("day", f"no day after {ctx.today} for a contact that was held", values["day"])


def state_on(day: date, today: date) -> str:
    """A day up to today counts as held, a later one as booked."""
    return InteractionState.HELD if day <= today else InteractionState.BOOKED


def account_of(ctx: Context, contacts: Iterable[int]) -> int | None:
    """The one account all these contacts have a place at, else None."""
    shared = [set(ctx.known.accounts_of(contact)) for contact in contacts]
    common = set.intersection(*shared) if shared else set()
    return common.pop() if len(common) == 1 else None


def _identity(record: Record) -> Any:
    values = record.values
    about = (values["day"], values["account"], values["people"], values["contacts"], values.get("kind"))
    return values.get("id") or about


def _meeting(record: Record) -> Meeting:
    plain = ("day", "kind", "state", "starts_at", "minutes")
    values = keyed.columns(record, plain, {}) | {"account_id": record.values["account"]}
    pairs = frozenset(product(record.values["people"], record.values["contacts"]))
    return Meeting(values, pairs, record.get("id"), told=record.values["told"])


def save(ctx: Context, meetings: Sequence[Meeting]) -> None:
    """Write meetings with their pairs and external ids; sets `row_id` and `state`."""
    references = _references(ctx, [m.external for m in meetings if m.external])
    _find(ctx, meetings, references)
    theirs = [m for m in meetings if not _own(ctx, m)]
    last_word.keep(ctx.session, theirs)
    wanted = [Wanted(m.values, m.row_id, {"source": ctx.source}) for m in meetings]
    upsert.write(ctx.session, Interaction, wanted)
    for meeting, row in zip(meetings, wanted, strict=True):
        meeting.row_id, meeting.state = row.row_id, row.state
    _encounters(ctx, meetings, last_word.elsewhere(ctx.session, theirs))
    pairs = {m.external: m.row_id for m in meetings if m.external and m.row_id}
    upsert.refer(ctx.session, ctx.source, "interaction", pairs, references)
    for meeting in meetings:
        if meeting.state != "unchanged":
            name = f"interaction.{meeting.values['state']}"
            day = meeting.values["day"].isoformat()
            ctx.happened(name, meeting.values["account_id"], interaction=meeting.row_id, day=day)


def _references(ctx: Context, externals: Sequence[str]) -> dict[str, int]:
    if len(externals) > upsert.MANY:
        return upsert.references(ctx.session, ctx.source, "interaction")
    query = select(col(ExternalReference.external_id), col(ExternalReference.row_id)).where(
        col(ExternalReference.source) == ctx.source,
        col(ExternalReference.kind) == "interaction",
        col(ExternalReference.external_id).in_(externals),
    )
    return dict(ctx.session.execute(query).tuples().all())


def _find(ctx: Context, meetings: Sequence[Meeting], references: dict[str, int]) -> None:
    """By external id; a meeting without one by the same day, account and pairs in the same source."""
    for meeting in meetings:
        meeting.row_id = references.get(meeting.external) if meeting.external else None
    _find_own(ctx, [m for m in meetings if m.row_id is None and _own(ctx, m)])
    nameless = [m for m in meetings if m.external is None]
    if not nameless:
        return
    stored = _stored_pairs(ctx, {m.values["day"] for m in nameless})
    for meeting in nameless:
        meeting.row_id = stored.get((meeting.values["day"], meeting.values["account_id"], meeting.pairs))


def _own(ctx: Context, meeting: Meeting) -> bool:
    """Tell whether a row comes from an export of ours."""
    return ctx.source == "kamflow" and (meeting.external or "").startswith(OWN)


def _find_own(ctx: Context, meetings: Sequence[Meeting]) -> None:
    """What we exported ourselves and comes back is the row it was."""
    numbers = {m.external.removeprefix(OWN): m for m in meetings if m.external}
    ids = [int(n) for n in numbers if n.isdecimal() and len(n) < 18 and str(int(n)) == n]
    for chunk in chunks(ids):
        query = select(col(Interaction.id), col(Interaction.day)).where(col(Interaction.id).in_(chunk))
        for row, day in ctx.session.execute(query):
            meeting = numbers[str(row)]
            if meeting.values["day"] == day:  # else it is another home's
                meeting.row_id = row


def _stored_pairs(ctx: Context, days: set[date]) -> dict[tuple[Any, ...], int]:
    groups: dict[tuple[Any, ...], set[tuple[int, int]]] = {}
    for chunk in chunks(sorted(days)):
        query = (
            select(
                col(Interaction.day), col(Interaction.account_id),
                func.coalesce(col(Interaction.part_of_id), col(Interaction.id)),
                col(Encounter.person_id), col(Encounter.contact_id),
            )
            .join(Encounter, col(Encounter.interaction_id) == col(Interaction.id))
            .where(col(Interaction.day).in_(chunk), col(Interaction.source) == ctx.source)
        )  # fmt: skip
        for day, account, row, person, contact in ctx.session.execute(query):
            groups.setdefault((day, account, row), set()).add((person, contact))
    return {(day, account, frozenset(pairs)): row for (day, account, row), pairs in groups.items()}


def _encounters(ctx: Context, meetings: Sequence[Meeting], elsewhere: Mapping[int, Pairs]) -> None:
    """Make the stored pairs equal the told ones; `elsewhere` are those that were told apart here."""
    stored = last_word.pairs(ctx.session, [m.row_id for m in meetings if m.row_id and m.state != "new"])
    known = {row: pairs | elsewhere.get(row, frozenset()) for row, pairs in stored.items()}
    differing = [m for m in meetings if m.row_id and known.get(m.row_id, frozenset()) != m.pairs]
    for chunk in chunks([m.row_id for m in differing if m.row_id in stored]):
        ctx.session.execute(delete(Encounter).where(col(Encounter.interaction_id).in_(chunk)))
    rows = [
        {"interaction_id": m.row_id, "person_id": person, "contact_id": contact}
        for m in differing
        for person, contact in sorted(m.pairs - elsewhere.get(m.row_id or 0, frozenset()))
    ]
    if rows:
        ctx.session.execute(insert(Encounter), rows)
    for meeting in differing:
        apart = elsewhere.get(meeting.row_id or 0, frozenset())
        last_word.forget(ctx.session, meeting.row_id or 0, apart - meeting.pairs)
        meeting.state = "new" if meeting.state == "new" else "changed"
