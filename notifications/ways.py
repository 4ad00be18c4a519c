"""Where the buttons of a person's messages lead: signed links, made where settings and the time are known.

In a test run (delivery.mode = redirect) somebody else reads the mail: its links show what they would do and
do nothing, for their version is one that nobody has.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import quote

from kamflow.settings import Settings
from kamflow.store.names import Names
from kamflow.store.recipients import Recipient
from notifications import links
from notifications.links import Purpose, Signed
from notifications.render.view import NudgeView, Ways

NUDGE, DOCUMENT, FEED = "a", "d", "f"
TRYING_OUT = 0
FEED_DAYS = 366
OWN_LIST, PLANS = "list", "plans"
_LONGEST = 2000


def to_nudges(
    settings: Settings,
    reader: Recipient,
    nudges: Iterable[NudgeView],
    names: Names,
    drafts: dict[int, int],
    now: datetime,
) -> Ways:
    """The ways of one message; none of ours where nobody said how our pages are reached.

    `drafts`: round -> the message that brought the reader its draft briefing.
    """
    asked = [nudge for nudge in nudges if nudge.reason != "ladder"]
    forms = _forms(settings, {nudge.account for nudge in asked if nudge.account}, names)
    if settings.web.internal_url is None or settings.secret_key is None:
        return Ways(forms=forms)
    own = {nudge.id: nudge_link(settings, reader, nudge.id, now) or "" for nudge in asked}
    pages = ((nudge.id, _page(settings, reader, nudge, own[nudge.id], drafts, now)) for nudge in asked)
    return Ways(
        own, {nudge: page for nudge, page in pages if page}, forms, links.internal_link(settings, OWN_LIST)
    )


def _page(
    settings: Settings,
    reader: Recipient,
    nudge: NudgeView,
    own: str,
    drafts: dict[int, int],
    now: datetime,
) -> str | None:
    """The page that the rule has for it: a draft to release, plans to decide about, a list to strike from."""
    if nudge.step == "release" and (talk := nudge.facts.get("round")) in drafts:
        return document_link(settings, reader, drafts[talk], now)
    if (nudge.rule, nudge.step) == ("plan_creation", "approve"):
        return links.internal_link(settings, PLANS)
    if (nudge.rule, nudge.step) == ("plan_creation", "hand_in") and nudge.facts.get("returned_on"):
        return links.internal_link(settings, PLANS)  # what to change stands there
    if (nudge.rule, nudge.step) == ("survey_dispatch", "list"):
        return f"{own}?do=strike"
    return None


def nudge_link(settings: Settings, reader: Recipient, nudge: int, now: datetime) -> str | None:
    """What a person can do about a nudge: the page shows it, and only its forms do it."""
    return _link(
        settings, NUDGE, "nudge", reader.id, nudge, now, settings.web.link_days, _version(settings, reader)
    )


def document_link(settings: Settings, reader: Recipient, message: int, now: datetime) -> str | None:
    """The document that a message brought its reader."""
    days = settings.web.link_days
    return _link(settings, DOCUMENT, "document", reader.id, message, now, days, _version(settings, reader))


def feed_link(settings: Settings, person: int, version: int, now: datetime) -> str | None:
    """The address of a person's own calendar; a year long, or until their links are revoked.

    The same all day, so that a page that shows it twice shows one address.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    made = _link(settings, FEED, "feed", person, person, midnight, FEED_DAYS, version)
    return f"{made}.ics" if made else None


def _link(  # noqa: PLR0913, PLR0917 - all that a link says
    settings: Settings,
    at: str,
    purpose: Purpose,
    person: int,
    about: int,
    now: datetime,
    days: int,
    version: int,
) -> str | None:
    if settings.web.internal_url is None or settings.secret_key is None:
        return None
    said = Signed(person, about, now + timedelta(days=days), version)
    return links.internal_link(settings, f"{at}/{links.signed(links.secret(settings), purpose, said)}")


def _version(settings: Settings, reader: Recipient) -> int:
    return TRYING_OUT if settings.delivery.mode == "redirect" else reader.links_version


def _forms(settings: Settings, accounts: Iterable[int], names: Names) -> dict[int, str]:
    """The CRM's own form for each account that has an id there."""
    form = settings.crm.log_url
    if not form:
        return {}
    known = ((number, names.accounts.get(number)) for number in accounts)
    made = {
        number: form.replace("{id}", quote(account.crm_id, safe="", errors="replace"))
        for number, account in known
        if account is not None and account.crm_id
    }
    return {number: url for number, url in made.items() if len(url) <= _LONGEST}
