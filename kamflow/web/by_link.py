"""Who holds a signed link, and what it is about. No session comes of it: a link opens this one thing."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog
from fastapi import Request
from sqlmodel import Session

from kamflow.store import recipients
from kamflow.store.recipients import Recipient
from kamflow.web import guesses
from kamflow.web.site import Site
from notifications import links, views
from notifications.links import ExpiredLink, Purpose, Signed
from notifications.render import speech
from notifications.ways import TRYING_OUT

log = structlog.get_logger()


@dataclass(frozen=True)
class Holder:
    """The person a link was made for; `trying`: in a test run, where it shows and does nothing."""

    reader: Recipient
    about: int
    today: date
    now: datetime
    trying: bool

    @property
    def person(self) -> int:
        return self.reader.id

    @property
    def language(self) -> str:
        return self.reader.language


def read(request: Request, site: Site, purpose: Purpose, token: str) -> Signed:
    """What a token says, before the database is asked.

    Raises:
        BadLink, ExpiredLink: see `links.opened`; TooManyGuesses: this address has shown too many wrong ones.
    """
    with guesses.counted(request, site, purpose):
        return links.opened(links.secret(site.settings), purpose, token, site.now())


def holder(session: Session, site: Site, said: Signed) -> Holder:
    """Who it was made for.

    Raises:
        ExpiredLink: they have left, or their links were revoked.
    """
    found = recipients.recipients(session, [said.person]).get(said.person)
    today = site.now().astimezone(views.zone(found, site.settings)).date() if found else site.today
    if found is None or (found.left_on is not None and found.left_on < today):
        raise _over("left")
    if said.version not in (found.links_version, TRYING_OUT):
        raise _over("revoked")
    return Holder(_addressed(found, site), said.about, today, site.now(), said.version == TRYING_OUT)


def _addressed(found: Recipient, site: Site) -> Recipient:
    form = site.settings.company.colleagues
    return replace(found, language=speech.addressed(found.language, form))


def _over(why: str) -> ExpiredLink:
    log.warning("link.refused", reason=why)
    return ExpiredLink("this link does not open anything any more")
