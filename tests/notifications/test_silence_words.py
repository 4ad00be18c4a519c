"""Every code a rule may give for its silence has its sentence in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import kamflow
from kamflow.figures import survey_governor
from kamflow.store.registry import RULES
from notifications import silence_words as words

HERE = Path(kamflow.__file__).parent
FILES = sorted(path for folder in ("rules", "figures") for path in (HERE / folder).glob("*.py"))
# A light is red or amber where somebody is asked: its reason is then no silence.
SPOKEN = {"below_red", "twice_below", "below_green", "dangerous", "watch"}


def strings(node: ast.AST | None) -> Iterator[str]:
    """The texts an expression may be: `"a" if … else "b"`, `x or "c"`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body)
        yield from strings(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for each in node.values:
            yield from strings(each)


def called(node: ast.Call, stepped: bool) -> Iterator[str]:
    """The reason among the arguments; where the file's silences are of steps, it comes after the step."""
    name = getattr(node.func, "id", "")
    if name.endswith("NotDue"):
        yield from strings(node.args[1 if stepped else 0])
    elif name in ("Refusal", "Verdict"):
        yield from strings(node.args[name == "Verdict"])


def returned(function: ast.FunctionDef) -> Iterator[str]:
    """What a function returns that tells a reason: its result may be a text beside something else."""
    wanted = ast.unparse(function.returns) if function.returns else ""
    if "str" not in wanted.split(" | ") and "Literal" not in wanted:
        return
    if wanted == "str":
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Return):
            yield from strings(node.value)


def codes() -> set[str]:
    found = set(get_args(survey_governor.Reason))
    for path in FILES:
        code = path.read_text(encoding="utf-8")
        stepped = "from kamflow.figures.not_due import" in code
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call):
                found |= set(called(node, stepped))
            elif isinstance(node, ast.FunctionDef):
                found |= set(returned(node))
    return found - SPOKEN


def test_codes_are_found_in_the_rules() -> None:
    assert {"on_pace", "approved", "not_open", "date_passed", "weekday", "reached"} <= codes()


def test_every_reason_has_words_in_both_languages() -> None:
    said = {code: words.REASONS.get(code, ("", "")) for code in codes()}
    assert {code: both for code, both in said.items() if not all(both) or both[0] == both[1]} == {}


def test_every_rule_has_a_name_in_both_languages() -> None:
    assert RULES.keys() <= words.RULES.keys()


def test_an_unknown_code_is_said_as_it_is() -> None:
    assert words.say(words.REASONS, "new_code", "de_DE") == "new_code"
