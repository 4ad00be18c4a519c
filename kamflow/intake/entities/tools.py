"""Write the tools of KAM training: found again by id, else by what they are about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import keyed, tool_terms
from kamflow.intake.entities.kept import KEPT, Kept
from kamflow.intake.forms.memory import Clash
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted

ROW = "row"  # set by a form: the row that is meant
FRESH = "fresh"  # set by a form: a new row there, so it may fill what is empty here and overwrite nothing
_TOLD = {"open_question": "question"}  # what events call a row


def write(ctx: Context, entity: str, records: Sequence[Record]) -> None:
    """Write the rows of one tool; each that changes anything leaves an event."""
    kept = KEPT[entity]
    good = ctx.sort_out(records)
    for record in good:
        tool_terms.prepare(ctx, record)
    good = _numbered(ctx.sift(good), kept)
    settled = ctx.settle(good, lambda record: _identity(kept, record))
    finder = Finder(ctx, kept)
    rows = finder.find(settled)
    stored = _stored(ctx, kept, rows.values())
    for at, record in enumerate(settled):
        _check(ctx, kept, record, stored.get(rows.get(at, 0), {}))
        finder.claim(record, rows.get(at), stored.get(rows.get(at, 0), {}))
    pairs = [(at, record) for at, record in enumerate(settled) if not record.problems]
    ctx.sift(settled)
    wanted = [Wanted(_values(kept, record), rows.get(at), _defaults(ctx, kept)) for at, record in pairs]
    upsert.write(ctx.session, kept.model, wanted)
    _next_version(ctx, kept, wanted)
    finder.refer([record for _, record in pairs], wanted)
    for (at, record), row in zip(pairs, wanted, strict=True):
        _finish(ctx, kept, record, row, stored.get(rows.get(at, 0), {}))


class Finder:
    """The rows of a tool that are there: by the id of this source, and by what they are about."""

    def __init__(self, ctx: Context, kept: Kept) -> None:
        self.ctx, self.kept = ctx, kept
        self.references = upsert.references(ctx.session, ctx.source, kept.kind)
        self.about: dict[tuple[Any, ...], list[int]] = {}
        columns = [kept.table.c[kept.columns[name]] for name in kept.identity]
        query = select(kept.table.c.id, *columns).order_by(kept.table.c.id)
        for row_id, *values in ctx.session.execute(query):
            named = dict(zip((each.name for each in columns), values, strict=True))
            self.about.setdefault(kept.about(named), []).append(row_id)

    def find(self, records: Sequence[Record]) -> dict[int, int]:
        """Position -> row id of those that exist; refuses where several are called so."""
        rivals = Counter(self._about(record) for record in records)
        found: dict[int, int] = {}
        for at, record in enumerate(records):
            row = record.get(ROW) or self.references.get(record.get("id") or "")
            row = row or self._called(record, alone=rivals[self._about(record)] == 1)
            if row is not None:
                found[at] = row
        return found

    def claim(self, record: Record, row: int | None, stored: dict[str, Any]) -> None:
        """Refuse what the table takes only once."""
        if not self.kept.unique or record.problems:
            return
        about = self.kept.about(stored | _values(self.kept, record))
        if any(each != row for each in self.about.get(about, [])):
            record.refuse(self.kept.identity[-1], "what no other row says: there is one of these already")
        self.about.setdefault(about, [row or 0])

    def refer(self, records: Iterable[Record], wanted: Iterable[Wanted]) -> None:
        """Keep the ids of the source."""
        pairs = {r.values["id"]: keyed.row_id(w) for r, w in zip(records, wanted, strict=True) if r.get("id")}
        upsert.refer(self.ctx.session, self.ctx.source, self.kept.kind, pairs, self.references)

    def _about(self, record: Record) -> tuple[Any, ...]:
        return (*self.kept.about(_values(self.kept, record)), record.get("number"))

    def _called(self, record: Record, *, alone: bool) -> int | None:
        called = self.about.get(self._about(record)[:-1], [])
        if self.kept.numbered and not record.get("id"):
            return called[record.values["number"]] if len(called) > record.values["number"] else None
        if record.get("id"):
            linked = set(self.references.values()) if called else set[int]()
            called = [row for row in called if row not in linked]
            return called[0] if len(called) == 1 and alone and not self.kept.numbered else None
        if len(called) > 1:
            record.refuse(self.kept.identity[-1], f"an id; there are {len(called)} of these already")
        return called[0] if called else None


def _identity(kept: Kept, record: Record) -> tuple[Any, ...]:
    if record.get(ROW):
        return ("row", record.values[ROW])
    if record.get("id"):
        return ("id", record.values["id"])
    return (*kept.about(_values(kept, record)), record.get("number"))


def _numbered(records: Sequence[Record], kept: Kept) -> list[Record]:
    """Number what may happen several times: the second express delivery of a day is another one."""
    if kept.numbered:
        seen: Counter[tuple[Any, ...]] = Counter()
        for record in records:
            if not record.get("id") and not record.get(ROW):
                about = kept.about(_values(kept, record))
                record.values["number"] = seen[about]
                seen[about] += 1
    return list(records)


def _stored(ctx: Context, kept: Kept, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for chunk in upsert.chunks(sorted(set(rows))):
        query = select(kept.table).where(kept.table.c.id.in_(chunk))
        found |= {row["id"]: dict(row) for row in ctx.session.execute(query).mappings()}
    return found


def _check(ctx: Context, kept: Kept, record: Record, stored: dict[str, Any]) -> None:
    if record.get(FRESH) and stored:
        _overwrites_nothing(kept, record, stored)
    tool_terms.complete(ctx, record, stored)
    tool_terms.check(ctx, record, stored | _values(kept, record), stored)


def _overwrites_nothing(kept: Kept, record: Record, stored: dict[str, Any]) -> None:
    for name, column in kept.columns.items():
        if name not in record.values:
            continue
        written, now = record.values[name], stored[column]
        if written is None or written == now:
            del record.values[name]
        elif now not in (None, "", _default(kept, column)):
            record.refuse(name, str(Clash("", str(now))), written)


def _values(kept: Kept, record: Record) -> dict[str, Any]:
    values = {column: record.values[name] for name, column in kept.columns.items() if name in record.values}
    for column, value in values.items():
        if value is None and not kept.table.c[column].nullable:
            values[column] = _default(kept, column)
    return values


def _default(kept: Kept, column: str) -> Any:
    known = kept.model.model_fields.get(column)
    return None if known is None or known.is_required() else known.default


def _defaults(ctx: Context, kept: Kept) -> dict[str, Any]:
    return {"source": ctx.source} if "source" in kept.table.c else {}


def _next_version(ctx: Context, kept: Kept, wanted: Sequence[Wanted]) -> None:
    changed = [each.row_id for each in wanted if each.state == "changed"]
    table = kept.table
    for chunk in upsert.chunks(changed):
        ctx.session.execute(update(table).where(table.c.id.in_(chunk)).values(version=table.c.version + 1))


def _finish(ctx: Context, kept: Kept, record: Record, row: Wanted, stored: dict[str, Any]) -> None:
    further = tool_terms.follow(ctx, record, keyed.row_id(row), stored | row.values)
    state = ctx.done(record, row.state, further)
    if state == "unchanged":
        return
    account = (stored | row.values).get("account_id")
    kind = _TOLD.get(kept.kind, kept.kind)
    for name, figures in tool_terms.happened(record, stored, row.values, state):
        ctx.happened(f"{kind}.{name}", account, **{kind: row.row_id} | figures)
