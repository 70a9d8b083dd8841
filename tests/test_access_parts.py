"""The parts of admission: origins, addresses, the secret, tokens, keys."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from wfc_qa.config import SECRET, Settings
from wfc_qa.errors import ConfigError, StorageError
from wfc_qa.serving.access import Kind, Scope, Visitor
from wfc_qa.serving.access.addresses import (
    client_address,
    counted_as,
    is_from_here,
    is_under_borrowed_name,
    read_networks,
)
from wfc_qa.serving.access.keys import add_key, digest_key
from wfc_qa.serving.access.ledger import Known, Ledger
from wfc_qa.serving.access.secret import load_secret
from wfc_qa.serving.access.tokens import SESSION, TICKET, Signer
from wfc_qa.types import Filters

TRUSTED = read_networks(["127.0.0.1", "10.0.0.0/8", "::1"])
IDS = st.lists(st.sampled_from("abcde"), unique=True).map(tuple)


@pytest.mark.parametrize(
    "origin",
    ["https://bank.example", "http://localhost:8000", "https://a.b-c.example:8443", "http://127.0.0.1:1", "https://xn--fiq228c.cn"],
)  # fmt: skip
def test_exact_origins_are_taken(origin: str) -> None:
    assert Settings(sites={"bank": {"origins": [origin]}}).sites["bank"].origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "*", "https://*", "https://*.bank.example", "https://bank.example/", "https://bank.example/page",
        "bank.example",
        "https://bank.example?x", "https://bank.example#x", "https://u@bank.example", "https://bank.example:443",
        "http://bank.example:80", "https://bank.example:0", "https://bank.example:70000", "HTTPS://bank.example",
        "https://Bank.example", "https://银行.example", "null", "", " https://bank.example", "https://bank.example\n",
        "https://bank.example; frame-ancestors *", "ftp://bank.example", "file://", "https://-a.example", "https://a..b",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(origin: str) -> None:
    with pytest.raises(ConfigError, match="is not an exact origin") as told:
        Settings(sites={"bank": {"origins": [origin]}})
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"sites": {"Bank!": {"origins": ["https://a.example"]}}}, "site key"),
        ({"sites": {"bank": {"origins": []}}}, "no origin"),
        ({"trusted_proxies": ["everyone"]}, "trusted_proxies"),
        ({"secret": "x"}, SECRET),
    ],
)
def test_settings_of_access_that_cannot_be_used_are_named(settings: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        Settings(**settings)


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        ("203.0.113.9", {"x-forwarded-for": "1.2.3.4"}, "203.0.113.9"),
        ("203.0.113.9", {"forwarded": "for=1.2.3.4"}, "203.0.113.9"),
        ("127.0.0.1", {"x-forwarded-for": "1.2.3.4"}, "1.2.3.4"),
        ("127.0.0.1", {"x-forwarded-for": "9.9.9.9, 1.2.3.4, 10.1.1.1"}, "1.2.3.4"),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.2, 10.0.0.3"}, "10.0.0.2"),
        ("127.0.0.1", {"x-forwarded-for": "1.2.3.4:5678"}, "1.2.3.4"),
        ("127.0.0.1", {"x-forwarded-for": "9.9.9.9, rubbish"}, "unknown"),
        ("127.0.0.1", {"forwarded": 'for=9.9.9.9;proto=http, for="[2001:db8::1]:80";by=x'}, "2001:db8::1"),
        ("127.0.0.1", {"forwarded": "for=_hidden"}, "unknown"),
        ("::ffff:127.0.0.1", {"x-forwarded-for": "::ffff:1.2.3.4"}, "1.2.3.4"),
        ("127.0.0.1", {}, "127.0.0.1"),
        ("", {"x-forwarded-for": "1.2.3.4"}, "unknown"),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, headers: dict[str, str], address: str) -> None:
    assert client_address(peer, Headers(headers), TRUSTED) == address


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=10))
def test_no_claim_breaks_or_moves_the_word_of_the_nearest_proxy(claims: list[str], peer: str) -> None:
    chain = ", ".join([*claims, "198.51.100.7"]).encode("utf-8", "replace").decode("latin-1")
    assert client_address("10.0.0.1", Headers({"x-forwarded-for": chain}), TRUSTED) == "198.51.100.7"
    counted_as(client_address(peer, Headers({"forwarded": chain}), TRUSTED))


def test_ipv6_is_counted_by_network() -> None:
    assert counted_as("2001:db8:1:2:3:4:5:6") == counted_as("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert counted_as("1.2.3.4") == "1.2.3.4"


@pytest.mark.parametrize(
    ("peer", "headers", "here"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:7860"}, True),
        ("127.0.0.1", {"host": "localhost"}, True),
        ("::1", {"host": "[::1]:7860"}, True),
        ("192.0.2.1", {"host": "localhost"}, False),
        ("127.0.0.1", {"host": "evil.example:7860"}, False),
        ("127.0.0.1", {"host": "localhost.evil.example"}, False),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"host": "localhost", "x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"host": "localhost", "forwarded": "for=127.0.0.1"}, False),
    ],
)
def test_this_machine_is_who_asks_it_straight_by_its_own_name(
    peer: str, headers: dict[str, str], here: bool
) -> None:
    assert is_from_here(peer, Headers(headers)) is here


@pytest.mark.parametrize(
    ("peer", "headers", "borrowed"),
    [
        ("127.0.0.1", {"host": "evil.example:7860"}, True),
        ("127.0.0.1", {"host": "localhost:7860"}, False),
        ("192.0.2.1", {"host": "qa.bank.example"}, False),
        ("127.0.0.1", {"host": "qa.bank.example", "x-forwarded-for": "192.0.2.7"}, False),
    ],
)
def test_a_borrowed_name_is_another_one_for_this_machine(
    peer: str, headers: dict[str, str], borrowed: bool
) -> None:
    assert is_under_borrowed_name(peer, Headers(headers)) is borrowed


def test_the_secret_is_made_once_by_many_processes_and_kept_from_others(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\nfrom wfc_qa.serving.access.secret import load_secret\n"
        f"print(load_secret(Path({str(tmp_path)!r})))"
    )

    def make(_: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()

    with ThreadPoolExecutor(4) as pool:
        secrets = set(pool.map(make, range(4)))
    assert secrets == {load_secret(tmp_path)}
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_secret_that_others_read_or_that_is_short_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_secret(tmp_path)
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_secret(tmp_path)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "secret").write_text("short\n")
    with pytest.raises(ConfigError, match="holds no secret"):
        load_secret(tmp_path)
    monkeypatch.setenv(SECRET, "short")
    with pytest.raises(ConfigError, match="shorter than 32"):
        load_secret(tmp_path)
    monkeypatch.setenv(SECRET, "x" * 32)
    assert load_secret(tmp_path) == "x" * 32


@given(
    st.text(max_size=20), st.text(max_size=40), st.floats(0, 200), st.integers(0, 300), st.integers(1, 255)
)
def test_a_pass_reads_back_until_its_life_is_over_and_no_other_way(
    site: str, origin: str, age_s: float, place: int, change: int
) -> None:
    now = 1_000_000.0
    signer = Signer(TICKET, "s" * 32, 60, clock=lambda: now)
    token = signer.give(site, origin)
    others = (Signer(TICKET, "t" * 32, 60, lambda: now), Signer(SESSION, "s" * 32, 60, lambda: now))
    assert all(other.read(token) is None for other in others)
    assert others[1].read(token.replace(TICKET, SESSION)) is None
    # Within the payload: the last character of a signature may hold unused bits.
    place = len(TICKET) + place % (token.rindex(".") - len(TICKET))
    changed = token[:place] + chr(ord(token[place]) ^ change) + token[place + 1 :]
    assert signer.read(changed) is None
    now += age_s
    given_pass = signer.read(token)
    assert (given_pass is not None) == (age_s < 60)
    if given_pass:
        assert (given_pass.site, given_pass.origin) == (site, origin)


@pytest.mark.parametrize("payload", [json.dumps(x) for x in (None, [], {}, {"name": "x"}, "text")])
def test_even_what_we_signed_otherwise_is_no_pass(payload: str) -> None:
    signer = Signer(TICKET, "s" * 32, 60)
    assert signer.read(TICKET + str(signer._serializer.dumps(json.loads(payload)))) is None


@given(IDS, IDS)
def test_a_sites_documents_bound_every_filter(allowed: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    within = Visitor(Kind.SESSION, "x", "bank", allowed).within(Filters(doc_ids=wanted)).doc_ids
    seen = set("abcde") if not within else set(within) & set("abcde")
    assert seen == (set(allowed) or set("abcde")) & (set(wanted) or set("abcde"))


def test_a_ledger_just_being_made_or_of_a_newer_version_is_told_apart(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.read() == Known()
    ledger.path.touch()
    assert ledger.read() == Known()
    add_key(ledger, "one", [Scope.ANSWERS])
    assert [key.name for key in ledger.read().keys] == ["one"]
    with sqlite3.connect(ledger.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match="newer wfc-qa"):
        ledger.read()
    ledger.path.write_text("rubbish" * 100)
    with pytest.raises(StorageError, match="cannot be read"):
        ledger.read()


def test_a_key_ends_with_its_day_and_its_name_is_free_once_it_is_revoked(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = add_key(ledger, "one", [Scope.ANSWERS], days=1)
    with pytest.raises(ConfigError, match="already"):
        add_key(ledger, "one", [Scope.ANSWERS])
    kept = ledger.read().find(digest_key(first))
    assert kept
    assert kept.ends_s
    assert [kept.is_good(kept.ends_s - 1), kept.is_good(kept.ends_s)] == [True, False]
    ledger.revoke_key("one")
    second = add_key(ledger, "one", [Scope.DOCUMENTS])
    assert ledger.read().find(digest_key(first)) is None
    assert ledger.read().find(digest_key(second))


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5)), min_size=1, max_size=8), st.integers(0, 40))
def test_what_a_site_was_given_before_any_word_on_it_is_void(
    words: list[tuple[bool, int]], given_s: int
) -> None:
    with TemporaryDirectory() as folder:
        now = 0.0
        ledger = Ledger(Path(folder), clock=lambda: now)
        for revoked, pause_s in words:
            now += pause_s
            ledger.say("bank", revoked=revoked)
        assert ledger.read().allows("bank", given_s) == (not words[-1][0] and given_s > now)
        assert ledger.read().allows("town", given_s)
