"""What the tests of the web share: a real server process, a real browser, a real reverse proxy."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from wfc_qa.builder import build_collection
from wfc_qa.config import Settings

ARTIFACTS = Path(__file__).parents[1] / "test-artifacts"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SERVE = "from wfc_qa.cli import main; main()"
PATIENCE_S = 120
# An animation that is cancelled has come to rest, too; Promise.all would fail on it.
STILL = "Promise.allSettled(document.getAnimations().map(animation => animation.finished))"


@dataclass(frozen=True, slots=True)
class Site:
    """A served site: ``url`` ends with a slash."""

    url: str
    data_dir: Path


def start_server(**settings: object) -> subprocess.Popen[str]:
    """``wfc-qa serve`` in a process of its own; settings become WFC_QA_* variables."""
    environment = os.environ | {f"WFC_QA_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop_server(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    try:
        return process.wait(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def served(index_dir: Path, data_dir: Path, **settings: object) -> Iterator[Site]:
    process = start_server(port=0, index_dir=index_dir, data_dir=data_dir, **settings)
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("wfc-qa is at http://"), (line, process.communicate())
        yield Site(line.split()[3], data_dir)
    finally:
        stop_server(process)


@contextmanager
def proxied(upstream: str, prefix: str) -> Iterator[str]:
    """A reverse proxy on loopback that strips ``prefix``, streams, and, as nginx does unless told, renames the host."""

    async def forward(request: Request) -> StreamingResponse:
        path = request.url.path.removeprefix(prefix) or "/"
        url = httpx.URL(upstream.rstrip("/") + path, query=request.url.query.encode())
        headers = [(name, value) for name, value in request.headers.raw if name != b"host"]
        outgoing = client.build_request(request.method, url, headers=headers, content=await request.body())
        incoming = await client.send(outgoing, stream=True)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for chunk in incoming.aiter_raw():
                    yield chunk
            finally:
                await incoming.aclose()

        response = StreamingResponse(body(), incoming.status_code)
        response.raw_headers = [
            pair for pair in incoming.headers.raw if pair[0].lower() != b"transfer-encoding"
        ]
        return response

    client = httpx.AsyncClient(timeout=None, trust_env=False)
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
    app = Starlette(routes=[Route(prefix + "/{path:path}", forward, methods=methods)])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{prefix}/"
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE_S)
        listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for_health(process: subprocess.Popen[str], port: int, status: str) -> None:
    """Ask ``/health`` until it says ``status``."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).json()["status"] == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"/health never said {status}")


@pytest.fixture(scope="session")
def home_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the home collection, built for this session."""
    settings = Settings(index_dir=tmp_path_factory.mktemp("index"))
    build_collection(settings, lambda step, done, total: None)
    return settings.index_dir


@pytest.fixture(scope="session")
def site(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The home collection, served by one process for the whole session."""
    with served(home_index, tmp_path_factory.mktemp("data")) as site:
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one file: while it is open, its event loop keeps others out of this thread."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        pytest.fail(f"no {', '.join(CHROMIUMS)} on the path; run `make browser`", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


class Chat:
    """The chat page as a reader drives it."""

    def __init__(self, browser: Browser, url: str, locale: str = "zh-CN", **options: object) -> None:
        self.context = browser.new_context(
            locale=locale, **{"viewport": {"width": 1280, "height": 800}, **options}
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda message: message.type == "error" and self.complaints.append(message.text)
        )
        self.page.goto(url)
        self.page.wait_for_selector("#app[data-ready]")

    def ask(self, question: str) -> None:
        """Type the question, press Enter, wait until its turn is closed."""
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector(".turn:last-child .answer:not([aria-busy])")

    def last(self, selector: str) -> str:
        """The text of the first match within the last turn, as shown."""
        return self.page.locator(f".turn:last-child {selector}").first.inner_text()

    def follow(self, question: str, figure: str) -> None:
        """Ask, and go on to the paragraph in the panel, then to its document; each of the three gives the figure."""
        self.ask(question)
        assert figure in self.last(".sentence")
        self.page.click(".cite")
        expect(self.page.locator("#panel .cited")).to_contain_text(figure)
        self.page.click("#panel .whole")
        expect(self.page.locator(".paragraph:target")).to_contain_text(figure)

    def shoot(self, name: str) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.evaluate(STILL)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")
