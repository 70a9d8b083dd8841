"""A GGUF file run by llama.cpp within this process, spoken to over loopback in OpenAI's protocol."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path

import xllamacpp
from pydantic import SecretStr

from ..config import Settings
from ..errors import ModelError
from .e5_pack import file_sha256
from .llm_openai_like import OpenAiEndpoint
from .llm_stream import Chunk, Request

DIGESTS = "gguf-sha256.json"


class LocalModel:
    """A Provider that owns its server."""

    def __init__(self, model_id: str, server: xllamacpp.Server, endpoint: OpenAiEndpoint) -> None:
        self.model_id = model_id
        self._server: xllamacpp.Server | None = server
        self._endpoint = endpoint

    def chat(self, request: Request) -> AsyncGenerator[Chunk]:
        return self._endpoint.chat(request)

    def close(self) -> None:
        # The server ends with its last reference.
        self._server = None

    def censor(self, text: str) -> str:
        return self._endpoint.censor(text)


def open_local(settings: Settings) -> LocalModel:
    """Load the file; raises ModelError when it is not there or not a model."""
    path = Path(settings.llm_model).expanduser()
    if not path.is_file():
        raise ModelError(f"there is no file {path}; set llm_model to the path of a GGUF file")
    digest = gguf_sha256(path, settings.cache_dir)
    key = secrets.token_urlsafe(32)
    try:
        server = xllamacpp.Server(_parameters(path, key, settings))
    except RuntimeError as error:
        raise ModelError(
            f"{path} cannot be run ({error}); it may be damaged, no GGUF file, or too large with "
            f"llm_context_tokens = {settings.llm_context_tokens}"
        ) from error
    endpoint = OpenAiEndpoint(
        f"{server.listening_address}/v1",
        path.name,
        SecretStr(key),
        settings.llm_context_tokens,
        runs_llama_cpp=True,
    )
    return LocalModel(f"local:{digest}", server, endpoint)


def gguf_sha256(path: Path, cache_dir: Path) -> str:
    """SHA-256 of a file of gigabytes, computed again only when its size or time of change differ."""
    cache, name, status = cache_dir / DIGESTS, str(path.resolve()), path.stat()
    try:
        known = json.loads(cache.read_text("utf-8"))
        size, changed_ns, digest = known.get(name, (0, 0, ""))
    except (OSError, ValueError, AttributeError):
        known, size, changed_ns, digest = {}, 0, 0, ""
    if (size, changed_ns) == (status.st_size, status.st_mtime_ns) and isinstance(digest, str):
        return digest
    digest = file_sha256(path)
    known[name] = [status.st_size, status.st_mtime_ns, digest]
    _write(cache, json.dumps(known, indent=1))
    return digest


def _parameters(path: Path, key: str, settings: Settings) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = settings.llm_context_tokens
    parameters.n_parallel = 1
    # Other users of this machine, and pages in its browsers, reach loopback too.
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.enable_reasoning = 0
    parameters.cache_ram_mib = 0
    parameters.verbosity = 0
    if settings.threads:
        for cpu in (parameters.cpuparams, parameters.cpuparams_batch):
            cpu.n_threads = settings.threads
    return parameters


def _write(cache: Path, text: str) -> None:
    """A digest that could not be kept is computed again."""
    fresh = cache.with_name(f"{cache.name}.{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, "utf-8")
        fresh.replace(cache)
    except OSError:
        fresh.unlink(missing_ok=True)
