"""The JSON API: stateless, one answer per request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from ..steps import GoneError, Halt, work
from .house import house_of, ready_engine
from .wire import AnswerOut, FeedbackIn, FeedbackOut, QuestionIn, answer_out
from .wire_documents import (
    CollectionOut,
    DocumentFullOut,
    DocumentOut,
    collection_out,
    document_full_out,
    document_out,
)

if TYPE_CHECKING:
    from ..engine import Engine
else:
    # FastAPI resolves annotations while the module loads; the engine itself stays unloaded until it is opened.
    Engine = Any

Ready = Annotated[Engine, Depends(ready_engine)]
router = APIRouter(prefix="/api/v1")
# What is answered to nobody.
GONE = 499


@router.post("/answers", response_model=AnswerOut)
async def answer(question: QuestionIn, request: Request, engine: Ready) -> AnswerOut | Response:
    """Sentences quoted from the collection with their citations, or an abstention with its reason."""
    halt = Halt()

    def ask() -> AnswerOut:
        found = engine.ask(
            question.question,
            history=question.history,
            filters=question.filters.filters(),
            language=question.language,
            halt=halt,
        )
        return answer_out(found, engine, _root(request))

    try:
        return await work(ask, halt, request.is_disconnected)
    except GoneError:
        return Response(status_code=GONE)


@router.get("/documents")
def documents(request: Request, engine: Ready) -> list[DocumentOut]:
    """Every document of the collection, without its text."""
    return [document_out(document, _root(request)) for document in engine.heads()]


@router.get("/documents/{doc_id}")
def document(doc_id: str, request: Request, engine: Ready) -> DocumentFullOut:
    """One document with its paragraphs."""
    return document_full_out(engine.document(doc_id), engine.paragraphs(doc_id), _root(request))


@router.get("/collection")
def collection(engine: Ready) -> CollectionOut:
    """What the collection holds and to which date."""
    return collection_out(engine.collection())


@router.post("/feedback", status_code=201)
def feedback(given: FeedbackIn, request: Request) -> FeedbackOut:
    """Keep a reader's verdict on an answer."""
    house_of(request).feedback.save(given.feedback())
    return FeedbackOut(feedback_id=given.feedback_id)


def _root(request: Request) -> str:
    house = house_of(request)
    return house.settings.root_path
