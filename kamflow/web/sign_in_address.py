"""A link that signs somebody in, for whoever has proved who they are elsewhere (such as in Slack)."""

from sqlmodel import Session

from kamflow.models.person import Person
from kamflow.web.site import Site
from kamflow.web.visitor import own_path
from notifications import links, sign_in_link


def sign_in_address(site: Site, session: Session, person: int, return_to: str = "/") -> str | None:
    """The address of a new link for a person, good once for a quarter of an hour; None without internal_url.

    `session` is a writing one. Show it to nobody but the person.
    """
    if site.settings.web.internal_url is None:
        return None
    who = session.get_one(Person, person)
    made = sign_in_link.make(session, who, site.now(), own_path(return_to))
    token = sign_in_link.token(site.settings, made, who.links_version)
    return links.internal_link(site.settings, f"sign-in/{token}")
