"""The cases that KAM teams ask about are worked examples, as docs/worked-examples.md says."""

import ast
from pathlib import Path
from typing import Any

import pytest

import kamflow.rules

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "worked-examples.md"
RULES = sorted(path.stem for path in Path(kamflow.rules.__path__[0]).glob("[!_]*.py"))
AT_LEAST = 12


def rows() -> list[tuple[str, ...]]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def examples(rule: str) -> dict[str, int]:
    """The examples of a rule with their rows; properties, which make up their own facts, are none."""
    tree = ast.parse((HERE / f"test_{rule}.py").read_text(encoding="utf-8"))
    tests = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test"))
    return {
        test.name: sum(map(cases, test.decorator_list)) or 1
        for test in tests
        if not any(name_of(each) == "given" for each in test.decorator_list)
    }


def name_of(decorator: Any) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else called.id


def cases(decorator: Any) -> int:
    return len(decorator.args[1].elts) if name_of(decorator) == "parametrize" else 0


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_dozen_worked_examples(rule: str) -> None:
    assert sum(examples(rule).values()) >= AT_LEAST


def test_each_case_has_the_example_that_the_table_names() -> None:
    there = {(rule, name) for rule in RULES for name in examples(rule)}
    assert [row for row in rows() if row[1:] not in there] == []


def test_the_table_speaks_of_all_cases() -> None:
    assert sum(bool(case) for case, _, _ in rows()) == 13
    assert {rule for _, rule, _ in rows()} == set(RULES)
