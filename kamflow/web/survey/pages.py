"""What a contact sees: the survey, the thanks, that it is over, and that nobody asks any more."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from fastapi import Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from kamflow.acts.survey_answer import LONGEST, NOTHING, Said
from kamflow.figures.survey_dimensions import label
from kamflow.store import survey_readers
from kamflow.web.pages import page
from kamflow.web.site import Site
from kamflow.web.survey import form
from kamflow.web.survey.opening import Opened
from notifications.parts import printable
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.literal import clean

FOLDER = "survey_page"


@dataclass(frozen=True)
class By:
    """Who asks and who reads, as `survey_page/law.j2` tells it."""

    company: str
    legal: str
    address: str
    readers: tuple[str, ...]
    consent: bool
    privacy: str


def survey(
    session: Session, site: Site, seen: Opened, said: Said | None = None, notice: str = "", status: int = 200
) -> Response:
    """The form, filled with what was just typed (`said`) or what is stored.

    `notice` is why it is shown once more: conflict, empty or long.
    """
    asked = seen.asked
    words = site.policy.survey_dispatch.wording
    filled = form.shown(said, asked)
    questions = [
        (name, label(name, seen.language, words), filled.ratings.get(name, NOTHING))
        for name in asked.dimensions
    ]
    return _page(
        session, site, seen, "survey", status,
        questions=questions,
        options=options,
        scale=scale,
        filled=filled,
        comment=printable(filled.comment or ""),
        theirs=printable(asked.given.comment or "") if asked.given else "",
        version=asked.given.version if asked.given else 0,
        notice=notice,
        longest=LONGEST,
    )  # fmt: skip


def instead(session: Session, site: Site, seen: Opened, said: Said | None = None) -> Response:
    """The page of a survey that cannot be answered, with what was typed in vain."""
    if seen.asked.state == "objected":
        return objection(session, site, seen)
    lost = printable(said.comment or "") if said else ""
    return _page(session, site, seen, "over", 410, lost=lost, late=said is not None)


def thanks(session: Session, site: Site, seen: Opened) -> Response:
    """The thank-you page."""
    return _page(session, site, seen, "thanks", 200)


def objection(session: Session, site: Site, seen: Opened) -> Response:
    """What "please do not ask me again" means, or that it is noted."""
    return _page(session, site, seen, "objection", 200)


def no_more(language: str) -> str:
    """What a contact says by objecting, as the page has it: it is kept as the wording of the objection."""
    return str(module(language, f"{FOLDER}/words.j2").no_more()).strip()


def to(seen: Opened, part: str = "") -> Response:
    """Send the browser on, so that loading the page again sends nothing."""
    return RedirectResponse(seen.path(part), 303)


def _page(
    session: Session, site: Site, seen: Opened, template: str, status: int, **values: object
) -> Response:
    asked, survey = seen.asked, site.settings.survey
    other = "en" if locale_of(seen.language).startswith("de") else "de"
    by = By(
        company=site.settings.company.name,
        legal=survey.legal_details or "",
        address=survey.objection_address or "",
        readers=survey_readers.kams(session, asked.account, asked.today),
        consent=asked.consent,
        privacy=survey.privacy_url or "",
    )
    return page(
        site, f"{FOLDER}/{template}.html.j2", seen.language, status, asked.today,
        asked=asked, account=clean(asked.account_name), by=by, other=other, path=seen.path,
        law=_law(seen.language, by), readers=_readers(seen.language, by), **values,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _law(language: str, by: By) -> str:
    """What the law wants to be said: long, and the same for everybody at an account."""
    words = module(language, "survey_page/notice.html.j2")
    return words.notice(by, Formats(locale_of(language), date.min))


@lru_cache(maxsize=1024)
def _readers(language: str, by: By) -> str:
    words = module(language, "survey_page/law.j2")
    return str(words.readers(by, Formats(locale_of(language), date.min)))


@cache
def options(chosen: int | None) -> str:
    """The options of a list from 0 to 10."""
    return module("en", "survey_page/numbers.html.j2").options(chosen)


@cache
def scale(chosen: int | None) -> str:
    """The buttons from 0 to 10."""
    return module("en", "survey_page/numbers.html.j2").scale(chosen)
