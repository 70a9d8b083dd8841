"""The store gives back what was put in, and only what the filters let through."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.engine import Engine
from wfc_qa.errors import NotFoundError
from wfc_qa.indexing.passages import Entry
from wfc_qa.indexing.store import Extent, Store, write_store
from wfc_qa.types import Document, DocumentHead, Filters, Language, Paragraph, Passage, Span

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
DAY = st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1))


@st.composite
def collections(draw: st.DrawFn) -> tuple[list[Document], list[Paragraph], list[Entry]]:
    documents, paragraphs, entries = [], [], []
    for number in range(draw(st.integers(1, 4))):
        texts = draw(st.lists(TEXT, min_size=1, max_size=4))
        language = draw(st.sampled_from(Language))
        words = draw(st.tuples(TEXT, TEXT, TEXT))
        documents.append(
            Document(
                f"d{number}", *words[:1], language, *words[1:], draw(DAY), draw(DAY), "".join(texts), "0"
            )
        )
        start = 0
        for ordinal, text in enumerate(texts, 1):
            span, name = Span(start, start + len(text)), f"d{number}#p{ordinal}"
            start += len(text)
            headings = tuple(draw(st.lists(TEXT, max_size=2)))
            page = draw(st.none() | st.integers(1, 9))
            paragraphs.append(Paragraph(name, f"d{number}", ordinal, span, text, headings, page, draw(TEXT)))
            cut = draw(st.integers(span.start, span.end))
            entries.append(
                Entry(
                    Passage(name, name, span, text),
                    draw(st.sampled_from(Language)),
                    text,
                    (Span(span.start, cut), Span(cut, span.end)),
                )
            )
    return documents, paragraphs, entries


def head_of(document: Document) -> DocumentHead:
    return DocumentHead(**{field.name: getattr(document, field.name) for field in fields(DocumentHead)})


def extent_of(documents: list[Document]) -> Extent:
    published = [d.published for d in documents if d.published]
    return Extent(
        tuple(language for language in Language if any(d.language is language for d in documents)),
        min(published, default=None),
        max(published, default=None),
        max((d.as_of for d in documents if d.as_of), default=None),
    )


@given(collection=collections())
def test_everything_reads_back_equal(
    collection: tuple[list[Document], list[Paragraph], list[Entry]],
) -> None:
    documents, paragraphs, entries = collection
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store.sqlite")
        write_store(path, documents, paragraphs, entries)
        store = Store(path)
        assert [store.document(head.doc_id) for head in store.heads()] == documents
        assert [store.document(d.doc_id) for d in documents] == documents
        assert store.heads() == [store.head(d.doc_id) for d in documents] == [head_of(d) for d in documents]
        assert store.heads(2) == store.heads()[:2]
        assert store.extent() == extent_of(documents)
        assert [p for d in documents for p in store.paragraphs(d.doc_id)] == paragraphs
        assert [store.paragraph(p.paragraph_id) for p in paragraphs] == paragraphs
        order = [*range(len(entries))][::-1]
        rows = store.passages(order)
        assert [row.row for row in rows] == order
        assert [row.passage for row in rows] == [entries[row].passage for row in order]
        assert [row.paragraph for row in rows] == [paragraphs[row] for row in order]
        assert [row.language for row in rows] == [entries[row].language for row in order]
        assert [tuple(s.span for s in row.sentences) for row in rows] == [entries[r].sentences for r in order]
        assert [s.row for row in rows[::-1] for s in row.sentences] == [*range(2 * len(entries))]
        assert store.counts() == (len(documents), len(paragraphs), len(entries), 2 * len(entries))
        assert store.check()
        store.close()


@given(
    collection=collections(),
    wanted=st.lists(st.sampled_from(["d0", "d1", "d3", "nowhere", "d0' OR '1'='1"]), max_size=3),
    language=st.none() | st.sampled_from(Language),
    bounds=st.tuples(DAY, DAY),
)
def test_filters_let_through_exactly_what_they_say(
    collection: tuple[list[Document], list[Paragraph], list[Entry]],
    wanted: list[str],
    language: Language | None,
    bounds: tuple[date | None, date | None],
) -> None:
    documents, paragraphs, entries = collection
    first, last = bounds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store.sqlite")
        write_store(path, documents, paragraphs, entries)
        store = Store(path)
        found, passages = store.matching(Filters(tuple(wanted), language, first, last))
        store.close()
    expected = [
        row
        for row, d in enumerate(documents)
        if (not wanted or d.doc_id in wanted)
        and (language is None or d.language is language)
        and (first is None or (d.published is not None and d.published >= first))
        and (last is None or (d.published is not None and d.published <= last))
    ]
    names = {documents[row].doc_id for row in expected}
    assert found == expected
    assert passages == [row for row, paragraph in enumerate(paragraphs) if paragraph.doc_id in names]


def test_what_is_not_there_is_said_in_one_line(engine: Engine) -> None:
    for look in (engine.document, engine.head, engine.paragraphs, engine.paragraph):
        with pytest.raises(NotFoundError, match=r"^no .*'nowhere\\n'.*$"):
            look("nowhere\n")


def test_threads_read_the_same(engine: Engine) -> None:
    """One store, many threads: each reads what one alone reads."""
    store, rows = engine.generation.store, range(0, 100, 7)
    alone = ([store.document(head.doc_id) for head in store.heads()], store.passages(rows))
    with ThreadPoolExecutor(8) as pool:
        results = list(
            pool.map(
                lambda _: ([store.document(head.doc_id) for head in store.heads()], store.passages(rows)),
                range(80),
            )
        )
    assert all(result == alone for result in results)
