"""The copy for a rehearsal holds every table, and every event, that a decision or a message is made from."""

import ast
from collections.abc import Iterator
from pathlib import Path

from kamflow.models.tables import METADATA
from kamflow.store import copying

ROOT = Path(copying.__file__).parents[2]
# What plays a night: the rules' facts, what is written and what is told.
PLAYED = ("kamflow.store.registry", "kamflow.store.apply", "notifications.notices", "flows.rehearse")
# They write these tables, or read them for operations; nothing is decided there.
NOT_DECIDING = {
    "kamflow.store.copying",
    # A rehearsal imports nothing as its days pass, so no data may be too old there.
    "kamflow.store.data_age",
    "kamflow.store.channel_health",
    "kamflow.store.channel_ways",
    "kamflow.store.events",
    "kamflow.store.ledger",
    "kamflow.store.messages",
    "kamflow.store.run_rows",
    "kamflow.store.works_council",
}


def code(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def brought_in(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def played() -> dict[str, ast.Module]:
    """Every module that a night of the rehearsal reaches, models apart."""
    found: dict[str, ast.Module] = {}
    waiting = list(PLAYED)
    while waiting:
        module = waiting.pop()
        if module in found or not code(module).is_file() or module.startswith("kamflow.models"):
            continue
        found[module] = ast.parse(code(module).read_text(encoding="utf-8"))
        for origin, name in brought_in(found[module]):
            waiting += [origin, f"{origin}.{name}"]
    return found


def tables() -> dict[str, str]:
    """Class of a model -> its table."""
    found: dict[str, str] = {}
    for path in (ROOT / "kamflow" / "models").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                named = [ast.unparse(each) for each in node.body if "__tablename__ =" in ast.unparse(each)]
                found[node.name] = ast.literal_eval(named[0].split("= ")[1]) if named else node.name.lower()
    return found


def events_read(tree: ast.Module) -> Iterator[str]:
    """The names that `Event.name` is compared with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Call) and ast.unparse(node).startswith("col(Event.name)"):
            for each in ast.walk(node):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value


def test_what_is_left_out_are_tables_that_exist() -> None:
    assert {*copying.LEFT_OUT, "event"} <= METADATA.tables.keys()
    assert METADATA.tables.keys() <= set(tables().values())


def test_no_decision_reads_a_table_that_is_left_out() -> None:
    known = tables()
    reading = {
        module
        for module, tree in played().items()
        for origin, name in brought_in(tree)
        if origin.startswith("kamflow.models.") and known.get(name) in copying.LEFT_OUT
    }
    assert reading <= NOT_DECIDING


def test_every_event_that_a_decision_reads_is_copied() -> None:
    deciding = {module: tree for module, tree in played().items() if module not in NOT_DECIDING}
    reading = {name for tree in deciding.values() for name in events_read(tree)}
    assert reading == set(copying.EVENTS)
