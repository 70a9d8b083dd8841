"""The nouns: frozen values that every room of the house speaks in.

Offsets are code points, half-open, into ``Document.text``.
"""

from __future__ import annotations

from collections.abc import Mapping
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
class Citation:
    """``marker`` counts from 1 within an answer; ``quote`` is the span proved, in the document."""

    marker: int
    paragraph_id: str
    quote: Span | None = None


class Support(StrEnum):
    SUPPORTED = "supported"
    NUMBER_MISMATCH = "number_mismatch"
    UNSUPPORTED = "unsupported"


class Flaw(StrEnum):
    """What a cited paragraph does not prove. ``BOUND`` is a comparison word, ``UNCITED`` a sentence without a citation
    that resolves, ``WORDING`` what its content words say."""

    FIGURE = "figure"
    DATE = "date"
    ORDINAL = "ordinal"
    BOUND = "bound"
    NAME = "name"
    DIRECTION = "direction"
    NEGATION = "negation"
    WORDING = "wording"
    UNCITED = "uncited"


@dataclass(frozen=True, slots=True)
class Doubt:
    """``text`` is the part of the sentence that is not proved; the whole sentence where no part can be named."""

    flaw: Flaw
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """``doubts`` tell why ``support`` is not SUPPORTED; a reader never sees the text of one that has any."""

    text: str
    citations: tuple[Citation, ...]
    support: Support = Support.SUPPORTED
    doubts: tuple[Doubt, ...] = ()


class Abstention(StrEnum):
    """Why an answer was declined."""

    NOT_IN_COLLECTION = "not_in_collection"
    MISSING_DATE = "missing_date"
    MISSING_FIGURE = "missing_figure"
    MISSING_NAME = "missing_name"
    MISSING_QUANTITY = "missing_quantity"
    NOTHING_MATCHES_FILTERS = "nothing_matches_filters"


class Note(StrEnum):
    """What the reader must know beside the sentences."""

    OTHER_LANGUAGE_ONLY = "other_language_only"
    FIGURES_DIFFER = "figures_differ"
    WITHHELD_FIGURE = "withheld_figure"
    WITHHELD_UNSUPPORTED = "withheld_unsupported"
    MODEL_FAILED = "model_failed"
    MODEL_UNPROVED = "model_unproved"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stood behind an answer; hashes are SHA-256 hex."""

    answer_id: str
    generation: str
    model: str
    prompts: str
    calibration: str
    settings: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences with citations, or an abstention with its reason; never both.

    ``understood`` is the question after follow-up resolution; ``missing`` names what the evidence lacks;
    ``confidence`` is the fitted probability in [0, 1] that the evidence holds the answer. ``withheld`` is what an
    abstention or the verifier kept back: the evaluation judges it, no reader sees it.
    """

    question: str
    understood: str
    language: Language
    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]
    receipt: Receipt
    abstention: Abstention | None = None
    missing: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    confidence: float = 0.0
    withheld: tuple[Sentence, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """The first that is told of an answer on its way: the question after follow-up resolution."""

    question: str


Step = Understood | Sentence | Answer
"""An answer on its way: the question as understood, sentences as each is proved, at last the whole answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence stands: the paragraph named, or the one of ``doc_id`` that holds ``contains``.

    ``grade`` 2: proves the answer or a part of it; 1: on the matter, without the answer.
    """

    doc_id: str
    contains: str = ""
    grade: int = 2
    paragraph_id: str = ""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A judged question, asked after the questions of ``history``.

    ``answers`` are its parts, each with the wordings accepted for it: an answer is right when it meets every part.
    ``figures`` holds each part's figure in canonical form ("864100000000 yuan"), empty where it has none.
    """

    query_id: str
    text: str
    language: Language
    kind: str
    answerable: bool
    answers: tuple[tuple[str, ...], ...] = ()
    figures: tuple[str, ...] = ()
    evidence: tuple[Place, ...] = ()
    history: tuple[str, ...] = ()
    split: str = "dev"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Qrel:
    """``relevance`` is the grade of the evidence."""

    query_id: str
    paragraph_id: str
    relevance: int


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one question."""

    query_id: str
    measure: str
    value: float
