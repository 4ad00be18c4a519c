"""What all pages of operations are handed: moments by the company's clock, and the words of incidents."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response

from kamflow.store.names import Names
from kamflow.web.operations.times import Times
from kamflow.web.pages import page
from kamflow.web.site import Site
from kamflow.web.visitor import Visitor
from notifications.render.formats import Formats, locale_of
from notifications.render.reader import Reader

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Said:
    """What templates/incidents/words.j2 asks for: formats, and words from the data in a form fit to print."""

    formats: Formats
    names: Reader


def shown(site: Site, visitor: Visitor, template: str, status: int = 200, **values: Any) -> Response:
    """A page of operations."""
    settings, now = site.settings, site.now()
    formats = Formats(locale_of(visitor.language), site.today, settings.company.currency)
    return page(
        site,
        template,
        visitor.language,
        status,
        visitor=visitor,
        here="/operations",
        now=now,
        zone=settings.company.zone,
        mode=settings.delivery.mode,
        times=Times(visitor.language, settings.company.zone, now),
        it=Said(formats, Reader(Names(), formats, UNKNOWN)),
        **values,
    )
