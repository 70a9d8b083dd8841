"""A model that Ollama serves."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from llama_index.core.llms import ChatMessage
from llama_index.llms.ollama import Ollama
from ollama import AsyncClient
from pydantic import SecretStr

from ..config import Settings, llm_key
from .llm_http import censored, endpoint, http_options
from .llm_stream import Chunk, Request

URL = "http://127.0.0.1:11434"
SEED = 0


class OllamaEndpoint:
    """A Provider."""

    def __init__(self, url: str, model: str, key: SecretStr | None, context_tokens: int) -> None:
        self._url = url
        self._model = model
        self._key = key
        self._context_tokens = context_tokens

    @property
    def model_id(self) -> str:
        return f"ollama:{self._model}@{endpoint(self._url)}"

    async def chat(self, request: Request) -> AsyncGenerator[Chunk]:
        async with AsyncClient(self._url, **http_options(self._url, self._key)) as client:
            llm = Ollama(
                model=self._model,
                base_url=self._url,
                async_client=client,
                # Ollama cuts a longer prompt from its beginning and says nothing.
                context_window=self._context_tokens,
                temperature=0,
                thinking=False,
                additional_kwargs={"seed": SEED, "num_predict": request.max_tokens},
            )
            messages = [ChatMessage(role=m.role.value, content=m.text) for m in request.messages]
            async for response in await llm.astream_chat(messages):
                raw = response.raw
                # Older servers end without a reason.
                finish = (raw.get("done_reason") or "stop") if raw.get("done") else None
                yield Chunk(
                    response.delta or "", response.additional_kwargs.get("thinking_delta") or "", finish
                )

    def close(self) -> None:
        """Every request has its own connection."""

    def censor(self, text: str) -> str:
        return censored(text, self._key)


def open_ollama(settings: Settings) -> OllamaEndpoint:
    url = settings.llm_base_url.rstrip("/") or URL
    return OllamaEndpoint(url, settings.llm_model, llm_key(), settings.llm_context_tokens)
