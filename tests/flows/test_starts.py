"""The names of events in the source, and the flows that the table of starts gives them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kamflow
from kamflow.schedules import REQUESTED, SCHEDULES, STARTS

ROOT = Path(kamflow.__file__).parent.parent
WRITERS = {"record", "record_many", "happened", "_record"}
MAY_WRITE = re.compile(r"record|happened|payload|\bname = ")  # a file without it need not be taken apart
# What has to set something in motion.
WANTED = [
    "interaction.held",
    "interaction.booked",
    "interaction.cancelled",
    "plan.submitted",
    "plan.approved",
    "plan.returned",
    "meeting.booked",
    "meeting.moved",
    "meeting.held",
    "meeting.cancelled",
    "survey.answered",
    "survey.objected",
    "revenue.imported",
    "revenue.complete",
    "measure.done",
    "request.delivered",
    "request.refused",
    "person.absent",
    "account.handed_over",
]
# What happened and changes nothing that somebody waits for before the night.
QUIET = re.compile(
    r"nudge\..+|effect\..+|message\..+|file\..+|folder\..+|home\..+|works_council\..+|session\..+|sign_in\..+"
    r"|account\.moved"  # on the day of the hand-over, by the first flow of the night
    r"|plan\.form_.+|briefing\.(struck|restored|corrected|noted|withdrawn)|measure\.(shared|internal)"
    r"|survey\.(created|invited|reminded|imported)|contact\.unreachable|person\.links_ended"
    r"|.+\.(erased|exported)|person\.readmitted|source\..+"
    r"|.+\.(eml|txt)"  # names of files
)


def _shape(node: ast.expr) -> str | None:
    """The name an expression writes: a pattern where it is put together."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    return "".join("[a-z_]+" if part is None else re.escape(part) for part in parts)


@cache
def written() -> dict[re.Pattern[str], str]:
    """Pattern of a name -> a place that writes it."""
    shapes = {shape: place for shape, place in _written() if re.fullmatch(r"(\w|\[.*?\]\+)+\\\..+", shape)}
    return {re.compile(shape): place for shape, place in shapes.items()}


def _written() -> Iterator[tuple[str, str]]:
    for path in sorted(
        each for top in ("kamflow", "notifications", "flows") for each in (ROOT / top).rglob("*.py")
    ):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if MAY_WRITE.search(source) else ():
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            for each in _names(node):
                if (shape := _shape(each)) is not None:
                    yield shape, place


def _names(node: ast.AST) -> list[ast.expr]:
    """Where a name of an event may stand: handed to a writer, under "name", or kept as `name` for one."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return node.args if called in WRITERS else []
    if isinstance(node, ast.Dict):
        row = {key.value: each for key, each in zip(node.keys, node.values, strict=True) if _text(key)}
        return [row["name"]] if {"name", "payload"} <= row.keys() else []
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "name":
        both = (node.value.body, node.value.orelse) if isinstance(node.value, ast.IfExp) else (node.value,)
        return list(both)
    return []


def _text(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant)


@pytest.mark.parametrize("name", WANTED)
def test_what_has_to_set_something_in_motion_does_and_is_written(name: str) -> None:
    assert STARTS[name]
    assert [place for pattern, place in written().items() if pattern.fullmatch(name)]


def test_the_table_knows_no_event_that_nothing_writes() -> None:
    unwritten = [name for name in STARTS if not any(each.fullmatch(name) for each in written())]

    assert not unwritten, f"nothing writes {unwritten}: mend their names in kamflow/schedules.py"


def test_every_event_starts_something_or_is_known_to_start_nothing() -> None:
    shapes = {each.pattern: place for each, place in written().items()}
    plain = {shape.replace("\\", ""): place for shape, place in shapes.items() if "[" not in shape}
    unknown = {
        name: place
        for name, place in plain.items()
        if name not in {*STARTS, REQUESTED} and not QUIET.fullmatch(name)
    }

    assert not unknown, f"which flows do these start (kamflow/schedules.py), or none (QUIET)? {unknown}"


def test_no_event_starts_what_is_no_flow_of_accounts() -> None:
    flows = {each.flow for each in SCHEDULES} - {"intake"}

    assert {flow for starts in STARTS.values() for flow in starts} <= flows
    assert not [name for name in STARTS if name.startswith("nudge.")]
