"""The JSON API: one answer per request, whole or as a stream that may be taken up again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, StringConstraints

from .. import __version__
from ..errors import NotFoundError, WfcError
from ..steps import GoneError, Halt, follow, work
from ..types import Filters, Language
from .access import Answering, Judging, Reading, Visitor, desk_of
from .house import house_of, ready_engine
from .passages import MOST, PassagesOut, find_passages
from .problems import FeedbackOffError
from .streams import Streams
from .streams.answers import as_events, ending_well
from .streams.events import read_event_id
from .streams.streams import UNKNOWN
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
StreamName = Annotated[
    str, Path(pattern="^[0-9a-f]{32}$", description="the part of an event's id before the dot")
]
# An address line holds 64 KB, and a character up to 12 bytes of it.
ShortName = Annotated[str, StringConstraints(max_length=100)]
router = APIRouter(prefix="/api/v1")
# What is answered to nobody.
GONE = 499
EVENTS = "text/event-stream"
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# So long a stream waits with its status, lest what refuses a question come as 200.
FIRST_S = 1.0


@router.post("/answers", response_model=AnswerOut)
async def answer(question: QuestionIn, request: Request, visitor: Answering, engine: Ready) -> Response:
    """Sentences quoted from the collection with their citations, or an abstention with its reason.

    With `Accept: text/event-stream` they are told as they are proved: events `understood`, `sentence`, and last
    `answer` or `problem`. Whoever is cut off goes on at `/api/v1/answers/{stream}/events`.
    """
    if EVENTS in request.headers.get("accept", ""):
        return await _stream(question, request, visitor, engine)
    halt = Halt()

    def ask() -> str:
        found = engine.ask(
            question.question,
            history=question.history,
            filters=visitor.within(question.filters.filters()),
            language=question.language,
            halt=halt,
        )
        return answer_out(found, engine, _root(request)).model_dump_json()

    try:
        async with desk_of(request).turnstile.turn(visitor, request.is_disconnected):
            return _as_json(await work(ask, halt, request.is_disconnected))
    except GoneError:
        return Response(status_code=GONE)


@router.get("/answers/{stream}/events", response_class=StreamingResponse)
async def events(
    stream: StreamName,
    request: Request,
    visitor: Answering,
    last_event_id: Annotated[str, Header(max_length=100)] = "",
) -> Response:
    """Go on after the event that `Last-Event-ID` names, or from the start; 204 when nothing is left to tell.

    Events are kept for 2 minutes. An answer that nobody reads for 15 seconds is stopped.
    """
    streams, after = streams_of(request), 0
    if last_event_id:
        known = read_event_id(last_event_id)
        if known is None or known[0] != stream:
            raise NotFoundError(UNKNOWN)
        after = known[1]
    await streams.check_owner(stream, _owner(visitor))
    if await streams.is_told(stream, after):
        return Response(status_code=204)
    return StreamingResponse(streams.tell(stream, after), media_type=EVENTS, headers=UNBUFFERED)


@router.delete("/answers/{stream}", status_code=204)
async def stop(stream: StreamName, request: Request, visitor: Answering) -> Response:
    """Stop making a streamed answer; its last event says so."""
    streams = streams_of(request)
    await streams.check_owner(stream, _owner(visitor))
    await streams.stop(stream)
    return Response(status_code=204)


@router.get("/passages", response_model=PassagesOut)
async def passages(
    q: Annotated[str, Query(description="what to look for, in Chinese or English", max_length=2000)],
    request: Request,
    visitor: Reading,
    engine: Ready,
    k: Annotated[int, Query(ge=1, le=MOST, description="how many passages")] = 5,
    language: Annotated[Language | None, Query(description="only documents in this language")] = None,
    doc_ids: Annotated[tuple[ShortName, ...], Query(max_length=20, description="only these documents")] = (),
) -> Response:
    """The passages nearest to a question, best first, without an answer."""
    filters = visitor.within(Filters(doc_ids=doc_ids, language=language))

    def find() -> str:
        return find_passages(engine, q, k, filters, _root(request)).model_dump_json()

    try:
        async with desk_of(request).turnstile.turn(visitor, request.is_disconnected):
            return _as_json(await work(find, gone=request.is_disconnected))
    except GoneError:
        return Response(status_code=GONE)


@router.get("/documents", response_model=list[DocumentOut])
def documents(
    request: Request,
    visitor: Reading,
    engine: Ready,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="how many to leave out")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="how many at most")] = 1000,
) -> Response:
    """The documents of the collection without their texts, a page of them; `X-Total-Count` says how many there are."""
    if known := _unchanged(request, engine):
        return known
    seen = [head for head in engine.heads() if visitor.sees(head.doc_id)]
    page = [document_out(head, _root(request)) for head in seen[offset : offset + limit]]
    response = _cached(f"[{','.join(one.model_dump_json() for one in page)}]", engine)
    response.headers["X-Total-Count"] = str(len(seen))
    return response


@router.get("/documents/{doc_id}", response_model=DocumentFullOut)
def document(
    doc_id: Annotated[str, Path(max_length=500)], request: Request, visitor: Reading, engine: Ready
) -> Response:
    """One document with its paragraphs."""
    visitor.check_sees(doc_id)
    whole = document_full_out(engine.document(doc_id), engine.paragraphs(doc_id), _root(request))
    return _unchanged(request, engine) or _cached(whole.model_dump_json(), engine)


@router.get("/collection", response_model=CollectionOut)
def collection(request: Request, _: Reading, engine: Ready) -> Response:
    """What the collection holds and to which date."""
    return _unchanged(request, engine) or _cached(
        collection_out(engine.collection()).model_dump_json(), engine
    )


@router.post("/feedback", status_code=201)
def feedback(given: FeedbackIn, request: Request, _: Judging) -> FeedbackOut:
    """Keep a reader's verdict on an answer, as long as the service keeps any."""
    house = house_of(request)
    if house.settings.keep == "nothing":
        raise FeedbackOffError
    house.feedback.save(given.feedback())
    return FeedbackOut(feedback_id=given.feedback_id)


async def _stream(question: QuestionIn, request: Request, visitor: Visitor, engine: Engine) -> Response:
    """Raises what refuses a question, where it does so at once."""
    streams, halt, refused = streams_of(request), Halt(), list[WfcError]()
    steps = engine.stream(
        question.question,
        history=question.history,
        filters=visitor.within(question.filters.filters()),
        language=question.language,
        halt=halt,
    )
    told = follow(as_events(steps, engine, _root(request)), halt)
    turned = desk_of(request).turnstile.through(visitor, told)
    stream = await streams.begin(_owner(visitor), ending_well(turned, refused.append), halt)
    first = await streams.first(stream, FIRST_S)
    if first and first.is_last and refused:
        raise refused[0]
    return StreamingResponse(streams.tell(stream), media_type=EVENTS, headers=UNBUFFERED)


def streams_of(request: Request) -> Streams:
    streams: Streams = request.app.state.streams
    return streams


def _owner(visitor: Visitor) -> str:
    return f"{visitor.kind}:{visitor.name}"


def _as_json(body: str | BaseModel) -> Response:
    return Response(body if isinstance(body, str) else body.model_dump_json(), media_type="application/json")


def _cached(body: str, engine: Engine) -> Response:
    response = _as_json(body)
    response.headers.update(_tag(engine))
    return response


def _unchanged(request: Request, engine: Engine) -> Response | None:
    """304 for whoever holds what this generation gives."""
    tag = _tag(engine)
    held = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=tag) if held & {tag["ETag"], "*"} else None


def _tag(engine: Engine) -> dict[str, str]:
    tag = f'W/"{engine.generation.manifest.generation}-{__version__}"'
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}


def _root(request: Request) -> str:
    return house_of(request).settings.root_path
