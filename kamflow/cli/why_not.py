"""`kamflow why-not`: every rule that looked and why it stays silent; what holds back telling."""

from typing import Any

from kamflow.cli import glass
from kamflow.cli.home import Desk, acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import NotFound
from kamflow.models.person import Person
from kamflow.store import lookup
from notifications.render.formats import locale_of
from notifications.why_not import Asked, NotTold, look
from notifications.why_not_text import text


def why_not(
    person: str,
    about: str | None = None,
    /,
    *,
    break_glass: str | None = None,
    options: Options = HERE,
) -> None:
    """Explain a silence: which rules looked, their figures, and from when they would speak.

    Parameters
    ----------
    person
        Who was not told: a key, e-mail address or full name.
    about
        A contact or an account: key, external id or full name. Without it, all that the person works on.
    break_glass
        See another person's, with a reason: it is written down and the person is told.
    """
    opened = acting if break_glass else reading
    with opened(options) as desk:
        asked = _asked(desk, desk.person(person), about)
        glass.require(desk, asked.person, "why-not", break_glass)
        answer = look(desk.session, asked, desk.now, desk.settings, desk.policy)
        said = text(answer, locale_of(_language(desk)))
    if options.json:
        say_json(_plain(answer, said))
    else:
        say(*said)


def _asked(desk: Desk, person: int, about: str | None) -> Asked:
    """A contact before an account: people are asked about more often."""
    if about is None:
        return Asked(person)
    try:
        return Asked(person, contact=lookup.contact(desk.session, about).id)
    except NotFound as no_contact:
        try:
            return Asked(person, account=lookup.account(desk.session, about).id)
        except NotFound as no_account:
            raise NotFound(f"{no_contact}; {no_account}") from None


def _language(desk: Desk) -> str:
    if desk.actor is None:
        return desk.company.language
    return desk.session.get_one(Person, desk.actor).language


def _plain(answer: NotTold, said: list[str]) -> dict[str, Any]:
    return {
        "person": answer.person,
        "day": answer.today,
        "silences": answer.silences,
        "open": answer.open,
        "telling": [{"reason": reason, **figures} for reason, figures in answer.telling],
        "text": said,
    }
