"""The engine with a language model behind HTTP: what it proves is told at once, all else falls back to quotes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from llm_server import (
    PATIENCE_S,
    ROLE,
    Reply,
    Script,
    ScriptedServer,
    chunk,
    dropped,
    endless,
    refuse,
    say,
    scripted,
    silent,
    stream,
)
from wfc_qa.adapters.llms import LanguageModel, open_language_model
from wfc_qa.answering.prompts import load_prompts
from wfc_qa.config import LLM_KEY
from wfc_qa.engine import Engine
from wfc_qa.serving.replay import hold_again
from wfc_qa.serving.wire import AnswerOut, answer_out
from wfc_qa.steps import Halt
from wfc_qa.types import Abstention, Answer, Filters, Language, Note, Sentence, Support, Understood

LOANS = "2025年6月末重庆的贷款余额是多少？"
TRUE = "截至2025年6月30日，重庆贷款余额6.25万亿元，同比增长8.3%。"
OLDER = "截至2024年8月31日，重庆境内贷款余额5.81万亿元，同比增长6.6%。"
FALSE = "截至2025年6月30日，重庆贷款余额62.5万亿元。"
CORRIDOR = "How much financing has the land-sea corridor received?"
DISPUTED = "What were Chongqing's deposits at December 31, 2025?"


@contextmanager
def spoken_by(engine: Engine, script: Script, **options: object) -> Iterator[tuple[Engine, ScriptedServer]]:
    """``engine`` with a scripted model, on the same generation."""
    with scripted(script) as server:
        options = {"llm_retries": 0, "llm_timeout_s": PATIENCE_S, **options}
        settings = server.settings(index_dir=engine.settings.index_dir, **options)
        model: LanguageModel | None = open_language_model(settings)
        assert model
        prompts = load_prompts(settings.prompts_dir)
        parts = engine.generation, engine.encoder, engine.dictionary, engine.calibration, engine.wording
        try:
            yield Engine(settings, *parts, prompts, model), server
        finally:
            model.close()


def texts(answer: Answer) -> list[str]:
    return [sentence.text for sentence in answer.sentences]


def test_a_proved_answer_is_told_in_the_models_words(engine: Engine) -> None:
    words = "重庆的贷款余额在2025年6月末为6.25万亿元。"
    with spoken_by(engine, [say("根据资料，", words[:8], words[8:-1], "[1]。")]) as (spoken, server):
        steps = list(spoken.stream(LOANS))
    assert [type(step) for step in steps] == [Understood, Sentence, Answer]
    answer = steps[-1]
    assert isinstance(answer, Answer)
    assert texts(answer) == [words]
    assert answer.sentences[0] == steps[1]
    assert answer.sentences[0].support is Support.SUPPORTED
    assert not answer.notes
    assert answer.receipt.llm == spoken.author.model.model_id
    assert {"first_sentence", "tell", "total"} <= answer.timings_ms.keys()
    [request] = server.requests
    assert LOANS in request.said()
    assert "6.25万亿元" in request.said()
    assert request.body["max_tokens"] == spoken.settings.llm_max_tokens


def test_without_a_model_no_model_is_named_and_answers_are_quoted(engine: Engine) -> None:
    answer = engine.ask(LOANS)
    assert answer.receipt.llm == ""
    assert texts(answer) == [TRUE]


def test_a_sentence_is_told_while_the_model_still_writes(engine: Engine) -> None:
    """The server goes on only for ever: whoever waited for its end would wait out the test."""

    def on_and_on() -> Iterator[bytes | float]:
        yield chunk(content=TRUE)
        while True:
            yield chunk(content="另外")
            yield 0.01

    with spoken_by(engine, [replace(endless(), body=on_and_on())]) as (spoken, server):
        steps = spoken.stream(LOANS)
        assert isinstance(next(steps), Understood)
        sentence = next(steps)
        assert isinstance(sentence, Sentence)
        assert sentence.text == TRUE
        steps.close()
        assert server.hung_up.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ([refuse(429, "slow down")], {}),
        ([refuse(500, "broken")], {}),
        ([refuse(401, "who are you")], {}),
        ([say()], {}),
        ([say("NO_ANSWER")], {}),
        ([stream(b"data: {not json\n\n")], {}),
        ([dropped(chunk(content="截至2025年"))], {}),
        ([say("截至2025年6月", finish="length")], {}),
        ([say("截至", finish="content_filter")], {}),
        ([say(TRUE, every_s=1.0)], {"llm_timeout_s": 0.2}),
        ([endless("啊")], {"llm_max_tokens": 20}),
    ],
    ids=["rate", "error", "key", "empty", "refusal", "json", "dropped", "long", "filtered", "slow", "endless"],
)  # fmt: skip
def test_a_model_that_fails_leaves_the_quotes_and_a_note(
    engine: Engine, script: Script, options: dict[str, object]
) -> None:
    with spoken_by(engine, script, **options) as (spoken, _):
        answer = spoken.ask(LOANS)
    assert texts(answer) == [TRUE]
    assert answer.notes == (Note.MODEL_FAILED,)
    assert answer.sentences == engine.ask(LOANS).sentences


def test_a_dead_endpoint_leaves_the_quotes_and_a_note(engine: Engine) -> None:
    with spoken_by(engine, [say(TRUE)], llm_base_url="http://127.0.0.1:9/v1") as (spoken, _):
        answer = spoken.ask(LOANS)
    assert (texts(answer), answer.notes) == ([TRUE], (Note.MODEL_FAILED,))


@pytest.mark.parametrize(
    "words",
    [FALSE, "重庆有很多银行，共99家。", OLDER, FALSE + "NO_ANSWER"],
    ids=["false", "uncited", "of another date", "false and refused"],
)  # fmt: skip
def test_what_cannot_be_proved_or_does_not_answer_leaves_the_quotes_and_a_note(
    engine: Engine, words: str
) -> None:
    with spoken_by(engine, [say(words)]) as (spoken, _):
        answer = spoken.ask(LOANS)
    assert (texts(answer), answer.notes) == ([TRUE], (Note.MODEL_UNPROVED,))
    assert answer.withheld


def test_a_false_sentence_among_true_ones_is_withheld_and_said_to_be(engine: Engine) -> None:
    with spoken_by(engine, [say(TRUE, f"{FALSE}[1]", FALSE.replace("62.5", "625"), "[1]")]) as (spoken, _):
        answer = spoken.ask(LOANS)
    assert (texts(answer), answer.notes) == ([TRUE], (Note.WITHHELD_FIGURE,))
    assert len(answer.withheld) == 2


def test_a_model_that_breaks_off_keeps_what_it_proved_and_says_so(engine: Engine) -> None:
    with spoken_by(engine, [dropped(chunk(content=TRUE + "截至2025年12月"))]) as (spoken, _):
        answer = spoken.ask(LOANS)
    assert (texts(answer), answer.notes) == ([TRUE], (Note.MODEL_BROKE_OFF,))


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("贷款", Filters()),
        (LOANS, Filters(doc_ids=("no-such-document",))),
        ("上海2023年末存款余额是多少？", Filters()),
        ("2009年末重庆存款余额是多少？", Filters()),
    ],
    ids=["one word", "filtered", "another city", "another year"],
)
def test_a_model_is_not_asked_where_nothing_could_answer(
    engine: Engine, question: str, filters: Filters
) -> None:
    with spoken_by(engine, [say(TRUE)]) as (spoken, server):
        answer = spoken.ask(question, filters=filters)
        assert not server.requests
    assert answer.abstention is engine.ask(question, filters=filters).abstention
    assert not answer.sentences


def test_a_model_may_find_what_quoting_is_not_sure_of_and_its_refusal_changes_nothing(engine: Engine) -> None:
    question = "重庆一年保费收入多少？"
    declined = engine.ask(question)
    assert declined.abstention is Abstention.NOT_IN_COLLECTION or declined.abstention
    assert not declined.missing
    with spoken_by(engine, [say("NO_ANSWER")]) as (spoken, server):
        answer = spoken.ask(question)
        assert len(server.requests) == 1
    assert (answer.abstention, answer.notes, answer.sentences) == (declined.abstention, (), ())


def test_sources_that_disagree_are_told_beside_the_models_words(engine: Engine) -> None:
    quoted = engine.ask(DISPUTED)
    assert Note.FIGURES_DIFFER in quoted.notes
    with spoken_by(engine, [say(quoted.sentences[0].text)]) as (spoken, _):
        answer = spoken.ask(DISPUTED)
    assert texts(answer) == texts(quoted)
    assert Note.FIGURES_DIFFER in answer.notes
    markers = [citation.marker for sentence in answer.sentences for citation in sentence.citations]
    assert list(dict.fromkeys(markers)) == list(range(1, len(set(markers)) + 1))


@pytest.mark.parametrize(
    ("question", "words", "other"),
    [
        (CORRIDOR, "Corridor financing is 6 trillion yuan.", "598.6 billion"),
        ("西部陆海新通道融资规模多大？", "西部陆海新通道融资规模为6万亿元。", "5986亿元"),
        (
            "Chongqing deposits December 2025 level please compare",
            "At the end of December 2025 deposits in Chongqing were 6.04 trillion yuan.",
            "6.4 trillion",
        ),
    ],
)
def test_a_disputed_figure_is_never_told_without_the_other_however_unsure_quoting_is(
    engine: Engine, question: str, words: str, other: str
) -> None:
    """Either the model's flat figure is kept back, or the sentence that disputes it stands beside it."""
    with spoken_by(engine, [say(words)], abstain_below=1.0) as (spoken, _):
        answer = spoken.ask(question)
    if answer.sentences:
        assert texts(answer)[0] == words
        assert other in texts(answer)[-1]
        assert answer.sentences[-1].citations[0].quote
        assert answer.notes[0] is Note.FIGURES_DIFFER


def test_a_figure_that_no_source_disputes_is_told_alone(engine: Engine) -> None:
    with spoken_by(
        engine, [say("Outstanding loans in Chongqing were 6.25 trillion yuan at June 30, 2025.")]
    ) as (spoken, _):
        answer = spoken.ask("What were Chongqing's outstanding loans at June 30, 2025?")
    assert len(answer.sentences) == 1
    assert Note.FIGURES_DIFFER not in answer.notes


def test_what_a_model_tells_cites_both_languages_that_prove_it(engine: Engine) -> None:
    for words in (TRUE, "At June 30, 2025, Chongqing's outstanding loans were 6.25 trillion yuan."):
        with spoken_by(engine, [say(words)]) as (spoken, _):
            answer = spoken.ask(LOANS)
        [sentence] = answer.sentences
        cited = [engine.head(engine.paragraph(one.paragraph_id).doc_id) for one in sentence.citations]
        assert {head.language for head in cited} == set(Language)
        assert [one.marker for one in sentence.citations] == [1, 2]
        assert all(one.quote for one in sentence.citations)
        assert answer.notes == ()


def test_what_only_the_other_language_proves_is_said_to_be_so(engine: Engine) -> None:
    filters = Filters(language=Language.EN)
    with spoken_by(engine, [say(TRUE)]) as (spoken, _):
        answer = spoken.ask(LOANS, filters=filters)
    assert texts(answer) == [TRUE]
    assert Note.OTHER_LANGUAGE_ONLY in answer.notes
    assert len(answer.sentences[0].citations) == 1


class Halting:
    """A model whose stream is closed by its reader in mid-sentence, where a whole one could end."""

    model_id = "halting"

    def __init__(self, halt: Halt) -> None:
        self.halt = halt
        self.said = iter([TRUE[:-1]])

    def stream(
        self,
        messages: object,
        *,
        max_tokens: int,
        grammar: str | None = None,
        timeout_s: float | None = None,
    ) -> Halting:
        return self

    def __iter__(self) -> Halting:
        return self

    def __next__(self) -> str:
        try:
            return next(self.said)
        except StopIteration:
            self.halt()
            raise

    def close(self) -> None:
        pass


def test_half_a_sentence_of_a_stream_that_was_closed_is_never_told(engine: Engine) -> None:
    halt = Halt()
    parts = engine.generation, engine.encoder, engine.dictionary, engine.calibration, engine.wording
    settings = engine.settings.model_copy(update={"abstain_below": 1.0})
    prompts = load_prompts(settings.prompts_dir)
    spoken = Engine(settings, *parts, prompts, Halting(halt))
    assert not [step for step in spoken.stream(LOANS, halt=halt) if isinstance(step, Sentence)]


def test_the_answer_is_asked_for_in_the_language_wanted(engine: Engine) -> None:
    words = "At June 30, 2025, Chongqing's outstanding loans were 6.25 trillion yuan."
    with spoken_by(engine, [say(words)]) as (spoken, server):
        answer = spoken.ask(LOANS, language=Language.EN)
        assert "in English" in server.requests[0].said()
    assert texts(answer) == [words]


def test_another_model_is_another_receipt(engine: Engine) -> None:
    with spoken_by(engine, [say(TRUE)]) as (spoken, _):
        assert spoken.ask(LOANS).receipt.answer_id != engine.ask(LOANS).receipt.answer_id


def test_the_chat_shows_each_sentence_as_it_is_proved_and_stops_with_its_reader(engine: Engine) -> None:
    from wfc_qa.serving.chat import reply

    with spoken_by(engine, [say(TRUE, OLDER)]) as (spoken, _):
        turns = list(reply(spoken, {"turn": "t", "question": LOANS}))
    shown = [turn["parts"] for turn in turns]
    assert [len(parts) for parts in shown[:3]] == [0, 0, 1]
    assert "6.25万亿元" in shown[2][0]
    assert "5.81万亿元" in shown[3][1]
    assert turns[-1]["done"]
    assert shown[-1][:2] == shown[3]
    with spoken_by(engine, [endless(TRUE)], llm_max_tokens=100_000) as (spoken, server):
        turns = reply(spoken, {"turn": "t", "question": LOANS})
        next(turn for turn in turns if turn["parts"])
        turns.close()
        assert server.hung_up.wait(PATIENCE_S)


def test_the_terminal_prints_sentences_notes_and_sources(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    from wfc_qa.console import print_answer

    with spoken_by(engine, [say(TRUE, FALSE, "[1]")]) as (spoken, _):
        print_answer(LOANS, spoken.stream(LOANS), spoken)
    printed = capsys.readouterr().out
    assert f"{TRUE} [1]" in printed
    assert "62.5" not in printed
    assert engine.wording.note(Note.WITHHELD_FIGURE, Language.ZH) in printed
    assert "[1] " in printed.split(engine.wording.label("sources", Language.ZH))[1]


WRITTEN = "重庆的贷款余额在2025年6月末为6.25万亿元。"


@pytest.fixture(scope="module")
def written(engine: Engine) -> AnswerOut:
    """A receipt of what a model wrote."""
    with spoken_by(engine, [say(WRITTEN[:-1], "[1]。")]) as (spoken, _):
        return answer_out(spoken.ask(LOANS), spoken, "")


def test_what_a_model_wrote_is_proved_again_from_its_receipt(engine: Engine, written: AnswerOut) -> None:
    """No model is asked again, and nothing is said of what it might say now."""
    found = hold_again(written, engine)
    assert (found.identical, found.behind, found.written) == (True, (), True)
    assert "each written sentence is proved again" in found.verdict
    assert "the quoted part is identical" in found.verdict
    assert "byte for byte" not in found.verdict
    assert found.answer.sentences == written.sentences


FORGED: dict[str, Any] = {
    "text": {"sentences": [{"text": WRITTEN.replace("6.25", "6.52")}]},
    "verdict": {"sentences": [{"support": "unsupported"}]},
    "marker": {"sentences": [{"citations": [{"marker": 7}]}]},
    "paragraph": {"sentences": [{"citations": [{"text": "贷款余额62.5万亿元。"}]}]},
    "title": {"sentences": [{"citations": [{"title": "公报"}]}]},
    "quote": {"sentences": [{"citations": [{"quote": {"start": 0, "end": 10**6}}]}]},
    "another source": {"sentences": [{"citations": [{"paragraph_id": "no-such.zh:0"}]}]},
    "no source": {"sentences": [{"citations": []}]},
    "hit": {"hits": [{"score": 99.0}]},
    "hit's text": {"hits": [{"text": "贷款余额62.5万亿元。"}]},
    "confidence": {"confidence": 0.99},
    "language": {"language": "en"},
    "strange note": {"notes": [{"code": "approved", "text": "ok"}]},
    "note's words": {"notes": [{"code": "figures_differ", "text": "ok"}]},
    "abstention": {"abstention": "not_in_collection"},
    "missing": {"missing": ["2025"]},
    "understood": {"understood": "2024年6月末重庆的贷款余额是多少？"},
}
BEHIND_IT = ("version", "generation", "model", "prompts", "calibration")


def forge(whole: Any, part: Any) -> Any:
    """``whole`` with ``part`` of it replaced; a list's first item stands for it."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return {**whole, **{name: forge(whole[name], new) for name, new in part.items()}}
    if isinstance(part, list) and part and isinstance(part[0], dict) and whole:
        return [forge(whole[0], part[0]), *whole[1:]]
    return part


@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_in_a_written_receipt_is_found(engine: Engine, written: AnswerOut, what: str) -> None:
    forged = AnswerOut.model_validate(forge(written.model_dump(mode="json"), FORGED[what]))
    found = hold_again(forged, engine)
    assert found.changes
    assert found.verdict == "the answer is not the same now"
    if what == "text":
        [change] = found.changes
        assert change.startswith("no longer proved (figure")


@pytest.mark.parametrize("what", BEHIND_IT)
def test_what_is_forged_behind_a_written_receipt_is_named(
    engine: Engine, written: AnswerOut, what: str
) -> None:
    forged = written.model_copy(update={"receipt": written.receipt.model_copy(update={what: "0"})})
    [named] = hold_again(forged, engine).behind
    assert named.startswith(f"{what} was 0, is ")


def test_a_note_that_sources_differ_cannot_be_taken_out(engine: Engine) -> None:
    with spoken_by(engine, [say(*engine.ask(DISPUTED).sentences[0].text.removesuffix("."), " [1].")]) as (
        spoken,
        _,
    ):
        told = answer_out(spoken.ask(DISPUTED), spoken, "")
    assert Note.FIGURES_DIFFER in {note.code for note in told.notes}
    assert hold_again(told, engine).identical
    assert hold_again(told.model_copy(update={"notes": ()}), engine).changes == ("note new: figures_differ",)


def test_an_answers_name_is_that_of_its_words_too(engine: Engine) -> None:
    said = [WRITTEN, TRUE, WRITTEN]
    with spoken_by(engine, [say(words[:-1], "[1]。") for words in said]) as (spoken, _):
        one, other, again = (spoken.ask(LOANS) for _ in said)
    assert (texts(one), texts(other)) == ([WRITTEN], [TRUE])
    assert one.receipt.answer_id == again.receipt.answer_id != other.receipt.answer_id
    assert replace(one.receipt, answer_id="") == replace(other.receipt, answer_id="")


FOLLOW_UP = {"question": "那贷款呢？", "history": ("2025年6月末重庆的存款余额是多少？",)}


@pytest.mark.parametrize("reply", [refuse(401), refuse(500, "broken"), refuse(429), dropped()])
def test_an_endpoint_that_fails_a_rewrite_is_not_asked_for_the_answer(engine: Engine, reply: Reply) -> None:
    with spoken_by(engine, [reply]) as (spoken, server):
        answer = spoken.ask(**FOLLOW_UP)
    assert len(server.requests) == 1
    assert Note.MODEL_FAILED in answer.notes


def test_an_endpoint_that_cannot_rewrite_may_still_answer(engine: Engine) -> None:
    with spoken_by(engine, [say(), say(WRITTEN[:-1], "[1]。")]) as (spoken, _):
        assert texts(spoken.ask(**FOLLOW_UP)) == [WRITTEN]


def test_a_rewrite_that_takes_all_the_time_leaves_none_for_the_answer(engine: Engine) -> None:
    with spoken_by(engine, [silent(ROLE)], llm_timeout_s=0.3) as (spoken, server):
        assert Note.MODEL_FAILED in spoken.ask(**FOLLOW_UP).notes
    assert len(server.requests) == 1


@pytest.mark.parametrize("question", [{"question": LOANS}, FOLLOW_UP], ids=["question", "follow-up"])
def test_why_a_model_failed_is_logged_once_without_key_and_question(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    question: dict[str, Any],
) -> None:
    monkeypatch.setenv(LLM_KEY, "sk-secret")
    echo = refuse(404, f"model m? sk-secret {LOANS} {FOLLOW_UP}")
    with spoken_by(engine, [echo]) as (spoken, _):
        spoken.ask(**question)
    [record] = [one for one in caplog.records if one.name.startswith("wfc_qa")]
    said = record.getMessage()
    assert said.startswith(
        "the language model failed (unreachable): the endpoint answers 404; check llm_model"
    )
    assert "sk-secret" not in said
    assert not {"贷款", "存款"} & {said[at : at + 2] for at in range(len(said))}


def test_markers_that_cite_nothing_are_counted_in_the_log_and_not_quoted(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "wfc_qa")
    with spoken_by(engine, [say(f"{TRUE}[1][1][98][99]")]) as (spoken, _):
        assert texts(spoken.ask(LOANS)) == [TRUE]
    [said] = [one.getMessage() for one in caplog.records if one.name == "wfc_qa.answering.flow"]
    assert "'repeated': 1" in said
    assert "'out_of_range': 2" in said
    assert "贷款" not in said


def test_quotes_that_stood_in_for_a_model_are_given_again(engine: Engine) -> None:
    with spoken_by(engine, [refuse(500, "broken")]) as (spoken, _):
        told = answer_out(spoken.ask(LOANS), spoken, "")
    assert told.notes
    found = hold_again(told, engine)
    assert (found.identical, found.written) == (True, False)
    assert found.verdict.startswith("the quoted part is identical")
    false = told.sentences[0].model_copy(update={"text": WRITTEN})
    assert not hold_again(told.model_copy(update={"sentences": (false,)}), engine).identical
