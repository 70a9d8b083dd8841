"""The engine as llama-index's own retriever and query engine: ordinary nodes and responses, proved as ever."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from ..steps import Halt, follow, work
from ..types import (
    Answer,
    Citation,
    DocumentHead,
    Filters,
    Hit,
    Language,
    Note,
    Paragraph,
    Sentence,
    Span,
    Step,
)
from .llama_filters import MetadataFilters, read_filters

# What a language model that is given a node may know of it; the rest is for programs.
TOLD = {"title", "publisher", "published", "as_of"}


class Speaking(Protocol):
    """What the system says itself."""

    def abstention(self, answer: Answer) -> str: ...

    def note(self, note: Note, language: Language) -> str: ...


class Answering(Protocol):
    """What is needed of an engine."""

    @property
    def wording(self) -> Speaking: ...

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        filters: Filters,
        language: Language | None = None,
        halt: Halt | None = None,
    ) -> Iterator[Step]: ...

    def search(self, question: str, k: int, *, filters: Filters) -> Sequence[Hit]: ...

    def paragraph(self, paragraph_id: str) -> Paragraph: ...

    def head(self, doc_id: str) -> DocumentHead: ...

    def close(self) -> None: ...


class WfcRetriever(BaseRetriever):  # type: ignore[misc]
    """The ``k`` (1 to 20) best passages as nodes; a node's score is the log-odds of its best sentence answering.

    Raises QuestionError, also for filters that cannot be expressed.
    """

    def __init__(self, engine: Answering, k: int = 10, filters: MetadataFilters | None = None) -> None:
        super().__init__()
        self.engine = engine
        self.k = k
        self.filters = read_filters(filters)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self.engine.search(query_bundle.query_str, self.k, filters=self.filters)
        return [self._node(hit) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await work(partial(self._retrieve, query_bundle))

    def _node(self, hit: Hit) -> NodeWithScore:
        passage, ranks = hit.passage, hit.sources
        paragraph = self.engine.paragraph(passage.paragraph_id)
        node = _node(passage.passage_id, passage.text, passage.span, paragraph, self.engine)
        given = {
            "dense": ranks.dense,
            "sentence": ranks.sentence,
            "lexical": ranks.lexical,
            "cross": ranks.cross,
        }
        _tell(node, {"rank": hit.rank, **{f"{name}_rank": rank for name, rank in given.items()}})
        return NodeWithScore(node=node, score=hit.score)


class WfcQueryEngine(BaseQueryEngine):  # type: ignore[misc]
    """Proved answers as responses: ``[1]`` in the text is the source node whose ``marker`` is 1.

    ``source_nodes`` and ``metadata`` of a streaming response fill as its text comes. A declined question says so in its
    text, has no source nodes, and names its reason in ``metadata["abstention"]``. Raises QuestionError.
    """

    def __init__(
        self,
        engine: Answering,
        filters: MetadataFilters | None = None,
        language: Language | None = None,
        streaming: bool = False,
    ) -> None:
        super().__init__(callback_manager=None)
        self.engine = engine
        self.filters = filters
        self.language = language
        self.streaming = streaming
        self._filters = read_filters(filters)

    def as_retriever(self, k: int = 10) -> WfcRetriever:
        """A retriever over the same engine and filters."""
        return WfcRetriever(self.engine, k, self.filters)

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return list(self.as_retriever().retrieve(query_bundle))

    def _get_prompt_modules(self) -> dict[str, Any]:
        # llama-index asks; what our prompts are is told in the receipt.
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        told, steps = _Told(self.engine), self._steps(query_bundle)
        if self.streaming:
            return StreamingResponse(told.run(steps), told.nodes, told.metadata)
        return Response("".join(told.run(steps)), told.nodes, told.metadata)

    async def _aquery(self, query_bundle: QueryBundle) -> Response | AsyncStreamingResponse:
        told, halt = _Told(self.engine), Halt()
        steps = follow(self._steps(query_bundle, halt), halt)
        if self.streaming:
            return AsyncStreamingResponse(told.arun(steps), told.nodes, told.metadata)
        text = "".join([piece async for piece in told.arun(steps)])
        return Response(text, told.nodes, told.metadata)

    def _steps(self, query_bundle: QueryBundle, halt: Halt | None = None) -> Iterator[Step]:
        return self.engine.stream(
            query_bundle.query_str, filters=self._filters, language=self.language, halt=halt
        )


@dataclass(slots=True)
class _Told:
    """What was told so far of one answer."""

    engine: Answering
    nodes: list[NodeWithScore] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    begun: bool = False

    def run(self, steps: Iterator[Step]) -> Iterator[str]:
        for step in steps:
            if piece := self._tell(step):
                yield piece

    async def arun(self, steps: AsyncIterator[Step]) -> AsyncIterator[str]:
        async for step in steps:
            if piece := self._tell(step):
                yield piece

    def _tell(self, step: Step) -> str:
        """What ``step`` adds to the text, paragraph by paragraph."""
        if isinstance(step, Sentence):
            known = {node.node.metadata["marker"] for node in self.nodes}
            self.nodes += [self._cite(one) for one in step.citations if one.marker not in known]
            return self._paragraph(step.text + " " + "".join(f"[{one.marker}]" for one in step.citations))
        if not isinstance(step, Answer):
            return ""
        self.metadata.update(_metadata(step))
        said = [self.engine.wording.abstention(step)] if step.abstention else []
        said += [self.engine.wording.note(note, step.language) for note in step.notes]
        return "".join(map(self._paragraph, said))

    def _paragraph(self, text: str) -> str:
        parted = f"\n\n{text}" if self.begun else text
        self.begun = True
        return parted

    def _cite(self, citation: Citation) -> NodeWithScore:
        paragraph = self.engine.paragraph(citation.paragraph_id)
        node = _node(paragraph.paragraph_id, paragraph.text, paragraph.span, paragraph, self.engine)
        quote = citation.quote
        _tell(
            node,
            {
                "marker": citation.marker,
                "quote_start": quote.start if quote else None,
                "quote_end": quote.end if quote else None,
            },
        )
        return NodeWithScore(node=node)


def _node(name: str, text: str, span: Span, paragraph: Paragraph, engine: Answering) -> TextNode:
    """A node whose span lies in its document's text, which is its source node."""
    head = engine.head(paragraph.doc_id)
    node = TextNode(id_=name, text=text, start_char_idx=span.start, end_char_idx=span.end)
    node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=head.doc_id)
    _tell(
        node,
        {
            "paragraph_id": paragraph.paragraph_id,
            "doc_id": head.doc_id,
            "title": head.title,
            "ordinal": paragraph.ordinal,
            "headings": " / ".join(paragraph.headings),
            "start": span.start,
            "end": span.end,
            "language": head.language.value,
            "publisher": head.publisher,
            "published": head.published.isoformat() if head.published else None,
            "as_of": head.as_of.isoformat() if head.as_of else None,
            "source": paragraph.source or head.source,
        },
    )
    return node


def _tell(node: TextNode, metadata: dict[str, Any]) -> None:
    known = {key: value for key, value in metadata.items() if value is not None}
    node.metadata.update(known)
    unseen = [key for key in known if key not in TOLD]
    node.excluded_llm_metadata_keys += unseen
    node.excluded_embed_metadata_keys += unseen


def _metadata(answer: Answer) -> dict[str, Any]:
    return {
        "receipt": answer.receipt.answer_id,
        "understood": answer.understood,
        "language": answer.language.value,
        "abstention": answer.abstention.value if answer.abstention else None,
        "missing": list(answer.missing),
        "notes": [note.value for note in answer.notes],
        "confidence": answer.confidence,
        "sentences": [
            {
                "text": sentence.text,
                "support": sentence.support.value,
                "markers": [citation.marker for citation in sentence.citations],
            }
            for sentence in answer.sentences
        ],
    }
