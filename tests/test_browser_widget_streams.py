"""An answer in the widget outlives its connection, and the server that began it."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from access_support import GENEROUS
from serving_support import Site, served
from widget_support import Portal, Reader

pytest.importorskip("wfc_qa.serving.streams")
pytestmark = pytest.mark.browser

LOANS = "2023年和2024年8月末重庆贷款余额是多少？"
FIRST_SENTENCE = re.compile(rb"event: sentence\r?\ndata: [^\r\n]*\r?\n\r?\n")


class Wire:
    """A wire to a server; once armed it holds an answer behind its first sentence, and breaks when let go."""

    def __init__(self) -> None:
        self.target = 0
        self.armed = False
        self.let_go = threading.Event()
        self.mended = threading.Event()
        self.mended.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                reader, _ = self.listener.accept()
                threading.Thread(target=self._carry, args=(reader,), daemon=True).start()

    def _carry(self, reader: socket.socket) -> None:
        with suppress(OSError), reader:
            if not self.mended.is_set():
                return
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                threading.Thread(target=self._up, args=(reader, server), daemon=True).start()
                seen = b""
                while data := server.recv(65536):
                    seen += data
                    found = FIRST_SENTENCE.search(seen) if self.armed else None
                    reader.sendall(
                        data[: found.end() - len(seen)] if found and found.end() < len(seen) else data
                    )
                    if found:
                        self.armed = False
                        self.let_go.wait(60)
                        break
                reader.shutdown(socket.SHUT_RDWR)

    def _up(self, reader: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := reader.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.listener.close()


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


def serve(index: Path, data: Path, portal: Portal) -> AbstractContextManager[Site]:
    sites = json.dumps({"bank": {"origins": [portal.origin]}})
    return served(index, data, sites=sites, **GENEROUS)


def port(site: Site) -> int:
    return urlsplit(site.url).port or 0


def whole(reader: Reader) -> None:
    """The answer is there, each sentence once, shown and announced."""
    turn = reader.settled()
    shown = turn.locator(".sentence").evaluate_all("all => all.map(each => each.firstChild.textContent)")
    assert len(shown) == len(set(shown)) == 2
    spoken = reader.panel.locator("#status p").all_text_contents()
    assert sorted(line for line in spoken if line in shown) == sorted(shown)
    assert len(reader.heard("answer")) == 1


@pytest.fixture
def reader(
    browser: Browser, home_index: Path, tmp_path: Path, portal: Portal, wire: Wire
) -> Iterator[Reader]:
    """One who sees the first of two sentences, and waits for the other."""
    with serve(home_index, tmp_path, portal) as site:
        wire.target = port(site)
        reader = Reader(
            browser, portal.put(f'<script src="{wire.url}widget/v1.js" data-site="bank"></script>')
        )
        reader.open()
        wire.armed = True
        reader.panel.locator("#question").fill(LOANS)
        reader.panel.locator("#question").press("Enter")
        expect(reader.panel.locator(".sentence .cite").first).to_be_visible()
        expect(reader.panel.locator(".sentence")).to_have_count(1)
        yield reader
        reader.leave()


def test_an_answer_that_was_cut_goes_on_where_it_stopped(reader: Reader, wire: Wire) -> None:
    asked: list[tuple[str, str]] = []
    reader.page.on(
        "request",
        lambda request: (
            "/answers" in request.url and asked.append((request.method, request.url.rsplit("/", 1)[-1]))
        ),
    )
    wire.let_go.set()
    whole(reader)
    assert asked == [("GET", "events")]


def test_a_restart_of_the_server_in_mid_answer_loses_nothing(
    reader: Reader, wire: Wire, home_index: Path, tmp_path: Path, portal: Portal
) -> None:
    """The new server knows the session, not the stream: the panel asks again, and shows each sentence once."""
    wire.mended.clear()
    wire.let_go.set()
    expect(reader.panel.locator(".waiting")).to_contain_text("正在接上")
    expect(reader.panel.locator(".sentence")).to_have_count(1)
    with serve(home_index, tmp_path, portal) as site:
        wire.target = port(site)
        wire.mended.set()
        whole(reader)


def test_an_answer_is_stopped_in_its_middle(reader: Reader) -> None:
    """What was proved so far stays, and the server is told to make no more."""
    with reader.page.expect_request(lambda request: request.method == "DELETE") as told:
        reader.panel.locator(".send").click()
    assert "/api/v1/answers/" in told.value.url
    expect(reader.panel.locator(".stopped")).to_be_visible()
    expect(reader.panel.locator(".sentence")).to_have_count(1)
