"""The archive for servers without internet holds every pinned requirement, and says how to install it."""

import runpy
from pathlib import Path

HOUSE = runpy.run_path(str(Path(__file__).parents[1] / "deploy" / "wheelhouse.py"))
PINNED = HOUSE["PINNED"].read_text(encoding="utf-8")


def wheels() -> list[str]:
    """A wheel of everything that is pinned, named as wheels are."""
    pairs = [line.split("==") for line in PINNED.splitlines() if "==" in line]
    return [f"{name.replace('-', '_')}-{number}-py3-none-any.whl" for name, number in pairs]


def test_a_requirement_without_its_wheel_is_named() -> None:
    complete = wheels()
    assert len(complete) > 50
    assert HOUSE["missing"](PINNED, complete) == []
    without = [each for each in complete if not each.startswith("prefect-")]
    assert [each.partition("==")[0] for each in HOUSE["missing"](PINNED, without)] == ["prefect"]


def test_it_is_installed_without_any_index() -> None:
    said = HOUSE["INSTALL"]
    assert said.count("--no-index --find-links") == 2
    assert "kamflow doctor" in said
