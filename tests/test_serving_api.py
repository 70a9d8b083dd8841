"""The JSON API over real HTTP, on the real engine and home collection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from serving_support import Site

QUESTION = "2024年8月末重庆贷款余额是多少？"


@pytest.fixture(scope="module")
def http(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60, trust_env=False) as client:
        yield client


def ask(http: httpx.Client, **fields: object) -> httpx.Response:
    return http.post("api/v1/answers", json=fields)


def problem(response: httpx.Response) -> tuple[int, str]:
    """Status and detail; every problem is one clear line."""
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert set(body) == {"type", "title", "status", "detail", "instance"}
    assert body["type"].startswith("/problems/")
    assert body["instance"] == response.headers["x-request-id"]
    assert body["detail"]
    assert "\n" not in body["detail"]
    assert "Traceback" not in response.text
    return response.status_code, body["detail"]


def test_every_citation_leads_to_its_paragraph(http: httpx.Client) -> None:
    """A cited paragraph's text, its span in the document and the anchor on its page agree."""
    answer = ask(http, question=QUESTION).json()
    assert answer["abstention"] is None
    citations = [citation for sentence in answer["sentences"] for citation in sentence["citations"]]
    assert citations
    for citation in citations:
        document = http.get(f"api/v1/documents/{citation['doc_id']}").json()
        [paragraph] = [p for p in document["paragraphs"] if p["paragraph_id"] == citation["paragraph_id"]]
        assert paragraph["text"] == citation["text"]
        assert paragraph["span"]["start"] <= citation["quote"]["start"] < citation["quote"]["end"]
        path, anchor = citation["url"].removeprefix("/").split("#")
        assert f'id="{anchor}"' in http.get(path).text


def test_a_declined_question_says_why_and_offers_the_nearest_passages(http: httpx.Client) -> None:
    answer = ask(http, question="火星上有银行吗？").json()
    assert answer["sentences"] == []
    assert answer["abstention"]
    assert answer["message"]
    assert answer["hits"]


def test_history_completes_a_follow_up_and_no_state_is_kept(http: httpx.Client) -> None:
    followed = ask(http, question="那2023年呢？", history=[QUESTION]).json()
    assert "贷款" in followed["understood"]
    alone = ask(http, question="那2023年呢？").json()
    assert alone["understood"] == alone["question"]


def test_the_same_question_gets_the_same_answer_from_any_thread(http: httpx.Client) -> None:
    def once(_: int) -> object:
        answer = ask(http, question=QUESTION).json()
        return {key: value for key, value in answer.items() if key != "timings_ms"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(once, range(16)))
    assert all(answer == answers[0] for answer in answers)


def test_filters_bound_the_documents_that_answer(http: httpx.Client) -> None:
    answer = ask(http, question=QUESTION, filters={"language": "en"}).json()
    languages = {document["doc_id"]: document["language"] for document in http.get("api/v1/documents").json()}
    assert {languages[hit["doc_id"]] for hit in answer["hits"]} == {"en"}


def test_dates_in_the_wrong_order_are_refused(http: httpx.Client) -> None:
    dates = {"published_from": "2026-02-01", "published_to": "2026-01-31"}
    status, detail = problem(ask(http, question=QUESTION, filters=dates))
    assert (status, detail) == (
        422,
        "filters: published_from is after published_to; correct one of them",
    )


def test_the_collection_counts_what_the_documents_hold(http: httpx.Client) -> None:
    collection = http.get("api/v1/collection").json()
    documents = http.get("api/v1/documents").json()
    assert collection["documents"] == len(documents) > 0
    counted = [len(http.get(f"api/v1/documents/{d['doc_id']}").json()["paragraphs"]) for d in documents]
    assert collection["paragraphs"] == sum(counted)
    assert collection["as_of"] == max(d["as_of"] for d in documents if d["as_of"])


@pytest.mark.parametrize("question", ["", "  \n\t", "😀🎉", "？！…", "\u200b\u202e"])
def test_a_question_without_words_is_refused(http: httpx.Client, question: str) -> None:
    assert problem(ask(http, question=question))[0] == 422


def test_a_question_over_the_limit_is_refused_with_the_limit(http: httpx.Client) -> None:
    status, detail = problem(ask(http, question="a " * 2000))
    assert status == 422
    assert "2,000" in detail


def test_an_earlier_question_is_limited_like_a_question(http: httpx.Client) -> None:
    status, detail = problem(ask(http, question=QUESTION, history=["a " * 2000]))
    assert status == 422
    assert "2,000" in detail
    assert ask(http, question=QUESTION, history=["贷款" * 1000] * 20).status_code == 200
    assert problem(ask(http, question=QUESTION, history=["a"] * 21))[0] == 422


@pytest.mark.parametrize("chunked", [False, True])
def test_a_megabyte_is_refused_before_it_is_read_whole(http: httpx.Client, chunked: bool) -> None:
    body = json.dumps({"question": "a" * 1_000_000}).encode()
    content = (body[i : i + 65536] for i in range(0, len(body), 65536)) if chunked else body
    response = http.post("api/v1/answers", content=content, headers={"Content-Type": "application/json"})
    assert problem(response)[0] == 413


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_so_it_is_where_no_body_belongs(http: httpx.Client, method: str) -> None:
    pieces = (b"a" * 65536 for _ in range(32))
    assert http.request(method, "health", content=pieces).status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe\x00", b"[1]", b'"text"', b'{"question": 7}', b'{"question":"a","x":1}']
)
def test_a_body_that_is_no_question_is_refused(http: httpx.Client, body: bytes) -> None:
    response = http.post("api/v1/answers", content=body, headers={"Content-Type": "application/json"})
    assert problem(response)[0] in {400, 422}


def test_a_body_of_another_type_is_told_which_to_send(http: httpx.Client) -> None:
    response = http.post(
        "api/v1/answers", content=b'{"question": "loans"}', headers={"Content-Type": "text/plain"}
    )
    assert "application/json" in problem(response)[1]


@pytest.mark.parametrize(
    "question",
    [
        "贷款 \\ud800 多少",
        "贷款 \\u0000 多少",
        "'; DROP TABLE passages; -- 贷款",
        "<script>alert(1)</script> 贷款",
        "\\u202eقرض",
    ],
)
def test_odd_questions_are_answered_or_declined(http: httpx.Client, question: str) -> None:
    response = http.post(
        "api/v1/answers",
        content=f'{{"question": "{question}"}}',
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["api/v1/documents/none", "api/v1/documents/..%2f..%2fetc%2fpasswd", "api/v1/nothing", "api/"],
)
def test_what_is_not_there_is_not_found(http: httpx.Client, path: str) -> None:
    assert problem(http.get(path))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "taken"),
    [
        ("GET", "api/v1/answers", "POST"),
        ("DELETE", "api/v1/answers", "POST"),
        ("POST", "api/v1/documents", "GET"),
        ("PUT", "api/v1/documents/none", "GET"),
        ("PATCH", "api/v1/collection", "GET"),
        ("OPTIONS", "api/v1/feedback", "POST"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(
    http: httpx.Client, method: str, path: str, taken: str
) -> None:
    response = http.request(method, path)
    status, detail = problem(response)
    assert status == 405
    assert response.headers["allow"] == taken
    assert taken in detail


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/info",
        "gradio_api/file=/etc/passwd",
        "gradio_api/upload",
        "gradio_api/mcp/",
        "monitoring",
        "login",
        "ui/../app.py",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_gradio_lends_only_what_the_chat_uses(http: httpx.Client, method: str, path: str) -> None:
    assert http.request(method, path).status_code in {404, 405}


@pytest.mark.parametrize("path", ["", "config", "api/v1/collection", "documents", "gradio_api/queue/join"])
@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://elsewhere.example", "Host": "portal.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
    ],
    ids=["another site", "another local port", "no site"],
)
def test_no_foreign_origin_is_let_in(http: httpx.Client, foreign: dict[str, str], path: str) -> None:
    preflight = foreign | {"Access-Control-Request-Method": "POST"}
    for response in (http.get(path, headers=foreign), http.options(path, headers=preflight)):
        assert "access-control-allow-origin" not in response.headers


def test_no_page_may_run_what_is_not_its_own(http: httpx.Client) -> None:
    """No policy allows inline scripts or foreign hosts; Gradio's own inline scripts are named by their hashes."""
    for path in ("", "documents", "documents/none", "api/v1/collection", "ui/chat.js"):
        response = http.get(path)
        policy = dict(
            part.strip().split(" ", 1) for part in response.headers["content-security-policy"].split(";")
        )
        assert "unsafe-inline" not in policy["script-src"]
        assert "http" not in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"


def test_scripts_of_two_versions_never_meet_in_one_page(http: httpx.Client) -> None:
    for path in ("ui/chat.js", "ui/conversation.js", "ui/answer.css"):
        assert http.get(path).headers["cache-control"] == "no-cache"


def test_the_chat_page_names_no_foreign_host(http: httpx.Client, site: Site) -> None:
    page = http.get("").text
    head = page[: page.index("window.gradio_config")] + page[page.index("</head>") :]
    assert "//" not in head.replace("<!doctype", "").replace(site.url, "")


def test_feedback_that_is_no_verdict_is_refused(http: httpx.Client) -> None:
    fields = dict.fromkeys(("answer_id", "generation", "question", "understood", "answer"), "x")
    assert problem(http.post("api/v1/feedback", json={**fields, "verdict": "meh"}))[0] == 422
    assert (
        problem(http.post("api/v1/feedback", json={**fields, "verdict": "up", "reason": "x" * 2001}))[0]
        == 422
    )
    assert http.post("api/v1/feedback", json={**fields, "verdict": "up"}).status_code == 201
