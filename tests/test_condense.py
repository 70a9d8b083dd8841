"""A model's rewrite of a follow-up is believed only where it says what the reader said; prompts are checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.adapters.cedict import Dictionary
from wfc_qa.adapters.llms import Failure, GenerationError, Message
from wfc_qa.answering.dialogue.condense import LONGEST_REWRITE, MAX_TOKENS, condense, is_faithful
from wfc_qa.answering.prompts import Prompts, load_prompts
from wfc_qa.config import CHECKOUT
from wfc_qa.engine import Engine
from wfc_qa.text.dates import find_dates
from wfc_qa.text.figures import find_figures
from wfc_qa.text.language import detect_language

ZH = ["2023年末重庆的存款余额是多少？"]
EN = ["What were Chongqing's deposits at the end of 2023?"]


class Speaker:
    """A language model that says ``pieces`` and then fails with ``failure``, if any."""

    model_id = "speaker"

    def __init__(self, *pieces: str, failure: Failure | None = None) -> None:
        self.pieces = pieces
        self.failure = failure
        self.asked: list[Message] = []
        self.max_tokens = 0
        self.given = 0
        self.closed = False

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, grammar: str | None = None
    ) -> Iterator[str]:
        self.asked, self.max_tokens = list(messages), max_tokens
        return self._speak()

    def _speak(self) -> Iterator[str]:
        try:
            for piece in self.pieces:
                self.given += 1
                yield piece
            if self.failure:
                raise GenerationError(self.failure, "no")
        finally:
            self.closed = True

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return load_prompts(CHECKOUT / "prompts")


@pytest.fixture(scope="module")
def dictionary(engine: Engine) -> Dictionary:
    return engine.dictionary


@pytest.mark.parametrize(
    ("question", "history", "said"),
    [
        ("那贷款呢？", ZH, "2023年末重庆的贷款余额是多少？"),
        ("2024年呢？", ZH, "“2024年末重庆的存款余额是多少？”"),
        ("成都呢？", ZH, " 2023年末成都的存款余额是多少？\n"),
        ("And loans?", EN, "What were Chongqing's loans at the end of 2023?"),
        ("And in Chengdu in 2024?", EN, "What were deposits in Chengdu at the end of 2024?"),
        ("And in May of that year?", EN, "What were Chongqing's deposits in May 2023?"),
    ],
)
def test_a_rewrite_of_what_was_said_is_taken(
    question: str, history: list[str], said: str, prompts: Prompts, dictionary: Dictionary
) -> None:
    assert condense(question, history, Speaker(*said), prompts, dictionary) == said.strip().strip("“”")


@pytest.mark.parametrize(
    ("question", "history", "said"),
    [
        ("那贷款呢？", ZH, "2022年末重庆的贷款余额是多少？"),
        ("那贷款呢？", ZH, "2023年末成都的贷款余额是多少？"),
        ("那贷款呢？", ZH, "2023年末重庆超过5万亿元的贷款余额是多少？"),
        ("那贷款呢？", ZH, "2023年末重庆的绿色贷款余额是多少？"),
        ("那贷款呢？", ZH, "2023年末重庆的存款余额是多少？"),
        ("成都呢？", ZH, "2023年末重庆的存款余额是多少？"),
        ("2024年呢？", ZH, "2023年末重庆的存款余额是多少？"),
        ("那贷款呢？", ZH, "What were Chongqing's loans at the end of 2023?"),
        ("那贷款呢？", ZH, "2023年末重庆的贷款余额是多少？\n答：6万亿元"),
        ("那贷款呢？", ZH, "贷款" * LONGEST_REWRITE),
        ("那贷款呢？", ZH, ""),
        ("那贷款呢？", ZH, "？\n"),
        ("And loans?", EN, "What were Sichuan's loans at the end of 2023?"),
        ("And loans?", EN, "What were Chongqing's loans at the end of June 2023?"),
        ("And loans?", EN, "What were Chongqing's bad loans at the end of 2023?"),
        ("And the third batch?", EN, "What were Chongqing's deposits in the second batch?"),
        ("And loans?", EN, "Sure! What were Chongqing's loans at the end of 2023?"),
    ],
)
def test_a_rewrite_that_adds_or_drops_something_is_refused(
    question: str, history: list[str], said: str, prompts: Prompts, dictionary: Dictionary
) -> None:
    assert condense(question, history, Speaker(said), prompts, dictionary) == ""


@pytest.mark.parametrize("failure", Failure)
def test_a_model_that_fails_leaves_the_question_to_the_rules(
    failure: Failure, prompts: Prompts, dictionary: Dictionary
) -> None:
    whole = "2023年末重庆的贷款余额是多少？"
    model = Speaker(whole, failure=failure)
    assert condense("那贷款呢？", ZH, model, prompts, dictionary) == ""
    assert model.closed


def test_a_model_that_runs_on_is_cancelled(prompts: Prompts, dictionary: Dictionary) -> None:
    model = Speaker(*["贷款"] * 10 * LONGEST_REWRITE)
    assert condense("那贷款呢？", ZH, model, prompts, dictionary) == ""
    assert model.closed
    assert model.given <= LONGEST_REWRITE
    assert model.max_tokens == MAX_TOKENS


def test_nothing_is_asked_of_the_model_without_history(prompts: Prompts, dictionary: Dictionary) -> None:
    model = Speaker("贷款余额是多少？")
    assert condense("贷款余额是多少？", [], model, prompts, dictionary) == ""
    assert not model.asked


@given(asked=st.text(max_size=80), earlier=st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_what_readers_say_cannot_leave_its_fence(
    prompts: Prompts, dictionary: Dictionary, asked: str, earlier: list[str]
) -> None:
    """The prompt has the tags, and the lines, of its file and no others."""
    model = Speaker()
    condense(asked, earlier, model, prompts, dictionary)
    told = model.asked[-1].text
    _, plain = prompts.fill(
        "condense", detect_language(asked), earlier="\n".join("?" for _ in earlier), question="?"
    )
    assert [told.count(mark) for mark in "<>\n"] == [plain.text.count(mark) for mark in "<>\n"]


PIECES = st.lists(
    st.sampled_from(
        "2023年 末 重庆 成都 的 存款 贷款 绿色 余额 是多少 ？ 5万亿元 2024年 6月 \n 其 第三".split(" ")
    ),
    max_size=9,
).map("".join)


@given(question=PIECES, before=PIECES, said=PIECES)
def test_no_rewrite_brings_a_year_or_a_figure_of_its_own(
    dictionary: Dictionary, question: str, before: str, said: str
) -> None:
    if is_faithful(said, question, [before], dictionary):
        known = f"{question}\n{before}"
        assert {date.year for date in find_dates(said)} <= {date.year for date in find_dates(known)} | {None}
        assert {f.value for f in find_figures(said)} <= {f.value for f in find_figures(known)}
        assert {date.year for date in find_dates(question)} - {None} <= {
            date.year for date in find_dates(said)
        }
        assert all(place in known for place in ("重庆", "成都") if place in said)
