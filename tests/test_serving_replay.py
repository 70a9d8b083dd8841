"""A receipt gives its answer again byte for byte, or tells what changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.errors import ConfigError, QuestionError
from wfc_qa.serving.replay import ask_again, read_receipt, replay
from wfc_qa.serving.wire import AnswerOut, answer_out
from wfc_qa.types import Filters, Language

DEV = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "eval" / "dev.jsonl").read_text("utf-8").splitlines()
]
QUESTION = "2025年6月末重庆的贷款余额是多少？"


def receipt(engine: Engine, question: str = QUESTION, **asked: Any) -> AnswerOut:
    """As it comes back from a file."""
    return read_receipt(answer_out(engine.ask(question, **asked), engine, "").model_dump_json().encode())


@pytest.mark.parametrize("item", DEV[::25], ids=lambda item: item["query_id"])
def test_every_answer_is_given_again_byte_for_byte(engine: Engine, item: dict[str, Any]) -> None:
    """Follow-ups too: the receipt holds the question as understood, so no history is needed."""
    found = ask_again(receipt(engine, item["text"], history=item["history"]), engine)
    assert (found.identical, found.behind, found.changes) == (True, (), ())


@pytest.mark.parametrize(
    "asked",
    [
        {"filters": Filters(language=Language.EN)},
        {"filters": Filters(doc_ids=("court-and-legal-services.zh",))},
        {"language": Language.EN},
    ],
)
def test_filters_and_the_language_wanted_are_part_of_the_receipt(
    engine: Engine, asked: dict[str, Any]
) -> None:
    assert ask_again(receipt(engine, **asked), engine).identical


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 500), char=st.sampled_from("0987六x"))
def test_whatever_is_changed_in_what_was_told_is_found(engine: Engine, place: int, char: str) -> None:
    then = receipt(engine)
    sentence = then.sentences[0]
    place %= len(sentence.text)
    text = sentence.text[:place] + char + sentence.text[place + 1 :]
    forged = then.model_copy(update={"sentences": (sentence.model_copy(update={"text": text}),)})
    assert ask_again(forged, engine).identical is (text == sentence.text)


def test_an_address_below_another_root_is_no_change(engine: Engine) -> None:
    answer = engine.ask(QUESTION)
    assert ask_again(answer_out(answer, engine, "/qa"), engine).identical


def changed(answer: AnswerOut, **receipt: Any) -> AnswerOut:
    return answer.model_copy(update={"receipt": answer.receipt.model_copy(update=receipt)})


def test_an_index_that_is_no_longer_kept_is_named(engine: Engine, settings: Settings) -> None:
    """The collection is the same: so is the answer, and what stands behind it is told all the same."""
    found = replay(changed(receipt(engine), generation="0" * 16), settings)
    assert found.identical
    assert found.behind == (f"generation was {'0' * 16}, is {engine.generation.manifest.generation}",)


def test_the_settings_of_the_receipt_are_asked_with(engine: Engine, settings: Settings) -> None:
    then = receipt(engine)
    found = replay(changed(then, settings={**then.receipt.settings, "hits": 3}), settings)
    assert len(found.answer.hits) == 3
    assert found.changes == ("the passages found, their order or their scores differ",)


@pytest.mark.parametrize("stray", [{"index_dir": "elsewhere"}, {"hits": -1}, {"hits": "many"}])
def test_settings_that_cannot_be_are_one_line(
    engine: Engine, settings: Settings, stray: dict[str, Any]
) -> None:
    then = receipt(engine)
    with pytest.raises(ConfigError, match="receipt"):
        replay(changed(then, settings={**then.receipt.settings, **stray}), settings)


@pytest.mark.parametrize("generation", ["..", "../..", ".", "", "/", "0" * 300])
def test_a_generation_is_never_a_path(engine: Engine, settings: Settings, generation: str) -> None:
    assert replay(changed(receipt(engine), generation=generation), settings).identical


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"question": 1}', b"null", b"x" * 100])
def test_what_is_no_receipt_is_one_line(raw: bytes) -> None:
    with pytest.raises(QuestionError, match="no receipt") as caught:
        read_receipt(raw)
    assert "\n" not in str(caught.value)
