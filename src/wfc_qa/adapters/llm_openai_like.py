"""Any endpoint that speaks OpenAI's chat protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import httpx
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from pydantic import SecretStr

from ..config import Settings, llm_key
from .llm_failures import AttemptError
from .llm_http import censored, endpoint, http_options
from .llm_stream import Chunk, Request
from .llms import Failure

SEED = 0


class OpenAiEndpoint:
    """A Provider. ``runs_llama_cpp`` when requests may carry what only llama.cpp understands."""

    def __init__(
        self,
        url: str,
        model: str,
        key: SecretStr | None,
        context_tokens: int,
        *,
        runs_llama_cpp: bool = False,
    ) -> None:
        self._url = url
        self._model = model
        self._key = key
        self._context_tokens = context_tokens
        self._runs_llama_cpp = runs_llama_cpp

    @property
    def model_id(self) -> str:
        return f"openai-like:{self._model}@{endpoint(self._url)}"

    async def chat(self, request: Request) -> AsyncGenerator[Chunk]:
        options = http_options(self._url, self._key)
        async with httpx.AsyncClient(**options) as client:
            llm = OpenAILike(
                model=self._model,
                api_base=self._url,
                # The connection signs; given none, the library would look for another endpoint's key.
                api_key="unused",
                is_chat_model=True,
                context_window=self._context_tokens,
                max_tokens=request.max_tokens,
                temperature=0,
                max_retries=0,
                async_http_client=client,
            )
            messages = [ChatMessage(role=m.role.value, content=m.text) for m in request.messages]
            extra = self._extra_body(request)
            async for response in await llm.astream_chat(
                messages, seed=SEED, timeout=options["timeout"], **({"extra_body": extra} if extra else {})
            ):
                yield _chunk(response)

    def close(self) -> None:
        """Every request has its own connection."""

    def censor(self, text: str) -> str:
        return censored(text, self._key)

    def _extra_body(self, request: Request) -> dict[str, Any]:
        if not self._runs_llama_cpp:
            return {}
        # What the cache holds changes how numbers are rounded, and so, now and then, the answer.
        return {"cache_prompt": False} | ({"grammar": request.grammar} if request.grammar else {})


def open_openai_like(settings: Settings) -> OpenAiEndpoint:
    return OpenAiEndpoint(
        settings.llm_base_url.rstrip("/"), settings.llm_model, llm_key(), settings.llm_context_tokens
    )


def _chunk(response: Any) -> Chunk:
    choices = response.raw.choices
    if not choices:
        return Chunk("")
    if getattr(choices[0].delta, "refusal", None):
        raise AttemptError(Failure.REFUSED, "the model refuses to answer")
    return Chunk(
        response.delta or "", response.additional_kwargs.get("thinking_delta") or "", choices[0].finish_reason
    )
