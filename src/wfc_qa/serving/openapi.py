"""The OpenAPI document: what FastAPI tells of the types, and what we tell of operations, errors and keys."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from .. import __version__
from ..config import shipped
from .openai_wire import FailureBodyOut
from .problem_types import BY_SLUG
from .problems import PROBLEM, ProblemOut
from .render import HERE

Json = dict[str, Any]
FILE = "docs/openapi.json"
REF = "#/components/schemas/"
OPENAI_STATUS = ("400", "401", "403", "404", "413", "429", "500", "503")
DESCRIPTION = (
    "Answers from a document collection, in Chinese and English: every sentence cites the paragraph that proves it, "
    "and what the collection does not prove is declined. Failures are problem details (RFC 9457); their types are "
    "described at `/problems`. Each response names its request in `X-Request-ID`."
)
SCHEMES: Json = {
    "ApiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, made with `wfc-qa key add`; its scopes say what it is for.",
    },
    "WidgetSession": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a widget's session, bound to its site; good for 30 minutes unless set otherwise.",
    },
}
SECURITY: dict[str, list[Json]] = {
    "session": [{"ApiKey": []}, {"WidgetSession": []}, {}],
    "key": [{"ApiKey": []}, {}],
    "": [],
}
TAGS = [
    {"name": "answers", "description": "Questions, answers and the passages nearest to them."},
    {"name": "documents", "description": "What the answers rest on."},
    {"name": "feedback", "description": "What readers thought of answers."},
    {"name": "service", "description": "How the service is."},
    {"name": "OpenAI's protocol", "description": "For clients that speak it."},
]
STREAM: Json = {"schema": {"description": "Server-Sent Events"}}


def install_document(app: FastAPI) -> None:
    """Let the app show the document that ships with it, examples and all."""

    def published() -> Json:
        return deepcopy(_shipped())

    app.openapi = published  # type: ignore[method-assign]


@cache
def _shipped() -> Json:
    document: Json = json.loads(shipped(FILE).read_text("utf-8"))
    return document


def describe() -> Json:
    """The document without examples."""
    document = get_openapi(
        title="wfc-qa",
        version=__version__,
        summary="Proved answers from a document collection",
        description=DESCRIPTION,
        routes=_routes(),
        tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (ProblemOut, FailureBodyOut):
        schema = model.model_json_schema(ref_template=REF + "{model}", mode="serialization")
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    document["components"]["securitySchemes"] = SCHEMES
    with (HERE / "openapi.toml").open("rb") as file:
        told = tomllib.load(file)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _tell(operation, told[f"{method} {path}"], path)
    _tell_streams(document["paths"])
    return document


def _routes() -> list[Any]:
    from . import api, health, openai_api

    return [*api.router.routes, *openai_api.router.routes, *health.router.routes]


def _tell(operation: Json, told: Json, path: str) -> None:
    operation |= {
        "operationId": told["id"],
        "tags": [told["tag"]],
        "summary": told["summary"],
        "security": SECURITY[told["keys"]],
    }
    responses = operation["responses"]
    responses.pop("422", None)
    if path.startswith("/v1/"):
        body = {"application/json": {"schema": {"$ref": f"{REF}FailureBodyOut"}}}
        responses |= {status: {"description": "Failure", "content": body} for status in OPENAI_STATUS}
    for slug in told["errors"]:
        kind = BY_SLUG[slug]
        body = {PROBLEM: {"schema": {"$ref": f"{REF}ProblemOut"}, "examples": {}}}
        named = responses.setdefault(str(kind.status), {"description": kind.title, "content": body})
        if slug == "rate-limited":
            named["headers"] = {
                "Retry-After": {"description": "seconds", "required": True, "schema": {"type": "integer"}}
            }
    for response in responses.values():
        response.setdefault("headers", {})["X-Request-ID"] = {
            "description": "the request's own, where it sent a good one",
            "schema": {"type": "string"},
        }


def _tell_streams(paths: Json) -> None:
    paths["/api/v1/answers"]["post"]["responses"]["200"]["content"]["text/event-stream"] = deepcopy(STREAM)
    paths["/v1/chat/completions"]["post"]["responses"]["200"]["content"]["text/event-stream"] = deepcopy(
        STREAM
    )
    resumed = paths["/api/v1/answers/{stream}/events"]["get"]["responses"]
    resumed["200"]["content"] = {"text/event-stream": deepcopy(STREAM)}
    resumed["204"] = {"description": "Nothing is left to tell"}
    paths["/metrics"]["get"]["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}
    failed = {"application/json": {"schema": {"$ref": f"{REF}HealthOut"}}}
    paths["/health"]["get"]["responses"]["503"] = {"description": "Failed to open", "content": failed}
    for path in ("/api/v1/documents", "/api/v1/documents/{doc_id}", "/api/v1/collection"):
        responses = paths[path]["get"]["responses"]
        responses["304"] = {"description": "Unchanged since the ETag that If-None-Match names"}
        responses["200"]["headers"]["ETag"] = {"schema": {"type": "string"}}
    total = {"description": "all documents", "schema": {"type": "integer"}}
    paths["/api/v1/documents"]["get"]["responses"]["200"]["headers"]["X-Total-Count"] = total
