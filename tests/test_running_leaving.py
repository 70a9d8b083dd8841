"""A server that is told to end: it takes nobody new, and finishes what it began."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from llm_server import ROLE, ScriptedServer, chunk, scripted, silent, stream
from serving_support import free_port, start_server, wait_for_health

PATIENCE_S = 60
LOANS = "2025年6月末重庆的贷款余额是多少？"
SLOW = stream(ROLE, 2.0, chunk(content="重庆市"), chunk("stop"))
SESSION = "abcdefgh"


@contextmanager
def speaking(
    model: ScriptedServer, index_dir: Path, data_dir: Path, **settings: object
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in whose answers a language model has a say."""
    port = free_port()
    words = {"llm": "openai-like", "llm_base_url": f"{model.origin}/v1", "llm_model": "m", "llm_retries": 0}
    process = start_server(
        port=port, index_dir=index_dir, data_dir=data_dir, concurrent_answers=8, **words, **settings
    )
    try:
        wait_for_health(process, port, "ready")
        yield process, f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.communicate()


def ask(url: str) -> str:
    answer = httpx.post(url + "api/v1/answers", json={"question": LOANS}, trust_env=False, timeout=PATIENCE_S)
    answer.raise_for_status()
    return str(answer.json()["understood"])


def stream_answer(url: str) -> str:
    with httpx.stream(
        "POST", url + "api/v1/answers", json={"question": LOANS}, headers={"Accept": "text/event-stream"},
        trust_env=False, timeout=PATIENCE_S,
    ) as response:  # fmt: skip
        told = [line for line in response.iter_lines() if line.startswith(("event:", "data:"))]
    assert told[-2] == "event: answer"
    return str(json.loads(told[-1].removeprefix("data:"))["understood"])


def converse(url: str) -> str:
    body = {"model": "wfc-qa", "stream": True, "messages": [{"role": "user", "content": LOANS}]}
    with httpx.stream(
        "POST", url + "v1/chat/completions", json=body, trust_env=False, timeout=PATIENCE_S
    ) as response:
        told = [line for line in response.iter_lines() if line]
    assert told[-1] == "data: [DONE]"
    return str(json.loads(told[-2].removeprefix("data:"))["choices"][0]["delta"]["wfc_qa"]["understood"])


def read_chat(url: str) -> str:
    joined = {"data": [{"question": LOANS, "turn": "1"}], "fn_index": 0, "session_hash": SESSION}
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as chat:
        chat.post("gradio_api/queue/join", json=joined).raise_for_status()
        with chat.stream("GET", "gradio_api/queue/data", params={"session_hash": SESSION}) as response:
            told = list(filter(None, response.iter_lines()))
    done = [json.loads(line.removeprefix("data:")) for line in told if "process_completed" in line]
    assert done[0]["success"], done
    assert "close_stream" in told[-1]
    return LOANS


DOORS = (ask, stream_answer, converse, read_chat)


def test_answers_under_way_are_finished_while_nobody_new_is_let_in(home_index: Path, tmp_path: Path) -> None:
    """By every door; a page that merely stands open does not hold the server up."""
    with (
        scripted([SLOW]) as model,
        speaking(model, home_index, tmp_path, shutdown_s=600) as (process, url),
        httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as standing,
        standing.stream("GET", f"gradio_api/heartbeat/{SESSION}") as heart,
        httpx.Client(base_url=url, trust_env=False) as probe,
        ThreadPoolExecutor(len(DOORS)) as readers,
    ):
        beats = heart.iter_lines()
        assert "ALIVE" in next(beats)
        assert probe.get("ready").status_code == 200
        answers = [readers.submit(door, url) for door in DOORS]
        while len(model.requests) < len(DOORS):
            assert not any(answer.done() for answer in answers), answers
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        while (ready := probe.get("ready")).status_code == 200:
            time.sleep(0.02)
        assert ready.status_code == 503
        assert "shutting down" in ready.json()["detail"]
        assert ready.headers["connection"] == "close"
        refused = False
        while not refused:
            assert process.poll() is None
            try:
                httpx.get(url + "health", trust_env=False)
            except httpx.TransportError:
                refused = True
        assert [answer.result(PATIENCE_S) for answer in answers] == [LOANS] * len(DOORS)
        with suppress(httpx.TransportError):
            list(beats)
        _, complaints = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, complaints) == (0, "")


def test_answers_that_do_not_end_are_given_up_after_shutdown_s(home_index: Path, tmp_path: Path) -> None:
    with (
        scripted([silent(ROLE)]) as model,
        speaking(model, home_index, tmp_path, shutdown_s=0.5) as (process, url),
        ThreadPoolExecutor() as readers,
    ):
        asked = readers.submit(
            httpx.post, url + "api/v1/answers", json={"question": LOANS}, trust_env=False, timeout=PATIENCE_S
        )
        while not model.requests:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert asked.result(PATIENCE_S).status_code == 503
        assert asked.result().json()["type"].startswith("/problems/")
        _, complaints = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
        assert "shutdown_s" in complaints
        assert len(complaints.splitlines()) == 1


def test_a_second_signal_ends_the_server_at_once(home_index: Path, tmp_path: Path) -> None:
    with (
        scripted([silent(ROLE)]) as model,
        speaking(model, home_index, tmp_path, shutdown_s=600) as (process, url),
        httpx.Client(base_url=url, trust_env=False) as probe,
        ThreadPoolExecutor() as readers,
    ):
        assert probe.get("ready").status_code == 200
        asked = readers.submit(
            httpx.post, url + "api/v1/answers", json={"question": LOANS}, trust_env=False, timeout=PATIENCE_S
        )
        while not model.requests:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        while probe.get("ready").status_code == 200:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 128 + signal.SIGTERM
        with pytest.raises(httpx.RemoteProtocolError):
            asked.result(PATIENCE_S)
