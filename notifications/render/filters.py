"""Jinja's filters as our templates use them: not asynchronous, and quick on dicts and on our own values."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jinja2 import Environment
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.utils import missing, pass_context, pass_environment


def filters() -> dict[str, Any]:
    """Those that are meant in place of Jinja's own of the same name."""
    wrapped = {name: each for name, each in FILTERS.items() if hasattr(each, "jinja_async_variant")}
    at_once = {name: each.__wrapped__ for name, each in wrapped.items()}
    chosen = {"selectattr": _by_attribute(wanted=True), "rejectattr": _by_attribute(wanted=False)}
    return at_once | chosen | {"map": _map(at_once["map"]), "sum": total}


def _by_attribute(*, wanted: bool) -> Callable[..., Iterator[Any]]:
    @pass_environment
    def chosen(
        environment: Environment, values: Iterable[Any], path: str, test: str | None = None, *arguments: Any
    ) -> Iterator[Any]:
        of = _attribute(environment, path)
        if not values:
            return
        if test is None:
            yield from (each for each in values if bool(of(each)) is wanted)
            return
        passes = environment.tests[test]
        yield from (each for each in values if bool(passes(of(each), *arguments)) is wanted)

    return chosen


def _map(every: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @pass_context
    def mapped(context: Context, values: Iterable[Any], *arguments: Any, **named: Any) -> Iterator[Any]:
        if arguments or named.keys() != {"attribute"}:
            return every(context, values, *arguments, **named)
        return map(_attribute(context.environment, named["attribute"]), values) if values else iter(())

    return mapped


@pass_environment
def total(
    environment: Environment, values: Iterable[Any], attribute: str | None = None, start: Any = 0
) -> Any:
    """The sum of the values, or of what they have under a name."""
    return sum(values if attribute is None else map(_attribute(environment, attribute), values), start)


def _attribute(environment: Environment, path: str) -> Callable[[Any], Any]:
    """What a value has under a name, or under names with dots between them."""
    parts = [int(part) if part.isdigit() else part for part in path.split(".")]

    def found(value: Any) -> Any:
        for part in parts:
            value = _under(environment, value, part)
        return value

    return found


def _under(environment: Environment, value: Any, part: str | int) -> Any:
    if type(value) is dict and part in value:
        return value[part]
    if isinstance(part, str) and not hasattr(value, "__getitem__"):
        known = getattr(value, part, missing)
        if known is not missing:
            return known
    return environment.getitem(value, part)
