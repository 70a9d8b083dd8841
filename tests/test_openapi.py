"""The OpenAPI document: current, valid, and what the real service does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as tries
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serving_support import Site, served
from wfc_qa.engine import Engine
from wfc_qa.serving.openapi import FILE, describe
from wfc_qa.serving.openapi_examples import add_examples

PATH = Path(__file__).parents[1] / FILE
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for operations in DOCUMENT["paths"].values()
    for operation in operations.values()
]
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
schema = schemathesis.openapi.from_dict(DOCUMENT)
ODD = (
    '{"question": "\\ud800\\u0000 贷款"}',
    '{"question": "loans", "\\ud800\\n": 1}',
    f'{{"question": {"9" * 6000}}}',
    '{"question": 1e999}',
    '{"question": NaN}',
    '{"question": "loans", "history": ' + "[" * 5000 + "]" * 5000 + "}",
    "[" * 100_000,
    '{"question": "loans", "filters": {"published_from": "0000-00-00"}}',
    '{"question": "loans", "filters": {"doc_ids": ["\\u0000", "\\ud83d"]}}',
    '{"question": "loans", "filters": {"published_to": 99999999999999999999999999}}',
    '{"model": "\\udfff", "messages": [{"role": "user", "content": "loans"}]}',
)


@pytest.fixture(scope="module")
def open_site(home_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without limits worth the name."""
    with served(home_index, tmp_path_factory.mktemp("data")) as site:
        yield site


def test_the_document_is_current(engine: Engine) -> None:
    """`wfc-qa openapi > docs/openapi.json` writes what is committed."""
    document = describe()
    add_examples(document, engine)
    assert json.loads(json.dumps(document)) == DOCUMENT, "write it anew: wfc-qa openapi > docs/openapi.json"


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_told_whole(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert "security" in operation
    for media in operation.get("requestBody", {}).get("content", {}).values():
        assert media["examples"]
    for status, response in operation["responses"].items():
        assert all(media.get("examples") for media in response.get("content", {}).values()), status


@pytest.mark.parametrize("operation", OPERATIONS)
def test_examples_are_what_their_schemas_say(operation: dict[str, Any]) -> None:
    contents = [
        operation.get("requestBody", {}).get("content", {}),
        *(response.get("content", {}) for response in operation["responses"].values()),
    ]
    for media in (media for content in contents for media in content.values()):
        validator = Draft202012Validator({**media["schema"], "components": DOCUMENT["components"]})
        for example in media.get("examples", {}).values():
            validator.validate(example["value"])


@schema.parametrize()
@tries(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
def test_whatever_is_sent_is_answered_as_the_document_says(case: schemathesis.Case, open_site: Site) -> None:
    response = case.call(base_url=open_site.url.rstrip("/"), timeout=60)
    case.validate_response(response, checks=list(CHECKS))


@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("path", ["api/v1/answers", "api/v1/feedback", "v1/chat/completions", "mcp"])
def test_no_body_is_too_odd(open_site: Site, path: str, body: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    response = httpx.post(open_site.url + path, content=body, headers=headers, trust_env=False, timeout=60)
    assert response.status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "api/v1/passages?q=%00",
        "api/v1/passages?q=%ed%a0%80loans",
        "api/v1/passages?q=loans&k=99999999999999999999999999",
        "api/v1/passages?q=loans&doc_ids=%00&doc_ids=%ff",
        "api/v1/documents/%00",
        "api/v1/documents/%ff%fe",
        "api/v1/documents?offset=99999999999999999999",
        "documents/%00",
        "documents/%ed%a0%80/panel?p=99999999999999999999999",
        "problems/%00",
    ],
)
def test_no_address_is_too_odd(open_site: Site, path: str) -> None:
    assert httpx.get(open_site.url + path, trust_env=False, timeout=60).status_code < 500
