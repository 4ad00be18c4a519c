"""The message that signs a person in: its link is made when it is sent, and stored nowhere."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from kamflow.errors import Permanent
from kamflow.models.person import Person
from kamflow.models.visit import SignIn
from kamflow.settings import Settings
from kamflow.store import new_messages, sign_ins
from kamflow.store.new_messages import URGENT, NewMessage
from notifications import links, outbox
from notifications.links import Signed
from notifications.outbox import Claimed

KIND, TEMPLATE = "sign-in", "sign_in_link"
MINUTES = 15  # a link is good for
TRYING_OUT = 0  # a version of links that nobody has


def make(session: Session, person: Person, now: datetime, return_to: str | None) -> SignIn:
    """A link for a person, who then goes on to `return_to`."""
    return sign_ins.add(session, person.id or 0, now, now + timedelta(minutes=MINUTES), return_to)


def send(
    session: Session, person: Person, now: datetime, settings: Settings, return_to: str | None
) -> int | None:
    """Put a message with a new link into the outbox. It waits for no working time: they asked for it."""
    made = make(session, person, now, return_to)
    version = TRYING_OUT if _goes_elsewhere(person, settings) else person.links_version
    message = NewMessage(
        key=f"sign-in:{made.id}",
        kind=KIND,
        channel=outbox.channel(person.channel, settings),
        template=TEMPLATE,
        facts={"sign_in": made.id, "version": version, "until": made.ends_at.isoformat()},
        person=person.id,
        priority=URGENT,
    )
    return new_messages.add(session, message, now)


def _goes_elsewhere(person: Person, settings: Settings) -> bool:
    """Whether a test run brings the link to somebody else: it then signs nobody in."""
    own = (person.email or "").casefold() == (settings.delivery.redirect_to or "").casefold()
    return settings.delivery.mode == "redirect" and not own


def token(settings: Settings, made: SignIn, version: int) -> str:
    """What the link to a sign-in carries."""
    return _token(settings, made.person_id, made.id or 0, made.ends_at, version)


def stale(message: Claimed, now: datetime) -> str | None:
    """Why a link must not be sent any more."""
    if message.kind != KIND:
        return None
    return "link-expired" if datetime.fromisoformat(message.facts["until"]) <= now else None


def around(message: Claimed, settings: Settings, zone: str) -> Mapping[str, Any]:
    """What the message says beside its facts: the link, and where the clock stands that it names.

    Raises:
        Permanent: nobody said where our pages are reached.
    """
    if message.kind != KIND:
        return {}
    until = datetime.fromisoformat(message.facts["until"])
    about = message.person or 0, message.facts["sign_in"], until, message.facts["version"]
    url = links.internal_link(settings, f"sign-in/{_token(settings, *about)}")
    if url is None:
        raise Permanent("internal_url is not set", cause="no-internal-url: set internal_url in [web]")
    return {"url": url, "zone": zone, "minutes": MINUTES}


def _token(settings: Settings, person: int, number: int, until: datetime, version: int) -> str:
    return links.signed(links.secret(settings), "sign-in", Signed(person, number, until, version))
