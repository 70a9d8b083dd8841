"""``GET /api/v1/passages``: the passages nearest to a question, without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..types import Citation, Filters, Hit, Language
from .sources import Find, source_finder
from .wire import SpanOut, Wire, span_out

if TYPE_CHECKING:
    from ..engine import Engine

MOST = 20


class PassageOut(Wire):
    """``span`` lies in the document's text; ``score`` is the log-odds of the best sentence answering."""

    rank: int
    score: float
    passage_id: str
    paragraph_id: str
    doc_id: str
    title: str
    language: Language
    ordinal: int
    headings: tuple[str, ...]
    text: str
    span: SpanOut
    url: str
    source: str


class PassagesOut(Wire):
    """Best first; ``generation`` is the index they were found in."""

    passages: Annotated[tuple[PassageOut, ...], Field(max_length=MOST)]
    generation: str


def find_passages(engine: Engine, question: str, most: int, filters: Filters, root: str) -> PassagesOut:
    """Raises QuestionError."""
    find = source_finder(engine)
    hits = engine.search(question, most, filters=filters)
    return PassagesOut(
        passages=tuple(_passage_out(hit, find, root) for hit in hits),
        generation=engine.generation.manifest.generation,
    )


def _passage_out(hit: Hit, find: Find, root: str) -> PassageOut:
    source = find(Citation(hit.rank, hit.passage.paragraph_id, hit.passage.span))
    return PassageOut(
        rank=hit.rank,
        score=hit.score,
        passage_id=hit.passage.passage_id,
        paragraph_id=hit.passage.paragraph_id,
        doc_id=source.document.doc_id,
        title=source.document.title,
        language=source.document.language,
        ordinal=source.paragraph.ordinal,
        headings=source.paragraph.headings,
        text=hit.passage.text,
        span=span_out(hit.passage.span),
        url=f"{root}/{source.href}",
        source=source.address,
    )
