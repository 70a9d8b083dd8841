"""The JSON of documents, their paragraphs and the collection as a whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from ..types import CollectionInfo, Document, DocumentHead, Language, Paragraph
from .links import document_link
from .wire import SpanOut, Wire, span_out


class DocumentOut(Wire):
    doc_id: str
    title: str
    language: Language
    publisher: str
    published: date | None
    as_of: date | None
    source: str
    url: str


class ParagraphOut(Wire):
    paragraph_id: str
    ordinal: int
    headings: tuple[str, ...]
    text: str
    span: SpanOut
    page: int | None
    source: str


class DocumentFullOut(DocumentOut):
    sha256: str
    paragraphs: tuple[ParagraphOut, ...]


class CollectionOut(Wire):
    documents: int
    paragraphs: int
    languages: tuple[Language, ...]
    published_from: date | None
    published_to: date | None
    as_of: date | None
    generation: str
    model: str


def document_out(document: DocumentHead, root: str) -> DocumentOut:
    return DocumentOut(
        doc_id=document.doc_id,
        title=document.title,
        language=document.language,
        publisher=document.publisher,
        published=document.published,
        as_of=document.as_of,
        source=document.source,
        url=f"{root}/{document_link(document.doc_id)}",
    )


def document_full_out(document: Document, paragraphs: list[Paragraph], root: str) -> DocumentFullOut:
    return DocumentFullOut(
        **document_out(document, root).model_dump(),
        sha256=document.sha256,
        paragraphs=tuple(
            ParagraphOut(
                paragraph_id=paragraph.paragraph_id,
                ordinal=paragraph.ordinal,
                headings=paragraph.headings,
                text=paragraph.text,
                span=span_out(paragraph.span),
                page=paragraph.page,
                source=paragraph.source,
            )
            for paragraph in paragraphs
        ),
    )


def collection_out(collection: CollectionInfo) -> CollectionOut:
    return CollectionOut(**asdict(collection))
