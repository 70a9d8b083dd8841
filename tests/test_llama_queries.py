"""The engine as llama-index sees it: ordinary nodes and responses, proved as ever."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.schema import MetadataMode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
)
from llama_index.core.vector_stores.utils import build_metadata_filter_fn

from docs_support import shown
from wfc_qa.adapters.llama_filters import read_filters
from wfc_qa.engine import Engine
from wfc_qa.errors import QuestionError
from wfc_qa.llama import WfcQueryEngine, WfcRetriever
from wfc_qa.types import Filters, Language

ZH = "2025年6月末重庆的贷款余额是多少？"
EN = "What were Chongqing's deposits at the end of 2023?"
DISPUTED = "What were Chongqing's deposits at December 31, 2025?"
DECLINED = "火星上有银行吗？"
DAYS = [date(2025, 1, 30) + timedelta(days=day) for day in range(4)]


def only(key: str, value: object, operator: FilterOperator = FilterOperator.EQ) -> MetadataFilters:
    return MetadataFilters(filters=[MetadataFilter(key=key, value=value, operator=operator)])


@pytest.mark.parametrize("question", [ZH, EN, DISPUTED])
def test_every_marker_is_a_source_node_with_the_quote_in_its_document(engine: Engine, question: str) -> None:
    response = WfcQueryEngine(engine).query(question)
    assert isinstance(response, Response)
    assert response.source_nodes
    cited = {found.node.metadata["marker"]: found.node for found in response.source_nodes}
    for sentence in response.metadata["sentences"]:
        marks = "".join(f"[{marker}]" for marker in sentence["markers"])
        assert f"{sentence['text']} {marks}" in response.response
        assert set(sentence["markers"]) <= set(cited)
    quotes = set[str]()
    for node in cited.values():
        known, text = node.metadata, engine.document(node.metadata["doc_id"]).text
        assert text[node.start_char_idx : node.end_char_idx] == node.text
        quotes.add(text[known["quote_start"] : known["quote_end"]])
        assert node.ref_doc_id == known["doc_id"]
    # A twin's quote says the same in its own language.
    assert {sentence["text"] for sentence in response.metadata["sentences"]} <= quotes
    answer = engine.ask(question)
    assert response.metadata["receipt"] == answer.receipt.answer_id
    assert [sentence["text"] for sentence in response.metadata["sentences"]] == [
        s.text for s in answer.sentences
    ]
    assert all(engine.wording.note(note, answer.language) in response.response for note in answer.notes)


@pytest.mark.parametrize("question", [ZH, EN, DISPUTED, DECLINED])
def test_however_it_is_asked_it_says_the_same(engine: Engine, question: str) -> None:
    """At once and streaming, and both from an event loop."""
    whole, streamed = (
        WfcQueryEngine(engine).query(question),
        WfcQueryEngine(engine, streaming=True).query(question),
    )
    assert isinstance(streamed, StreamingResponse)
    told = [whole, streamed.get_response()]

    async def ask() -> None:
        told.append(await WfcQueryEngine(engine).aquery(question))
        streaming = await WfcQueryEngine(engine, streaming=True).aquery(question)
        assert isinstance(streaming, AsyncStreamingResponse)
        told.append(await streaming.get_response())

    asyncio.run(ask())
    for one in told[1:]:
        assert (one.response, one.metadata) == (whole.response, whole.metadata)
        assert [found.node.metadata for found in one.source_nodes] == [
            n.node.metadata for n in whole.source_nodes
        ]


def test_a_declined_question_says_why_and_cites_nothing(engine: Engine) -> None:
    response = WfcQueryEngine(engine).query(DECLINED)
    assert response.response == engine.wording.abstention(engine.ask(DECLINED))
    assert response.metadata["abstention"] == "unsure"
    assert response.source_nodes == []


def test_the_language_and_the_filters_asked_for_are_those_of_the_answer(engine: Engine) -> None:
    told = WfcQueryEngine(engine, language=Language.EN).query(ZH)
    assert told.metadata["language"] == "en"
    told = WfcQueryEngine(engine, only("language", "en")).query(EN)
    assert told.source_nodes
    assert {found.node.metadata["language"] for found in told.source_nodes} == {"en"}


def test_a_retriever_finds_what_an_answer_ranks(engine: Engine) -> None:
    """Rank for rank and score for score, each node the very text of its document at its span."""
    hits = engine.ask(EN).hits
    found = WfcRetriever(engine, k=len(hits)).retrieve(EN)
    assert [one.node.node_id for one in found] == [hit.passage.passage_id for hit in hits]
    assert [one.score for one in found] == [hit.score for hit in hits]
    for one in found:
        text = engine.document(one.node.metadata["doc_id"]).text
        assert text[one.node.start_char_idx : one.node.end_char_idx] == one.node.text
        assert one.node.metadata["paragraph_id"] not in one.node.get_content(MetadataMode.LLM)
        assert one.node.metadata["title"] in one.node.get_content(MetadataMode.LLM)
    assert asyncio.run(WfcRetriever(engine, k=3).aretrieve(EN)) == found[:3]
    assert WfcQueryEngine(engine).as_retriever(3).retrieve(EN) == found[:3]


@pytest.mark.parametrize("k", [0, 21])
def test_a_number_of_passages_out_of_reach_is_refused(engine: Engine, k: int) -> None:
    with pytest.raises(QuestionError, match=f"^{k} passages .* ask for 1 to 20$"):
        WfcRetriever(engine, k).retrieve(EN)


def test_filters_that_nothing_passes_find_nothing(engine: Engine) -> None:
    assert WfcRetriever(engine, filters=only("published", "1900-01-01")).retrieve(EN) == []


LEAVES = st.one_of(
    st.builds(lambda name: MetadataFilter(key="doc_id", value=name), st.sampled_from("ab")),
    st.builds(
        lambda names: MetadataFilter(key="doc_id", value=names, operator=FilterOperator.IN),
        st.lists(st.sampled_from("abc"), min_size=1),
    ),
    st.builds(lambda code: MetadataFilter(key="language", value=code), st.sampled_from(["zh", "en"])),
    st.builds(
        lambda day, operator: MetadataFilter(key="published", value=day.isoformat(), operator=operator),
        st.sampled_from(DAYS),
        st.sampled_from(
            [FilterOperator.EQ, FilterOperator.GT, FilterOperator.GTE, FilterOperator.LT, FilterOperator.LTE]
        ),
    ),
)
GROUPS = st.recursive(
    LEAVES, lambda inner: st.builds(lambda fs: MetadataFilters(filters=fs), st.lists(inner, max_size=3))
)


def passes(filters: Filters, doc_id: str, language: str, published: date) -> bool:
    return (
        (not filters.doc_ids or doc_id in filters.doc_ids)
        and filters.language in {None, language}
        and (filters.published_from or date.min) <= published <= (filters.published_to or date.max)
    )


@given(st.lists(GROUPS, max_size=4))
def test_our_filters_let_through_what_llama_index_would(
    leaves: list[MetadataFilter | MetadataFilters],
) -> None:
    """Over every document there could be; filters that let none through may be refused."""
    given_ = MetadataFilters(filters=leaves)
    documents = [(name, code, day) for name in "abc" for code in ("zh", "en") for day in DAYS]

    def llama(group: MetadataFilters, known: dict[str, str]) -> bool:
        return all(
            llama(one, known)
            if isinstance(one, MetadataFilters)
            else build_metadata_filter_fn(lambda _: known, MetadataFilters(filters=[one]))("")
            for one in group.filters
        )

    wanted = [
        d
        for d in documents
        if llama(given_, {"doc_id": d[0], "language": d[1], "published": d[2].isoformat()})
    ]
    try:
        filters = read_filters(given_)
    except QuestionError:
        assert not wanted
    else:
        assert [d for d in documents if passes(filters, *d)] == wanted


@pytest.mark.parametrize(
    "filters",
    [
        only("page", 3),
        only("doc_id", "a", FilterOperator.NE),
        only("doc_id", 5, FilterOperator.IN),
        only("language", "fr"),
        only("language", "zh", FilterOperator.CONTAINS),
        only("published", "last year"),
        only("published", None, FilterOperator.GTE),
        only("published", "2025-01-01", FilterOperator.NE),
        MetadataFilters(filters=[only("doc_id", "a"), only("doc_id", "b")], condition=FilterCondition.OR),
        MetadataFilters(filters=[only("doc_id", "a")], condition=FilterCondition.NOT),
    ],
    ids=str,
)
def test_filters_that_cannot_be_expressed_are_refused_in_one_line(
    engine: Engine, filters: MetadataFilters
) -> None:
    with pytest.raises(QuestionError, match="cannot be expressed; use doc_id") as refused:
        WfcQueryEngine(engine, filters)
    assert "\n" not in str(refused.value)


def test_the_document_shows_what_really_runs(
    home_index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WFC_QA_INDEX_DIR", str(home_index))
    for code in shown("llama-index.md", "python"):
        exec(compile(code, "llama-index.md", "exec"), {})
    said = capsys.readouterr().out
    assert "贷款余额5.81万亿元" in said
    assert "[1] 重庆存贷款与金融资产 ¶3" in said
    assert "not_in_collection" in said
