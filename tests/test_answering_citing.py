"""What is quoted shows no marker but ours, keeps the numbers of documents, and is proved as it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing_support import open_collection
from test_answering_markers import DECREE, HOSTILE, MARKER, NUMBERED, WORDS
from wfc_qa.answering.citing import cite
from wfc_qa.answering.extractive import Quoted
from wfc_qa.answering.flow import prove_quotes
from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.serving.sources import is_quote, source_finder
from wfc_qa.text.quotes import drop_marks, is_quoted
from wfc_qa.types import Flaw, Language, Support

RAW = re.compile(r"[\[［【][ \t]*\^?[0-9０-９]{1,3}[ \t]*[\]］】]")
FORGED_SHOWN = "截至2025年6月30日，渝州贷款余额为6.25万亿元，同比增长8.3%。"
FORGED = "# 贷款\n\n- 截至2025年6月30日，渝州贷款余额[2]为6.25万亿元[来源3]，同比增长8.3%[^1]。\n"


@given(st.lists(st.tuples(WORDS, MARKER), max_size=6), WORDS)
def test_no_marker_of_a_source_is_shown_and_its_words_stay(parts: list[tuple[str, str]], last: str) -> None:
    shown = drop_marks("".join(word + marker for word, marker in parts) + last)
    assert not RAW.search(shown)
    words = "".join(word for word, _ in parts) + last
    kept = [char for char in shown if char.isalnum()]
    assert [char for char in words if char.isalnum()] == kept or "〔" in shown


@given(HOSTILE)
def test_nothing_that_looks_like_a_marker_is_left(text: str) -> None:
    assert not NUMBERED.search(DECREE.sub("", drop_marks(text)))


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("余额[2]为6万亿元", "余额为6万亿元"),
        ("6 trillion yuan[^2]", "6 trillion yuan"),
        ("余额为6万亿元[来源2]。", "余额为6万亿元。"),
        ("Loans rose [1,2] and fell [1-3].", "Loans rose and fell."),
        ("Under Decree [45], loans rose [4].", "Under Decree [45], loans rose."),
        ("国发[2025]12号[1]", "国发[2025]12号"),
        ("渝府办[45]12号", "渝府办[45]12号"),
        ("The rate is [3]% in 2023", "The rate is 〔3〕% in 2023"),
        ("余额［5.67万亿元］", "余额〔5.67万亿元〕"),
        ("between [3 % and 5 %", "between [3 % and 5 %"),
    ],
)
def test_forged_markers_go_and_documents_numbers_and_figures_stay(quote: str, shown: str) -> None:
    assert drop_marks(quote) == shown


@pytest.fixture(scope="module")
def forged(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with open_collection(settings, tmp_path_factory.mktemp("forged"), {"loans.zh.md": FORGED}) as engine:
        yield engine


def test_a_quote_with_forged_markers_is_shown_without_them_proved_and_still_a_quote(forged: Engine) -> None:
    answer = forged.ask("2025年6月末渝州贷款余额是多少？")
    [sentence] = answer.sentences
    assert sentence.text == FORGED_SHOWN
    assert sentence.support is Support.SUPPORTED
    source = source_finder(forged)(sentence.citations[0])
    assert is_quote(sentence, source_finder(forged))
    assert not RAW.search(source.excerpt)


def test_a_quote_is_proved_as_it_is_shown(engine: Engine) -> None:
    """Were a quote changed on its way to the reader, it would be kept back."""
    passages = engine.generation.store.passages(range(len(engine.generation.vectors)))
    [own, *_] = [one for row in passages for one in engine.reader.read(row) if "6.25万亿元" in one.text]
    [sentence] = cite([(own,)])
    assert prove_quotes(Quoted((sentence,), evidence=((own,),)), engine.verifier).sentences == (sentence,)
    changed = replace(sentence, text=sentence.text.replace("6.25", "62.5"))
    outcome = prove_quotes(Quoted((changed,), evidence=((own,),)), engine.verifier)
    assert not outcome.sentences
    assert Flaw.FIGURE in {doubt.flaw for doubt in outcome.withheld[0].doubts}


def test_a_figure_that_only_comes_about_by_dropping_a_mark_is_kept_back(engine: Engine) -> None:
    [own, *_] = engine.reader.read(engine.generation.store.passages([0])[0])
    torn = "截至2025年6月30日，重庆贷款余额6[2]5万亿元。"
    own = replace(own, text=torn, own=engine.reader.read_claim(torn, own.language))
    quoted = Quoted(cite([(own,)]), evidence=((own,),))
    assert not prove_quotes(quoted, engine.verifier).sentences


@pytest.mark.parametrize(
    ("text", "source", "quoted"),
    [
        ("余额为6万亿元。", "余额[2]为6万亿元[来源3]。", True),
        ("余额为6万亿元。", "余额为6万亿元。[1][4]", True),
        ("余额为65万亿元。", "余额为6[2]5万亿元。", False),
        ("余额为7万亿元。", "余额[2]为6万亿元。", False),
    ],
)
def test_a_quote_is_its_source_without_marks_and_no_other_figure(
    text: str, source: str, quoted: bool
) -> None:
    assert is_quoted(text, source) is quoted


def test_what_is_quoted_without_inner_marks_is_proved_whoever_says_it(forged: Engine) -> None:
    """A model, or a receipt, that repeats a quote as it was shown says it word for word."""
    passages = forged.generation.store.passages(range(len(forged.generation.vectors)))
    verdict = forged.verifier.verify(FORGED_SHOWN, Language.ZH, passages)
    assert (verdict.support, verdict.confidence) == (Support.SUPPORTED, 1.0)
    changed = forged.verifier.verify(FORGED_SHOWN.replace("6.25", "6.52"), Language.ZH, passages)
    assert changed.support is Support.NUMBER_MISMATCH


def test_the_verdict_does_not_hang_on_who_asked_first(engine: Engine) -> None:
    """A claim is judged by its own vector when it has no row, though the same words were judged by a stored one."""
    passages = engine.generation.store.passages(range(len(engine.generation.vectors)))
    [own, *_] = [one for row in passages for one in engine.reader.read(row) if "6.25万亿元" in one.text]
    [other, *_] = [row for row in passages if row.row != own.passage.row]
    by_row = engine.verifier.verify(own.text, own.language, [other], other.sentences[0].row)
    by_words = engine.verifier.verify(own.text, own.language, [other])
    assert by_row.confidence != by_words.confidence
    assert engine.verifier.verify(own.text, own.language, [other], other.sentences[0].row) == by_row
