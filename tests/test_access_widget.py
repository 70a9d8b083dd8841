"""Who may embed, over real HTTP: exact origins, tickets good once, sessions bound to their site."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from access_support import BANK, GENEROUS, SITES, TOWN, ask_ticket, client, redeem, session
from serving_support import Site, served
from wfc_qa.config import Settings
from wfc_qa.serving.app import create_app

QUESTION = "2024年8月末重庆贷款余额是多少？"


@pytest.fixture(scope="module")
def embedded(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data_dir = tmp_path_factory.mktemp("data")
    with served(home_index, data_dir, sites=SITES, api_access="key", ticket_s=5, **GENEROUS) as site:
        yield site


@pytest.fixture(scope="module")
def http(embedded: Site) -> Iterator[httpx.Client]:
    with client(embedded.url) as http:
        yield http


def cors(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control")}


def test_a_ticket_opens_one_session_that_may_ask(http: httpx.Client) -> None:
    given = ask_ticket(http)
    assert given.status_code == 201
    assert given.json()["expires_s"] == 5
    assert given.headers["access-control-allow-origin"] == BANK
    assert given.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in given.headers
    opened = redeem(http, given.json()["ticket"])
    assert (opened.status_code, opened.json()["site"], opened.json()["expires_s"]) == (201, "bank", 1800)
    bearer = {"Authorization": f"Bearer {opened.json()['token']}"}
    answer = http.post("api/v1/answers", json={"question": QUESTION}, headers=bearer)
    assert answer.status_code == 200
    assert answer.json()["sentences"]
    again = redeem(http, given.json()["ticket"])
    assert again.status_code == 403
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "", "*", BANK + "/", BANK.upper(), BANK.replace(":8000", ""),
        BANK.replace("http:", "https:"), BANK + ".evil.example", "http://evil-portal.test:8000",
        f"{BANK} http://evil.example", TOWN,
    ],
)  # fmt: skip
def test_any_other_origin_is_refused_without_a_word_to_its_page(http: httpx.Client, origin: str) -> None:
    for response in (
        ask_ticket(http, "bank", origin),
        http.options(
            "api/v1/widget/tickets",
            headers={
                "Origin": "http://evil.example" if origin == TOWN else origin,
                "Access-Control-Request-Method": "POST",
            },
        ),
    ):
        assert response.status_code == 403
        assert not cors(response)


def test_without_an_origin_or_for_an_unknown_site_there_is_no_ticket(http: httpx.Client) -> None:
    assert http.post("api/v1/widget/tickets", json={"site": "bank"}).status_code == 403
    assert ask_ticket(http, "nobody").status_code == 403


def test_a_preflight_is_answered_for_listed_origins_alone_and_for_tickets_alone(http: httpx.Client) -> None:
    asked = {
        "Origin": BANK,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answered = http.options("api/v1/widget/tickets", headers=asked)
    assert answered.status_code == 204
    assert answered.headers["access-control-allow-origin"] == BANK
    assert answered.headers["access-control-allow-methods"] == "POST"
    for path in ("api/v1/answers", "api/v1/widget/sessions", "api/v1/documents", "", "gradio_api/queue/join"):
        assert "access-control-allow-origin" not in cors(http.options(path, headers=asked))
        assert "access-control-allow-origin" not in cors(http.get(path, headers={"Origin": BANK}))


@pytest.mark.parametrize("path", ["widget/panel", "widget/frame"])
def test_the_panel_may_be_framed_by_the_pages_of_its_site_alone(http: httpx.Client, path: str) -> None:
    page = http.get(path, params={"site": "bank", "lang": "zh", "theme": "dark"})
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert re.findall(r"frame-ancestors ([^;]*)", policy) == [f"{BANK} https://www.bank.example"]
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert not cors(page)
    assert f'data-origins="{BANK} https://www.bank.example"' in page.text
    assert ("data-ticket" in page.text) == (path == "widget/frame")
    for unknown in ("nobody", "", "BANK", "bank; frame-ancestors *"):
        assert http.get(path, params={"site": unknown}).status_code == 404


def test_a_plain_frame_brings_its_ticket(http: httpx.Client) -> None:
    page = http.get("widget/frame", params={"site": "bank"}).text
    [ticket] = re.findall(r'data-ticket="([^"]+)"', page)
    assert redeem(http, ticket).status_code == 201
    assert redeem(http, ticket).status_code == 403


def test_what_is_no_frame_uses_up_no_ticket(http: httpx.Client) -> None:
    """As an image of a foreign page, say; our own page asks for itself anew."""

    def asked(place: str, by: str) -> int:
        told = {"Sec-Fetch-Dest": place, "Sec-Fetch-Site": by}
        return http.get("widget/frame", params={"site": "bank"}, headers=told).status_code

    assert [asked("image", "cross-site"), asked("empty", "cross-site"), asked("script", "same-site")] == [
        403
    ] * 3
    assert [asked("iframe", "cross-site"), asked("empty", "same-origin"), asked("document", "none")] == [
        200
    ] * 3


@pytest.mark.parametrize("spoil", ["forged", "cut", "session", "empty", "foreign"])
def test_what_is_no_ticket_of_ours_opens_nothing(http: httpx.Client, spoil: str) -> None:
    ticket = ask_ticket(http).json()["ticket"]
    token = redeem(http, ticket).json()["token"]
    told = {
        "forged": ticket[:-2] + ("AA" if ticket[-2:] != "AA" else "BB"),
        "cut": ticket[:40],
        "session": token,
        "empty": "",
        "foreign": "wfc_ticket_" + token.removeprefix("wfc_session_"),
    }[spoil]
    assert redeem(http, told).status_code == 403


def test_a_ticket_is_no_session(http: httpx.Client) -> None:
    ticket = ask_ticket(http).json()["ticket"]
    for told in (ticket, "wfc_session_" + ticket.removeprefix("wfc_ticket_")):
        refused = http.get("api/v1/documents", headers={"Authorization": f"Bearer {told}"})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_page_of_another_origin_cannot_redeem_a_ticket(http: httpx.Client) -> None:
    ticket = ask_ticket(http).json()["ticket"]
    assert redeem(http, ticket, Origin=BANK).status_code == 403
    assert redeem(http, ticket, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert (
        redeem(http, ticket, **{"Sec-Fetch-Site": "same-origin", "Origin": "http://renamed.test"}).status_code
        == 201
    )


def test_a_session_sees_the_documents_of_its_site_alone(http: httpx.Client) -> None:
    allowed = {"green-finance.en", "green-finance.zh"}
    town, bank = session(http, "town", TOWN), session(http)
    assert {d["doc_id"] for d in http.get("api/v1/documents", headers=town).json()} == allowed
    assert len(http.get("api/v1/documents", headers=bank).json()) > len(allowed)
    assert http.get("api/v1/documents/green-finance.en", headers=town).status_code == 200
    hidden = http.get("api/v1/documents/yuzhong-district.zh", headers=town)
    missing = http.get("api/v1/documents/no-such", headers=town)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["detail"].replace("yuzhong-district.zh", "X") == missing.json()["detail"].replace(
        "no-such", "X"
    )
    for filters in (
        {},
        {"doc_ids": ["yuzhong-district.zh"]},
        {"doc_ids": ["green-finance.zh", "yuzhong-district.zh"]},
    ):
        answer = http.post(
            "api/v1/answers", json={"question": QUESTION, "filters": filters}, headers=town
        ).json()
        used = {hit["doc_id"] for hit in answer["hits"]}
        assert used <= (allowed & set(filters.get("doc_ids", allowed)))
        spoken = http.post(
            "v1/chat/completions",
            json={
                "model": "wfc-qa",
                "messages": [{"role": "user", "content": QUESTION}],
                "wfc_qa": {"filters": filters},
            },
            headers=town,
        ).json()
        assert {hit["doc_id"] for hit in spoken["choices"][0]["message"]["wfc_qa"]["hits"]} == used


def test_a_session_is_for_questions_documents_and_feedback_only(http: httpx.Client) -> None:
    called = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert http.post("mcp", json=called, headers=session(http)).status_code == 403


def test_the_loader_is_the_one_thing_that_any_page_may_load(http: httpx.Client) -> None:
    script = http.get("widget/v1.js", headers={"Accept-Encoding": "gzip"})
    if script.status_code == 404:
        pytest.skip("the loader is not built here")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["content-encoding"] == "gzip"
    assert "max-age" in script.headers["cache-control"]
    again = {"If-None-Match": script.headers["etag"], "Accept-Encoding": "gzip"}
    assert http.get("widget/v1.js", headers=again).status_code == 304
    for path in ("", "ui/base.css", "documents", "widget/panel?site=bank"):
        assert http.get(path).headers["cross-origin-resource-policy"] == "same-origin"


def test_every_answer_has_its_headers_and_no_cookie(http: httpx.Client) -> None:
    for path in (
        "",
        "ui/base.css",
        "documents",
        "api/v1/documents",
        "nothing",
        "config",
        "health",
        "widget/panel?site=bank",
    ):
        response = http.get(path)
        assert "set-cookie" not in response.headers
        for name, value in {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
        }.items():
            assert response.headers[name] == value
        assert "content-security-policy" in response.headers
        assert "microphone=()" in response.headers["permissions-policy"]


def test_a_failure_and_a_farewell_have_their_headers_too(home_index: Path, tmp_path: Path) -> None:
    app = create_app(Settings(index_dir=home_index, data_dir=tmp_path))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    app.router.routes.insert(0, app.router.routes.pop())

    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            failed = await http.get("/broken")
            waiting = asyncio.create_task(http.get("/ready"))
            await asyncio.sleep(0)
            return [failed, await waiting]

    for response in asyncio.run(asked()):
        assert response.status_code >= 500
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "content-security-policy" in response.headers


@pytest.mark.parametrize(
    "told", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_gradios_own_routes_are_closed_to_foreign_pages(http: httpx.Client, told: dict[str, str]) -> None:
    posted = [("POST", "gradio_api/queue/join"), ("POST", "gradio_api/reset")]
    got = [("GET", "config"), ("GET", "gradio_api/queue/data?session_hash=x"), ("GET", "gradio_api/app_id")]
    for method, path in posted + got:
        response = http.request(method, path, headers=told, json={} if method == "POST" else None)
        assert response.status_code == 403, path
        assert not cors(response)
    assert (
        http.get("", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code
        == 200
    )
    assert http.get("config", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
