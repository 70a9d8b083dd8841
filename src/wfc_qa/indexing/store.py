"""Documents, paragraphs, passages and sentences of one generation, in SQLite; read by row number."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from ..errors import IndexCorruptError, NotFoundError
from ..text.orders import gives_orders
from ..types import Document, DocumentHead, Filters, Language, Paragraph, Passage, Span
from .passages import Entry

SCHEMA = """
CREATE TABLE document(row INTEGER PRIMARY KEY, doc_id TEXT UNIQUE NOT NULL, title TEXT NOT NULL,
  language TEXT NOT NULL, source TEXT NOT NULL, publisher TEXT NOT NULL, published TEXT, as_of TEXT,
  text TEXT NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE paragraph(row INTEGER PRIMARY KEY, paragraph_id TEXT UNIQUE NOT NULL, document INTEGER NOT NULL,
  ordinal INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, text TEXT NOT NULL,
  headings TEXT NOT NULL, page INTEGER, source TEXT NOT NULL);
CREATE INDEX paragraph_by_document ON paragraph(document, ordinal);
CREATE TABLE passage(row INTEGER PRIMARY KEY, passage_id TEXT UNIQUE NOT NULL, paragraph INTEGER NOT NULL,
  document INTEGER NOT NULL, language TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
  text TEXT NOT NULL);
CREATE INDEX passage_by_document ON passage(document);
CREATE TABLE sentence(row INTEGER PRIMARY KEY, passage INTEGER NOT NULL, start INTEGER NOT NULL,
  stop INTEGER NOT NULL);
CREATE INDEX sentence_by_passage ON sentence(passage);
"""
# SQLite reads a row from its front: what stands before the text is read without it.
HEAD = "doc_id, title, language, source, publisher, published, as_of"
WHOLE = f"{HEAD}, text, sha256"


@dataclass(frozen=True, slots=True)
class Quotable:
    """A sentence that can be quoted: its row in the sentence vectors and its span in the document."""

    row: int
    span: Span


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with all that scoring and quoting it needs."""

    row: int
    passage: Passage
    language: Language
    paragraph: Paragraph
    title: str
    sentences: tuple[Quotable, ...]

    @property
    def above(self) -> tuple[str, ...]:
        """The title and the headings that say what the passage is about, not what to answer."""
        return tuple(name for name in (self.title, *self.paragraph.headings) if not gives_orders(name))


@dataclass(frozen=True, slots=True)
class Extent:
    """What the documents span; the dates are the first and last of any document."""

    languages: tuple[Language, ...]
    published_from: date | None
    published_to: date | None
    as_of: date | None


class Store:
    """Reads a built store; safe to share between threads. Who lets go of it closes it."""

    def __init__(self, path: Path) -> None:
        # As a URI of its own: "?", "#" and "%" may stand in a folder's name.
        self._base = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        weakref.finalize(self, self._base.close)

    def close(self) -> None:
        self._base.close()

    def check(self) -> bool:
        """SQLite's own integrity check."""
        return self._read("PRAGMA quick_check") == [("ok",)]

    def heads(self, most: int = -1) -> list[DocumentHead]:
        """The first ``most`` documents without their texts; all by default."""
        rows = self._read(f"SELECT {HEAD} FROM document ORDER BY row LIMIT ?", (most,))  # noqa: S608
        return [_head(row) for row in rows]

    def head(self, doc_id: str) -> DocumentHead:
        """Raises NotFoundError."""
        return _head(self._find(HEAD, doc_id))

    def document(self, doc_id: str) -> Document:
        """With its whole text. Raises NotFoundError."""
        return _document(self._find(WHOLE, doc_id))

    def extent(self) -> Extent:
        [dates] = self._read("SELECT min(published), max(published), max(as_of) FROM document")
        held = {language for (language,) in self._read("SELECT DISTINCT language FROM document")}
        return Extent(tuple(language for language in Language if language in held), *map(_day, dates))

    def paragraphs(self, doc_id: str) -> list[Paragraph]:
        """In reading order. Raises NotFoundError."""
        query = f"{PARAGRAPH} WHERE d.doc_id=? ORDER BY p.ordinal"
        rows = self._read(query, (doc_id,))
        if not rows:
            self.head(doc_id)
        return [_paragraph(row) for row in rows]

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """Raises NotFoundError."""
        rows = self._read(f"{PARAGRAPH} WHERE p.paragraph_id=?", (paragraph_id,))
        if not rows:
            raise NotFoundError(f"no paragraph {paragraph_id!r} in this generation of the index; ask again")
        return _paragraph(rows[0])

    def passages(self, rows: Sequence[int]) -> list[PassageRow]:
        """The passages of ``rows``, in that order."""
        wanted = json.dumps([int(row) for row in rows])
        sentences: dict[int, list[Quotable]] = {}
        for row, passage, start, stop in self._read(
            "SELECT row, passage, start, stop FROM sentence"
            " WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY row",
            (wanted,),
        ):
            sentences.setdefault(passage, []).append(Quotable(row, Span(start, stop)))
        found: dict[int, PassageRow] = {}
        for row in self._read(
            "SELECT s.row, s.passage_id, s.start, s.stop, s.text, s.language, d.title,"
            " p.paragraph_id, d.doc_id, p.ordinal, p.start, p.stop, p.text, p.headings, p.page, p.source"
            " FROM passage s JOIN paragraph p ON p.row=s.paragraph JOIN document d ON d.row=s.document"
            " WHERE s.row IN (SELECT value FROM json_each(?))",
            (wanted,),
        ):
            number, name, start, stop, text, language, title, *rest = row
            paragraph = _paragraph(rest)
            passage = Passage(name, paragraph.paragraph_id, Span(start, stop), text)
            quotable = tuple(sentences.get(number, ()))
            found[number] = PassageRow(number, passage, Language(language), paragraph, title, quotable)
        return [found[int(row)] for row in rows]

    def cited(self, paragraph_ids: Sequence[str]) -> list[PassageRow]:
        """All passages of the paragraphs, in the collection's order; those it does not hold have none."""
        # By way of the document, for which there is an index.
        query = (
            "SELECT s.row FROM paragraph p JOIN passage s ON s.document=p.document AND s.paragraph=p.row"
            " WHERE p.paragraph_id IN (SELECT value FROM json_each(?)) ORDER BY s.row"
        )
        return self.passages([row for (row,) in self._read(query, (json.dumps(list(paragraph_ids)),))])

    def matching(self, filters: Filters) -> tuple[list[int], list[int]]:
        """Document rows and passage rows that ``filters`` let through."""
        clauses, values = ["1"], list[object]()
        if filters.doc_ids:
            clauses.append("doc_id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(filters.doc_ids))
        if filters.language:
            clauses.append("language=?")
            values.append(filters.language.value)
        if filters.published_from:
            clauses.append("published>=?")
            values.append(filters.published_from.isoformat())
        if filters.published_to:
            clauses.append("published<=?")
            values.append(filters.published_to.isoformat())
        documents = f"SELECT row FROM document WHERE {' AND '.join(clauses)}"  # noqa: S608
        passages = f"SELECT row FROM passage WHERE document IN ({documents}) ORDER BY row"  # noqa: S608
        return (
            [row for (row,) in self._read(documents, values)],
            [row for (row,) in self._read(passages, values)],
        )

    def counts(self) -> tuple[int, int, int, int]:
        """How many documents, paragraphs, passages and sentences."""
        names = ("document", "paragraph", "passage", "sentence")
        numbers = [self._read(f"SELECT count(*) FROM {name}")[0][0] for name in names]  # noqa: S608
        return numbers[0], numbers[1], numbers[2], numbers[3]

    def _find(self, columns: str, doc_id: str) -> Sequence[Any]:
        rows = self._read(f"SELECT {columns} FROM document WHERE doc_id=?", (doc_id,))  # noqa: S608
        if not rows:
            raise NotFoundError(f"no document {doc_id!r} in this collection; see the list of documents")
        found: Sequence[Any] = rows[0]
        return found

    def _read(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._base.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise IndexCorruptError(f"the index is damaged ({error}); run `wfc-qa index build`") from error


PARAGRAPH = (
    "SELECT p.paragraph_id, d.doc_id, p.ordinal, p.start, p.stop, p.text, p.headings, p.page, p.source"
    " FROM paragraph p JOIN document d ON d.row=p.document"
)


def write_store(
    path: Path, documents: Iterable[Document], paragraphs: Iterable[Paragraph], entries: Iterable[Entry]
) -> None:
    """Write everything in one transaction; rows count from 0 in the order given."""
    base = sqlite3.connect(path)
    try:
        base.executescript(SCHEMA)
        document_rows: dict[str, int] = {}
        for row, d in enumerate(documents):
            document_rows[d.doc_id] = row
            dates = [day.isoformat() if day else None for day in (d.published, d.as_of)]
            values = (
                row,
                d.doc_id,
                d.title,
                d.language.value,
                d.source,
                d.publisher,
                *dates,
                d.text,
                d.sha256,
            )
            base.execute("INSERT INTO document VALUES(?,?,?,?,?,?,?,?,?,?)", values)
        paragraph_rows: dict[str, tuple[int, int]] = {}
        for row, p in enumerate(paragraphs):
            paragraph_rows[p.paragraph_id] = row, document_rows[p.doc_id]
            headings = json.dumps(p.headings, ensure_ascii=False)
            place = (document_rows[p.doc_id], p.ordinal, p.span.start, p.span.end)
            base.execute(
                "INSERT INTO paragraph VALUES(?,?,?,?,?,?,?,?,?,?)",
                (row, p.paragraph_id, *place, p.text, headings, p.page, p.source),
            )
        sentence_rows = count()
        for row, e in enumerate(entries):
            passage = e.passage
            home = (*paragraph_rows[passage.paragraph_id], e.language.value)
            base.execute(
                "INSERT INTO passage VALUES(?,?,?,?,?,?,?,?)",
                (row, passage.passage_id, *home, passage.span.start, passage.span.end, passage.text),
            )
            base.executemany(
                "INSERT INTO sentence VALUES(?,?,?,?)",
                [(next(sentence_rows), row, span.start, span.end) for span in e.sentences],
            )
        base.commit()
    finally:
        base.close()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _head(row: Sequence[Any]) -> DocumentHead:
    doc_id, title, language, source, publisher, published, as_of = row
    return DocumentHead(doc_id, title, Language(language), source, publisher, _day(published), _day(as_of))


def _document(row: Sequence[Any]) -> Document:
    doc_id, title, language, source, publisher, published, as_of, text, sha256 = row
    dates = _day(published), _day(as_of)
    return Document(doc_id, title, Language(language), source, publisher, *dates, text, sha256)


def _paragraph(row: Sequence[Any]) -> Paragraph:
    name, doc_id, ordinal, start, stop, text, headings, page, source = row
    return Paragraph(
        name, doc_id, ordinal, Span(start, stop), text, tuple(json.loads(headings)), page, source
    )
