"""A page: a template in the reader's language inside the frame that all pages share."""

from datetime import date
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from kamflow.web import assets
from kamflow.web.site import Site
from notifications.render.environment import environment
from notifications.render.formats import Formats, locale_of


def page(
    site: Site, template: str, language: str, status: int = 200, day: date | None = None, **values: Any
) -> HTMLResponse:
    """Render `templates/<template>` for a reader; `formats` writes dates and numbers as they do.

    `language` is a person's or contact's tag (with the form of address: `speech.addressed`).
    """
    locale = locale_of(language)
    shown = environment(language).get_template(template)
    html = shown.render(
        company=site.settings.company.name,
        formats=Formats(locale, day or site.today, site.settings.company.currency),
        language=locale.replace("_", "-"),
        style=assets.address(assets.STYLE, site),
        **values,
    )
    return HTMLResponse(html, status)


def asked_for(request: Request, site: Site) -> str:
    """The language a browser asks for, of somebody nobody knows yet: the company's where it says nothing."""
    wanted = request.headers.get("accept-language", "").lower()
    first = next((part for part in wanted.replace(" ", "").split(",") if part[:2] in {"de", "en"}), "")
    return first.partition(";")[0] or site.settings.company.language
