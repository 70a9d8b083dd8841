"""What is answered: sentences with citations and verdicts, abstentions, receipts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .collection import Hit, Language, Query, Span

NEAREST = 3


def nearest_paragraphs(hits: Iterable[Hit]) -> list[str]:
    """Ids of the ``NEAREST`` best paragraphs, which are shown beside an answer that was declined."""
    return list(dict.fromkeys(hit.passage.paragraph_id for hit in hits))[:NEAREST]


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
    """Why an answer was declined: ``UNSURE`` is a confidence too low for the risk allowed, ``NO_QUESTION`` thanks or a
    single word."""

    NOT_IN_COLLECTION = "not_in_collection"
    UNSURE = "unsure"
    NO_QUESTION = "no_question"
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
    MODEL_BROKE_OFF = "model_broke_off"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What stood behind an answer: with it and the answer's own hits and verdicts, the answer can be given again.

    ``query`` is what was asked of the index; hashes are SHA-256 hex; ``settings`` are those that shape an answer;
    ``llm`` is the language model, empty for none.
    """

    answer_id: str
    version: str
    query: Query
    generation: str
    model: str
    prompts: str
    calibration: str
    settings: Mapping[str, bool | int | float | str | None]
    llm: str = ""


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
