"""What an answer shows of its proof: quoted or written, what was withheld, twins among its sources, its receipt."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.engine import Engine
from wfc_qa.serving.render import label, labels
from wfc_qa.serving.sources import group_sources, source_finder
from wfc_qa.serving.view import markdown, parts
from wfc_qa.serving.wire import answer_out
from wfc_qa.types import (
    Abstention,
    Answer,
    Citation,
    Doubt,
    Flaw,
    Language,
    Note,
    Sentence,
    Support,
)

HOSTILE = "</template><script>alert(1)</script>\"'&quot;重庆贷款"


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    return engine.ask("2024年8月末重庆贷款余额是多少？")


def as_markdown(answer: Answer, engine: Engine) -> str:
    return markdown(answer, engine, source_finder(engine))


def test_a_quote_and_a_models_words_are_told_apart(engine: Engine, answer: Answer) -> None:
    """By the paragraph itself: what stands in it word for word is quoted, whoever chose it."""
    [first, *_] = answer.sentences
    written = replace(first, text=first.text.replace("余额", "余额约为"))
    for sentences, made in (((first,), "quoted"), ((written,), "written"), ((first, written), "mixed")):
        shown = "".join(parts(replace(answer, sentences=sentences), engine))
        assert [key for key in ("quoted", "written", "mixed") if said(f"made_{key}") in shown] == [made]


def test_only_an_answer_whose_every_sentence_is_proved_says_so(engine: Engine, answer: Answer) -> None:
    doubted = replace(answer.sentences[0], support=Support.UNSUPPORTED)
    declined = replace(answer, sentences=(), abstention=Abstention.NOT_IN_COLLECTION)
    assert 'class="proof"' in "".join(parts(answer, engine))
    assert 'class="proof"' not in "".join(
        parts(replace(answer, sentences=(*answer.sentences, doubted)), engine)
    )
    assert 'class="proof"' not in "".join(parts(declined, engine))


@pytest.mark.parametrize("flaw", list(Flaw))
@pytest.mark.parametrize("declined", [False, True])
def test_what_was_withheld_is_told_by_kind_and_never_shown(
    engine: Engine, answer: Answer, flaw: Flaw, declined: bool
) -> None:
    """Not on the page, not in what can be copied, downloaded or sent as feedback."""
    secret = Sentence("机密62.5万亿", (), Support.NUMBER_MISMATCH, (Doubt(flaw, "机密62.5万亿"),))
    kept = replace(answer, withheld=(secret, secret), notes=(Note.WITHHELD_FIGURE, Note.MODEL_BROKE_OFF))
    if declined:
        kept = replace(kept, sentences=(), abstention=Abstention.NOT_IN_COLLECTION)
    shown = "".join(parts(kept, engine))
    assert "机密" not in shown
    assert "62.5" not in shown
    why = f"共 2 句，未获证明的：{labels()[f'flaw_{flaw}'][Language.ZH]}。"
    [calm] = re.findall(r'<p class="note withheld".*?</p>', shown)
    assert why in calm
    assert why in as_markdown(kept, engine)


def test_each_withheld_note_names_the_doubts_of_its_own_sentences(engine: Engine, answer: Answer) -> None:
    """And what an abstention kept back without a doubt is none of them."""
    wrong = Sentence("甲", (), Support.NUMBER_MISMATCH, (Doubt(Flaw.DATE, "甲"),))
    unproved = Sentence("乙", (), Support.UNSUPPORTED, (Doubt(Flaw.NAME, "乙"), Doubt(Flaw.NAME, "丙")))
    kept = replace(
        answer,
        withheld=(wrong, unproved, Sentence("丁", ())),
        notes=(Note.WITHHELD_FIGURE, Note.WITHHELD_UNSUPPORTED),
    )
    reasons = re.findall(r'class="why">(.*?)</span>', "".join(parts(kept, engine)))
    assert reasons == ["未获证明的：日期。", "未获证明的：名称。"]


def test_a_quotes_other_language_version_stands_under_its_source(engine: Engine, answer: Answer) -> None:
    """In the list, on its mark and in Markdown; a paragraph that is quoted itself, or proves a model's words, stands
    for itself."""
    find = source_finder(engine)
    [first, *_] = answer.sentences
    own, twin = first.citations
    [group] = group_sources([first], find)
    assert [source.marker for source in (group.source, *group.twins)] == [1, 2]
    shown = "".join(parts(replace(answer, sentences=(first,)), engine))
    assert said("also_en") in shown
    assert said("in_en") in shown
    assert re.search(r"^\[2\] 另见英文版 · ", as_markdown(answer, engine), re.MULTILINE)
    words = find(twin).words
    assert words
    for sentences in ([first, Sentence(words, (twin,))], [replace(first, text="改写。")]):
        assert [group.twins for group in group_sources(sentences, find)] == [(), ()]
    assert own.marker == 1


@given(
    cited=st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True), max_size=5),
    data=st.data(),
)
def test_every_cited_paragraph_is_listed_once(
    engine: Engine, cited: list[list[int]], data: st.DataObject
) -> None:
    """However sentences share paragraphs and languages, quoted or written."""
    find = source_finder(engine)
    heads = {language: head for head in engine.heads() for language in [head.language]}
    pool = [one for head in heads.values() for one in engine.paragraphs(head.doc_id)[:3]]
    sentences = []
    for chosen in cited:
        citations = tuple(Citation(i + 1, pool[i].paragraph_id, pool[i].span) for i in chosen)
        quoted = data.draw(st.booleans())
        sentences.append(Sentence(pool[chosen[0]].text if quoted else "改写。", citations))
    groups = group_sources(sentences, find)
    listed = [source.marker for group in groups for source in (group.source, *group.twins)]
    assert sorted(listed) == sorted({i + 1 for chosen in cited for i in chosen})
    for group in groups:
        assert all(twin.document.language is not group.source.document.language for twin in group.twins)


def test_the_receipt_is_the_answer_as_the_api_gives_it(engine: Engine, answer: Answer) -> None:
    hostile = replace(answer, question=HOSTILE, understood=HOSTILE)
    *_, closing = parts(hostile, engine)
    [text] = re.findall(r'<template class="receipt">(.*?)</template>', closing, re.DOTALL)
    assert json.loads(html.unescape(text)) == json.loads(answer_out(hostile, engine, "").model_dump_json())


def said(key: str) -> str:
    """A label in both languages, as the page holds it."""
    return str(label(key))
