"""A streamed answer over real HTTP: cut, taken up elsewhere, stopped, left."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from llm_server import PATIENCE_S, ScriptedServer
from serving_support import Site, served
from test_serving_leaving import LOANS, patient, running
from wfc_qa.engine import Engine
from wfc_qa.serving.streams import streams

EVENT = re.compile(r"^id: (\S+)\nevent: (\w+)\ndata: (.*)$", re.MULTILINE)
STREAMED = {"Accept": "text/event-stream"}
QUESTION = "重庆2024年和2025年的贷款余额各是多少？"


@pytest.fixture(scope="module")
def http(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60, trust_env=False) as client:
        yield client


def test_a_stream_tells_what_the_answer_says(http: httpx.Client) -> None:
    response = http.post("api/v1/answers", json={"question": QUESTION}, headers=STREAMED)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert re.match(r"id: [0-9a-f]{32}\.0\nretry: \d+\n\n", response.text)
    events = EVENT.findall(response.text)
    names = [name for _, name, _ in events]
    answer = httpx.Response(200, text=events[-1][2]).json()
    sentences = [httpx.Response(200, text=data).json() for _, name, data in events if name == "sentence"]
    assert names == ["understood", *["sentence"] * len(sentences), "answer"]
    assert sentences == answer["sentences"]
    whole = http.post("api/v1/answers", json={"question": QUESTION}).json()
    assert {**answer, "timings_ms": 0} == {**whole, "timings_ms": 0}


def test_a_cut_stream_goes_on_after_the_event_that_came_last(http: httpx.Client) -> None:
    events = EVENT.findall(http.post("api/v1/answers", json={"question": QUESTION}, headers=STREAMED).text)
    address = f"api/v1/answers/{events[0][0].split('.')[0]}/events"
    for number, (name, _, _) in enumerate(events, 1):
        resumed = http.get(address, headers={"Last-Event-ID": name})
        assert EVENT.findall(resumed.text) == events[number:]
        assert resumed.status_code == (200 if events[number:] else 204)
    assert EVENT.findall(http.get(address).text) == events


@pytest.mark.parametrize("question", ["", "？！", "a " * 2000])
def test_a_refused_question_is_no_stream(http: httpx.Client, question: str) -> None:
    response = http.post("api/v1/answers", json={"question": question}, headers=STREAMED)
    assert (response.status_code, response.json()["type"]) == (422, "/problems/question-refused")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_stream_that_is_not_there_is_not_found(http: httpx.Client, method: str) -> None:
    path = f"api/v1/answers/{'0' * 32}" + ("/events" if method == "GET" else "")
    assert http.request(method, path).json()["type"] == "/problems/not-found"


@pytest.fixture
def slow(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ScriptedServer]]:
    """A service whose model never says a word, and which waits but briefly for a reader to come back."""
    pace = streams.Pace(grace_s=1, beat_s=0.2, look_s=0.05)
    monkeypatch.setattr(streams.Streams.__init__, "__defaults__", (pace,))
    with patient(engine) as (spoken, server), running(spoken) as url:
        yield url, server


def begin(url: str, server: ScriptedServer) -> Iterator[str]:
    """Read until the first event, and the model is at work; then as the caller likes."""
    with httpx.stream(
        "POST",
        f"{url}api/v1/answers",
        json={"question": LOANS},
        headers=STREAMED,
        trust_env=False,
        timeout=60,
    ) as response:
        lines = response.iter_lines()
        yield next(line for line in lines if line.startswith("id: ")).removeprefix("id: ").split(".")[0]
        yield from lines


def test_who_leaves_a_stream_and_does_not_come_back_ends_the_models_work(
    slow: tuple[str, ScriptedServer],
) -> None:
    url, server = slow
    telling = begin(url, server)
    name = next(telling)
    while not server.requests:
        time.sleep(0.01)
    assert not server.hung_up.is_set()
    telling.close()
    assert server.hung_up.wait(PATIENCE_S)
    last = httpx.get(f"{url}api/v1/answers/{name}/events", trust_env=False, timeout=60).text
    assert EVENT.findall(last)[-1][1] == "problem"


def test_a_reader_who_stays_hears_heart_beats_and_stops_the_models_work(
    slow: tuple[str, ScriptedServer],
) -> None:
    url, server = slow
    telling = begin(url, server)
    name = next(telling)
    beats = 0
    for line in telling:
        beats += line.startswith(":")
        # Longer than a reader who left would be waited for.
        if beats == 8:
            break
    assert not server.hung_up.is_set()
    assert httpx.delete(f"{url}api/v1/answers/{name}", trust_env=False).status_code == 204
    assert any("stream-stopped" in line for line in telling)
    assert server.hung_up.wait(PATIENCE_S)


def test_another_process_on_the_same_redis_tells_a_stream_on(
    home_index: Path, tmp_path: Path, redis_url: str
) -> None:
    with (
        served(home_index, tmp_path, state_url=redis_url) as one,
        served(home_index, tmp_path, state_url=redis_url) as other,
        httpx.Client(trust_env=False, timeout=60) as http,
    ):
        told = http.post(f"{one.url}api/v1/answers", json={"question": QUESTION}, headers=STREAMED).text
        events = EVENT.findall(told)
        address = f"{other.url}api/v1/answers/{events[0][0].split('.')[0]}/events"
        for number, (name, _, _) in enumerate(events, 1):
            assert EVENT.findall(http.get(address, headers={"Last-Event-ID": name}).text) == events[number:]
