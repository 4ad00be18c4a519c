"""The one Jinja environment: templates found beside this package, texts in the reader's language."""

import gettext
import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

import notifications

DOMAIN = "kamflow"
SOURCE_LANGUAGE = "en"


def folder() -> Path:
    """Where the templates lie: in the wheel as in the tree beside `notifications`."""
    return Path(notifications.__file__).parent.parent / "templates"


@cache
def environment(language: str) -> Environment:
    """The environment for `de` or `en`; every template is compiled once per process."""
    env = Environment(
        loader=FileSystemLoader(folder()),
        undefined=StrictUndefined,
        autoescape=escapes,  # noqa: S701 - by what the template becomes
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.filters["sentence"] = sentence
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_translations(  # pyright: ignore[reportAttributeAccessIssue]
        translations(language), newstyle=True
    )
    return env


def module(language: str, template: str) -> Any:
    """The macros of a template; they see their arguments and nothing else."""
    return environment(language).get_template(template).module


def sentence(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def escapes(template: str | None) -> bool:
    """Only what becomes HTML is escaped; `item.j2` and `.txt.j2` are plain text."""
    return template is None or template.endswith((".mjml.j2", ".html.j2"))


def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language, compiled in memory; English is the source language."""
    path = folder() / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if language == SOURCE_LANGUAGE or not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
