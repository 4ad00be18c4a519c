"""A person's calendar as an answer: the same until something in it changes."""

import hashlib

from fastapi import Response
from sqlmodel import Session

from kamflow.web.by_link import Holder
from kamflow.web.site import Site
from notifications import own_calendar

# A calendar program asks every hour or so; what it has may be shown until then.
HEADERS = {"cache-control": "private, max-age=900"}


def answer(session: Session, site: Site, holder: Holder, known: str) -> Response:
    """The calendar, or that it has not changed since `known` (an entity tag)."""
    made = own_calendar.of(session, holder.person, site.settings, holder.now)
    tag = f'"{hashlib.sha256(made).hexdigest()[:32]}"'
    headers = HEADERS | {"etag": tag}
    if tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(made, 200, headers, "text/calendar; charset=utf-8")
