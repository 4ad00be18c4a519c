"""People, accounts and contacts: found again by reference, key or name; may point at each other."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.known import Names, folded
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted

Fallback = Callable[[Record], set[int]]


def match(records: Sequence[Record], names: Names, fallback: Fallback) -> dict[int, int]:
    """Find the rows that exist already; returns position -> row id."""
    found: dict[int, int] = {}
    guesses: dict[int, int] = {}
    linked = set(names.by_reference.values())
    for at, record in enumerate(records):
        external, key = record.get("id"), record.get("key")
        if external in names.by_reference and record.block.match == "reference":
            found[at] = names.by_reference[external]
        elif key in names.by_key:
            found[at] = names.by_key[key]
        elif key is None or external is not None:
            candidates = {each for each in fallback(record) if external is None or each not in linked}
            if len(candidates) == 1:
                guesses[at] = candidates.pop()
    # Two rows that both look like the same old one: without a key nobody can say which it is.
    claims = Counter({(records[at].get("id") or records[at].get("key"), row) for at, row in guesses.items()})
    rivals = Counter(row for _, row in claims)
    found |= {at: row for at, row in guesses.items() if rivals[row] == 1 and row not in found.values()}
    return found


def give_keys(
    ctx: Context,
    records: Sequence[Record],
    names: Names,
    found: dict[int, int],
    spare: Callable[[Record], str],
) -> None:
    """Set each record's `key`: the stored one, the mapped one, or one made from what the row has."""
    for at, record in enumerate(records):
        if at in found:
            stored = names.keys[found[at]]
            wanted = record.get("key")
            if wanted is None:
                record.values["key"] = stored
            elif names.by_key.setdefault(wanted, found[at]) != found[at]:
                record.refuse("key", f"a key of its own; {wanted!r} belongs to another one")
        elif record.get("key") is None:
            key = record.get("id") or spare(record)
            record.values["key"] = f"{ctx.source}:{key}" if key in names.by_key else key
            if record.values["key"] in names.by_key:
                record.refuse("key", "a key that is not taken; add a key column", record.values["key"])


def circle(
    records: Sequence[Record], names: Names, fields: Iterable[str], called: Callable[[Record], set[str]]
) -> tuple[list[Record], list[Record]]:
    """Resolve references among the records and to known rows into keys: (good, bad).

    A record that is sent back takes with it those that point only at it.
    """
    good, bad = list(records), list[Record]()
    while True:
        by_key, by_name = _circle_names(good, called)
        wrong = [each for each in good if not _points(each, fields, names, by_key, by_name)]
        if not wrong:
            break
        bad += wrong
        good = [each for each in good if not each.problems]
    for record in good:
        for name in fields:
            if isinstance(record.get(name), str):
                record.values[name] = _target(record.values[name], names, by_key, by_name)
    return good, bad


def _circle_names(
    records: Sequence[Record], called: Callable[[Record], set[str]]
) -> tuple[dict[str, str], dict[str, set[str]]]:
    by_key: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for record in records:
        key = record.values["key"]
        by_key[key] = key
        if record.get("id"):
            by_key[record.values["id"]] = key
        for name in called(record):
            by_name.setdefault(folded(name), set()).add(key)
    return by_key, by_name


def _points(
    record: Record, fields: Iterable[str], names: Names, by_key: dict[str, str], by_name: dict[str, set[str]]
) -> bool:
    for name in fields:
        written = record.get(name)
        if isinstance(written, str) and _target(written, names, by_key, by_name) is None:
            if name in record.block.optional:
                del record.values[name]
            else:
                record.refuse(name, f"no {name} {written!r}, or several are called so", unknown=True)
    return not record.problems


def _target(written: str, names: Names, by_key: dict[str, str], by_name: dict[str, set[str]]) -> str | None:
    written = written.strip(" \t\u00a0")
    if written in names.by_reference:
        return names.keys[names.by_reference[written]]
    if written in by_key:
        return by_key[written]
    if written in names.by_key:
        return written
    called = {names.keys[each] for each in names.by_name.get(folded(written), set())}
    called |= {names.keys[each] for each in names.by_email.get(written.casefold(), set())}
    called |= by_name.get(folded(written), set())
    return called.pop() if len(called) == 1 else None


def called(names: Names, name: str) -> set[int]:
    """Rows with exactly this name, but for case and spare spaces."""
    return names.by_name.get(folded(name), set())


def columns(record: Record, plain: Iterable[str], renamed: Mapping[str, str]) -> dict[str, Any]:
    """The values a record gives for columns of its table; fields it does not speak of are left alone."""
    return {renamed.get(name, name): record.values[name] for name in plain if name in record.values}


def row_id(wanted: Wanted) -> int:
    """The id of a row that was written."""
    assert wanted.row_id is not None  # noqa: S101 - `upsert.write` sets it
    return wanted.row_id


def refer(ctx: Context, kind: str, names: Names, keys: Mapping[str, str]) -> dict[int | None, str]:
    """Point external ids at the rows with these keys; says which rows changed by it."""
    pairs = {external: names.by_key[key] for external, key in keys.items() if key in names.by_key}
    moved = upsert.refer(ctx.session, ctx.source, kind, pairs, names.by_reference)
    return {pairs[external]: "changed" for external in moved}


def in_order(ctx: Context, records: Iterable[Record]) -> list[Record]:
    """Send back what ends before it begins."""
    checked = list(records)
    for record in checked:
        first, last = record.get("from"), record.get("until")
        if first and last and last < first:
            record.refuse("until", f"a day not before {first}")
    return ctx.sift(checked)


def count(ctx: Context, records: Sequence[Record], wanted: Sequence[Wanted]) -> None:
    """Count what became of each record."""
    for record, row in zip(records, wanted, strict=True):
        ctx.done(record, row.state)
