"""The example of a reverse proxy works as it stands: a real nginx, TLS, below a path."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from access_support import BANK, SITES, ask_ticket, redeem, session
from llm_server import ROLE, Part, Received, Reply, chunk, event, scripted
from nginx_support import behind_nginx
from serving_support import Chat, served

LOANS = "2025年6月末重庆的贷款余额是多少？"
QUESTION = {"question": LOANS}
PATIENCE_S = 60


@dataclass
class Published:
    """``gate`` holds the language model's words back until it is set."""

    url: str
    folder: Path
    gate: threading.Event

    def visitor(self, address: str, **headers: str) -> httpx.Client:
        """Somebody at an address of loopback; each has limits of its own."""
        return httpx.Client(
            base_url=self.url,
            transport=httpx.HTTPTransport(
                local_address=address, verify=ssl.create_default_context(cafile=str(self.folder / "cert.pem"))
            ),
            timeout=PATIENCE_S,
            headers=headers,
        )


@pytest.fixture(scope="module")
def published(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    gate = threading.Event()
    gate.set()

    def words(_: Received) -> Reply:
        def say() -> Iterator[Part]:
            yield ROLE
            gate.wait(PATIENCE_S)
            yield chunk(content="重庆市")
            yield chunk("stop")
            yield event("[DONE]")

        return Reply(say(), headers={"Content-Type": "text/event-stream"})

    folder = tmp_path_factory.mktemp("nginx")
    with scripted(words) as model:
        speaking = {"llm": "openai-like", "llm_base_url": f"{model.origin}/v1", "llm_model": "m"}
        shape = {"root_path": "/qa", "api_access": "open", "limit_address": "30/minute", "sites": SITES}
        with served(home_index, folder / "data", **shape, **speaking) as site:
            port = httpx.URL(site.url).port
            assert port
            with behind_nginx(port, folder) as url:
                yield Published(url, folder, gate)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("api/v1/answers", QUESTION),
        (
            "v1/chat/completions",
            {"model": "wfc-qa", "stream": True, "messages": [{"role": "user", "content": LOANS}]},
        ),
    ],
)
def test_a_stream_arrives_as_it_is_told(published: Published, path: str, body: dict[str, object]) -> None:
    """Its first events are read while the language model has not said a word yet."""
    published.gate.clear()
    try:
        with (
            published.visitor("127.0.0.21") as http,
            http.stream("POST", path, json=body, headers={"Accept": "text/event-stream"}) as response,
        ):
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.iter_lines()
            first = next(line for line in lines if line.startswith("data:"))
            assert not published.gate.is_set()
            published.gate.set()
            rest = [line for line in lines if line.startswith("data:")]
    finally:
        published.gate.set()
    assert first
    assert rest


def test_the_widgets_handshake_passes(published: Published) -> None:
    with published.visitor("127.0.0.22") as http:
        assert http.get("widget/v1.js").status_code == 200
        panel = http.get("widget/panel", params={"site": "bank"})
        assert f"frame-ancestors {BANK}" in panel.headers["content-security-policy"]
        refused = ask_ticket(http, origin="https://evil.example")
        assert refused.status_code == 403
        ticket = ask_ticket(http).json()["ticket"]
        own = {"Origin": published.url.removesuffix("/qa/"), "Sec-Fetch-Site": "same-origin"}
        assert [redeem(http, ticket, **own).status_code for _ in range(2)] == [201, 403]
        answer = http.post("api/v1/answers", json=QUESTION, headers=session(http))
        assert "6.25" in json.dumps(answer.json()["sentences"])


def test_links_lead_below_the_path_by_https(published: Published) -> None:
    with published.visitor("127.0.0.23") as http:
        body = {"model": "wfc-qa", "messages": [{"role": "user", "content": LOANS}]}
        marks = http.post("v1/chat/completions", json=body).json()["choices"][0]["message"]["annotations"]
        links = [mark["url_citation"]["url"] for mark in marks]
        assert links
        assert all(link.startswith(published.url + "documents/") for link in links)
        assert http.get(links[0].partition("#")[0].removeprefix(published.url)).status_code == 200
        bare = http.get(published.url.removesuffix("/"))
        assert bare.headers["location"].endswith("/qa/")


def test_limits_count_the_address_that_nginx_sees_whatever_visitors_claim(published: Published) -> None:
    with published.visitor("127.0.0.24") as http:
        told = [
            http.get(
                "api/v1/collection",
                headers={"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=10.0.0.{n}"},
            )
            for n in range(32)
        ]
        assert [response.status_code for response in told].count(200) == 30
        assert told[-1].status_code == 429
        assert 1 <= int(told[-1].headers["retry-after"]) <= 60
        assert told[-1].json()["type"].endswith("rate-limited")
    with published.visitor("127.0.0.25") as other:
        assert other.get("api/v1/collection").status_code == 200


def test_a_body_that_is_too_large_does_not_pass(published: Published) -> None:
    with published.visitor("127.0.0.26") as http:
        assert http.post("api/v1/answers", content=b"x" * 600_000).status_code == 413


@pytest.mark.browser
def test_the_chat_and_the_document_it_cites_are_read_through_it(
    published: Published, browser: Browser
) -> None:
    chat = Chat(browser, published.url, ignore_https_errors=True)
    chat.follow("2024年8月末重庆贷款余额是多少？", "5.81")
    assert chat.page.url.startswith(published.url + "documents/")
    assert [request for request in chat.requests if not request.startswith(published.url)] == []
    assert not chat.complaints
    chat.context.close()
