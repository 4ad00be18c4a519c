"""Which invitation a link stands for, and in which language its page speaks."""

import hmac
import re
from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session

from kamflow.store import survey_page
from kamflow.store.survey_page import Asked
from kamflow.web.site import Site
from notifications import links
from notifications.render import speech

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes
# The German of a country whose customers read it with words of their own.
GERMAN_OF = {"CH": "de-CH", "LI": "de-CH", "AT": "de-AT"}


def asked(session: Session, site: Site, token: str) -> Asked | None:
    """The invitation of a link; None where we made no such link, or have revoked it."""
    if not TOKEN.fullmatch(token):
        return None
    found = survey_page.by_link(session, links.hashed(token), site.now(), site.settings.company)
    if found is None:
        return None
    # The hash of a link that was revoked stays until the new one is sent.
    made = links.survey_token(links.secret(site.settings), found.id, found.version)
    return found if hmac.compare_digest(made, token) else None


@dataclass(frozen=True)
class Opened:
    """An invitation whose link was shown, and how its page speaks."""

    asked: Asked
    token: str
    language: str
    chosen: str | None

    def path(self, part: str = "", language: str | None = None) -> str:
        """The address of one of its pages; the language stays the one that was chosen."""
        wanted = language or self.chosen
        query = f"?language={wanted}" if wanted else ""
        return f"/s/{self.token}{part}{query}"


def opened(session: Session, site: Site, request: Request, token: str) -> Opened | None:
    """What a link leads to at this moment."""
    found = asked(session, site, token)
    return seen(found, site, request, token) if found else None


def seen(found: Asked, site: Site, request: Request, token: str) -> Opened:
    """An invitation as it was loaded, for whoever asks."""
    said = request.query_params.get("language")
    chosen = said if said in ("de", "en") else None
    return Opened(found, token, _language(found, chosen, site.settings.company.language), chosen)


def _language(found: Asked, chosen: str | None, companys: str) -> str:
    """The contact's own; the other one where it was chosen. Customers are always said "Sie"."""
    own = speech.formal(found.language or companys)
    if chosen is None or own[:2].lower() == chosen:
        return own
    if chosen == "en":
        return companys if companys.startswith("en") else "en"
    return GERMAN_OF.get((found.country or "").upper(), companys if companys.startswith("de") else "de")
