"""What is read, asked and found. Offsets are code points, half-open, into ``Document.text``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Language(StrEnum):
    """A language the collection is read and asked in."""

    ZH = "zh"
    EN = "en"

    @property
    def other(self) -> Language:
        return Language.EN if self is Language.ZH else Language.ZH


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]``; raises ``ValueError`` unless ``0 <= start <= end``."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def shift(self, offset: int) -> Span:
        return Span(self.start + offset, self.end + offset)


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """What is told of a source beside its text. ``as_of`` is the date its facts run to, ``published`` when it came
    out."""

    doc_id: str
    title: str
    language: Language
    source: str
    publisher: str
    published: date | None
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Document(DocumentHead):
    """One source; ``sha256`` is its file's."""

    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is cited. ``ordinal`` counts from 1 within its document; ``source`` is the address the
    paragraph itself names (empty when it names none)."""

    paragraph_id: str
    doc_id: str
    ordinal: int
    span: Span
    text: str
    headings: tuple[str, ...] = ()
    page: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is retrieved; lies within one paragraph."""

    passage_id: str
    paragraph_id: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents may answer; empty fields do not filter. Dates bound ``published``, inclusive."""

    doc_ids: tuple[str, ...] = ()
    language: Language | None = None
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Query:
    """``language`` is the text's; ``answer_in`` the one to answer in where it is another."""

    text: str
    language: Language
    filters: Filters = field(default_factory=Filters)
    answer_in: Language | None = None

    @property
    def wanted(self) -> Language:
        """The language to answer in."""
        return self.answer_in or self.language


@dataclass(frozen=True, slots=True)
class Sources:
    """The rank (from 1) each signal gave a hit; ``None`` where the signal did not find it."""

    dense: int | None = None
    sentence: int | None = None
    lexical: int | None = None
    cross: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A scored passage; ``rank`` counts from 1. ``score`` is the log-odds of its best sentence answering, or, as
    retrieval hands it over, the fused score."""

    passage: Passage
    score: float
    rank: int
    sources: Sources = field(default_factory=Sources)


@dataclass(frozen=True, slots=True)
class CollectionInfo:
    """What the serving generation holds; ``as_of`` is the latest date any document's facts run to."""

    documents: int
    paragraphs: int
    languages: tuple[Language, ...]
    published_from: date | None
    published_to: date | None
    as_of: date | None
    generation: str
    model: str
