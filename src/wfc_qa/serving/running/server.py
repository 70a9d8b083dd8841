"""One process of the server: it answers from its first second, and leaves when its last answer is given."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from ..house import House

log = logging.getLogger(__name__)
# What has been answered is still on its way, and what never ends waits for nothing.
TAIL_S = 1.0
# Longer than proxies keep theirs (nginx 60 s), or they send a question down a connection that has just ended.
KEEP_ALIVE_S = 75


class Server(uvicorn.Server):
    """Told to end, it says so at `/ready`, takes nobody new, and ends once nothing is being answered, or after
    ``shutdown_s``; told twice, it ends at once, unless it is one of several, which only their team hurries."""

    def __init__(self, app: FastAPI, *, one_of_several: bool = False) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=1,
            )
        )
        self._house: House = app.state.house
        self._one_of_several = one_of_several
        self._until_s: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self._one_of_several and sig == signal.SIGINT:
            # At the terminal it reaches every process; the team says when to end.
            return
        if self._house.leaving and not self._one_of_several:
            os._exit(128 + sig)
        self._house.leaving = True

    def leave(self) -> None:
        self._house.leaving = True

    async def on_tick(self, counter: int) -> bool:
        """Whether it is time to go; uvicorn asks ten times a second."""
        if await super().on_tick(counter):
            return True
        if not self._house.leaving:
            return False
        if self._until_s is None:
            self._until_s = time.monotonic() + self._house.settings.shutdown_s
            for server in self.servers:
                server.close()
        if self._house.busy and time.monotonic() < self._until_s:
            return False
        if self._house.busy:
            log.warning(
                "answers were still being made after %g s (shutdown_s)", self._house.settings.shutdown_s
            )
        return True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._house.requests:
            await asyncio.wait(self._house.requests, timeout=TAIL_S)
        for request in self._house.requests:
            request.cancel()
        await super().shutdown(sockets)


def run(server: Server, listener: socket.socket, house: House, settled: Callable[[], None]) -> None:
    """Serve until told to end. ``settled`` is called once the house is open. Raises WfcError where it does not open."""
    asyncio.run(_run(server, house, listener, settled))
    if house.error:
        raise house.error


async def _run(server: Server, house: House, listener: socket.socket, settled: Callable[[], None]) -> None:
    async def watch() -> None:
        await house.settled.wait()
        if house.error:
            server.should_exit = True
        elif not house.leaving:
            settled()

    watching = asyncio.create_task(watch())
    try:
        await server.serve(sockets=[listener])
    finally:
        watching.cancel()


def serve_alone(app: FastAPI, listener: socket.socket, ready: str) -> None:
    """``ready`` is said once the engine is open. Raises WfcError when it does not open."""
    # Between the handlers of asyncio and uvicorn, an interrupt is only an interrupt.
    try:
        run(Server(app), listener, app.state.house, lambda: say(ready))
    except KeyboardInterrupt:
        return
    finally:
        listener.close()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
