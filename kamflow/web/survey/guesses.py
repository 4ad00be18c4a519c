"""Who shows tokens that do not exist: they are counted by address, slowed down, and operations are told.

A right token is let in all the same: a customer's whole company may come from one address, and a token has
256 bits. What somebody guesses costs an address at most 20 looks in ten minutes; all requests of it, right
or wrong, end at `limits.REQUESTS`.
"""

from datetime import timedelta

import structlog
from fastapi import Request, Response
from limits import parse
from starlette.background import BackgroundTask

from kamflow.store import guessed
from kamflow.web import limits, refusals
from kamflow.web.site import Site
from notifications import outbox
from notifications.outbox import NewMessage

NAME = "survey"
AT_MOST = timedelta(hours=1)
# Asks the database once a minute at most, however many guess.
LOOKED = parse("1 per minute")

log = structlog.get_logger()


def refused(request: Request, site: Site) -> Response:
    """The answer to a token that nobody has: there is no such page, or too many tries."""
    who = request.client.host if request.client else ""
    if site.limits.hit(limits.GUESSES, NAME, who):
        log.warning("link.refused", purpose=NAME)
        return refusals.refused(request, "bad_link", 404)
    answer = refusals.refused(request, "slow", 429)
    answer.headers["retry-after"] = str(site.limits.wait(limits.GUESSES))
    if site.limits.hit(LOOKED, NAME, "noticed"):
        answer.background = BackgroundTask(notice, site)
    return answer


def notice(site: Site) -> None:
    """Write down that somebody guesses, and tell operations; at most once an hour.

    What is written is about the attack, never about an invitation: neither token nor address is kept.
    """
    now = site.now()
    with site.writing("page") as session:
        event = guessed.note(session, now, now - AT_MOST)
        if event is not None:
            facts = {"day": site.today.isoformat()}
            key = f"alert:survey-guessed:{event}"
            outbox.add(session, NewMessage(key, "alert", "email", "survey_guessed", facts), now)
