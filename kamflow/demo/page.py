"""The demo's page: what each person received, when and why. On loopback, without script, nothing external."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from kamflow.demo.show import Reader, Show, by_role
from notifications.render import brand
from notifications.render.environment import environment
from notifications.render.formats import Formats, locale_of

LANGUAGES = ("de", "en")
# Only what we serve ourselves: no script, no inline style, no other site.
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action {forms}"
# A mail carries its styles within; the sandbox lets its links open in a tab of their own and nothing else.
MAIL_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
IN_A_TAB = '<base target="_blank">'
COMMON = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
HOSTS = {"127.0.0.1", "localhost", "[::1]"}
TOTALS = ("opened", "closed", "told", "mails", "posts")
BAR = 18  # from one day to the next, in the chart
HIGH = 100  # the highest bar


@dataclass(frozen=True)
class Bar:
    """A day of the chart: what opened goes up, what closed goes down."""

    x: int
    opened: int
    closed: int
    up: float
    down: float
    label: str


def page(current: Callable[[], Show], acting: APIRouter | None = None, leads_to: str = "") -> FastAPI:
    """The application for a show as it is at each request.

    `acting` takes what visitors do, where they can do anything; it may send them on to `leads_to`.
    """
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    forms = f"'self' {leads_to}".strip() if acting else "'none'"
    policy = {"Content-Security-Policy": PAGE_POLICY.format(forms=forms)}
    if acting is not None:
        app.include_router(acting)

    @app.middleware("http")
    async def only_here(request: Request, call_next: Any) -> Response:
        # A name that leads to this machine must not let another site read it (DNS rebinding).
        if request.headers.get("host", "").rpartition(":")[0] not in HOSTS:
            return Response("kamflow demo answers on this machine only\n", 421, COMMON)
        return await call_next(request)

    @app.get("/", response_class=HTMLResponse)
    def index(request: Request, person: str = "", language: str = "") -> HTMLResponse:
        chosen = language if language in LANGUAGES else _preferred(request)
        html = rendered(current(), person, chosen, acting=acting is not None)
        return HTMLResponse(html, headers=COMMON | policy)

    @app.get("/message/{number}", response_class=HTMLResponse)
    def message(number: int) -> Response:
        found = current().message(number)
        if found is None or not found.html:
            return Response("no such mail\n", 404, COMMON)
        html = found.html.replace("<head>", f"<head>{IN_A_TAB}", 1)
        return HTMLResponse(html, headers=COMMON | {"Content-Security-Policy": MAIL_POLICY})

    @app.get("/style.css")
    def style() -> Response:
        return Response(stylesheet(), media_type="text/css", headers=COMMON)

    return app


def rendered(show: Show, person: str, language: str, *, acting: bool = False) -> str:
    """The page with one person's messages; with `acting` visitors can do what that person could."""
    chosen = show.reader(person)
    formats = Formats(locale_of(language), show.diary.days[-1].day)
    env = environment(language)
    return env.get_template("demo/page.html.j2").render(
        show=show,
        diary=show.diary,
        chosen=chosen,
        acting=acting,
        language=language,
        formats=formats,
        roles=by_role(show.readers),
        totals={name: show.diary.total(name) for name in TOTALS},
        chart={"width": BAR * len(show.diary.days), "bars": _bars(show)},
        count=_count(chosen),
        first=chosen.received[0].number if chosen.received else None,
    )


def stylesheet() -> str:
    """The page's style in the colours of the mails, light and dark."""
    template = environment("en").get_template("demo/style.css.j2")
    return template.render(light=brand.LIGHT, dark=brand.DARK, font=brand.FONT)


def _preferred(request: Request) -> str:
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "de"


def _bars(show: Show) -> list[Bar]:
    days = show.diary.days
    most = max([1, *(day.opened for day in days)])
    return [
        Bar(
            3 + BAR * number,
            day.opened,
            day.closed,
            round(HIGH * day.opened / most, 1),
            round(HIGH * day.closed / most, 1),
            f"{day.day.day}." if day.day.isoweekday() == 1 else "",
        )
        for number, day in enumerate(days)
    ]


def _count(reader: Reader) -> dict[str, int]:
    lines = [line for message in reader.received for line in message.lines]
    return {"lines": len(lines), "closed": sum(line.fate in ("closed", "word") for line in lines)}
