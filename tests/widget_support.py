"""What the tests of the widget share: portals of their own origin, and a reader on one of their pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from access_support import GENEROUS
from serving_support import ARTIFACTS, STILL, Site, served

PAGE = (
    "{doctype}<html lang='{lang}'><head><meta charset='utf-8'>"
    "<meta name='viewport' content='width=device-width, initial-scale=1'><title>Example Bank</title>{head}</head>"
    "<body>{body}</body></html>"
)


class Portal:
    """A web server of its own origin; what a test puts on it, it serves."""

    def __init__(self) -> None:
        pages: dict[str, tuple[str, str, str]] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, policy, text = pages.get(self.path, ("text/plain", "", ""))
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: object) -> None:
                pass

        self.pages = pages
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(
        self,
        body: str,
        head: str = "",
        policy: str = "",
        lang: str = "zh-Hans",
        doctype: str = "<!doctype html>",
    ) -> str:
        """The address of a page with this body."""
        path = f"/{len(self.pages)}"
        self.pages[path] = (
            "text/html",
            policy,
            PAGE.format(doctype=doctype, lang=lang, head=head, body=body),
        )
        return self.origin + path


@contextmanager
def portal_and_service(index: Path, data: Path, **settings: object) -> Iterator[tuple[Portal, Site]]:
    """A portal, and the service on another origin that lists it as the site ``bank``."""
    portal = Portal()
    sites = json.dumps({"bank": {"origins": [portal.origin]}})
    try:
        with served(index, data, **{"sites": sites, **GENEROUS, **settings}) as site:
            yield portal, site
    finally:
        portal.server.shutdown()
        portal.server.server_close()


class Reader:
    """A reader on a page of the portal, with the widget before them."""

    def __init__(self, browser: Browser, url: str, locale: str = "zh-CN", **options: Any) -> None:
        self.context = browser.new_context(
            locale=locale, **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.add_init_script(
            "window.heard = []; for (const kind of ['ready', 'open', 'close', 'answer'])"
            " addEventListener('wfc-' + kind, event => heard.push([kind, event.detail]));"
        )
        self.page.goto(url)

    @property
    def launcher(self) -> Any:
        return self.page.locator("wfc-chat .launcher").first

    @property
    def panel(self) -> FrameLocator:
        return self.page.frame_locator("wfc-chat iframe").first

    def open(self) -> FrameLocator:
        self.launcher.click()
        expect(self.panel.locator("#question")).to_be_visible()
        return self.panel

    def ask(self, question: str) -> Any:
        """The turn, once it is closed."""
        self.panel.locator("#question").fill(question)
        self.panel.locator("#question").press("Enter")
        return self.settled()

    def settled(self) -> Any:
        turn = self.panel.locator(".turn").last
        expect(turn.locator(".closing")).to_be_visible(timeout=30_000)
        return turn

    def heard(self, kind: str) -> list[Any]:
        """The details of the events of this kind that the host page heard."""
        return [detail for what, detail in self.page.evaluate("heard") if what == kind]

    def focused(self) -> str:
        """Class or id of what has focus within the panel's page."""
        said = self.panel.locator("body").evaluate(
            "() => document.activeElement.id || document.activeElement.className"
        )
        return str(said)

    def shoot(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        for frame in self.page.frames:
            frame.evaluate(STILL)
        self.page.screenshot(path=ARTIFACTS / f"widget-{name}.png", animations="disabled")

    def leave(self) -> None:
        self.context.close()


@pytest.fixture(scope="session")
def embedding(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, Site]]:
    """A portal, and the service that lists it, for the whole session."""
    with portal_and_service(home_index, tmp_path_factory.mktemp("data")) as embedding:
        yield embedding


class Hosts:
    """Makes pages of the portal and readers on them; a page that logs an error fails its test."""

    def __init__(self, browser: Browser, portal: Portal, site: Site) -> None:
        self.browser, self.portal, self.site = browser, portal, site
        self.readers: list[Reader] = []

    def tag(self, options: str = "", site: str = "bank") -> str:
        return f'<script src="{self.site.url}widget/v1.js" data-site="{site}" {options}></script>'

    def reader(self, body: str, page: dict[str, str] | None = None, **options: Any) -> Reader:
        reader = Reader(self.browser, self.portal.put(body, **(page or {})), **options)
        self.readers.append(reader)
        return reader


@pytest.fixture
def hosts(browser: Browser, embedding: tuple[Portal, Site]) -> Iterator[Hosts]:
    hosts = Hosts(browser, *embedding)
    yield hosts
    for reader in hosts.readers:
        reader.leave()
        assert reader.complaints == []


def box(reader: Reader, selector: str) -> dict[str, float]:
    found = reader.page.locator(selector).first.bounding_box()
    assert found
    return {key: round(value) for key, value in found.items()}
