"""Who was erased does not come back by an import: such a row is sent back, and says how it may come in.

What it held is not written into the file of rejected rows: that would keep what was to go.
"""

from collections.abc import Iterable

from kamflow.intake.context import Context
from kamflow.intake.record import Record
from kamflow.models.erasure import Erased
from kamflow.store import erasing
from kamflow.store.suppressed import Identity


def contacts(ctx: Context, records: Iterable[Record]) -> list[Record]:
    """The contacts that may come in."""
    return ctx.sift([_looked_at(ctx, Erased.CONTACT, each, each.values.get("account")) for each in records])


def people(ctx: Context, records: Iterable[Record]) -> list[Record]:
    """Those of our people who may come in."""
    return ctx.sift([_looked_at(ctx, Erased.PERSON, each, 0) for each in records])


def _looked_at(ctx: Context, kind: Erased, record: Record, account: int | None) -> Record:
    own = f"{record.get('first_name') or ''} {record.get('last_name') or record.get('name') or ''}".strip()
    ids = frozenset({(ctx.source, record.values["id"])} if record.get("id") else ())
    names = frozenset({(account, own)} if own and account is not None else ())
    identity = Identity(ids, record.get("key"), record.get("email"), names)
    found = ctx.kept_out(kind).of(identity)
    nameless = own == erasing.CALLED[kind] or str(record.get("key") or "").startswith(f"{erasing.CAUSE}-")
    if found is not None:
        record.withhold(expected(*found))
    elif nameless:
        record.withhold("nobody who was erased: leave the row out")
    return record


def expected(erasure: int, day: object) -> str:
    """What is said of a row about somebody who was erased."""
    return (
        f"nobody who was erased ({day}): erase them in the source, too; if they came again by their own wish,"
        f" `kamflow person readmit {erasure}`"
    )
