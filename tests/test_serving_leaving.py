"""A reader who leaves ends the language model's work, by whichever door the question came."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from llama_index.core.schema import QueryBundle

from llm_server import PATIENCE_S, ROLE, ScriptedServer, scripted, silent
from wfc_qa.adapters.llama_queries import WfcQueryEngine
from wfc_qa.adapters.llms import open_language_model
from wfc_qa.answering.prompts import load_prompts
from wfc_qa.engine import Engine
from wfc_qa.serving.app import create_app, listen
from wfc_qa.steps import GoneError, Halt

LOANS = "2025年6月末重庆的贷款余额是多少？"
EARLIER = "2025年6月末重庆的存款余额是多少？"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
DOORS: dict[str, tuple[str, Any]] = {
    "api": ("api/v1/answers", {"question": LOANS}),
    "api, rewriting": ("api/v1/answers", {"question": "那贷款呢？", "history": [EARLIER]}),
    "chat": ("v1/chat/completions", {"model": "wfc-qa", "messages": [{"role": "user", "content": LOANS}]}),
    "chat, streamed": (
        "v1/chat/completions",
        {"model": "wfc-qa", "stream": True, "messages": [{"role": "user", "content": LOANS}]},
    ),
    "chat, rewriting": (
        "v1/chat/completions",
        {"model": "wfc-qa", "messages": [{"role": "user", "content": q} for q in (EARLIER, "那贷款呢？")]},
    ),
    "tools": ("mcp", {**CALL, "params": {"name": "ask", "arguments": {"question": LOANS}}}),
}


@contextmanager
def patient(engine: Engine) -> Iterator[tuple[Engine, ScriptedServer]]:
    """``engine`` with a model that never says a word and never hangs up."""
    with scripted([silent(ROLE)]) as server:
        settings = server.settings(index_dir=engine.settings.index_dir, llm_retries=0, llm_timeout_s=600)
        model = open_language_model(settings)
        assert model
        parts = engine.generation, engine.encoder, engine.dictionary, engine.calibration, engine.wording
        try:
            yield Engine(settings, *parts, load_prompts(settings.prompts_dir), model), server
        finally:
            model.close()


@contextmanager
def running(engine: Engine) -> Iterator[str]:
    listener = listen("127.0.0.1", 0)
    app = create_app(engine.settings, engine)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    try:
        while httpx.get(url + "health", trust_env=False, timeout=PATIENCE_S).json()["status"] != "ready":
            time.sleep(0.05)
        yield url
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        listener.close()


@pytest.fixture(scope="module")
def house(engine: Engine) -> Iterator[tuple[str, ScriptedServer]]:
    with patient(engine) as (spoken, server), running(spoken) as url:
        yield url, server


def wait_until(asked: list[Any], most: int) -> None:
    while len(asked) < most:
        time.sleep(0.01)


@pytest.mark.parametrize("door", DOORS)
def test_leaving_ends_the_models_work(house: tuple[str, ScriptedServer], door: str) -> None:
    (url, server), (path, body) = house, DOORS[door]
    server.hung_up.clear()
    before = len(server.requests)
    said = json.dumps(body).encode()
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port), PATIENCE_S) as connection:
        connection.sendall(
            b"POST /%b HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\n"
            b"Accept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n%b"
            % (path.encode(), address.netloc, len(said), said)
        )
        wait_until(server.requests, before + 1)
        assert not server.hung_up.is_set()
    assert server.hung_up.wait(PATIENCE_S)
    # Nothing follows: neither another request, nor a house that is busy.
    assert httpx.get(url + "health", trust_env=False).status_code == 200
    assert len(server.requests) == before + 1


def test_who_leaves_during_a_rewrite_has_no_answer_asked_for(engine: Engine) -> None:
    halt = Halt()
    with patient(engine) as (spoken, server), ThreadPoolExecutor(1) as pool:
        steps = spoken.stream("那贷款呢？", history=[EARLIER], halt=halt)
        coming = pool.submit(next, steps)
        wait_until(server.requests, 1)
        halt()
        with pytest.raises(GoneError):
            coming.result(PATIENCE_S)
        assert server.hung_up.wait(PATIENCE_S)
        assert len(server.requests) == 1


def test_a_cancelled_query_ends_the_models_work(engine: Engine) -> None:
    with patient(engine) as (spoken, server):

        async def leave() -> None:
            asking = asyncio.ensure_future(WfcQueryEngine(spoken)._aquery(QueryBundle(LOANS)))
            await asyncio.to_thread(wait_until, server.requests, 1)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            assert await asyncio.to_thread(server.hung_up.wait, PATIENCE_S)

        asyncio.run(leave())
