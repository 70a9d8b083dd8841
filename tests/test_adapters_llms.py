"""Which model the settings open, what it is known by, what the doctor says of it; thoughts and answers told apart."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_server import Reply, ollama_say, refuse, say, scripted
from wfc_qa.adapters.llm_failures import AttemptError
from wfc_qa.adapters.llm_thinking import CLOSE, OPEN, Spoken
from wfc_qa.adapters.llms import check_language_model, open_language_model
from wfc_qa.config import LLM_KEY, Settings
from wfc_qa.doctor import examine
from wfc_qa.errors import ConfigError, ModelError

KEY = "sk-very-secret"
ENDPOINT = {"llm": "openai-like", "llm_base_url": "https://example.com:8443/some/v1/", "llm_model": "q/7b"}
TEXT = st.text(st.characters(exclude_characters="<>"), max_size=8)


def run_python(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    path = f"import sys; sys.path[:0] = {[str(p) for p in paths]}\n"
    return subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=False)


def test_no_model_is_opened_where_none_is_named_and_nothing_is_imported_for_it() -> None:
    code = (
        "from wfc_qa.adapters.llms import open_language_model\n"
        "from wfc_qa.config import Settings\n"
        "assert open_language_model(Settings()) is None\n"
        "print({'llama_index', 'openai', 'ollama', 'xllamacpp', 'tenacity', 'httpx', 'anyio'} & set(sys.modules))"
    )
    done = run_python(code)
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


@pytest.mark.parametrize(
    ("llm", "missing", "extra"),
    [
        ("openai-like", "llama_index.llms.openai_like", "llm"),
        ("ollama", "llama_index.llms.ollama", "llm"),
        ("ollama", "tenacity", "llm"),
        ("local", "xllamacpp", "local"),
        ("local", "llama_index.llms.openai_like", "local"),
    ],
)
def test_a_package_that_is_missing_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, llm: str, missing: str, extra: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("wfc_qa.adapters.llm_")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    try:
        with pytest.raises(ConfigError) as caught:
            open_language_model(Settings(llm=llm, llm_model="m", llm_base_url="http://127.0.0.1:9/v1"))
    finally:
        # Loaded a second time here: left behind, they would raise errors that nobody else knows.
        for name in [name for name in sys.modules if name.startswith("wfc_qa.adapters.llm_")]:
            del sys.modules[name]
    assert missing in str(caught.value)
    assert f"pip install 'wfc-qa[{extra}]'" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "model_id"),
    [
        (ENDPOINT, "openai-like:q/7b@e20821ad"),
        ({"llm": "ollama", "llm_model": "qwen2.5:7b"}, "ollama:qwen2.5:7b@b4662204"),
        (
            {"llm": "ollama", "llm_model": "a", "llm_base_url": "http://host/ollama/"},
            "ollama:a@4740ae63",
        ),
    ],
)
def test_a_model_is_known_by_provider_name_and_a_hash_of_its_host_and_never_by_its_key(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], model_id: str
) -> None:
    known = []
    for key in ("", KEY):
        monkeypatch.setenv(LLM_KEY, key)
        model = open_language_model(Settings(**options))
        assert model
        known.append(model.model_id)
    assert known == [model_id, model_id]


@pytest.mark.parametrize(
    "reply", [say("Yes"), say("Y", finish="length"), say("<think>", finish="length"), say()]
)
def test_the_doctor_is_content_with_a_model_that_answers_at_all(reply: Reply) -> None:
    with scripted([reply]) as server:
        told = check_language_model(server.settings())
        assert told == f"openai-like:m at {server.settings().llm_base_url} answers"
        assert server.requests[0].body["max_tokens"] == 1


@pytest.mark.parametrize(
    ("reply", "mend"),
    [(refuse(401), LLM_KEY), (refuse(404), "llm_model"), (refuse(500), "500"), (refuse(429), "429")],
)
def test_the_doctor_names_the_mend_after_one_try(reply: Reply, mend: str) -> None:
    with scripted([reply]) as server:
        with pytest.raises(ModelError, match=mend):
            check_language_model(server.settings())
        assert len(server.requests) == 1


def test_the_doctor_looks_at_the_language_model_among_the_rest() -> None:
    """Each look is its own: a model that is not there spoils no other finding."""
    found = {finding.subject: finding for finding in examine(Settings()) if finding.subject == "llm"}
    assert found["llm"].well
    assert "quoted" in found["llm"].message
    with scripted([ollama_say("Yes")]) as server:
        settings = server.settings(llm="ollama", llm_base_url=server.origin)
        assert check_language_model(settings).startswith("ollama:")


@given(st.lists(st.tuples(st.booleans(), TEXT)), st.data())
def test_what_is_thought_is_never_said_however_the_text_is_cut(
    parts: list[tuple[bool, str]], data: st.DataObject
) -> None:
    """All that stands outside the marks comes through, and nothing that stands between them."""
    whole = "".join(f"{OPEN}{text}{CLOSE}" if thought else text for thought, text in parts)
    said = "".join(text for thought, text in parts if not thought)
    spoken, out, rest = Spoken(), "", whole
    while rest:
        length = data.draw(st.integers(1, len(rest)))
        out += spoken.take(rest[:length])
        rest = rest[length:]
    assert out + spoken.end() == said


@given(st.text("<>/think", max_size=40), st.integers(1, 5))
def test_text_that_only_looks_like_a_mark_is_said(text: str, length: int) -> None:
    """Without a whole mark in it, every character comes through."""
    text = text.replace("think>", "")
    spoken = Spoken()
    pieces = [spoken.take(text[i : i + length]) for i in range(0, len(text), length)]
    assert "".join(pieces) + spoken.end() == text


def test_only_what_may_become_a_mark_is_held_back() -> None:
    spoken = Spoken()
    assert [spoken.take(piece) for piece in ("a < b", " <th", "e 3% <", "think>no")] == [
        "a < b",
        " ",
        "<the 3% ",
        "",
    ]


def test_a_thought_that_nothing_opened_is_refused() -> None:
    with pytest.raises(AttemptError, match="thoughts"):
        Spoken().take("Hm.</think>Yes.")
