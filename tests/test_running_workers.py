"""Several processes behind one socket are one service."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from access_support import GENEROUS, SITES, ask_ticket, client, redeem
from serving_support import start_server
from wfc_qa.config import Settings
from wfc_qa.errors import ConfigError
from wfc_qa.serving.running.team import check_shared, share_cores

PATIENCE_S = 120
QUESTION = "2024年8月末重庆贷款余额是多少？"
WORKERS = 2


@dataclass
class Together:
    process: subprocess.Popen[str]
    url: str

    def processes(self) -> list[psutil.Process]:
        """The workers and the chat."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if _is_ours(child)]


def _is_ours(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.Error:
        return False


@pytest.fixture(scope="module")
def together(
    home_index: Path, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Together]:
    process = start_server(
        port=0, index_dir=home_index, data_dir=tmp_path_factory.mktemp("data"), workers=WORKERS, sites=SITES,
        state_url=redis_url, shutdown_s=5, **GENEROUS,
    )  # fmt: skip
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("wfc-qa is at http://"), process.communicate()
        yield Together(process, line.split()[3])
        if process.poll() is None:
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
            psutil.wait_procs(children, timeout=PATIENCE_S)
            assert [child for child in children if child.is_running()] == []
    finally:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def fresh(url: str, method: str = "GET", **request: object) -> httpx.Response:
    """By a connection of its own, which any of the processes may take."""
    return httpx.request(method, url, trust_env=False, timeout=PATIENCE_S, **request)


def test_one_command_starts_workers_and_a_process_for_the_chat(together: Together) -> None:
    assert len(together.processes()) == WORKERS + 1


def test_a_ticket_opens_one_session_whichever_process_is_asked(together: Together) -> None:
    with client(together.url) as http:
        ticket = ask_ticket(http).json()["ticket"]

    def open_session(_: int) -> int:
        with client(together.url) as http:
            return redeem(http, ticket).status_code

    with ThreadPoolExecutor(8) as visitors:
        told = Counter(visitors.map(open_session, range(24)))
    assert told == {201: 1, 403: 23}


def test_a_stream_is_told_on_by_every_process(together: Together) -> None:
    streamed = {"Accept": "text/event-stream"}
    first = fresh(together.url + "api/v1/answers", "POST", json={"question": QUESTION}, headers=streamed).text
    name = re.search(r"id: ([0-9a-f]{32})\.", first)
    assert name
    with ThreadPoolExecutor(4) as readers:
        again = list(
            readers.map(lambda _: fresh(f"{together.url}api/v1/answers/{name[1]}/events").text, range(12))
        )
    assert set(again) == {first}


def test_the_chat_is_reached_through_any_worker(together: Together) -> None:
    """Each request by a connection of its own; page, assets, question and its answer."""
    page = fresh(together.url)
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'self'; script-src 'self'")
    asset = re.search(r'src="\.?/?(assets/[^"]+\.js)"', page.text)
    assert asset
    assert (
        fresh(together.url + asset[1]).headers["content-type"].startswith(("text/javascript", "application/"))
    )
    assert fresh(together.url + "gradio_api/info").status_code == 404

    def converse(number: int) -> str:
        joined = {
            "data": [{"question": QUESTION, "turn": "1"}],
            "fn_index": 0,
            "session_hash": f"reader{number}",
        }
        fresh(together.url + "gradio_api/queue/join", "POST", json=joined).raise_for_status()
        return fresh(together.url + "gradio_api/queue/data", params={"session_hash": f"reader{number}"}).text

    with ThreadPoolExecutor(4) as readers:
        told = list(readers.map(converse, range(8)))
    assert all("process_completed" in text and "5.81" in text for text in told)


def test_figures_are_those_of_all_processes(together: Together) -> None:
    def answered() -> float:
        lines = fresh(together.url + "metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("wfc_qa_answers_total"))

    before = answered()
    with ThreadPoolExecutor(4) as askers:
        list(
            askers.map(
                lambda _: fresh(together.url + "api/v1/answers", "POST", json={"question": QUESTION}),
                range(12),
            )
        )
    assert answered() == before + 12


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="needs /proc")
def test_the_index_is_mapped_and_shared_by_every_worker(together: Together) -> None:
    for process in together.processes():
        maps = [one for one in process.memory_maps(grouped=False) if "generations" in one.path]
        assert {Path(one.path).name for one in maps} >= {"vectors.faiss", "sentences.npy"}
        assert all("w" not in one.perms for one in maps)


def test_a_process_that_dies_is_replaced_and_the_others_serve_meanwhile(together: Together) -> None:
    before = {process.pid for process in together.processes()}

    def ask(_: int) -> int:
        return fresh(together.url + "api/v1/answers", "POST", json={"question": QUESTION}).status_code

    for victim in before:
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in {process.pid for process in together.processes()})  # noqa: B023
        with ThreadPoolExecutor(4) as askers:
            assert set(askers.map(ask, range(12))) == {200}
        until(lambda: len(together.processes()) == WORKERS + 1)
    assert not before & {process.pid for process in together.processes()}
    until(lambda: fresh(together.url).status_code == 200)


def test_several_workers_without_a_state_that_they_share_are_refused() -> None:
    with pytest.raises(ConfigError, match="state_url"):
        check_shared(Settings(workers=2))
    check_shared(Settings(workers=1))
    check_shared(Settings(workers=2, state_url="redis://127.0.0.1:1/0"))


@pytest.mark.parametrize("workers", [1, 3, 64])
def test_workers_share_the_cores_unless_told(workers: int) -> None:
    shared = share_cores(Settings(workers=workers))
    assert 1 <= shared.threads <= max(1, (os.cpu_count() or 1) // workers)
    assert shared.concurrent_answers == shared.threads
    told = share_cores(Settings(workers=workers, threads=5, concurrent_answers=7))
    assert (told.threads, told.concurrent_answers) == (5, 7)
