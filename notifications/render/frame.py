"""The frame of every mail, laid out once: MJML around Jinja becomes HTML around the same Jinja.

What mrml makes of a section does not depend on the words in it. So it lays out the template and not each
mail, with a word in place of every expression and block. `<mj-raw>` holds the blocks between sections,
columns and texts, where MJML knows no words.
"""

import re
from collections.abc import Callable
from html import escape
from typing import TypeAlias

import mrml
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from notifications.render import brand

LAID_OUT, SOURCE = "digest/mail.html.j2", "digest/mail.mjml.j2"

_COLOURS = {"light": brand.LIGHT, "dark": brand.DARK}
_COLOUR = re.compile(r"\{\{ (light|dark)\.(\w+) \}\}|\b(light|dark)\.(\w+)\b")
_FONT = "{{ font }}"
_NOTE = re.compile(r"\{#.*?#\}", re.DOTALL)
_STYLE = re.compile(r'\{% include "([^"]+)" %\}')
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}\n?", re.DOTALL)
_HELD = re.compile(r"jinja(\d+)held")
# Lines short enough for a mail: inside a tag a line break is a space, wherever the tag stands.
_STYLED, _BROKEN = '" style="', '"\nstyle="'
# What begins a line in the head and in the preview, where no style does.
_HEAD = re.compile(r"(?=<meta |<body |<div\sstyle=\"display:none)")
# Between a tag and a tag or a block; mrml drops it, and what is laid out already does without as well.
_INDENT = re.compile(r"(?<=[>}])\s*\n\s*(?=[<{])")

# A macro needs no context of its own for every mail.
_WHOLE = "{%% macro whole(letter, pictures) %%}%s{%% endmacro %%}"

_Source: TypeAlias = tuple[str, str, Callable[[], bool]]


class Templates(FileSystemLoader):
    """Templates as they lie in the folder; those of mails with their colours, and the frame laid out."""

    def get_source(self, environment: Environment, template: str) -> _Source:
        read = super().get_source
        text, path, fresh = read(environment, SOURCE if template == LAID_OUT else template)
        if template == LAID_OUT:
            styled = _STYLE.sub(lambda found: read(environment, found[1])[0], text)
            broken = laid_out(coloured(styled)).replace(_STYLED, _BROKEN)
            return _HEAD.sub("\n", broken), path, fresh
        if template.endswith(".mjml.j2"):
            return _INDENT.sub("", coloured(text)).replace(_STYLED, _BROKEN), path, fresh
        return text, path, fresh


def coloured(text: str) -> str:
    """The template with the colours and the font in it."""

    def colour(found: re.Match[str]) -> str:
        scheme, name = found[1] or found[3], found[2] or found[4]
        value = getattr(_COLOURS[scheme], name)
        return value if found[1] else f'"{value}"'

    return _COLOUR.sub(colour, text).replace(_FONT, brand.FONT)


def laid_out(text: str) -> str:
    """The MJML template as an HTML template."""
    jinja: list[str] = []

    def hold(found: re.Match[str]) -> str:
        jinja.append(found[0].rstrip("\n"))
        return f"jinja{len(jinja) - 1}held"

    before, root, inside = _INDENT.sub("", _NOTE.sub("", text)).partition("<mjml")
    html = mrml.to_html(_JINJA.sub(hold, root + inside)).content
    return before.strip() + _WHOLE % _HELD.sub(lambda found: jinja[int(found[1])], html)


def attribute(text: str) -> Markup:
    """The text escaped for an attribute, where mrml would write a no-break space as `\\u{a0}`."""
    escaped = escape(text, quote=True)
    if not escaped.isascii() or "\\" in escaped:
        escaped = escaped.encode("ascii", "xmlcharrefreplace").decode().replace("\\", "&#92;")
    return Markup(escaped)  # noqa: S704 - escaped above
