"""What pages load: one style sheet in the house's colour, and the font. Nothing comes from anywhere else."""

import hashlib
from functools import cache

from fastapi import APIRouter, Depends, HTTPException, Response

from kamflow.web.site import Site, site_of
from notifications.render import brand
from notifications.render.environment import environment, folder
from notifications.render.house import darkened

FONTS = ("Inter-Regular.otf", "Inter-SemiBold.otf")
STYLE = "kamflow.css"
READABLE = 4.5  # contrast to white of the house's colour (WCAG 2.2, 1.4.3)
FOR_A_YEAR = {"cache-control": "public, max-age=31536000, immutable"}

router = APIRouter()


def address(name: str, site: Site) -> str:
    """Where a page finds an asset: the address changes with what is there, so browsers may keep it."""
    content = _style(site.settings.brand.primary).encode() if name == STYLE else name.encode()
    return f"/assets/{hashlib.sha256(content).hexdigest()[:12]}/{name}"


@router.get("/assets/{version}/{name}", include_in_schema=False)
@router.head("/assets/{version}/{name}", include_in_schema=False)
def asset(name: str, site: Site = Depends(site_of)) -> Response:
    """An asset by its name; nothing else exists, wherever it lies."""
    if name == STYLE:
        return Response(_style(site.settings.brand.primary), 200, FOR_A_YEAR, "text/css")
    if name in FONTS:
        return Response((folder() / "fonts" / name).read_bytes(), 200, FOR_A_YEAR, "font/otf")
    raise HTTPException(404)


@cache
def _style(primary: str) -> str:
    template = environment("en").get_template("page/style.css.j2")
    accent = darkened(primary, READABLE)
    return template.render(light=brand.LIGHT, dark=brand.DARK, font=brand.FONT, accent=accent)
