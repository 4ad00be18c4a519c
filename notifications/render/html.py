"""A message as e-mail: HTML from MJML, and a plain text that says the same."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kamflow.store.names import Names
from notifications.message import Part
from notifications.render import frame
from notifications.render import letter as letters
from notifications.render.environment import environment, module
from notifications.render.house import House
from notifications.render.item import Chart, Letter
from notifications.render.picture import Picture, pictures
from notifications.render.shorten import SHORTEST, shortened
from notifications.render.view import NudgesView

# Gmail cuts a mail off at 102 KB, its footer first.
LIMIT = 99_000


@dataclass(frozen=True, slots=True)
class RenderedMail:
    subject: str
    html: str
    text: str
    parts: tuple[Part, ...] = ()

    @property
    def standalone(self) -> str:
        """The HTML with its pictures inside: for a browser, which has no mail around the page."""
        html = self.html
        for part in self.parts:
            inside = f"data:{part.content_type};base64,{b64encode(part.content).decode()}"
            html = html.replace(f'"cid:{part.content_id}"', f'"{inside}"')
        return html


def mail(view: NudgesView) -> RenderedMail:
    """A digest or an urgent message."""
    return laid_out(letters.letter(view))


def notice(  # noqa: PLR0913, PLR0917 - the places of a notice
    template: str,
    language: str,
    facts: Mapping[str, Any],
    company: str = "",
    day: date | None = None,
    redirected_from: str | None = None,
    names: Names | None = None,
    house: House | None = None,
) -> RenderedMail:
    """A message that no nudge is behind: `rejects` to a source's owner, `alert` to operations."""
    return laid_out(letters.notice(template, language, facts, company, day, redirected_from, names), house)


def laid_out(letter: Letter, house: House | None = None) -> RenderedMail:
    """The neutral model in the shared frame, made shorter where it would be cut by the mail program."""
    drawn = pictures(letter, house or House())
    for level in range(SHORTEST):
        made = _made(shortened(letter, level), drawn)
        if len(made.html) <= LIMIT // 4 or len(made.html.encode()) <= LIMIT:  # 4 bytes are the most
            return made
    return _made(shortened(letter, SHORTEST), drawn)


def _made(letter: Letter, drawn: Mapping[Chart, Picture]) -> RenderedMail:
    language = letter.locale[:2]
    html = str(module(language, frame.LAID_OUT).whole(letter, drawn))
    text = module(language, "digest/mail.txt.j2").whole(letter)
    shown = dict.fromkeys(chart for item in letter.items for chart in item.charts)
    return RenderedMail(letter.subject, html, text, tuple(drawn[chart].part for chart in shown))


def mjml(letter: Letter, drawn: Mapping[Chart, Picture]) -> str:
    """The letter as MJML: what its HTML was laid out from."""
    return environment(letter.locale[:2]).get_template(frame.SOURCE).render(letter=letter, pictures=drawn)
