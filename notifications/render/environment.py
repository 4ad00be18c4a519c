"""The one Jinja environment: templates found beside this package, texts in the reader's language."""

import gettext
import io
from collections.abc import Callable, Hashable
from functools import cache, lru_cache
from pathlib import Path
from types import MethodType
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import BytecodeCache, Environment, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.runtime import Context, Macro

import notifications
from kamflow.store.erasing import CALLED
from notifications.render import frame, rows, speech

DOMAIN = "kamflow"


def folder() -> Path:
    """Where the templates lie: in the wheel as in the tree beside `notifications`."""
    return Path(notifications.__file__).parent.parent / "templates"


def environment(language: str) -> Environment:
    """The environment for a language such as `de`, `de-CH@du` or `en-US`."""
    return _environment(speech.spoken(language))


@cache
def _environment(spoken: str) -> Environment:
    """Words are looked up when a text is rendered: every template is compiled once for all of them."""
    env = Environment(
        loader=frame.Templates(folder()),
        bytecode_cache=_compiled(),
        undefined=StrictUndefined,
        autoescape=escapes,  # noqa: S701 - by what the template becomes
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        finalize=nameless(spoken),
    )
    env.context_class = _Calls
    env.filters["sentence"] = sentence
    env.globals |= {"rows": rows, "attribute": frame.attribute}
    env.policies["ext.i18n.trimmed"] = True
    env.policies["json.dumps_kwargs"] = {"sort_keys": False}
    env.install_gettext_translations(  # pyright: ignore[reportAttributeAccessIssue]
        translations(spoken), newstyle=True
    )
    return env


def nameless(spoken: str) -> Callable[[Any], Any]:
    """Says in a language what the data say in place of the name of who was erased."""
    texts = translations(spoken)
    said = {word: texts.gettext(word) for word in CALLED.values()}
    swaps = said | {sentence(word): sentence(other) for word, other in said.items()}

    def finalize(value: Any) -> Any:
        if isinstance(value, str) and "rased " in value:
            for word, other in swaps.items():
                value = value.replace(word, other)
        return value

    return finalize


class _Calls(Context):
    """Calls macros and methods, most of what a template calls, without asking what they want handed in."""

    def call(self, called: Any, /, *arguments: Any, **named: Any) -> Any:
        if type(called) is Macro:
            arguments = (self.eval_ctx, *arguments)
        elif type(called) is not MethodType:
            return super().call(called, *arguments, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*arguments, **named)


class _Compiled(BytecodeCache):
    """Compiled templates, for the environments of all languages."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled() -> _Compiled:
    return _Compiled()


def forget() -> None:
    """Read templates and texts anew: for whoever is working on them."""
    for kept in (_environment, _translations, module, phrase):
        kept.cache_clear()


@lru_cache(maxsize=512)
def module(language: str, template: str) -> Any:
    """The macros of a template; they see their arguments and nothing else."""
    return environment(language).get_template(template).module


@lru_cache(maxsize=4096)
def phrase(language: str, template: str, name: str, *arguments: Hashable) -> str:
    """What a macro says of words and numbers: most mails say the same."""
    return str(getattr(module(language, template), name)(*arguments))


def sentence(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


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
