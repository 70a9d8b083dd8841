"""The MCP tools as a client has them: the SDK's own client, over a real subprocess and a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from command_support import COMMAND, environment, refused, run
from docs_support import shown
from serving_support import Site
from wfc_qa.engine import Engine
from wfc_qa.serving import mcp_door
from wfc_qa.serving.app import create_app

ZH = "2024年8月末重庆贷款余额是多少？"
EN = "What were Chongqing's deposits at December 31, 2025?"
DECLINED = "火星上有银行吗？"
MODES = ["legacy", "auto"]

Told = tuple[bool, str, Any]


@asynccontextmanager
async def over_stdio(index_dir: Path, arguments: list[str], **options: Any) -> AsyncIterator[Client]:
    server = StdioServerParameters(command=str(COMMAND), args=arguments, env=environment(index_dir=index_dir))
    async with Client(stdio_client(server), **options) as client:
        yield client


@pytest.fixture(params=["stdio", *MODES])
def use(request: pytest.FixtureRequest, home_index: Path, site: Site) -> Callable[..., Any]:
    """Run something with a client, over each way to the tools."""

    def use(what: Callable[[Client], Awaitable[Any]]) -> Any:
        async def go() -> Any:
            connection = (
                over_stdio(home_index, ["mcp"])
                if request.param == "stdio"
                else Client(site.url + "mcp", mode=request.param)
            )
            async with connection as client:
                return await what(client)

        return asyncio.run(go())

    return use


async def call(client: Client, name: str, **arguments: Any) -> Told:
    result = await client.call_tool(name, arguments)
    [content] = result.content
    return bool(result.is_error), content.text, result.structured_content


def test_a_client_asks_searches_and_reads(use: Callable[..., Any], engine: Engine) -> None:
    """The tools are read-only, keep to their schemas, and say what the engine says."""

    async def what(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "paragraph"}
        for tool in tools.values():
            assert tool.annotations.read_only_hint
            assert not tool.annotations.open_world_hint
            assert tool.description

        for question in (ZH, EN, DECLINED):
            failed, text, told = await call(client, "ask", question=question)
            answer = engine.ask(question)
            assert not failed
            jsonschema.validate(told, tools["ask"].output_schema)
            assert told["receipt"]["answer_id"] == answer.receipt.answer_id
            for sentence, given in zip(told["sentences"], answer.sentences, strict=True):
                assert sentence["text"] == given.text
                for citation in sentence["citations"]:
                    failed, whole, read = await call(
                        client, "paragraph", paragraph_id=citation["paragraph_id"]
                    )
                    assert not failed
                    jsonschema.validate(read, tools["paragraph"].output_schema)
                    assert read["text"] == citation["text"]
                    assert f"[{citation['marker']}] {read['title']} ¶{read['ordinal']}" in text
                    assert f"{read['title']} ¶{read['ordinal']}" in whole
            if answer.abstention:
                assert told["message"] in text

        failed, text, found = await call(client, "search", query=EN, k=3)
        assert not failed
        jsonschema.validate(found, tools["search"].output_schema)
        assert [hit["paragraph_id"] for hit in found["hits"]] == [
            hit.passage.paragraph_id for hit in engine.search(EN, 3)
        ]
        assert all(hit["paragraph_id"] in text for hit in found["hits"])

        failed, text, told = await call(client, "ask", question="那2023年呢？", history=[ZH])
        assert told["understood"] == "2023年重庆贷款余额是多少？"
        assert told["understood"] in text
        failed, text, told = await call(client, "ask", question=ZH, language="en")
        assert told["language"] == "en"

    use(what)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("ask", {}, "question: Field required"),
        ("ask", {"question": "？！"}, "no words"),
        ("ask", {"question": "a " * 2000}, "2,000"),
        ("ask", {"question": ZH, "language": "fr"}, "language: "),
        ("ask", {"question": ZH, "history": ["a"] * 21}, "history: "),
        ("ask", {"question": ZH, "system": "obey"}, "system: "),
        ("search", {"query": ZH, "k": 21}, "k: "),
        ("search", {"query": ZH, "k": 0}, "k: "),
        ("paragraph", {"paragraph_id": "../../etc/passwd"}, "no paragraph"),
        ("paragraph", {"paragraph_id": 7}, "paragraph_id: "),
        ("delete", {}, "the tools are ask, search, paragraph"),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_what_is_wrong_with_a_call_is_one_line(
    site: Site, name: str, arguments: dict[str, Any], says: str, mode: str
) -> None:
    async def go() -> Told:
        async with Client(site.url + "mcp", mode=mode) as client:
            return await call(client, name, **arguments)

    failed, text, told = asyncio.run(go())
    assert failed
    assert says in text
    assert "\n" not in text
    assert told is None


def test_many_ask_at_once_and_get_the_same(site: Site) -> None:
    async def go() -> list[Told]:
        async def one() -> Told:
            async with Client(site.url + "mcp") as client:
                return await call(client, "ask", question=ZH)

        return await asyncio.gather(*(one() for _ in range(8)))

    assert len({text for _, text, _ in asyncio.run(go())}) == 1


def test_citations_lead_to_the_site_that_was_asked(site: Site) -> None:
    async def go() -> str:
        async with Client(site.url + "mcp") as client:
            _, _, told = await call(client, "ask", question=ZH)
            return str(told["sentences"][0]["citations"][0]["url"])

    url = asyncio.run(go())
    assert url.startswith(site.url + "documents/")
    assert "<mark>" in httpx.get(url, trust_env=False).text


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://localhost:3000", "null"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS", "DELETE"])
def test_no_page_in_a_browser_reaches_the_tools(site: Site, origin: str, method: str) -> None:
    """Nor one whose name leads here, as in DNS rebinding: it names its host as ours."""
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for host in (site.url.split("/")[2], "rebound.example"):
        headers = {"Origin": origin, "Host": host, "Accept": "application/json, text/event-stream"}
        response = httpx.request(method, site.url + "mcp", json=listing, headers=headers, trust_env=False)
        assert response.status_code in {400, 403, 405}
        assert "paragraph" not in response.text
        assert "access-control-allow-origin" not in response.headers
    without = httpx.post(
        site.url + "mcp", json=listing, headers={"Accept": "application/json"}, trust_env=False
    )
    assert without.status_code == 200
    assert "paragraph" in without.text


def test_a_megabyte_is_refused(site: Site) -> None:
    response = httpx.post(site.url + "mcp", json={"a": "x" * 1_000_000}, trust_env=False)
    assert response.status_code == 413
    assert response.json()["detail"].startswith("the body is over")


def test_without_an_index_one_line_says_how_to_build_it(tmp_path: Path) -> None:
    assert "wfc-qa index build" in refused(run("mcp", cwd=tmp_path, index_dir=tmp_path / "none"))


def test_a_client_that_leaves_ends_the_command(home_index: Path, tmp_path: Path) -> None:
    done = run("mcp", cwd=tmp_path, index_dir=home_index)
    assert (done.returncode, done.stdout) == (0, "")


def test_without_the_package_one_line_says_how_to_get_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_door, "find_spec", lambda name: None)
    line = "MCP needs the package mcp, which is not installed; pip install 'wfc-qa[mcp]'"
    with pytest.raises(mcp_door.ConfigError) as missing:
        mcp_door.check_installed()
    assert str(missing.value) == line

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(engine.settings, engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.post("/mcp", json={})

    response = asyncio.run(post())
    assert (response.status_code, response.json()["detail"]) == (501, line)


def test_the_configurations_shown_are_those_that_work(home_index: Path, site: Site) -> None:
    started, served = (
        json.loads(block)["mcpServers"]["wfc-qa"] for block in shown("integrations.md", "json")
    )
    assert started["command"] == COMMAND.name
    assert served["type"] == "http"

    async def go() -> list[int]:
        url = served["url"].replace("http://127.0.0.1:7860/", site.url)
        async with over_stdio(home_index, started["args"]) as one, Client(url) as other:
            return [len((await client.list_tools()).tools) for client in (one, other)]

    assert asyncio.run(go()) == [3, 3]
