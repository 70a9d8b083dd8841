"""Both language versions of a fact: cited side by side where they agree, shown and flagged where they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexing_support import open_collection
from wfc_qa.answering.evidence import Evidence, same_marks
from wfc_qa.answering.parity import find_counterparts
from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.text.language import detect_language
from wfc_qa.types import Filters, Language, Note

ZH = (
    "# 存款与贷款\n\n- 截至2025年6月30日，渝州存款余额为4.83万亿元。\n"
    "- 截至2025年6月30日，渝州贷款余额6.25万亿元，同比增长8.3%。\n"
    "- 截至2024年6月30日，渝州绿色贷款余额7214亿元。\n- 渝州有三家公交公司。\n"
)
EN = (
    "# Deposits and loans\n\n- At June 30, 2025 outstanding deposits in Yuzhou were 4.83 trillion yuan.\n"
    "- At June 30, 2025 outstanding loans in Yuzhou were 6.52 trillion yuan, up 8.3% on the year.\n"
    "- At June 30, 2024 Yuzhou's green loans stood at 721.4 billion yuan.\n- Buses in Yuzhou are painted green.\n"
)


@pytest.fixture(scope="module")
def own(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a collection whose language versions disagree about one balance."""
    with open_collection(
        settings, tmp_path_factory.mktemp("parity"), {"loans.zh.md": ZH, "loans.en.md": EN}
    ) as engine:
        yield engine


def cited(engine: Engine, question: str, filters: Filters = Filters()) -> list[list[str]]:  # noqa: B008
    """The documents that each sentence cites."""
    answer = engine.ask(question, filters=filters)
    return [
        [engine.paragraph(one.paragraph_id).doc_id for one in sentence.citations]
        for sentence in answer.sentences
    ]


def stated(engine: Engine, text: str) -> Evidence:
    """Some sentence of the collection with ``text`` for its words."""
    [some, *_] = engine.reader.read(engine.generation.store.passages([0])[0])
    language = Language.EN if text.isascii() else Language.ZH
    return replace(some, text=text, own=engine.reader.read_claim(text, language))


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (
            "2024年一季度存款为6万亿元。",
            "In the first quarter of 2024: 6 trillion yuan.",
            "In the second quarter of 2024: 6 trillion yuan.",
        ),
        (
            "2024年上半年存款为6万亿元。",
            "In the first half of 2024: 6 trillion yuan.",
            "In the second half of 2024: 6 trillion yuan.",
        ),
        (
            "2024年前三季度存款为6万亿元。",
            "In the first three quarters of 2024: 6 trillion yuan.",
            "In the third quarter of 2024: 6 trillion yuan.",
        ),
        (
            "存款增长5%，超过6万亿元。",
            "Deposits grew 5% to more than 6 trillion yuan.",
            "Deposits grew 5% to less than 6 trillion yuan.",
        ),
        (
            "存款增长5%，达6万亿元。",
            "Deposits grew 5% to 6 trillion yuan.",
            "Deposits fell 5% to 6 trillion yuan.",
        ),
    ],
    ids=["quarter", "half", "cumulative", "bound", "direction"],
)
def test_the_same_fact_is_of_the_same_time_bound_and_direction(
    engine: Engine, one: str, same: str, other: str
) -> None:
    assert same_marks(stated(engine, one), stated(engine, same))
    assert not same_marks(stated(engine, one), stated(engine, other))


def test_the_other_languages_version_is_not_quoted_where_it_tells_the_opposite(
    settings: Settings, tmp_path: Path
) -> None:
    """The same figures of a rise and of a fall are no translation of each other."""
    rose = "# 贷款\n\n- 截至2025年6月30日，渝州贷款余额6.25万亿元，同比增长8.3%。\n"
    fell = "# Loans\n\n- At June 30, 2025 outstanding loans in Yuzhou were 6.25 trillion yuan, down 8.3% on the year.\n"
    with open_collection(settings, tmp_path, {"loans.zh.md": rose, "loans.en.md": fell}) as engine:
        passages = engine.generation.store.passages(range(len(engine.generation.vectors)))
        one, other = (evidence for passage in passages for evidence in engine.reader.read(passage))
    assert one.language is not other.language
    assert not same_marks(one, other)


def test_the_other_languages_version_stands_in_only_where_it_answers_and_is_proved(
    settings: Settings, tmp_path: Path
) -> None:
    """The same figures and date of deposits are no loans."""
    loans = "# 渝州金融\n\n- 截至2025年6月30日，渝州贷款余额6.25万亿元，同比增长8.3%。\n"
    deposits = (
        "# Money\n\n- At June 30, 2025 deposits in Yuzhou were 6.25 trillion yuan, up 8.3% on the year.\n"
    )
    documents = {"loans.zh.md": loans, "loans.en.md": deposits}
    with open_collection(settings, tmp_path, documents) as engine:
        answer = engine.ask("2025年6月30日渝州贷款余额是多少？", language=Language.EN)
    assert [detect_language(sentence.text) for sentence in answer.sentences] == [Language.ZH]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("2025年6月末渝州存款余额是多少？", "loans.zh"),
        ("What were Yuzhou's outstanding deposits at June 30, 2025?", "loans.en"),
        ("2024年6月30日渝州绿色贷款余额是多少？", "loans.zh"),
    ],
)
def test_a_fact_held_in_both_languages_cites_both_paragraphs(own: Engine, question: str, first: str) -> None:
    [documents] = cited(own, question)
    assert documents[0] == first
    assert sorted(documents) == ["loans.en", "loans.zh"]
    assert Note.FIGURES_DIFFER not in own.ask(question).notes


@pytest.mark.parametrize(
    "question", ["2025年6月末渝州贷款余额是多少？", "What were outstanding loans in Yuzhou at June 30, 2025?"]
)
def test_language_versions_whose_figures_differ_are_both_shown_and_flagged(
    own: Engine, question: str
) -> None:
    answer = own.ask(question)
    said = " ".join(sentence.text for sentence in answer.sentences)
    assert "6.25万亿" in said
    assert "6.52 trillion" in said
    assert Note.FIGURES_DIFFER in answer.notes


class Saying:
    """A model that says one thing."""

    model_id = "saying"

    def __init__(self, words: str) -> None:
        self.words = words

    def stream(
        self,
        messages: object,
        *,
        max_tokens: int,
        grammar: str | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[str]:
        yield self.words

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("words", "rival"),
    [
        ("截至2025年6月30日，渝州贷款余额为6.25万亿元。", "6.52 trillion"),
        ("At June 30, 2025, outstanding loans in Yuzhou were 6.52 trillion yuan.", "6.25万亿元"),
    ],
)
def test_what_a_model_tells_stands_beside_the_other_languages_figure(
    own: Engine, words: str, rival: str
) -> None:
    """Also where quoting would have declined; a filter keeps the other language out."""
    question = "2025年6月末渝州贷款余额是多少？"
    settings = own.settings.model_copy(update={"abstain_below": 1.0})
    parts = own.generation, own.encoder, own.dictionary, own.calibration, own.wording
    spoken = Engine(settings, *parts, own.author.prompts, Saying(words))
    answer = spoken.ask(question)
    assert answer.sentences[0].text == words
    assert rival in answer.sentences[1].text
    assert answer.notes == (Note.FIGURES_DIFFER,)
    language = Language.ZH if "万亿" in words else Language.EN
    alone = spoken.ask(question, filters=Filters(language=language))
    assert [sentence.text for sentence in alone.sentences] == [words]
    assert Note.FIGURES_DIFFER not in alone.notes


def test_a_filter_keeps_the_other_language_out(own: Engine) -> None:
    question = "2025年6月末渝州存款余额是多少？"
    assert cited(own, question, Filters(language=Language.ZH)) == [["loans.zh"]]
    assert cited(own, question, Filters(doc_ids=("loans.zh",))) == [["loans.zh"]]


def test_what_only_one_language_tells_cites_that_alone(own: Engine) -> None:
    assert cited(own, "渝州有几家公交公司？") == [["loans.zh"]]


def test_every_quote_of_a_citation_stands_in_its_own_document(engine: Engine) -> None:
    """The second paragraph is highlighted in its own language, where the same fact stands."""
    answer = engine.ask("截至2025年9月30日，重庆科技企业贷款是多少？")
    [sentence] = answer.sentences
    quotes = []
    for citation in sentence.citations:
        document = engine.document(engine.paragraph(citation.paragraph_id).doc_id)
        assert citation.quote is not None
        quotes.append(citation.quote.of(document.text))
    assert quotes[0] == sentence.text
    assert len(quotes) == 2
    assert "864.1 billion yuan" in quotes[1]


def test_nothing_in_the_home_collection_is_said_to_differ_that_does_not_say_so(engine: Engine) -> None:
    """Its language versions agree: every flag comes from a sentence that states the disagreement itself."""
    passages = engine.generation.store.passages(range(len(engine.generation.vectors)))
    shown = [evidence for passage in passages for evidence in engine.reader.read(passage)]
    found = list(
        find_counterparts(shown, None, engine.reader, engine.closeness, engine.calibration.twin_similarity)
    )
    assert all(one.agrees for one in found)
    assert len(found) > len(shown) / 2
