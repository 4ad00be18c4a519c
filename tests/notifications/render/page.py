"""A mail read back: its text, its links and what it would load, with Python's own parser."""

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """The visible text, pictures by their alt text, and the structure of a mail."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.images: list[dict[str, str | None]] = []
        self._pieces: list[str] = []
        self._silent = 0
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """The text with white space as a browser shows it; blocks are apart from each other."""
        return squeezed("".join(self._pieces))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes.setdefault(tag, found)
        self._silent += tag in ("style", "title", "script")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag == "img":
            self.images.append(found)
            self._pieces.append(f" {found.get('alt') or ''} ")
        self.loads += [found[name] or "" for name in ("src", "background", "poster") if found.get(name)]
        if tag == "link":
            self.loads.append(found.get("href") or "")
        if tag in ("td", "th", "div", "p", "h1", "h2", "br", "tr"):
            self._pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._pieces.append(data)


def squeezed(text: str) -> str:
    return re.sub(r"[ \t\n\r\f\u200b]+", " ", text).strip()
