"""The JSON API: stateless, one answer per request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from ..steps import GoneError, Halt, work
from .access import Answering, Judging, Reading, desk_of
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
async def answer(
    question: QuestionIn, request: Request, visitor: Answering, engine: Ready
) -> AnswerOut | Response:
    """Sentences quoted from the collection with their citations, or an abstention with its reason."""
    halt = Halt()

    def ask() -> AnswerOut:
        found = engine.ask(
            question.question,
            history=question.history,
            filters=visitor.within(question.filters.filters()),
            language=question.language,
            halt=halt,
        )
        return answer_out(found, engine, _root(request))

    try:
        async with desk_of(request).turnstile.turn(visitor, request.is_disconnected):
            return await work(ask, halt, request.is_disconnected)
    except GoneError:
        return Response(status_code=GONE)


@router.get("/documents")
def documents(request: Request, visitor: Reading, engine: Ready) -> list[DocumentOut]:
    """Every document of the collection, without its text."""
    return [
        document_out(document, _root(request)) for document in engine.heads() if visitor.sees(document.doc_id)
    ]


@router.get("/documents/{doc_id}")
def document(doc_id: str, request: Request, visitor: Reading, engine: Ready) -> DocumentFullOut:
    """One document with its paragraphs."""
    visitor.check_sees(doc_id)
    return document_full_out(engine.document(doc_id), engine.paragraphs(doc_id), _root(request))


@router.get("/collection")
def collection(_: Reading, engine: Ready) -> CollectionOut:
    """What the collection holds and to which date."""
    return collection_out(engine.collection())


@router.post("/feedback", status_code=201)
def feedback(given: FeedbackIn, request: Request, _: Judging) -> FeedbackOut:
    """Keep a reader's verdict on an answer."""
    house_of(request).feedback.save(given.feedback())
    return FeedbackOut(feedback_id=given.feedback_id)


def _root(request: Request) -> str:
    house = house_of(request)
    return house.settings.root_path
