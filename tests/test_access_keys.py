"""Keys, revocation and limits on real servers: who may ask what, and how often."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import openai
import pytest

from access_support import BANK, GENEROUS, SITES, ask_ticket, client, redeem, session
from command_support import run
from serving_support import Site, served

QUESTION = {"question": "2024年8月末重庆贷款余额是多少？"}
SEEN_S = 20


@pytest.fixture(scope="module")
def guarded(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that asks even this machine's programs for a key."""
    data_dir = tmp_path_factory.mktemp("data")
    with served(home_index, data_dir, sites=SITES, api_access="key", **GENEROUS) as site:
        yield site


@pytest.fixture
def http(guarded: Site) -> Iterator[httpx.Client]:
    with client(guarded.url) as http:
        yield http


def command(site: Site, *arguments: str) -> str:
    done = run(*arguments, cwd=site.data_dir, data_dir=site.data_dir, sites=SITES)
    assert done.returncode == 0, done.stderr
    return done.stdout


def new_key(site: Site, name: str, *scopes: str) -> str:
    return command(site, "key", "add", name, *(f"--scope={scope}" for scope in scopes)).strip()


def soon(truth: Callable[[], bool]) -> None:
    """Running servers know within seconds."""
    deadline = time.monotonic() + SEEN_S
    while not truth():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_key_opens_what_its_scopes_name_until_it_is_revoked(guarded: Site, http: httpx.Client) -> None:
    bearer = {"Authorization": f"Bearer {new_key(guarded, 'portal', 'answers')}"}
    soon(lambda: http.post("api/v1/answers", json=QUESTION, headers=bearer).status_code == 200)
    refused = http.get("api/v1/documents", headers=bearer)
    assert refused.status_code == 403
    assert "--scope documents" in refused.json()["detail"]
    assert f"last used {time.strftime('%Y-%m-%d', time.gmtime())}" in command(guarded, "key", "list")
    command(guarded, "key", "revoke", "portal")
    soon(lambda: http.post("api/v1/answers", json=QUESTION, headers=bearer).status_code == 401)


def test_without_a_key_or_with_a_wrong_one_the_way_is_told(http: httpx.Client) -> None:
    for headers, told in (
        ({}, False),
        ({"Authorization": "Bearer none"}, True),
        ({"Authorization": "Bearer wfc_key_" + "A" * 43}, True),
        ({"Authorization": "Basic YTpi"}, False),
    ):
        for response in (
            http.post("api/v1/answers", json=QUESTION, headers=headers),
            http.get("api/v1/documents", headers=headers),
            http.get("api/v1/collection", headers=headers),
            http.post("mcp", json={}, headers=headers),
        ):
            assert response.status_code == 401
            assert response.headers["content-type"] == "application/problem+json"
            challenge = response.headers["www-authenticate"]
            assert challenge.startswith("Bearer ")
            assert ("invalid_token" in challenge) == told


def test_openais_client_sends_the_key_and_understands_the_refusals(guarded: Site) -> None:
    key = new_key(guarded, "openai", "answers")

    def ask(key: str) -> str | None:
        with openai.OpenAI(base_url=guarded.url + "v1", api_key=key, max_retries=0, http_client=http) as chat:
            asked = [{"role": "user", "content": QUESTION["question"]}]
            return chat.chat.completions.create(model="wfc-qa", messages=asked).choices[0].message.content

    http = httpx.Client(trust_env=False, timeout=60)
    time.sleep(1.1)
    assert ask(key)
    http = httpx.Client(trust_env=False, timeout=60)
    with pytest.raises(openai.AuthenticationError, match="API key"):
        ask("none")


def test_a_key_is_kept_as_a_hash_and_shown_once(guarded: Site) -> None:
    key = new_key(guarded, "secret-one", "documents")
    assert key not in command(guarded, "key", "list")
    database = guarded.data_dir / "access.sqlite"
    assert key.encode() not in database.read_bytes()
    assert database.stat().st_mode & 0o077 == 0
    with sqlite3.connect(database) as connection:
        [(digest,)] = connection.execute("SELECT digest FROM keys WHERE name = 'secret-one'").fetchall()
    assert len(digest) == 32


def test_the_chats_own_page_may_send_feedback_without_a_key(http: httpx.Client) -> None:
    sent = dict.fromkeys(("answer_id", "generation", "question", "understood", "answer"), "x") | {
        "verdict": "up"
    }
    for headers, status in (
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": str(http.base_url).rstrip("/")}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": BANK}, 403),
        ({}, 401),
    ):
        assert http.post("api/v1/feedback", json=sent, headers=headers).status_code == status


def test_revoking_a_site_voids_all_it_was_given_and_restoring_brings_none_of_it_back(
    guarded: Site, http: httpx.Client
) -> None:
    bearer, ticket = session(http), ask_ticket(http).json()["ticket"]
    other = session(http, "town", "https://town.example")
    assert http.get("api/v1/collection", headers=bearer).status_code == 200
    command(guarded, "site", "revoke", "bank")
    soon(lambda: http.get("api/v1/collection", headers=bearer).status_code == 401)
    assert redeem(http, ticket).status_code == 403
    refused = ask_ticket(http)
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers
    assert http.get("widget/panel?site=bank").status_code == 404
    assert http.get("api/v1/collection", headers=other).status_code == 200
    command(guarded, "site", "restore", "bank")
    soon(lambda: ask_ticket(http).status_code == 201)
    assert http.get("api/v1/collection", headers=bearer).status_code == 401
    assert redeem(http, ticket).status_code == 403
    assert http.get("api/v1/collection", headers=session(http)).status_code == 200


@pytest.fixture(scope="module")
def counted(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that counts closely; its own machine comes by a proxy's word, so that addresses differ."""
    limits = {
        "limit_address": "4/minute",
        "limit_session": "2/minute",
        "limit_site": "9/hour",
        "limit_key": "3/day",
        "limit_feedback": "2/day",
    }
    with served(
        home_index, tmp_path_factory.mktemp("data"), sites=SITES, api_access="open", **limits
    ) as site:
        yield site


def documents(http: httpx.Client, **headers: str) -> httpx.Response:
    return http.get(
        "api/v1/documents", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def test_each_address_has_its_own_count_and_is_told_when_to_come_back(counted: Site) -> None:
    with client(counted.url) as http:
        for _ in range(4):
            assert documents(http, X_Forwarded_For="198.51.100.1").status_code == 200
        refused = documents(http, X_Forwarded_For="198.51.100.1")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert documents(http, X_Forwarded_For="198.51.100.2").status_code == 200
        # What a client claims before the proxy's own word changes nothing.
        assert documents(http, X_Forwarded_For="198.51.100.9, 198.51.100.1").status_code == 429
        # Reading sources is counted apart from asking.
        asked = http.post("api/v1/answers", json=QUESTION, headers={"X-Forwarded-For": "198.51.100.1"})
        assert asked.status_code == 200


def test_an_ipv6_customer_is_counted_as_one(counted: Site) -> None:
    with client(counted.url) as http:
        told = [documents(http, Forwarded=f'for="[2001:db8:1:2::{n}]"').status_code for n in range(1, 7)]
        assert told == [200] * 4 + [429] * 2
        assert documents(http, Forwarded='for="[2001:db8:1:3::1]"').status_code == 200


def test_the_chats_questions_are_counted_by_address(counted: Site) -> None:
    asked = {"data": [{}], "fn_index": 0, "session_hash": "x"}
    with client(counted.url, **{"X-Forwarded-For": "198.51.100.40"}) as http:
        told = [http.post("gradio_api/queue/join", json=asked).status_code for _ in range(6)]
        assert told[4:] == [429, 429]
        assert 429 not in told[:4]
        assert (
            http.post("gradio_api/queue/join", json=asked).headers["content-type"]
            == "application/problem+json"
        )


def test_the_pages_of_documents_are_counted_by_address(counted: Site) -> None:
    with client(counted.url, **{"X-Forwarded-For": "198.51.100.50"}) as http:
        assert [http.get("documents").status_code for _ in range(5)] == [200] * 4 + [429]


def test_verdicts_have_a_limit_of_their_own(counted: Site) -> None:
    given = dict.fromkeys(("answer_id", "generation", "question", "understood", "answer"), "x")
    told = {"X-Forwarded-For": "198.51.100.60", "Sec-Fetch-Site": "same-origin"}
    with client(counted.url, **told) as http:
        sent = [http.post("api/v1/feedback", json={**given, "verdict": "up"}).status_code for _ in range(3)]
        assert sent == [201, 201, 429]


def test_sessions_sites_and_keys_are_counted(counted: Site) -> None:
    key = new_key(counted, "often", "documents")
    with client(counted.url) as http:
        time.sleep(1.1)
        keyed = [
            documents(http, Authorization=f"Bearer {key}", X_Forwarded_For=f"203.0.113.{n}") for n in range(5)
        ]
        assert [one.status_code for one in keyed] == [200] * 3 + [429] * 2
        assert int(keyed[-1].headers["retry-after"]) > 3600
        statuses = []
        for n in range(5):
            http.headers["X-Forwarded-For"] = f"203.0.113.{100 + n}"
            bearer = session(http)
            statuses.append([documents(http, **bearer).status_code for _ in range(3)])
        assert statuses == [[200, 200, 429]] * 4 + [[200, 429, 429]]


def test_a_crowd_waits_its_turn_or_is_told_to_come_back(home_index: Path, tmp_path: Path) -> None:
    """Many at once on one place: each is answered, or refused with Retry-After; none fails otherwise."""
    settings = {"concurrent_answers": 1, "waiting_answers": 4}
    with served(home_index, tmp_path, sites=SITES, **settings) as site, client(site.url) as http:

        def ask(_: int) -> httpx.Response:
            return http.post("api/v1/answers", json=QUESTION)

        with ThreadPoolExecutor(24) as pool:
            told = list(pool.map(ask, range(48)))
    assert {response.status_code for response in told} <= {200, 429}
    assert sum(response.status_code == 200 for response in told) >= 5
    for response in told:
        if response.status_code == 429:
            assert int(response.headers["retry-after"]) >= 1
