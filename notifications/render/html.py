"""A message as e-mail: HTML from MJML, and a plain text that says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import mrml

from kamflow.store.names import Names
from notifications.render import brand
from notifications.render import letter as letters
from notifications.render.environment import environment
from notifications.render.item import Letter
from notifications.render.shorten import SHORTEST, shortened
from notifications.render.view import NudgesView

# Gmail cuts a mail off at 102 KB, its footer first.
LIMIT = 95_000


@dataclass(frozen=True, slots=True)
class RenderedMail:
    subject: str
    html: str
    text: str


def mail(view: NudgesView) -> RenderedMail:
    """A digest or an urgent message."""
    return laid_out(letters.letter(view))


def notice(
    template: str,
    language: str,
    facts: Mapping[str, Any],
    company: str = "",
    day: date | None = None,
    redirected_from: str | None = None,
    names: Names | None = None,
) -> RenderedMail:
    """A message that no nudge is behind: `rejects` to a source's owner, `alert` to operations."""
    return laid_out(letters.notice(template, language, facts, company, day, redirected_from, names))


def laid_out(letter: Letter) -> RenderedMail:
    """The neutral model in the shared frame, made shorter where it would be cut by the mail program."""
    for level in range(SHORTEST):
        made = _made(shortened(letter, level))
        if len(made.html.encode()) <= LIMIT:
            return made
    return _made(shortened(letter, SHORTEST))


def _made(letter: Letter) -> RenderedMail:
    env = environment(letter.locale[:2])
    mjml = env.get_template("digest/mail.mjml.j2").render(
        letter=letter, light=brand.LIGHT, dark=brand.DARK, font=brand.FONT
    )
    text = env.get_template("digest/mail.txt.j2").render(letter=letter)
    return RenderedMail(letter.subject, mrml.to_html(mjml).content, text)
