"""The JSON that goes in and out of the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..feedback import Feedback, Verdict
from ..types import (
    Answer,
    Citation,
    Filters,
    Hit,
    Language,
    Receipt,
    Sentence,
    Span,
)
from .sources import Find, Source, source_finder

if TYPE_CHECKING:
    from ..engine import Engine


# As long as the longest question that settings may allow.
Text = Annotated[str, Field(max_length=20_000)]
Name = Annotated[str, Field(max_length=200)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FiltersIn(Wire):
    """Which documents may answer; what is left out does not filter."""

    doc_ids: Annotated[tuple[Name, ...], Field(max_length=1000)] = ()
    language: Language | None = None
    published_from: date | None = None
    published_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.published_from and self.published_to and self.published_from > self.published_to:
            raise PydanticCustomError("dates", "published_from is after published_to; correct one of them")
        return self

    def filters(self) -> Filters:
        return Filters(self.doc_ids, self.language, self.published_from, self.published_to)


class QuestionIn(Wire):
    """``history`` holds earlier questions as understood, oldest first; ``language`` is the answer's.

    How long a question may be, here and in ``history``, is a setting, and the engine's to check.
    """

    question: str
    history: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    language: Language | None = None
    filters: FiltersIn = FiltersIn()


class SpanOut(Wire):
    """Code points, half-open, into the document's text."""

    start: int
    end: int


class CitationOut(Wire):
    """``text`` is the cited paragraph, ``quote`` the part of its document that proves the sentence."""

    marker: int
    paragraph_id: str
    doc_id: str
    title: str
    ordinal: int
    text: str
    quote: SpanOut | None
    url: str
    source: str


class UnderstoodOut(Wire):
    """The question after follow-up resolution."""

    question: str


class DoubtOut(Wire):
    flaw: str
    text: str


class SentenceOut(Wire):
    """``support`` is the verdict of the verifier, and ``doubts`` its reasons where it is not ``supported``."""

    text: str
    support: str
    doubts: tuple[DoubtOut, ...]
    citations: tuple[CitationOut, ...]


class HitOut(Wire):
    rank: int
    score: float
    paragraph_id: str
    doc_id: str
    title: str
    text: str
    url: str


class NoteOut(Wire):
    code: str
    text: str


class QueryOut(Wire):
    """What was asked of the index; ``answer_in`` is the language to answer in, where it is another."""

    text: str
    language: Language
    filters: FiltersIn
    answer_in: Language | None


class ReceiptOut(Wire):
    """What stood behind the answer; ``wfc-qa replay`` gives it again from the answer's JSON."""

    answer_id: str
    version: str
    query: QueryOut
    generation: str
    model: str
    prompts: str
    calibration: str
    settings: dict[str, bool | int | float | str | None]
    llm: str


class AnswerOut(Wire):
    """Sentences with citations, or an abstention with its ``message``; ``hits`` are the nearest passages."""

    question: str
    understood: str
    language: Language
    sentences: tuple[SentenceOut, ...]
    abstention: str | None
    message: str | None
    missing: tuple[str, ...]
    notes: tuple[NoteOut, ...]
    hits: tuple[HitOut, ...]
    confidence: float
    receipt: ReceiptOut
    timings_ms: dict[str, float]


class FeedbackIn(Wire):
    """Sending the same ``feedback_id`` again replaces verdict and reason."""

    feedback_id: UUID = Field(default_factory=uuid4)
    answer_id: Name
    generation: Name
    question: Text
    understood: Text
    answer: Text
    verdict: Verdict
    reason: Annotated[str, Field(max_length=2000)] = ""

    def feedback(self) -> Feedback:
        return Feedback(**self.model_dump(exclude={"feedback_id"}), feedback_id=str(self.feedback_id))


class FeedbackOut(Wire):
    feedback_id: UUID


def answer_out(answer: Answer, engine: Engine, root: str, find: Find | None = None) -> AnswerOut:
    """``root`` is the path prefix of every ``url``; paragraphs are looked up by ``find``, else in the engine."""
    find, wording = find or source_finder(engine), engine.wording
    return AnswerOut(
        question=answer.question,
        understood=answer.understood,
        language=answer.language,
        sentences=tuple(sentence_out(sentence, find, root) for sentence in answer.sentences),
        abstention=answer.abstention,
        message=wording.abstention(answer) if answer.abstention else None,
        missing=answer.missing,
        notes=tuple(NoteOut(code=note, text=wording.note(note, answer.language)) for note in answer.notes),
        hits=tuple(_hit_out(hit, find, root) for hit in answer.hits),
        confidence=answer.confidence,
        receipt=_receipt_out(answer.receipt),
        timings_ms=dict(answer.timings_ms),
    )


def _receipt_out(receipt: Receipt) -> ReceiptOut:
    query = receipt.query
    asked = QueryOut(
        text=query.text,
        language=query.language,
        filters=FiltersIn(**asdict(query.filters)),
        answer_in=query.answer_in,
    )
    return ReceiptOut(
        answer_id=receipt.answer_id,
        version=receipt.version,
        query=asked,
        generation=receipt.generation,
        model=receipt.model,
        prompts=receipt.prompts,
        calibration=receipt.calibration,
        settings=dict(receipt.settings),
        llm=receipt.llm,
    )


def sentence_out(sentence: Sentence, find: Find, root: str) -> SentenceOut:
    citations = tuple(_citation_out(find(citation), root) for citation in sentence.citations)
    doubts = tuple(DoubtOut(flaw=doubt.flaw, text=doubt.text) for doubt in sentence.doubts)
    return SentenceOut(text=sentence.text, support=sentence.support, doubts=doubts, citations=citations)


def _citation_out(source: Source, root: str) -> CitationOut:
    return CitationOut(
        marker=source.marker,
        paragraph_id=source.paragraph.paragraph_id,
        doc_id=source.document.doc_id,
        title=source.document.title,
        ordinal=source.paragraph.ordinal,
        text=source.paragraph.text,
        quote=span_out(source.quote) if source.quote else None,
        url=f"{root}/{source.href}",
        source=source.address,
    )


def _hit_out(hit: Hit, find: Find, root: str) -> HitOut:
    source = find(Citation(hit.rank, hit.passage.paragraph_id))
    return HitOut(
        rank=hit.rank,
        score=hit.score,
        paragraph_id=source.paragraph.paragraph_id,
        doc_id=source.document.doc_id,
        title=source.document.title,
        text=hit.passage.text,
        url=f"{root}/{source.href}",
    )


def span_out(span: Span) -> SpanOut:
    return SpanOut(start=span.start, end=span.end)
