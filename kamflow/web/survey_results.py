"""What customers answered in surveys: score, counts and coverage over the years, without names.

Whoever may look into the account sees it; who said what by name is for the reply to that answer alone.
"""

from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter, Depends, Response

from kamflow.figures import survey_dimensions
from kamflow.figures.survey_results import Gap, Result
from kamflow.store import survey_results
from kamflow.store.survey_results import Reading, Results
from kamflow.web import access
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor, signed_in
from notifications.render import chart
from notifications.render.environment import environment
from notifications.render.formats import Formats, locale_of
from notifications.render.house import House
from notifications.render.item import Series, Trend

SHOWN = 8  # years in the chart

router = APIRouter()


@dataclass(frozen=True)
class Drawn:
    """The scores over the years as pictures: for a phone, and for a desk and paper."""

    narrow: str
    wide: str
    alt: str


@dataclass(frozen=True)
class Dimension:
    """A gap in the reader's words."""

    name: str
    gap: Gap


@router.get("/surveys/{account}")
@router.head("/surveys/{account}")
def results(account: int, site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """The newest year, how it became so, and what was expected against what was experienced."""
    rule = site.policy.of(account).survey_dispatch
    with site.reading() as session:
        access.for_account(session, visitor, account, site.today)
        customer = access.known(session, account)
        zone = site.settings.company.zone
        found = survey_results.of_account(Reading(session, site.today, zone, rule.nps_from), account)
    newest = found.years[0] if found.years else None
    return page(
        site,
        "survey_results/page.html.j2",
        visitor.language,
        visitor=visitor,
        here="/accounts",
        account=customer,
        newest=newest,
        found=found,
        shown_from=rule.nps_from,
        gaps=[
            Dimension(survey_dimensions.label(each.dimension, visitor.language, rule.wording), each)
            for each in (newest.gaps if newest else ())
        ],
        drawn=_drawn(site, found, visitor.language),
        figure=Figures(locale_of(visitor.language), site.settings.company.currency, site),
    )


class Figures:
    """Figures with their sign, as the reader writes them."""

    def __init__(self, locale: str, currency: str, site: Site) -> None:
        self._formats = Formats(locale, site.today, currency)

    def signed(self, value: Decimal) -> str:
        """`+25`, `−3,7` or `0`."""
        sign = "+" if value > 0 else "−" if value < 0 else ""
        return sign + self._formats.number(float(abs(value)))


def _drawn(site: Site, found: Results, language: str) -> Drawn | None:
    """A line needs two points; a year without a score leaves a gap in it."""
    years = list(reversed(found.years[:SHOWN]))
    if sum(each.score.nps is not None for each in years) < 2:
        return None
    formats = Formats(locale_of(language), site.today, site.settings.company.currency)
    labels = [formats.year(each.year.first.isoformat(), each.year.last.isoformat()) for each in years]
    alt = environment(language).get_template("survey_results/alt.txt.j2").render(
        points=[(label, _point(each)) for label, each in zip(labels, years, strict=True)],
        figure=Figures(locale_of(language), site.settings.company.currency, site),
    )  # fmt: skip
    series = Series("NPS", tuple(_point(each) for each in years))
    trend = Trend("NPS", " ".join(alt.split()), "", tuple(labels), (series,), -100, 100)
    house, locale = House.of(site.settings), locale_of(language)
    pictures = (_picture(chart.svg(trend, locale, house, width)) for width in (chart.NARROW, chart.WIDE))
    return Drawn(*pictures, alt=trend.alt)


def _point(each: Result) -> float | None:
    return None if each.score.nps is None else float(each.score.nps)


def _picture(svg: str) -> str:
    """An address that holds the picture itself: its inner styles would break the page's policy."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
