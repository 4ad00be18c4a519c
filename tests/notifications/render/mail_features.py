"""What a mail asks of a mail program, in the words of caniemail.com, and what the programs do not give."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

CLIENTS = ("outlook", "gmail", "apple-mail", "gmx", "web-de", "t-online-de")
# What every mail program has shown for twenty years; caniemail does not list it.
PLAIN = {
    *("html-html", "html-head", "html-title", "html-meta", "html-a", "html-br"),
    *("html-href", "html-src", "html-alt", "html-border", "html-bgcolor", "html-class", "html-xmlns"),
    *(
        "html-name",
        "html-content",
        "html-http-equiv",
        "html-type",
        "html-scope",
        "html-colspan",
        "html-nowrap",
    ),
    *("css-color", "css-font-family"),
    # Read by screen readers where it is kept, and by nobody else.
    *("html-aria-roledescription", "html-media"),
}
_ELEMENTS = {
    **{f"h{level}": "html-h1-h6" for level in range(1, 7)},
    **dict.fromkeys(("td", "th", "tr", "tbody", "thead", "caption"), "html-table"),
    **dict.fromkeys(("ul", "ol", "li"), "html-lists"),
    **dict.fromkeys(("article", "section", "header", "footer", "main", "nav"), "html-semantics"),
}
# A property of one side is listed with the whole.
_FAMILIES = ("padding", "margin", "border-radius", "border")
_OWN_OF_ONE = ("mso-", "-ms-", "-webkit-", "-moz-")  # ignored elsewhere, which is what they are for
_OWN_OF_ONE += ("supported-color-schemes",)
_DECLARATION = re.compile(r"([\w-]+)\s*:\s*((?:\"[^\"]*\"|'[^']*'|[^;\"'])*)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_UNIT = re.compile(r"(?<![\w#.-])[-+]?\d*\.?\d+(%|[a-z]+)")
_FUNCTION = re.compile(r"([a-z-]+)\(")


def used(html: str) -> set[str]:
    """The features of a mail, as caniemail names them: `css-max-width`, `html-align`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def gaps(folder: Path, feature: str) -> Mapping[str, str] | None:
    """Where a feature works in part ("a", with numbers of notes) or not at all ("n"); None: not listed."""
    path = folder / f"{feature}.md"
    if not path.exists():
        return None
    head: dict[str, Any] = yaml.safe_load(
        path.read_text(encoding="utf-8").split("\n---")[0].replace("\t", "    ")
    )
    newest = {
        f"{client}.{platform}": str(list(versions.values())[-1])
        for client in CLIENTS
        for platform, versions in head["stats"].get(client, {}).items()
    }
    return {place: mark for place, mark in newest.items() if mark[0] in "an"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._in_style = False

    def handle_decl(self, decl: str) -> None:
        self.found.add("html-doctype")

    def handle_comment(self, data: str) -> None:
        self.found.add("html-comments")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.found.add(_ELEMENTS.get(tag, f"html-{tag}"))
        for name, value in attrs:
            self.found.update(_of_attribute(tag, name, value or ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found.update(_of_sheet(data))


def _of_attribute(tag: str, name: str, value: str) -> Iterator[str]:
    if name == "style":
        yield from _of_declarations(value)
    elif name == "src":
        yield "html-src"
        yield "image-png" if value.startswith("cid:") else "image-base64"
    elif tag == "meta" and value == "color-scheme":
        yield "html-meta-color-scheme"
    elif name == "href" and value.startswith(("#", "mailto:")):
        yield "html-anchor-links" if value.startswith("#") else "html-mailto-links"
    elif name not in ("id", "data-ogsc", "data-ogsb"):
        yield f"html-{name.partition(':')[0]}"


def _of_sheet(sheet: str) -> Iterator[str]:
    for at in re.findall(r"@([\w-]+)([^{;]*)", sheet):
        yield f"css-at-{at[0]}"
        yield from (
            f"css-at-media-{name}" for name in re.findall(r"prefers-[a-z-]+|orientation|hover", at[1])
        )
    for selectors, block in _RULE.findall(sheet):
        yield from _of_selectors(selectors.strip())
        yield from _of_declarations(block)


def _of_selectors(text: str) -> Iterator[str]:
    kinds = {
        "grouping": ",",
        "child": ">",
        "descendant": r"[\w\]] +[\w.#\[]",
        "attribute": r"\[",
        "class": r"\.[a-z]",
        "id": "#[a-z]",
        "type": r"(?:^|[\s,>])[a-z]",
        "chaining": r"[\w\]][.#\[][a-z]",
        "universal": r"\*",
        "adjacent-sibling": r"\+",
        "general-sibling": "~",
    }
    yield from (f"css-selector-{name}" for name, sign in kinds.items() if re.search(sign, text))
    yield from (
        f"css-pseudo-class-{name}" for name in re.findall(r"(?<!:):([a-z-]+)", text) if name != "root"
    )
    yield from (f"css-pseudo-element-{name}" for name in re.findall(r"::([a-z-]+)", text))


def _of_declarations(text: str) -> Iterator[str]:
    for name, value in _DECLARATION.findall(text):
        if not name.startswith(_OWN_OF_ONE):
            yield _of_property(name, value)
            yield from _of_value(value)


def _of_property(name: str, value: str) -> str:
    if name == "display" and re.match("none|flex|grid", value):
        return f"css-display-{value.split(maxsplit=1)[0]}"
    family = next((family for family in _FAMILIES if _within(name, family)), name)
    return f"css-{family}"


def _within(name: str, family: str) -> bool:
    if family == "border-radius":
        return name.startswith("border-") and name.endswith("-radius")
    return name.startswith(f"{family}-") and name not in ("border-collapse", "border-spacing", "border-image")


def _of_value(value: str) -> Iterable[str]:
    if "!important" in value:
        yield "css-important"
    plain = re.sub(r"\"[^\"]*\"|'[^']*'", "", value)
    yield from (f"css-unit-{'percent' if unit == '%' else unit}" for unit in _UNIT.findall(plain))
    for name in _FUNCTION.findall(plain):
        yield {"calc": "css-unit-calc", "var": "css-variables", "url": "css-background-image"}.get(
            name, f"css-{name}" if name in ("rgb", "rgba") else f"css-function-{name}"
        )
