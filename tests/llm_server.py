"""A scripted language model server on loopback: it says, delays, breaks and refuses what a test asks for.

with scripted([refuse(429, headers={"Retry-After": "0.2"}), say("It ", "rose.")]) as server:
    model = open_language_model(server.settings())
    ...
    assert len(server.requests) == 2

A list is answered in order and its last reply repeats; a function of the request answers as it likes.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from wfc_qa.config import Settings

PATIENCE_S = 30


class Cut(Enum):
    """``DROP`` ends the connection where it stands in a reply's body."""

    DROP = auto()


Part = bytes | float | Cut


@dataclass(frozen=True, slots=True)
class Reply:
    """``body``: bytes are sent at once, numbers are seconds of silence, DROP ends the connection."""

    body: Iterator[Part] | Sequence[Part]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Received:
    """One request; ``at_s`` is monotonic."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at_s: float

    def said(self) -> str:
        """The texts of all messages, one after another."""
        return "\n".join(message["content"] for message in self.body["messages"])


Script = Sequence[Reply] | Callable[[Received], Reply]


def event(data: object) -> bytes:
    """One server-sent event; text goes out as it is."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def chunk(finish: str | None = None, **delta: Any) -> bytes:
    """One event of a chat completion, such as ``chunk(content="It ")`` or ``chunk("stop")``."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event(
        {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    )


# How OpenAI begins every stream.
ROLE = chunk(role="assistant", content="")


def say(*pieces: str, finish: str | None = "stop", every_s: float = 0) -> Reply:
    """A chat completion streamed in ``pieces``."""
    return stream(
        ROLE, *(part for piece in pieces for part in (every_s, chunk(content=piece))), chunk(finish)
    )


def stream(*parts: Part) -> Reply:
    """A stream of these parts, ended as OpenAI ends one."""
    return Reply((*parts, event("[DONE]")), headers={"Content-Type": "text/event-stream"})


def endless(piece: str = "on and ", every_s: float = 0.01) -> Reply:
    """A model that never stops, whatever the request allows it."""

    def talk() -> Iterator[Part]:
        while True:
            yield chunk(content=piece)
            yield every_s

    return Reply(talk(), headers={"Content-Type": "text/event-stream"})


def silent(*before: bytes) -> Reply:
    """A server that falls silent after ``before`` without hanging up."""
    return Reply((*before, float(PATIENCE_S)), headers={"Content-Type": "text/event-stream"})


def dropped(*before: bytes) -> Reply:
    """A server that hangs up in mid-stream."""
    return Reply((*before, Cut.DROP), headers={"Content-Type": "text/event-stream"})


def refuse(
    status: int, message: str = "no", code: str | None = None, headers: dict[str, str] | None = None
) -> Reply:
    """An error as OpenAI words it."""
    body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
    return Reply((body,), status, {"Content-Type": "application/json", **(headers or {})})


def ollama_line(content: str = "", done: str | None = None, **message: Any) -> bytes:
    """One line of Ollama's ``/api/chat``; ``done`` is its done_reason."""
    said = {"role": "assistant", "content": content, **message}
    line = {"model": "m", "created_at": "2025-01-01T00:00:00Z", "message": said, "done": done is not None}
    return (json.dumps(line | ({"done_reason": done} if done else {})) + "\n").encode()


def ollama_say(*pieces: str, finish: str | None = "stop") -> Reply:
    ending = (ollama_line(done=finish),) if finish else ()
    return Reply((*map(ollama_line, pieces), *ending), headers={"Content-Type": "application/x-ndjson"})


@dataclass(frozen=True, slots=True)
class ScriptedServer:
    """``origin`` has no path; ``hung_up`` is set once a client left in the middle of a reply."""

    origin: str
    requests: list[Received]
    hung_up: threading.Event

    def settings(self, **options: Any) -> Settings:
        """Settings that lead here, as an OpenAI-like endpoint unless told."""
        known = {"llm": "openai-like", "llm_base_url": f"{self.origin}/v1", "llm_model": "m"}
        return Settings(**{**known, **options})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is no news; anything else is, and comes on standard error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedServer]:
    requests: list[Received] = []
    hung_up, closing = threading.Event(), threading.Event()
    lock = threading.Lock()

    def choose(received: Received) -> Reply:
        with lock:
            requests.append(received)
            turn = len(requests) - 1
        return script(received) if callable(script) else script[min(turn, len(script) - 1)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            received = Received(
                self.path, {k.lower(): v for k, v in self.headers.items()}, body, time.monotonic()
            )
            try:
                self.reply(choose(received))
            except OSError:
                hung_up.set()
                self.close_connection = True

        def reply(self, reply: Reply) -> None:
            begun = False
            for part in (*reply.body, b"") if isinstance(reply.body, Sequence) else reply.body:
                if isinstance(part, float | int):
                    self.wait(part)
                    continue
                if not begun and part is not Cut.DROP:
                    self.begin(reply)
                    begun = True
                if isinstance(part, Cut):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

        def begin(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Transfer-Encoding": "chunked"}.items():
                self.send_header(name, value)
            self.end_headers()

        def wait(self, seconds: float) -> None:
            deadline = time.monotonic() + seconds
            while (left := deadline - time.monotonic()) > 0 and not closing.is_set():
                # A client that waits for its answer says nothing, so what can be read is its farewell.
                if select.select([self.connection], [], [], min(left, 0.1))[0]:
                    raise ConnectionResetError

        def log_message(self, *arguments: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield ScriptedServer(f"http://127.0.0.1:{server.server_port}", requests, hung_up)
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
