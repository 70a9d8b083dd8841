"""Examples for the OpenAPI document, made by asking the engine; nothing is typed in but what a client sends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import WfcError
from ..indexing.generation import generation_folder
from ..types import Filters
from .access import ForbiddenError, TooManyError, UnauthorizedError
from .health import HealthOut
from .observing.asking import ASKING, Asking
from .observing.metrics import Metrics
from .openai_wire import CompletionIn, DeltaOut, FailureBodyOut
from .passages import find_passages
from .problem_types import BY_SLUG
from .problems import PROBLEM, FeedbackOffError, openai_failure_body, problem_body
from .streams.answers import as_events
from .wire import FeedbackIn, QuestionIn, answer_out
from .wire_documents import collection_out, document_full_out, document_out

if TYPE_CHECKING:
    from ..engine import Engine

Json = dict[str, Any]
QUESTION = "2024年8月末重庆贷款余额是多少？"
DECLINED = "How many banks are there on Mars?"
SEARCHED = "loans of Chongqing"
STREAM = "5f0c9a4be3d84b1c9a7e2d6f10b3c8a4"
REQUEST = "9d1e6f0a2b3c4d5e8f7061524334a5b6"
KEPT_HITS = 2


def add_examples(document: Json, engine: Engine) -> None:
    """To every operation's requests, responses and errors."""
    token = ASKING.set(Asking(REQUEST))
    try:
        for (method, path), told in _examples(engine).items():
            _add(document["paths"][path][method], *told)
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _add_problems(operation, engine, path)
    finally:
        ASKING.reset(token)


def _examples(engine: Engine) -> dict[tuple[str, str], tuple[Json, Json]]:
    """By operation: requests (JSON bodies, or parameters by name), and responses by status and media type."""
    answered, declined = _answer(engine, QUESTION), _answer(engine, DECLINED)
    found = find_passages(engine, SEARCHED, KEPT_HITS, Filters(), "").model_dump(mode="json")
    heads = engine.heads(2)
    doc_id = heads[0].doc_id
    whole = document_full_out(engine.document(doc_id), engine.paragraphs(doc_id), "").model_dump(mode="json")
    judged = {
        "feedback_id": "0b9f3a52-4f0e-4d5e-9c39-8d6f2c1a7e40",
        "answer_id": answered["receipt"]["answer_id"],
        "generation": answered["receipt"]["generation"],
        "question": answered["question"],
        "understood": answered["understood"],
        "answer": answered["sentences"][0]["text"],
        "verdict": "up",
        "reason": "",
    }
    FeedbackIn.model_validate(judged)
    asks = {
        "Chinese": QuestionIn(question=QUESTION).model_dump(mode="json", exclude_defaults=True),
        "declined": {"question": DECLINED, "language": "en"},
    }
    stream = _events(engine)
    completion, chunks = _completion(engine, answered)
    json, text = "application/json", "text/event-stream"
    health = HealthOut(status="ready", version=__version__).model_dump(exclude_none=True)
    return {
        ("post", "/api/v1/answers"): (
            {"body": asks},
            {"200": {json: {"answered": answered, "declined": declined}, text: {"streamed": stream}}},
        ),
        ("get", "/api/v1/answers/{stream}/events"): (
            {"stream": STREAM, "last-event-id": f"{STREAM}.1"},
            {"200": {text: {"resumed": "retry: 2000\n\n" + stream.split("\n\n", 2)[2]}}},
        ),
        ("delete", "/api/v1/answers/{stream}"): ({"stream": STREAM}, {}),
        ("get", "/api/v1/passages"): ({"q": SEARCHED, "k": KEPT_HITS}, {"200": {json: {"found": rounded(found)}}}),
        ("get", "/api/v1/documents"): (
            {"limit": 2},
            {"200": {json: {"two": [document_out(head, "").model_dump(mode="json") for head in heads]}}},
        ),
        ("get", "/api/v1/documents/{doc_id}"): (
            {"doc_id": doc_id},
            {"200": {json: {"beginning": {**whole, "paragraphs": whole["paragraphs"][:2]}}}},
        ),
        ("get", "/api/v1/collection"): (
            {},
            {"200": {json: {"home": collection_out(engine.collection()).model_dump(mode="json")}}},
        ),
        ("post", "/api/v1/feedback"): (
            {"body": {"good": judged}},
            {"201": {json: {"kept": {"feedback_id": judged["feedback_id"]}}}},
        ),
        ("get", "/v1/models"): ({}, {"200": {json: {"models": _models(engine)}}}),
        ("get", "/v1/models/{model}"): (
            {"model": "wfc-qa"},
            {"200": {json: {"model": _models(engine)["data"][0]}}},
        ),
        ("post", "/v1/chat/completions"): (
            {"body": {"chat": _chat()}},
            {"200": {json: {"answered": completion}, text: {"streamed": chunks}}},
        ),
        ("get", "/health"): ({}, {"200": {json: {"ready": health}}, "503": {json: {"failed": _failed_health()}}}),
        ("get", "/ready"): ({}, {"200": {json: {"ready": health}}}),
        ("get", "/metrics"): ({}, {"200": {"text/plain": {"counters": _figures(engine)}}}),
    }  # fmt: skip


def _answer(engine: Engine, question: str) -> Json:
    """As given, without the times it took, which no two runs share, and with the first hits."""
    told = answer_out(engine.ask(question), engine, "").model_dump(mode="json")
    told["timings_ms"] = {}
    told["hits"] = told["hits"][:KEPT_HITS]
    shortened: Json = rounded(told)
    return shortened


def rounded(told: Any) -> Any:
    """Scores to two digits: the rest differs by processor."""
    if isinstance(told, dict):
        return {name: rounded(value) for name, value in told.items()}
    if isinstance(told, list):
        return [rounded(value) for value in told]
    return round(told, 2) if isinstance(told, float) else told


def _events(engine: Engine) -> str:
    """All but the last, which is the whole answer."""
    *events, _ = as_events(engine.stream(QUESTION), engine, "")
    sent = [event.sent(STREAM, number) for number, event in enumerate(events, 1)]
    return "retry: 2000\n\n" + "".join(sent)


def _figures(engine: Engine) -> str:
    """The counters of one answer."""
    metrics = Metrics()
    metrics.count_answer(engine.ask(QUESTION))
    lines = metrics.render().decode().splitlines(keepends=True)
    return "".join(line for line in lines if "wfc_qa_answers" in line and "_created" not in line)


def _models(engine: Engine) -> Json:
    from .openai_api import models

    listed: Json = models(None, engine).model_dump(mode="json")  # type: ignore[arg-type]
    listed["data"][0]["created"] = 0
    return listed


def _chat() -> Json:
    return {"model": "wfc-qa", "messages": [{"role": "user", "content": QUESTION}]}


def _completion(engine: Engine, answered: Json) -> tuple[Json, str]:
    """Whole, and as the chunks of a stream but the last."""
    from .openai_api import _event, _Reply

    reply = _Reply.begin(CompletionIn.model_validate(_chat()), engine, "http://127.0.0.1:7860")
    reply.name, reply.created = "chatcmpl-0", 0
    pieces = [piece for step in engine.stream(QUESTION) if (piece := reply.tell(step))]
    told = reply.whole().model_dump(mode="json")
    told["choices"][0]["message"]["wfc_qa"] = answered
    chunks = [
        reply.chunk(DeltaOut(role="assistant")),
        *(reply.chunk(DeltaOut(content=each)) for each in pieces),
    ]
    return told, "".join(map(_event, chunks))


def _failed_health() -> Json:
    """Of a service without an index."""
    try:
        generation_folder(Path("nowhere"))
    except WfcError as error:
        return HealthOut(status="failed", version=__version__, detail=str(error)).model_dump()
    raise RuntimeError("a generation was found where there is none")


def _add(operation: Json, asked: Json, answered: Json) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in asked:
            parameter["example"] = asked[parameter["name"]]
    if "body" in asked:
        content = operation["requestBody"]["content"]["application/json"]
        content["examples"] = {name: {"value": value} for name, value in asked["body"].items()}
    for status, media in answered.items():
        for kind, values in media.items():
            content = operation["responses"][status]["content"][kind]
            content["examples"] = {name: {"value": value} for name, value in values.items()}


def _add_problems(operation: Json, engine: Engine, path: str) -> None:
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if PROBLEM in content:
            of_status = [kind.slug for kind in BY_SLUG.values() if str(kind.status) == status]
            shown = {slug: _problem(slug, engine) for slug in of_status if slug in PROVOKED or slug in FIXED}
            if path != "/api/v1/feedback":
                shown.pop("feedback-off", None)
            content[PROBLEM]["examples"] = {slug: {"value": value} for slug, value in shown.items()}
        elif status >= "400" and content.get("application/json", {}).get("schema", {}).get(
            "$ref", ""
        ).endswith(FailureBodyOut.__name__):
            kind = next(kind for kind in BY_SLUG.values() if str(kind.status) == status)
            body = openai_failure_body(int(status), kind.meaning)
            content["application/json"]["examples"] = {kind.slug: {"value": body.model_dump()}}


def _problem(slug: str, engine: Engine) -> Json:
    """What really comes of it, where that can be provoked."""
    kind = BY_SLUG[slug]
    if slug in FIXED:
        return problem_body(kind.status, FIXED[slug], slug).model_dump()
    try:
        PROVOKED[slug](engine)
    except WfcError as error:
        return problem_body(error.status, str(error), error.slug).model_dump()
    raise RuntimeError(f"{slug} was not provoked")


def _raise(error: WfcError) -> Callable[[Engine], object]:
    def provoke(_: Engine) -> object:
        raise error

    return provoke


PROVOKED: dict[str, Callable[[Engine], object]] = {
    "not-found": lambda engine: engine.document("none"),
    "question-refused": lambda engine: engine.ask("？！"),
    "unauthorized": _raise(UnauthorizedError("this API key is unknown, revoked or expired", told=True)),
    "forbidden": _raise(ForbiddenError("this API key is not for feedback; ask for one with --scope feedback")),
    "rate-limited": _raise(TooManyError("too many questions are waiting", 4)),
    "feedback-off": _raise(FeedbackOffError()),
}  # fmt: skip
FIXED = {
    "bad-request": "the body is not valid JSON",
    "too-large": "the body is over 512 KB; shorten it",
    "invalid": "question: Field required",
    "unexpected": "an unexpected failure; the server's log names it",
    "not-ready": "the index is being opened; ask again in a moment",
    "storage-full": "feedback could not be written: the disk is full; free that folder",
}
