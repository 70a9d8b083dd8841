"""A GGUF file run by llama.cpp within this process, spoken to over loopback in OpenAI's protocol."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from threading import Thread

import httpx
import xllamacpp
from pydantic import SecretStr

from ..config import Settings
from ..errors import ModelError
from .e5_pack import file_sha256
from .llm_openai_like import OpenAiEndpoint
from .llm_stream import Chunk, Request

DIGESTS = "gguf-sha256.json"
START_S = 60


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
    try:
        digest = gguf_sha256(path, settings.cache_dir)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); check llm_model") from None
    key = secrets.token_urlsafe(32)
    try:
        server = xllamacpp.Server(_parameters(path, key, settings))
    except RuntimeError as error:
        raise ModelError(
            f"{path} cannot be run ({error}); it may be damaged, no GGUF file, or too large with "
            f"llm_context_tokens = {settings.llm_context_tokens}"
        ) from error
    _wait_until_it_serves(server, key)
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
    cache, status = cache_dir / DIGESTS, path.stat()
    name = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
    known = _known(cache)
    if name not in known:
        known[name] = file_sha256(path)
        _write(cache, json.dumps(known, indent=1))
    return known[name]


def _parameters(path: Path, key: str, settings: Settings) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = settings.llm_context_tokens
    parameters.n_parallel = 1
    # Other users of this machine, and pages in its browsers, reach loopback too.
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.api_keys = [key]
    parameters.ui = False
    parameters.endpoint_slots = True
    parameters.enable_reasoning = 0
    parameters.cache_ram_mib = 0
    parameters.verbosity = 0
    if settings.threads:
        for cpu in (parameters.cpuparams, parameters.cpuparams_batch):
            cpu.n_threads = settings.threads
    return parameters


def _wait_until_it_serves(server: xllamacpp.Server, key: str) -> None:
    """Raises ModelError."""
    try:
        _ask_after(server, key).raise_for_status()
    except httpx.HTTPError as error:
        Thread(target=_drop_once_it_answers, args=(server, key), daemon=True).start()
        raise ModelError(
            f"the model was loaded but does not serve ({type(error).__name__} within {START_S} s); try again, or "
            "choose a smaller file for llm_model"
        ) from None


def _ask_after(server: xllamacpp.Server, key: str) -> httpx.Response:
    """The answer comes from within the server's loop."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{server.listening_address}/slots", headers=headers, timeout=START_S, trust_env=False)


def _drop_once_it_answers(server: xllamacpp.Server, key: str) -> None:
    """A server whose last reference goes before its loop runs never ends, and keeps the program from ending."""
    while True:
        try:
            _ask_after(server, key)
            return
        except httpx.HTTPError:
            time.sleep(1)


def _known(cache: Path) -> dict[str, str]:
    try:
        return {str(name): str(digest) for name, digest in json.loads(cache.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(cache: Path, text: str) -> None:
    """A digest that could not be kept is computed again."""
    fresh = cache.with_name(f"{cache.name}.{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, "utf-8")
        fresh.replace(cache)
    except OSError:
        fresh.unlink(missing_ok=True)
