"""What the forms say in German: it depends on the house whether colleagues say du or Sie."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from kamflow.intake import forms
from kamflow.intake.forms.sheet import Title


def test_no_title_of_a_form_says_du_or_sie() -> None:
    said = {
        words
        for module in pkgutil.walk_packages(forms.__path__, f"{forms.__name__}.")
        for words in german(vars(importlib.import_module(module.name)).values())
    }
    assert len(said) > 100
    assert {words for words in said if re.search(r"\b(Sie|Ihr\w*|Ihnen|[Dd]u|[Dd]ein\w*)\b", words)} == set()


def german(things: Iterable[Any]) -> Iterator[str]:
    """All titles and other words in constants, however deep."""
    for each in things:
        if isinstance(each, Title | str):
            yield each if isinstance(each, str) else each.de
        elif isinstance(each, Mapping):
            yield from german(each.values())
        elif isinstance(each, tuple | list | frozenset):
            yield from german(each)
        elif is_dataclass(each) and not isinstance(each, type):
            yield from german(getattr(each, one.name) for one in fields(each))
