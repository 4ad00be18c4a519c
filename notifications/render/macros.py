"""The macros of templates: what they take, and that a call of them costs no more than one of a function."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from jinja2 import Environment, nodes
from jinja2.compiler import find_undeclared
from jinja2.nodes import EvalContext
from jinja2.runtime import Macro, StrictUndefined
from jinja2.utils import missing, pass_eval_context
from markupsafe import Markup

# The names of what a macro takes.
Takes: TypeAlias = tuple[str, ...]
_SPECIAL = ("caller", "kwargs", "varargs")


class QuickMacro(Macro):
    """A macro that hands on exactly what it is given, where that is all it takes."""

    @pass_eval_context
    def __call__(self, *arguments: Any, **named: Any) -> str:
        takes_more = named or self.caller or self.catch_kwargs or self.catch_varargs
        if takes_more or len(arguments) != self._argument_count:
            return super().__call__(*arguments, **named)
        if arguments and type(arguments[0]) is EvalContext:
            return super().__call__(*arguments)
        return self._invoke([*arguments], self._default_autoescape)

    def _invoke(self, arguments: list[Any], autoescape: bool) -> str:
        """What plain text says is no HTML, whoever calls it: Jinja would take a page's word for that."""
        made = self._func(*arguments)
        return Markup(made) if autoescape and self._default_autoescape else made  # noqa: S704 - escaped there


def of(value: Any, name: str) -> Any:
    """What a value has under a name: an attribute, or of a dict what its key leads to."""
    found = value.get(name, missing) if type(value) is dict else getattr(value, name, missing)
    if found is not missing:
        return found
    try:
        return value[name]
    except (TypeError, LookupError, AttributeError):
        return StrictUndefined(obj=value, name=name)


@lru_cache(maxsize=256)
def macros_of(environment: Environment, template: str) -> Mapping[str, Takes]:
    """The macros of a template that others import."""
    if environment.loader is None:
        return {}
    source, path, _ = environment.loader.get_source(environment, template)
    body = environment.parse(source, template, path).body
    own = (takes_of(each) for each in body if isinstance(each, nodes.Macro))
    return {name: takes for each in own for name, takes in each.items()}


def takes_of(node: nodes.Macro) -> dict[str, Takes]:
    return {node.name: tuple(each.name for each in node.args)} if is_plain(node) else {}


def is_plain(node: nodes.Macro | nodes.CallBlock) -> bool:
    """Whether a macro takes no more than its own arguments, each of them given."""
    return not node.defaults and not set(_SPECIAL) & find_undeclared(node.body, _SPECIAL)
