"""The one Jinja environment: templates found beside this package, texts in the reader's language."""

import gettext
import io
from collections.abc import Callable, Hashable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import BytecodeCache, Environment, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.runtime import Context

import notifications
from notifications.render import frame, rows, speech
from notifications.render.compiled import Compiler
from notifications.render.filters import filters
from notifications.render.macros import QuickMacro, macros_of
from notifications.render.wording import Wording, nameless, sentence, wording

DOMAIN = "kamflow"


def folder() -> Path:
    """Where the templates lie: in the wheel as in the tree beside `notifications`."""
    return Path(notifications.__file__).parent.parent / "templates"


def environment(language: str) -> Environment:
    """The environment for a language such as `de`, `de-CH@du` or `en-US`."""
    return _environment(speech.spoken(language))


def said(language: str) -> Callable[[Any], str]:
    """How a value is put out as plain text: an erased name in it said in the language."""
    return _environment(speech.spoken(language)).wording[False][0]


@cache
def _environment(spoken: str) -> "_Environment":
    """Words are looked up when a text is rendered: every template is compiled once for all of them."""
    texts = translations(spoken)
    env = _Environment(
        loader=frame.Templates(folder()),
        bytecode_cache=_compiled(),
        undefined=StrictUndefined,
        autoescape=escapes,  # by what the template becomes
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        finalize=nameless(texts),
        auto_reload=False,
    )
    env.wording = wording(texts)
    env.filters |= filters() | {"sentence": sentence, "attribute": frame.attribute}
    env.globals["rows"] = rows
    env.policies["ext.i18n.trimmed"] = True
    env.policies["json.dumps_kwargs"] = {"sort_keys": False}
    env.install_gettext_translations(texts, newstyle=True)  # pyright: ignore[reportAttributeAccessIssue]
    return env


class _Calls(Context):
    """Calls macros and methods, most of what a template calls, without asking what they want handed in."""

    def call(self, called: Any, /, *arguments: Any, **named: Any) -> Any:
        if type(called) is QuickMacro:
            arguments = (self.eval_ctx, *arguments)
        elif not _takes_nothing(called):
            return super().call(called, *arguments, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*arguments, **named)


def _takes_nothing(called: Any) -> bool:
    """Whether a method or a function wants nothing handed in: what does is marked by Jinja."""
    kind = type(called)
    return kind is MethodType or (kind is FunctionType and not hasattr(called, "jinja_pass_arg"))


class _Environment(Environment):
    """Where templates are compiled, and what they say in its language."""

    code_generator_class = Compiler
    context_class = _Calls
    wording: dict[bool, Wording]


class _Compiled(BytecodeCache):
    """Compiled templates, for the environments of all languages."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled() -> _Compiled:
    return _Compiled()


def compiled() -> dict[str, bytes]:
    """The templates compiled so far: for another process of the same version."""
    return dict(_compiled().kept)


def take_over(templates: Mapping[str, bytes]) -> None:
    """Use what another process compiled; what has changed since is compiled anew."""
    _compiled().kept.update(templates)


def forget() -> None:
    """Read templates and texts anew: for whoever is working on them."""
    for kept in (_environment, _compiled, _translations, macros_of, module, phrase):
        kept.cache_clear()


@lru_cache(maxsize=512)
def module(language: str, template: str) -> Any:
    """The macros of a template; they see their arguments and nothing else."""
    return environment(language).get_template(template).module


@lru_cache(maxsize=4096)
def phrase(language: str, template: str, name: str, *arguments: Hashable) -> str:
    """What a macro says of words and numbers, in one line: most mails say the same."""
    return line(getattr(module(language, template), name)(*arguments))


def line(text: object) -> str:
    """What a macro says, without its own line breaks."""
    said = str(text)
    return (" ".join(filter(None, said.split("\n"))) if "\n" in said else said).strip()


def escapes(template: str | None) -> bool:
    """Only what becomes HTML is escaped; `item.j2` and `.txt.j2` are plain text."""
    return template is None or template.endswith((".mjml.j2", ".html.j2"))


def catalogue(name: str) -> Path:
    """Where the texts of `de` and of `de@du` lie."""
    return folder() / "locale" / name / "LC_MESSAGES" / f"{DOMAIN}.po"


def translations(language: str) -> gettext.NullTranslations:
    """The texts of a language, compiled in memory; English is the language of the templates."""
    return _translations(speech.spoken(language))


@cache
def _translations(spoken: str) -> gettext.NullTranslations:
    found = gettext.NullTranslations()
    for name in reversed(speech.catalogues(spoken)):
        compiled = io.BytesIO()
        with catalogue(name).open("rb") as source:
            write_mo(compiled, _swiss(read_po(source, locale="de"), spoken))
        compiled.seek(0)
        own = gettext.GNUTranslations(compiled)
        own.add_fallback(found)
        found = own
    return found


def _swiss(texts: Any, spoken: str) -> Any:
    """Our own texts without ß where readers are Swiss; names and notes from the data stay as they are."""
    for message in texts if spoken.startswith("de-CH") else ():
        said = message.string
        if isinstance(said, str):
            message.string = said.replace("ß", "ss")
        else:
            message.string = tuple(each.replace("ß", "ss") for each in said)
    return texts
