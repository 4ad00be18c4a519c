"""Every example as files and one page to look at them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notifications.render import brand, examples, html, slack
from notifications.render.environment import environment
from notifications.render.item import Letter

LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Shown:
    """One message in one language by both channels; `name` is what its files are called."""

    name: str
    language: str
    mail: html.RenderedMail
    post: slack.RenderedPost

    @property
    def subject(self) -> str:
        return self.mail.subject

    @property
    def blocks(self) -> tuple[dict[str, Any], ...]:
        return self.post.blocks

    def files(self) -> Iterator[tuple[str, str]]:
        """Suffix and content of each part."""
        post = {"text": self.post.text, "blocks": self.post.blocks}
        yield ".html", self.mail.html
        yield ".txt", self.mail.text
        yield ".slack.json", json.dumps(post, ensure_ascii=False, indent=2) + "\n"


def shown(name: str, letter: Letter) -> Shown:
    return Shown(name, letter.language, html.laid_out(letter), slack.laid_out(letter))


def every() -> Iterator[Shown]:
    """All cases of all documents in both languages."""
    for document, case in (*examples.VIEWS, *examples.NOTICES):
        for language in LANGUAGES:
            yield shown(f"{document}.{case}.{language}", examples.example(document, case, language))


def write(folder: Path) -> int:
    """Write the gallery into a folder and return how many messages are in it."""
    folder.mkdir(parents=True, exist_ok=True)
    messages = list(every())
    for message in messages:
        for suffix, content in message.files():
            (folder / f"{message.name}{suffix}").write_text(content, encoding="utf-8")
    page = environment("en").get_template("preview/index.html.j2")
    index = page.render(messages=messages, light=brand.LIGHT, dark=brand.DARK, font=brand.FONT)
    (folder / "index.html").write_text(index, encoding="utf-8")
    return len(messages)
