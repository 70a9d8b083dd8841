"""What operators see, and what is kept: ids, logs without questions, figures, counts, and their end."""

from __future__ import annotations

import io
import json
import logging
import os
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from command_support import run
from serving_support import free_port, start_server, stop_server, wait_for_health
from wfc_qa.config import Settings
from wfc_qa.feedback import DATABASE as FEEDBACK
from wfc_qa.feedback import Feedback, FeedbackStore, Verdict
from wfc_qa.serving.observing.asking import name_request
from wfc_qa.serving.observing.kept import DATABASE, Conversed, Counted, KeptStore
from wfc_qa.serving.observing.logs import set_up_logs, without_messages

MARK = "xyzzyplugh"
QUESTION = f"2024年8月末重庆贷款余额是多少 {MARK}？"
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


class Running:
    """A server of its own whose log is read when it has ended."""

    def __init__(self, index_dir: Path, data_dir: Path, **settings: object) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.process = start_server(port=self.port, index_dir=index_dir, data_dir=data_dir, **settings)
        wait_for_health(self.process, self.port, "ready")
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/",
            trust_env=False,
            timeout=60,
            headers={"Host": "127.0.0.1"},
        )

    def end(self) -> str:
        """All that it said."""
        self.http.close()
        self.process.terminate()
        out, err = self.process.communicate(timeout=60)
        return out + err


def ask_through_every_door(http: httpx.Client) -> list[httpx.Response]:
    tool = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    told = {"question": QUESTION}
    chat = {"model": "wfc-qa", "messages": [{"role": "user", "content": QUESTION}]}
    long = MARK * 300
    joined = {"data": [{"question": QUESTION, "turn": "1"}], "fn_index": 0, "session_hash": "abcdefgh"}
    return [
        http.post("api/v1/answers", json=told),
        http.post("api/v1/answers", json=told, headers={"Accept": "text/event-stream"}),
        http.get("api/v1/passages", params={"q": QUESTION}),
        http.post("v1/chat/completions", json=chat),
        http.post("v1/chat/completions", json={**chat, "stream": True}),
        http.post("mcp", headers=JSON, json={**tool, "params": {"name": "ask", "arguments": told}}),
        http.post("mcp", headers=JSON, json={**tool, "params": {"name": "ask", "arguments": {MARK: long}}}),
        http.post("mcp", headers=JSON, json={**tool, "params": {"name": MARK, "arguments": told}}),
        http.post("gradio_api/queue/join", json=joined),
        http.get("gradio_api/queue/data", params={"session_hash": "abcdefgh"}),
        http.post("gradio_api/queue/join", json={**joined, "fn_index": 99, "data": [long]}),
        http.post("api/v1/answers", json={"question": long}),
        http.post("api/v1/answers", json={"question": [MARK], MARK: long}),
        http.post("api/v1/answers", content=f'{{"question": "{MARK}'),
        http.get(f"api/v1/{MARK}", params={"q": QUESTION}),
        http.get(f"documents/{MARK}"),
        http.get(
            f"api/v1/answers/{MARK}/events", headers={"Last-Event-ID": MARK, "X-Request-ID": f"<{MARK}>"}
        ),
        http.post("v1/chat/completions", json={**chat, "model": MARK}),
    ]


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_question_stands_in_a_log(home_index: Path, tmp_path: Path, log_format: str) -> None:
    """By whichever door it came, answered, refused or failing, and not in an address either."""
    running = Running(home_index, tmp_path, log_format=log_format)
    responses = ask_through_every_door(running.http)
    said = running.end()
    assert {200, 404, 422} <= {response.status_code for response in responses}
    assert MARK not in said
    if log_format == "json":
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        answered = [line for line in lines if "outcome" in line]
        assert len(answered) >= 6
        served = {line["request_id"] for line in lines if "route" in line}
        assert {response.headers["x-request-id"] for response in responses} <= served


def test_questions_are_logged_where_that_is_wanted(home_index: Path, tmp_path: Path) -> None:
    running = Running(home_index, tmp_path, log_questions=True)
    assert running.http.post("api/v1/answers", json={"question": QUESTION}).status_code == 200
    assert MARK in running.end()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_failure_is_logged_without_what_it_says(log_format: Any) -> None:
    told = io.StringIO()
    kept = logging.getLogger().handlers[:]
    try:
        set_up_logs(Settings(log_format=log_format), told)
        try:
            try:
                raise ValueError(MARK)
            except ValueError as error:
                raise RuntimeError(MARK) from error
        except RuntimeError:
            logging.getLogger("wfc_qa.x").exception("a question failed")
    finally:
        logging.getLogger().handlers[:] = kept
        logging.captureWarnings(False)
    assert MARK not in told.getvalue().replace("raise ValueError(MARK)", "")
    assert "ValueError" in told.getvalue()
    assert "RuntimeError" in told.getvalue()
    assert MARK not in without_messages(ExceptionGroup(MARK, [ValueError(MARK)]))


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "with space in it", "line\nbreak-id", "<script>alert"]
)
def test_an_id_that_is_no_id_is_replaced(given: str) -> None:
    assert name_request(given) != given
    assert name_request("proxy-id.0001") == "proxy-id.0001"


@pytest.fixture(scope="module")
def counting(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(home_index, tmp_path_factory.mktemp("data"))
    yield running
    stop_server(running.process)


def test_figures_tell_requests_and_outcomes(counting: Running) -> None:
    http = counting.http
    http.post("api/v1/answers", json={"question": "2024年8月末重庆贷款余额是多少？"})
    http.post("api/v1/answers", json={"question": "How many banks are there on Mars?"})
    http.get("api/v1/documents/none")
    lines = http.get("metrics").text.splitlines()
    assert 'wfc_qa_answers_total{language="zh",outcome="answered"} 1.0' in lines
    assert any(
        line.startswith('wfc_qa_answers_total{language="en"') and "answered" not in line for line in lines
    )
    assert 'wfc_qa_requests_total{method="GET",route="/api/v1/documents/{doc_id}",status="404"} 1.0' in lines
    assert "wfc_qa_answer_seconds_count 2.0" in lines
    assert any(line.startswith("wfc_qa_generation_info{") for line in lines)
    assert "wfc_qa_questions_waiting 0.0" in lines


@pytest.mark.parametrize("foreign", [{"X-Forwarded-For": "203.0.113.7"}, {"Origin": "https://evil.example"}])
def test_figures_are_for_this_machine_or_a_key(counting: Running, foreign: dict[str, str]) -> None:
    response = counting.http.get("metrics", headers=foreign)
    assert response.status_code in {401, 403}
    assert response.headers["content-type"] == "application/problem+json"


def test_every_problem_is_described(counting: Running) -> None:
    kind = counting.http.get("api/v1/documents/none").json()["type"]
    assert kind == "/problems/not-found"
    assert "Not found" in counting.http.get(kind).text
    assert kind in counting.http.get("problems").text


def test_who_holds_this_generation_is_sent_nothing(counting: Running) -> None:
    for path in ("api/v1/documents", "api/v1/collection", "api/v1/documents/lending-deposits-assets.zh"):
        tag = counting.http.get(path).headers["etag"]
        assert counting.http.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert counting.http.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_pages_of_documents_make_up_the_list(counting: Running) -> None:
    whole = counting.http.get("api/v1/documents")
    pages = [
        counting.http.get("api/v1/documents", params={"limit": 5, "offset": n}) for n in range(0, 100, 5)
    ]
    assert [one for page in pages for one in page.json()] == whole.json()
    assert {page.headers["x-total-count"] for page in pages} == {str(len(whole.json()))}


def test_a_passage_stands_where_its_span_says(counting: Running) -> None:
    found = counting.http.get("api/v1/passages", params={"q": "loans", "k": 3, "language": "en"}).json()[
        "passages"
    ]
    assert [one["rank"] for one in found] == [1, 2, 3]
    for one in found:
        document = counting.http.get(f"api/v1/documents/{one['doc_id']}").json()
        assert document["language"] == "en"
        [paragraph] = [each for each in document["paragraphs"] if each["paragraph_id"] == one["paragraph_id"]]
        start = one["span"]["start"] - paragraph["span"]["start"]
        assert paragraph["text"][start : start + len(one["text"])] == one["text"]
    only = {"q": "loans", "doc_ids": [found[0]["doc_id"]]}
    assert {
        each["doc_id"] for each in counting.http.get("api/v1/passages", params=only).json()["passages"]
    } == {found[0]["doc_id"]}


@pytest.mark.parametrize("keep", ["nothing", "counts", "conversations"])
def test_what_is_kept_is_what_the_settings_say(home_index: Path, tmp_path: Path, keep: str) -> None:
    running = Running(home_index, tmp_path, keep=keep)
    running.http.post("api/v1/answers", json={"question": QUESTION})
    fields = dict.fromkeys(("answer_id", "generation", "question", "understood", "answer"), MARK)
    judged = running.http.post("api/v1/feedback", json={**fields, "verdict": "up"})
    running.end()
    assert judged.status_code == (403 if keep == "nothing" else 201)
    store = KeptStore(tmp_path / DATABASE)
    assert sum(number for _, number in store.counts()) == (0 if keep == "nothing" else 1)
    if keep == "conversations":
        [kept] = store.conversations()
        assert kept.question == QUESTION
        assert json.loads(kept.answer)["question"] == QUESTION
    else:
        assert not any(MARK in path.read_bytes().decode("latin-1") for path in tmp_path.glob("kept*"))
    if keep == "nothing":
        assert judged.json()["type"] == "/problems/feedback-off"
        assert not (tmp_path / FEEDBACK).exists()


def fill(data_dir: Path, days_ago: int, mark: str) -> None:
    then = datetime.now(UTC) - timedelta(days=days_ago)
    turn = Conversed(then.isoformat(timespec="seconds"), "bank", "s", mark, mark, mark * 2000)
    KeptStore(data_dir / DATABASE).add([Counted(then.date().isoformat(), mark, "zh", "answered")], [turn])
    FeedbackStore(data_dir / FEEDBACK).save(Feedback(mark, "a", "g", mark, mark, mark, Verdict.UP, mark))
    with closing(sqlite3.connect(data_dir / FEEDBACK)) as database, database:
        database.execute("UPDATE feedback SET time_utc = ? WHERE feedback_id = ?", (turn.time_utc, mark))


def stands(data_dir: Path, mark: str) -> bool:
    return any(mark.encode() in path.read_bytes() for path in data_dir.iterdir() if path.is_file())


def purge(data_dir: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    return run("purge", *flags, cwd=data_dir, data_dir=data_dir)


def test_what_is_purged_is_gone_from_the_disk(tmp_path: Path) -> None:
    fill(tmp_path, 40, "oldoldold")
    fill(tmp_path, 5, "newnewnew")
    assert stands(tmp_path, "oldoldold")
    assert purge(tmp_path, "--older-than", "30", "--yes").stdout == "3 rows deleted\n"
    assert not stands(tmp_path, "oldoldold")
    assert stands(tmp_path, "newnewnew")
    assert purge(tmp_path, "--all", "--yes").stdout == "3 rows deleted\n"
    assert not stands(tmp_path, "newnewnew")
    assert purge(tmp_path, "--all", "--older-than", "1", "--yes").returncode == 2


def test_what_is_kept_is_its_owners_alone(tmp_path: Path) -> None:
    """Whatever the umask, and what SQLite writes beside its database too."""
    before = os.umask(0o022)
    try:
        fill(tmp_path, 1, "mark")
    finally:
        os.umask(before)
    kept = [path for path in tmp_path.iterdir() if path.is_file()]
    assert {path.name for path in kept} >= {DATABASE, FEEDBACK}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_server_forgets_in_time_what_is_old(home_index: Path, tmp_path: Path) -> None:
    fill(tmp_path, 40, "oldoldold")
    fill(tmp_path, 5, "newnewnew")
    Running(home_index, tmp_path, keep_days=30).end()
    assert not stands(tmp_path, "oldoldold")
    assert stands(tmp_path, "newnewnew")


def add_many(path: Path, number: int) -> None:
    for _ in range(20):
        KeptStore(path).add(
            [Counted("2026-01-01", "", "zh", "answered")], [Conversed("t", "", "", str(number), "", "")]
        )


def test_many_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / DATABASE
    with ProcessPoolExecutor(3) as processes, ThreadPoolExecutor(3) as threads:
        for done in [
            *processes.map(add_many, [path] * 3, range(3)),
            *threads.map(add_many, [path] * 3, range(3)),
        ]:
            assert done is None
    [(_, number)] = KeptStore(path).counts()
    assert number == len(KeptStore(path).conversations()) == 120
