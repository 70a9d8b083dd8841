"""One request to a language model: retried until its first word, timed, cancellable, ended by its budget."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock
from typing import Protocol, Self
from weakref import WeakSet, finalize

from anyio import fail_after
from anyio.from_thread import start_blocking_portal
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
    wait_exponential,
    wait_random,
)

from .llm_failures import AttemptError, failed_finish, failed_request
from .llm_thinking import Spoken
from .llms import Failure, GenerationError, Message

# Longer than any model's tokens are on average; only for endpoints that do not count themselves.
TOKEN_CHARS = 16
BACK_OFF = wait_exponential(multiplier=0.25, max=8) + wait_random(0, 0.25)

Tell = Callable[[str], None]
# None ends them well, or as whoever closed them wished.
Items = SimpleQueue[str | GenerationError | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """``timeout_s`` for all tries together, ``stall_s`` between two pieces."""

    timeout_s: float
    stall_s: float
    retries: int


@dataclass(frozen=True, slots=True)
class Request:
    messages: tuple[Message, ...]
    max_tokens: int
    grammar: str | None
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Chunk:
    """What came at once: text, thoughts kept apart by the endpoint, why the text ended (OpenAI's words)."""

    text: str
    thought: str = ""
    finish: str | None = None


class Provider(Protocol):
    @property
    def model_id(self) -> str: ...

    def chat(self, request: Request) -> AsyncGenerator[Chunk]:
        """One try; closing it closes its connection. Raises what its client library raises."""
        ...

    def close(self) -> None: ...

    def censor(self, text: str) -> str:
        """``text`` without the key."""
        ...


class StreamedModel:
    """A LanguageModel over ``provider``; safe to use from several threads."""

    def __init__(self, provider: Provider, limits: Limits) -> None:
        self._provider = provider
        self._limits = limits
        self._open: WeakSet[Pieces] = WeakSet()
        # A local server with an open stream would keep the whole program from ending.
        finalize(self, _close_each, self._open)

    @property
    def model_id(self) -> str:
        return self._provider.model_id

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        grammar: str | None = None,
        timeout_s: float | None = None,
    ) -> Pieces:
        most_s = self._limits.timeout_s
        request = Request(tuple(messages), max_tokens, grammar, min(most_s, timeout_s or most_s))
        pieces = Pieces(lambda tell: self._answer(request, tell))
        self._open.add(pieces)
        return pieces

    def close(self) -> None:
        """Open streams end with it."""
        _close_each(self._open)
        self._provider.close()

    async def _answer(self, request: Request, tell: Tell) -> None:
        """All tries of one request. Raises GenerationError."""
        begun = False

        def begin(text: str) -> None:
            nonlocal begun
            begun = True
            tell(text)

        tries = AsyncRetrying(
            retry=retry_if_exception(lambda e: isinstance(e, AttemptError) and e.retryable and not begun),
            wait=_pause_s,
            stop=stop_any(stop_after_attempt(1 + self._limits.retries), stop_before_delay(request.timeout_s)),
            reraise=True,
        )
        try:
            with fail_after(request.timeout_s):
                await tries(self._try, request, begin)
        except TimeoutError:
            raise GenerationError(
                Failure.TIMED_OUT, f"no whole answer within llm_timeout_s = {self._limits.timeout_s:g}"
            ) from None
        except AttemptError as failure:
            raise GenerationError(failure.failure, str(failure), failure.own_words) from None

    async def _try(self, request: Request, tell: Tell) -> None:
        """One try, whatever goes wrong told as AttemptError."""
        reply = _Reply(request.max_tokens * TOKEN_CHARS, tell)
        try:
            async with aclosing(self._provider.chat(request)) as chunks:
                while reply.finish is None:
                    with fail_after(self._limits.stall_s if reply.chars else None):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    reply.take(chunk)
        except TimeoutError:
            raise AttemptError(
                Failure.TIMED_OUT, f"the model fell silent for llm_stall_s = {self._limits.stall_s:g}"
            ) from None
        except Exception as error:
            raise failed_request(error, self._provider.censor, begun=reply.chars > 0) from error
        reply.end()


class _Reply:
    """What one try has said so far, passed on as text for a reader."""

    def __init__(self, max_chars: int, tell: Tell) -> None:
        self.chars = 0
        self.finish: str | None = None
        self._max_chars = max_chars
        self._tell = tell
        self._spoken = Spoken()
        self._empty = True

    def take(self, chunk: Chunk) -> None:
        self.chars += len(chunk.text) + len(chunk.thought)
        self.finish = chunk.finish
        self._pass_on(self._spoken.take(chunk.text))
        if self.chars > self._max_chars:
            raise AttemptError(Failure.TOO_LONG, "the model goes on beyond the tokens it was allowed")

    def end(self) -> None:
        self._pass_on(self._spoken.end())
        if failure := failed_finish(self.finish, begun=self.chars > 0):
            raise failure
        if self._empty:
            raise AttemptError(Failure.EMPTY, "the model said nothing")

    def _pass_on(self, text: str) -> None:
        # Blank lines after a thought are no beginning of an answer.
        text = text.lstrip() if self._empty else text
        if text:
            self._empty = False
            self._tell(text)


class Pieces:
    """The pieces of one answer, asked for in a thread of its own so that any other can end it."""

    def __init__(self, answer: Callable[[Tell], Awaitable[None]]) -> None:
        self._items: Items = SimpleQueue()
        self._closing = Lock()
        self._ended = False
        self._thread = ExitStack()
        portal = self._thread.enter_context(start_blocking_portal(name="wfc-qa language model"))
        # The thread knows the queue, not us: pieces that nobody holds any more close themselves.
        self._task = portal.start_task_soon(_fill, self._items, answer)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self._ended:
            raise StopIteration
        try:
            item = self._items.get()
        except BaseException:
            self.close()
            raise
        if isinstance(item, str):
            return item
        self.close()
        if item is None:
            raise StopIteration
        raise item

    def close(self) -> None:
        """Returns once the connection is closed."""
        self._ended = True
        with self._closing:
            self._task.cancel()
            self._thread.close()

    def __del__(self) -> None:
        if hasattr(self, "_task"):
            self.close()


def _close_each(streams: WeakSet[Pieces]) -> None:
    for pieces in list(streams):
        pieces.close()


async def _fill(items: Items, answer: Callable[[Tell], Awaitable[None]]) -> None:
    end: GenerationError | None = None
    try:
        await answer(items.put)
    except GenerationError as failure:
        end = failure
    finally:
        items.put(end)


def _pause_s(state: RetryCallState) -> float:
    """As long as the endpoint asks for, else ever longer."""
    failure = state.outcome.exception() if state.outcome else None
    asked_s = failure.retry_after_s if isinstance(failure, AttemptError) else None
    return BACK_OFF(state) if asked_s is None else asked_s
