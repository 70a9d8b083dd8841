"""A chat that speaks OpenAI's protocol: ``POST /v1/chat/completions`` and ``GET /v1/models``.

The last message of the user is the question, the earlier ones are its history; nothing else that was said is read.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from ..errors import QuestionError, WfcError
from ..steps import GoneError, Halt, follow
from ..types import Answer, Filters, Step
from .access import Answering, Visitor, desk_of
from .api import GONE
from .house import ready_engine
from .openai_wire import (
    MODEL,
    AnnotationOut,
    ChoiceOut,
    ChunkChoiceOut,
    ChunkOut,
    CompletionIn,
    CompletionOut,
    DeltaOut,
    MessageOut,
    ModelOut,
    ModelsOut,
    UrlCitationOut,
    UsageOut,
)
from .problems import openai_failure, openai_failure_body
from .prose import Prose
from .wire import AnswerOut, answer_out

if TYPE_CHECKING:
    from ..engine import Engine
else:
    Engine = Any

Ready = Annotated[Engine, Depends(ready_engine)]
router = APIRouter(prefix="/v1")
log = logging.getLogger(__name__)

TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[^\w\s]")
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/models")
def models(_: Answering, engine: Ready) -> ModelsOut:
    """The one model that there is."""
    return ModelsOut(data=(_model(engine),))


@router.get("/models/{model}", response_model=ModelOut)
def model(model: str, _: Answering, engine: Ready) -> ModelOut | Response:
    """The one model, by its name."""
    return _model(engine) if model == MODEL else _unknown_model(model)


@router.post("/chat/completions", response_model=CompletionOut)
async def complete(asked: CompletionIn, request: Request, visitor: Answering, engine: Ready) -> Response:
    """A proved answer, or an abstention with its reason; streamed, a sentence is a chunk."""
    if asked.model != MODEL:
        return _unknown_model(asked.model)
    reply = _Reply.begin(asked, engine, str(request.base_url).rstrip("/"))
    halt = Halt()
    gone = request.is_disconnected
    steps = follow(told(engine, asked, visitor, halt), halt, gone)
    steps = desk_of(request).turnstile.through(visitor, steps, gone)
    try:
        return await _begin(reply, asked, steps)
    except GoneError:
        return Response(status_code=GONE)


async def _begin(reply: _Reply, asked: CompletionIn, steps: AsyncIterator[Step]) -> Response:
    """The whole answer, or a stream of it. Raises GoneError and what refuses a question, which does so before the first
    step, while there is still a status to tell."""
    reply.prose.tell(await anext(steps))
    if asked.stream:
        return StreamingResponse(
            _events(reply, steps, _wants_usage(asked)), media_type="text/event-stream", headers=UNBUFFERED
        )
    async for step in steps:
        reply.tell(step)
    return _json(reply.whole())


def told(engine: Engine, asked: CompletionIn, visitor: Visitor, halt: Halt) -> Iterator[Step]:
    """The answer to the last thing the user said, step by step, until ``halt``. Raises QuestionError."""
    *earlier, question = asked.said
    wishes = asked.wfc_qa
    filters = visitor.within(wishes.filters.filters())
    history = as_understood(engine, earlier, filters)
    yield from engine.stream(question, history=history, filters=filters, language=wishes.language, halt=halt)


def as_understood(engine: Engine, said: Sequence[str], filters: Filters) -> list[str]:
    """Each of the last things ``said`` as it stood on its own, oldest first; what could not be asked is left out."""
    from ..answering.question import check_question
    from ..answering.understanding import HISTORY

    understood: list[str] = []
    for question in said[-HISTORY:]:
        try:
            asked = check_question(question, engine.settings.max_question_chars)
            understood.append(engine.understand(asked, understood, filters).text)
        except QuestionError:
            continue
    return understood


@dataclass(slots=True)
class _Reply:
    """One answer on its way out."""

    asked: CompletionIn
    engine: Engine
    root: str
    prose: Prose
    name: str
    created: int
    answer: Answer | None = None

    @classmethod
    def begin(cls, asked: CompletionIn, engine: Engine, root: str) -> _Reply:
        prose = Prose(asked.said[-1], engine, lambda source: f"{root}/{source.href}")
        return cls(asked, engine, root, prose, f"chatcmpl-{uuid4().hex}", int(time.time()))

    def tell(self, step: Step) -> str:
        if isinstance(step, Answer):
            self.answer = step
        return self.prose.tell(step)

    def whole(self) -> CompletionOut:
        message = MessageOut(
            content=self.prose.text, annotations=self.annotations(), wfc_qa=self.structured()
        )
        return CompletionOut(
            id=self.name,
            created=self.created,
            system_fingerprint=self.engine.generation.manifest.generation,
            choices=(ChoiceOut(message=message),),
            usage=self.usage(),
        )

    def chunk(self, delta: DeltaOut, *, last: bool = False) -> ChunkOut:
        return self._chunk((ChunkChoiceOut(delta=delta, finish_reason="stop" if last else None),))

    def usage_chunk(self) -> ChunkOut:
        return self._chunk((), self.usage())

    def _chunk(self, choices: tuple[ChunkChoiceOut, ...], usage: UsageOut | None = None) -> ChunkOut:
        return ChunkOut(
            id=self.name,
            created=self.created,
            system_fingerprint=self.engine.generation.manifest.generation,
            choices=choices,
            usage=usage,
        )

    def annotations(self) -> tuple[AnnotationOut, ...]:
        return tuple(
            AnnotationOut(
                url_citation=UrlCitationOut(
                    start_index=mark.start,
                    end_index=mark.end,
                    title=mark.source.document.title,
                    url=f"{self.root}/{mark.source.href}",
                )
            )
            for mark in self.prose.marks
        )

    def structured(self) -> AnswerOut:
        if self.answer is None:
            raise RuntimeError("the engine's last step is an answer")
        return answer_out(self.answer, self.engine, self.root)

    def usage(self) -> UsageOut:
        read, written = sum(map(count_tokens, self.asked.said)), count_tokens(self.prose.text)
        return UsageOut(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


def count_tokens(text: str) -> int:
    """Words, Chinese characters and signs."""
    return sum(1 for _ in TOKEN.finditer(text))


async def _events(reply: _Reply, steps: AsyncIterator[Step], usage: bool) -> AsyncIterator[str]:
    """Server-sent events; a failure in mid-stream is told as OpenAI tells one."""
    try:
        yield _event(reply.chunk(DeltaOut(role="assistant", content=reply.prose.text)))
        async for step in steps:
            if piece := reply.tell(step):
                yield _event(reply.chunk(DeltaOut(content=piece)))
        closing = DeltaOut(annotations=reply.annotations(), wfc_qa=reply.structured())
        yield _event(reply.chunk(closing, last=True))
        if usage:
            yield _event(reply.usage_chunk())
    except GoneError:
        return
    except WfcError as error:
        yield _event(openai_failure_body(error.status, str(error)))
    except Exception:
        log.exception("an answer failed in mid-stream")
        yield _event(openai_failure_body(500, "an unexpected failure; the server's log names it"))
    yield "data: [DONE]\n\n"


def _event(body: BaseModel) -> str:
    return f"data: {body.model_dump_json()}\n\n"


def _json(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), media_type="application/json")


def _wants_usage(asked: CompletionIn) -> bool:
    return asked.stream_options is not None and asked.stream_options.include_usage


def _model(engine: Engine) -> ModelOut:
    return ModelOut(created=int(datetime.fromisoformat(engine.generation.manifest.built).timestamp()))


def _unknown_model(name: str) -> Response:
    detail = f"there is no model {name[:100]!r} here; use {MODEL!r}"
    return openai_failure(404, detail, param="model", code="model_not_found")
