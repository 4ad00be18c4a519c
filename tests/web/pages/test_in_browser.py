"""The pages in a real browser: signed in by the mail's link, without a script, on a phone; and axe-core."""

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from kamflow.models.plan import AccountPlan
from kamflow.settings import Delivery, Smtp
from kamflow.store import adopted
from kamflow.store.engine import write
from kamflow.web import internal, visitor
from notifications.channels.email import EmailChannel
from notifications.deliver import deliver
from notifications.way_out import Channels
from tests.flows.prefect_api import eventually
from tests.web.conftest import Visited
from tests.web.test_authorisation import TODAY, Row, _customer, _people

pytestmark = pytest.mark.slow
PHONE = {"width": 360, "height": 740}


@dataclass
class Open:
    """The pages on a port of this machine, and the mails that leave."""

    visited: Visited
    address: str
    catcher: SmtpCatcher
    people: dict[str, Any]
    row: Row

    def mailed(self) -> str:
        """The address in the mail that is delivered now."""

        async def send() -> None:
            channel = EmailChannel(self.visited.settings.smtp, self.visited.site.now)
            try:
                site = self.visited.site
                await deliver(site.engine, site.now, site.settings, site.policy, Channels(channel, None))
            finally:
                await channel.close()

        worker = threading.Thread(target=lambda: asyncio.run(send()))
        worker.start()
        worker.join()
        mail: Any = message_from_bytes(self.catcher.messages[-1].raw, policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        return re.search(r"http\S+/sign-in/\S+", text)[0]

    def token(self, role: str) -> str:
        site = self.visited.site
        with site.writing("page") as session:
            return visitor.begin(site, session, self.people[role].id, "link")


@pytest.fixture
def opened(visited: Visited, tmp_path: Path, sqlite_engine: Engine) -> Iterator[Open]:
    with running_catcher() as catcher:
        smtp = Smtp(host="127.0.0.1", port=catcher.port, tls="none")
        visited.knowing(delivery=Delivery(mode="live"), smtp=smtp, home=tmp_path)
        with write(sqlite_engine) as session:
            adopted.adopt(session, tmp_path, visited.now)
        server = uvicorn.Server(
            uvicorn.Config(_App.now, port=0, log_level="error", interface="asgi3", lifespan="off")
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        eventually("the pages are open", lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        visited.knowing(web=visited.settings.web.model_copy(update={"internal_url": address}))
        _App.app = internal.app(visited.site)
        people = _people(visited.world)
        row = _customer(visited.world, "Müller & Söhne <GmbH>", people["kam"])
        visited.world.meet(date(2026, 3, 2), people["kam"], _Place(row))
        yield Open(visited, address, catcher, people, row)
        server.should_exit = True
        thread.join()


class _App:
    """The app is made once its address is known."""

    app: Any = None

    @classmethod
    async def now(cls, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await cls.app(scope, receive, send)


class _Place:
    def __init__(self, row: Row) -> None:
        self.account_id, self.contact_id = row.account, row.contact


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


def test_a_kam_signs_in_by_mail_and_works_on_a_phone_without_a_script(opened: Open, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{opened.address}/log")
    page.fill("#email", "witt@example.com")
    page.click("text=Send the link")
    page.get_by_text("on its way").wait_for()
    page.goto(opened.mailed())
    page.click("main button")
    assert page.url == f"{opened.address}/log"

    page.select_option("#at", index=1)
    page.fill("#day", TODAY.isoformat())
    page.click("main button")
    assert "Knut Müller" in page.inner_text("main")
    page.goto(f"{opened.address}/")
    assert page.locator("article.item").count() >= 1
    page.click("footer button")
    assert "/sign-in" in page.url
    context.close()


def test_the_head_returns_a_plan_with_a_comment(opened: Open, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = _signed_in(context, opened, "head")
    page.goto(f"{opened.address}/plans")
    page.click(f'a[href="/plans/{opened.row.plan}"]')
    page.fill("#comment", "Bitte die Ziele <b>prüfen</b>\nund neu rechnen.")
    page.click("text=Mit diesem Kommentar zurückgeben")

    assert "Bitte die Ziele <b>prüfen</b>" in page.inner_text("main")
    plan = opened.visited.world.one(AccountPlan, opened.row.plan)
    assert (plan.state, plan.comment) == ("returned", "Bitte die Ziele <b>prüfen</b>\nund neu rechnen.")
    context.close()


def _signed_in(context: Any, opened: Open, role: str) -> Page:
    name = visitor.cookie_name(opened.visited.site)
    context.add_cookies([{"name": name, "value": opened.token(role), "url": opened.address}])
    return context.new_page()


def test_no_page_has_a_barrier_or_is_wider_than_a_phone(opened: Open, browser: Browser) -> None:
    row, found = opened.row, {}
    paths = {
        "none": ["/sign-in", "/sign-in/sent", "/sign-in/wrong", "/oidc"],
        "kam": ["/", "/log", f"/log?account={row.account}", "/accounts", f"/accounts/{row.account}/matrix"],
        "head": ["/plans", f"/plans/{row.plan}", f"/accounts/{row.account}/matrix"],
    }
    for scheme in ("light", "dark"):
        for role, own in paths.items():
            context = browser.new_context(viewport=PHONE, bypass_csp=True, color_scheme=scheme)
            page = context.new_page() if role == "none" else _signed_in(context, opened, role)
            for path in own:
                page.goto(f"{opened.address}{path}")
                assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
                for each in Axe().run(page)["violations"]:
                    found[path, each["id"]] = [node["html"] for node in each["nodes"]][:3]
            context.close()
    assert not found


def test_the_matrix_prints_on_one_page_of_a4_landscape(opened: Open, browser: Browser) -> None:
    context = browser.new_context()
    page = _signed_in(context, opened, "kam")
    page.goto(f"{opened.address}/accounts/{opened.row.account}/matrix")
    paper = page.pdf(prefer_css_page_size=True)
    context.close()
    from io import BytesIO

    from pypdf import PdfReader

    pages = PdfReader(BytesIO(paper)).pages
    assert len(pages) == 1
    assert pages[0].mediabox.width > pages[0].mediabox.height
    assert "Knut" in pages[0].extract_text()
