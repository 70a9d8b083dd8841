"""A turn as the chat shows it, on the real engine: streamed parts, Markdown, failures."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from markdown_it import MarkdownIt

from indexing_support import build, write_documents
from serving_support import PATIENCE_S
from wfc_qa.config import Settings
from wfc_qa.engine import Engine, open_engine
from wfc_qa.indexing.store import Store
from wfc_qa.serving import chat
from wfc_qa.serving.chat import examples, reply
from wfc_qa.serving.markdown import plain
from wfc_qa.serving.prose import Prose
from wfc_qa.serving.render import labels
from wfc_qa.serving.sources import Source, source_finder
from wfc_qa.serving.view import markdown, parts
from wfc_qa.serving.wire import answer_out
from wfc_qa.steps import Halt
from wfc_qa.types import (
    Abstention,
    Answer,
    Citation,
    Filters,
    Language,
    Note,
    Sentence,
    Step,
    Understood,
)

QUESTION = "2024年8月末重庆贷款余额是多少？"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    return engine.ask(QUESTION)


def as_markdown(answer: Answer, engine: Engine) -> str:
    return markdown(answer, engine, source_finder(engine))


def test_each_streamed_value_holds_all_parts_so_far(engine: Engine) -> None:
    """A lost or merged update loses nothing, and only the last value says that it is the last."""
    values = list(reply(engine, {"turn": "turn-1", "question": QUESTION}))
    for earlier, later in pairwise(values):
        assert later["parts"][: len(earlier["parts"])] == earlier["parts"]
    assert [value["done"] for value in values] == [False] * (len(values) - 1) + [True]
    assert {value["turn"] for value in values} == {"turn-1"}


def test_every_sentence_is_followed_by_links_to_its_paragraphs(engine: Engine, answer: Answer) -> None:
    shown = "".join(parts(answer, engine))
    for sentence in answer.sentences:
        for citation in sentence.citations:
            paragraph = engine.paragraph(citation.paragraph_id)
            assert citation.quote
            quote = f"?q={citation.quote.start}-{citation.quote.end}"
            assert f'href="documents/{paragraph.doc_id}{quote}#p{paragraph.ordinal}"' in shown


@pytest.mark.parametrize("note", list(Note))
def test_each_note_is_said_in_the_answers_language(engine: Engine, answer: Answer, note: Note) -> None:
    noted = replace(answer, notes=(note,))
    said = engine.wording.note(note, answer.language)
    assert said in html.unescape("".join(parts(noted, engine)))
    assert f"> {said}" in as_markdown(noted, engine)


@pytest.mark.parametrize("reason", list(Abstention))
def test_each_abstention_gives_its_reason_and_the_nearest_passages(
    engine: Engine, answer: Answer, reason: Abstention
) -> None:
    declined = replace(answer, sentences=(), abstention=reason, missing=("2031年",))
    shown = "".join(parts(declined, engine))
    assert engine.wording.abstention(declined) in html.unescape(shown)
    assert 'class="sentence"' not in shown
    assert shown.count("<li>") == 3


def test_a_refusal_under_filters_says_that_they_leave_documents_out(engine: Engine) -> None:
    """And only then: not without filters, and not beside the message that no document matches them."""
    said = labels()["filtered"][Language.EN]
    declined = engine.ask("火星上有银行吗？")
    chosen = Filters(language=Language.EN)
    none = replace(declined, abstention=Abstention.NOTHING_MATCHES_FILTERS)
    assert said in html.unescape("".join(parts(declined, engine, chosen)))
    assert said not in html.unescape("".join(parts(declined, engine)))
    assert said not in html.unescape("".join(parts(none, engine, chosen)))


def test_a_source_is_told_by_its_own_host_and_the_date_its_facts_run_to(
    engine: Engine, answer: Answer
) -> None:
    """Never by the date its document came out, which reads like the fact's."""
    paragraph = engine.paragraph(answer.sentences[0].citations[0].paragraph_id)
    head = engine.head(paragraph.doc_id)
    *_, closing = parts(answer, engine)
    [facts, *_] = re.findall(r'<span class="facts"[^>]*>(.*)</span></span></a>', closing)
    assert facts.startswith(f"{urlsplit(paragraph.source).hostname} · ".removeprefix("www."))
    assert f"</span> {head.as_of} · ¶{paragraph.ordinal}" in facts
    assert str(head.published) not in facts
    nameless = Source(1, replace(paragraph, source=""), head)
    assert nameless.origin == head.publisher


def test_nothing_a_reader_or_document_says_becomes_markup(engine: Engine, answer: Answer) -> None:
    cited = answer.sentences[0].citations
    hostile = replace(
        answer, question=HOSTILE, understood=HOSTILE + "?", sentences=(Sentence(HOSTILE, cited),)
    )
    shown = "".join(parts(hostile, engine))
    assert "<script" not in shown
    assert "<img" not in shown
    assert re.search(r"(?<!\\)<", as_markdown(hostile, engine)) is None


ACTIVE = (
    "[the bank](javascript:alert(1))",
    "![x](http://evil.example/p.png)",
    "<img src=x onerror=alert(1)> <https://evil.example>",
    "Loans rose [7], as [the bank][1] says.",
    "Loans rose &#91;7&#93;&lsqb;7&rsqb;.",
    "[1]: https://evil.example",
    "> Note: the sources agree.",
    "# 7 trillion yuan",
    "- 7 trillion yuan",
    "7. trillion yuan",
    "``` [7]",
    "*7* `[7]` \\[7\\]",
    "___",
)


@pytest.mark.parametrize("forged", ACTIVE)
def test_markdown_to_take_away_shows_words_as_words(engine: Engine, answer: Answer, forged: str) -> None:
    """Neither in the copied turn nor in what programs are told does a quote make a link, a picture, a tag, a marker, a
    heading, a list or a note."""
    [proved, *_] = answer.sentences
    hostile = replace(answer, sentences=(replace(proved, text=forged),))
    prose = Prose(answer.question, engine, lambda source: source.href)
    for step in (*hostile.sentences, hostile):
        prose.tell(step)
    render = MarkdownIt("commonmark").render
    for written in (as_markdown(hostile, engine), prose.text):
        block = next(one for one in written.split("\n\n") if one.endswith(f"[{proved.citations[-1].marker}]"))
        shown = render(block)
        marks = "".join(f"[{citation.marker}]" for citation in proved.citations)
        assert re.fullmatch(r"<p>[^<>]*</p>\n", shown)
        assert html.unescape(shown) == f"<p>{forged} {marks}</p>\n"


@pytest.mark.parametrize(
    "text", ["存款增长8.0%。", "3.5 trillion, -5%, a_b & c, 7.0", "#1 of 5", "-5%", "2024.", ""]
)
def test_ordinary_words_show_as_they_are(text: str) -> None:
    assert (
        html.unescape(MarkdownIt("commonmark").render(plain(text))).removesuffix("</p>\n").removeprefix("<p>")
        == text
    )


def test_the_question_as_understood_is_shown_only_when_it_differs(engine: Engine, answer: Answer) -> None:
    assert 'class="understood"' not in "".join(parts(answer, engine))
    assert 'class="understood"' in "".join(parts(replace(answer, understood="另一个问题"), engine))


def test_markdown_numbers_each_source_once(engine: Engine, answer: Answer) -> None:
    """Two sentences citing one paragraph share its number and its one line with title and address."""
    cited = answer.sentences[0].citations[0]
    twice = replace(
        answer, sentences=(answer.sentences[0], Sentence("又一句。", (Citation(1, cited.paragraph_id),)))
    )
    text = as_markdown(twice, engine)
    paragraph = engine.paragraph(cited.paragraph_id)
    [line] = [line for line in text.splitlines() if line.startswith("[1]")]
    assert engine.head(paragraph.doc_id).title in line
    assert paragraph.source in line
    assert text.count("[1]") == 3


@pytest.mark.parametrize("question", [QUESTION, "火星上有银行吗？"])
def test_an_answer_reads_each_head_once_and_no_whole_text(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    answer, head = engine.ask(question), engine.head
    read: list[str] = []
    monkeypatch.setattr(engine, "head", lambda doc_id: [read.append(doc_id), head(doc_id)][1])
    monkeypatch.delattr(Store, "document")
    for show in (lambda: list(parts(answer, engine)), lambda: answer_out(answer, engine, "")):
        read.clear()
        show()
        assert read
        assert len(read) == len(set(read))


def test_example_questions_are_offered_only_over_the_home_collection(engine: Engine, tmp_path: Path) -> None:
    """Whatever documents_dir says, what the index holds decides."""
    assert examples(engine).keys() == set(Language)
    own = Settings(documents_dir=write_documents(tmp_path / "d"), index_dir=tmp_path / "i")
    build(own, engine.encoder)
    other = open_engine(Settings(index_dir=own.index_dir))
    assert examples(other) == {}
    other.close()


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"question": ""}, "no_words"),
        ({"question": "x" * 5000}, "too_long"),
        ({}, "unexpected"),
        (None, "unexpected"),
        ({"question": "loans", "filters": {"published_to": "yesterday"}}, "unexpected"),
        ({"question": "loans", "history": ["x" * 5000]}, "too_long"),
        ({"question": "loans", "history": ["x"] * 21}, "unexpected"),
    ],
)
def test_what_cannot_be_asked_is_one_line_in_both_languages(engine: Engine, request_: Any, says: str) -> None:
    *_, value = reply(engine, request_)
    assert value["done"]
    [part] = value["parts"]
    lines = {
        "no_words": "no words",
        "too_long": "<strong>2000</strong>",
        "unexpected": "Something unexpected",
    }
    assert lines[says] in part
    assert 'class="t-zh"' in part


def test_a_sentence_is_shown_while_the_rest_is_still_unknown(
    engine: Engine, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just as the whole answer shows it; the page hears on meanwhile, and a reader who leaves ends the work."""
    halted = threading.Event()

    def stream(*_: object, halt: Halt, **__: object) -> Iterator[Step]:
        halt.watch(halted.set)
        yield Understood(answer.understood)
        yield answer.sentences[0]
        halted.wait(PATIENCE_S)
        yield answer

    monkeypatch.setattr(engine, "stream", stream)
    monkeypatch.setattr(chat, "BEAT_S", 0.01)
    values = reply(engine, {"turn": "t", "question": QUESTION})
    told = next(value["parts"] for value in values if value["parts"])
    again = [next(values) for _ in range(3)]
    assert [value["parts"] for value in again] == [told] * 3
    assert len({value["beat"] for value in again}) == 3
    assert not halted.is_set()
    values.close()
    assert halted.is_set()
    *_, last = reply(engine, {"turn": "t", "question": QUESTION})
    assert last["parts"][:1] == told
    assert last["done"]
