"""A new generation of the index comes in while the server answers."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from access_support import BANK, GENEROUS, SITES, session
from indexing_support import DOCUMENTS, write_documents
from serving_support import free_port, start_server, wait_for_health
from wfc_qa.builder import build_collection
from wfc_qa.config import Settings
from wfc_qa.engine import open_engine
from wfc_qa.indexing.generation import GENERATIONS, STORE, current_generation, switch_generation
from wfc_qa.types import Answer, Understood

PATIENCE_S = 60
QUESTION = "How much did green loans reach in 2023?"
PARK = "---\ntitle: The science park\nlanguage: en\n---\n\nThe science park opened in 2019.\n"
BRIDGE = "---\ntitle: The long bridge\nlanguage: en\n---\n\nThe long bridge is 1200 metres long.\n"
TOOL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
JSON = {"Accept": "application/json, text/event-stream"}


@dataclass
class Living:
    """A server of its own on a small collection that is built again while it runs."""

    settings: Settings
    process: subprocess.Popen[str]
    http: httpx.Client
    failures: list[str] = field(default_factory=list)
    answered: int = 0

    def build(self, **documents: str) -> str:
        """The name of the generation that now holds ``documents`` beside the first ones."""
        shutil.rmtree(self.settings.documents_dir)
        write_documents(self.settings.documents_dir, DOCUMENTS | {f"{n}.md": t for n, t in documents.items()})
        build_collection(self.settings, lambda step, done, total: None)
        name = current_generation(self.settings.index_dir)
        assert name
        return name

    def serving(self) -> str:
        return str(self.http.get("api/v1/collection").json()["generation"])

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def asks(self, stop: threading.Event) -> None:
        """Ask by each door in turn; whatever is not a good answer is a failure."""
        streamed = {"Accept": "text/event-stream"}
        said = {"model": "wfc-qa", "messages": [{"role": "user", "content": QUESTION}]}
        told = {**TOOL, "params": {"name": "ask", "arguments": {"question": QUESTION}}}
        doors: list[Callable[[], tuple[httpx.Response, str]]] = [
            lambda: (self.http.post("api/v1/answers", json={"question": QUESTION}), "500 billion"),
            lambda: (
                self.http.post("api/v1/answers", json={"question": QUESTION}, headers=streamed),
                "event: answer",
            ),
            lambda: (self.http.post("v1/chat/completions", json=said), "500 billion"),
            lambda: (self.http.post("mcp", json=told, headers=JSON), "500 billion"),
            lambda: (self.http.get("documents/loans"), "500 billion"),
            lambda: (self.http.get("api/v1/passages", params={"q": QUESTION}), "500 billion"),
        ]
        while not stop.is_set():
            for door in doors:
                try:
                    response, expected = door()
                except httpx.TransportError as error:
                    self.failures.append(repr(error))
                    continue
                if response.status_code != 200 or expected not in response.text:
                    self.failures.append(f"{response.status_code} {response.text[:500]}")
                self.answered += 1


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    folder = tmp_path_factory.mktemp("living")
    shape = {"documents_dir": folder / "documents", "index_dir": folder / "index", "abstain_below": 0.0}
    write_documents(shape["documents_dir"])
    settings = Settings(**shape)
    build_collection(settings, lambda step, done, total: None)
    port = free_port()
    process = start_server(port=port, data_dir=folder / "data", sites=SITES, **GENEROUS, **shape)
    try:
        wait_for_health(process, port, "ready")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/", trust_env=False, timeout=PATIENCE_S) as http:
            yield Living(settings, process, http)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def load(living: Living) -> Iterator[None]:
    stop = threading.Event()
    with ThreadPoolExecutor(4) as askers:
        asking = [askers.submit(living.asks, stop) for _ in range(4)]
        try:
            yield
        finally:
            stop.set()
    for one in asking:
        one.result()


def test_two_rebuilds_under_load_fail_no_request_and_every_door_sees_the_last(living: Living) -> None:
    first = living.serving()
    tag = living.http.get("api/v1/documents").headers["etag"]
    known = {"If-None-Match": tag}
    assert living.http.get("api/v1/documents", headers=known).status_code == 304
    with load(living):
        living.until(lambda: living.answered > 10)
        for documents in ({"park": PARK}, {"park": PARK, "bridge": BRIDGE}):
            name = living.build(**documents)
            living.until(lambda: living.serving() == name)  # noqa: B023
            before = living.answered
            living.until(lambda: living.answered > before + 10)  # noqa: B023
    assert living.failures == []
    assert name not in {first, ""}
    changed = living.http.get("api/v1/documents", headers=known)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    assert {one["doc_id"] for one in changed.json()} >= {"park", "bridge"}
    assert "long bridge" in living.http.get("documents").text
    assert "The long bridge" in living.http.get("").text
    question = {"question": "How long is the long bridge?"}
    asked = living.http.post(
        "mcp", headers=JSON, json={**TOOL, "params": {"name": "ask", "arguments": question}}
    )
    assert "1200" in asked.text
    said = {"model": "wfc-qa", "messages": [{"role": "user", "content": question["question"]}]}
    assert "1200" in living.http.post("v1/chat/completions", json=said).text
    widget = session(living.http, origin=BANK)
    assert "1200" in living.http.post("api/v1/answers", json=question, headers=widget).text
    joined = {"data": [{**question, "turn": "1"}], "fn_index": 0, "session_hash": "abcdefgh"}
    living.http.post("gradio_api/queue/join", json=joined).raise_for_status()
    assert "1200" in living.http.get("gradio_api/queue/data", params={"session_hash": "abcdefgh"}).text
    figures = living.http.get("metrics").text
    assert [
        line.split('generation="')[1][:16] for line in figures.splitlines() if "generation_info{" in line
    ] == [name]
    # What nobody answers from any more is let go of.
    maps = Path(f"/proc/{living.process.pid}/maps")
    if maps.exists():
        living.until(lambda: first not in maps.read_text("utf-8"))
        assert name in maps.read_text("utf-8")


def test_a_generation_that_cannot_be_opened_leaves_the_old_one_answering(living: Living) -> None:
    whole = living.serving()
    broken = "0123456789abcdef"
    folder = living.settings.index_dir / GENERATIONS
    shutil.copytree(folder / whole, folder / broken)
    (folder / broken / STORE).write_bytes(b"no database")
    switch_generation(living.settings.index_dir, broken)
    assert living.process.stderr
    said = living.process.stderr.readline()
    assert f"generation {broken} is not taken up" in said
    assert f"{whole} goes on answering" in said
    assert living.serving() == whole
    assert living.http.post("api/v1/answers", json={"question": QUESTION}).status_code == 200
    # The next good build comes in as if nothing had been.
    name = living.build(park=PARK.replace("2019", "2020"))
    living.until(lambda: living.serving() == name)


def test_an_answer_ends_on_the_generation_it_began_on_which_then_closes(tmp_path: Path) -> None:
    settings = Settings(
        documents_dir=write_documents(tmp_path / "documents"), index_dir=tmp_path / "index", abstain_below=0.0
    )
    build_collection(settings, lambda step, done, total: None)
    old = open_engine(settings)
    begun = old.generation.manifest.generation
    write_documents(settings.documents_dir, {"park.md": PARK})
    build_collection(settings, lambda step, done, total: None)
    new = open_engine(settings, like=old)
    assert new.encoder is old.encoder
    steps = old.stream(QUESTION)
    assert isinstance(next(steps), Understood)
    gone, closed = weakref.ref(old), weakref.ref(old.generation.store)
    del old
    *_, answer = steps
    assert isinstance(answer, Answer)
    assert answer.receipt.generation == begun != new.generation.manifest.generation
    assert (gone(), closed()) == (None, None)
    assert new.ask(QUESTION).sentences
    new.close()
