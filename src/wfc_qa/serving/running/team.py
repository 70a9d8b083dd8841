"""Several processes behind one socket: workers, and one for the chat. Who dies is replaced, and all end together."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import FrameType
from typing import Any

from ...config import Settings
from ...errors import ConfigError, StorageError, WfcError
from ..access.secret import load_secret
from ..observing.metrics import MULTIPROCESS
from .server import say

log = logging.getLogger(__name__)
LOOK_S = 0.2
# Beyond the time that answers have: what is on its way, and what is put away.
LEAVE_S = 10.0
LONGEST_PAUSE_S = 30.0
FIGURES = "metrics"


def check_shared(settings: Settings) -> None:
    """Raises ConfigError where several processes could not hold together."""
    if settings.workers == 1:
        return
    if sys.platform == "win32":
        raise ConfigError("several workers need Linux or macOS; set workers = 1")
    if settings.state_url.startswith("memory:"):
        raise ConfigError(
            f"workers = {settings.workers} cannot share limits, used tickets and streams in memory://; "
            "set state_url, such as redis://127.0.0.1:6379/0, or workers = 1"
        )


def share_cores(settings: Settings) -> Settings:
    """The settings of one process of several: threads and answers at once, so that together they fill the cores."""
    share = max(1, _core_count() // settings.workers)
    return settings.model_copy(
        update={
            "threads": settings.threads or share,
            "concurrent_answers": settings.concurrent_answers or share,
        }
    )


@dataclass(slots=True)
class _Member:
    """One place of the team. ``due_s`` is when its next process may start, ``failures`` how many in a row failed."""

    name: str
    start: Callable[[Connection], SpawnProcess]
    process: SpawnProcess | None = None
    pipe: Connection | None = None
    ready: bool = False
    failures: int = 0
    due_s: float = 0.0
    error: str = ""


class Team:
    """The process that the user started: it holds the socket and minds the others."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._signals = 0
        self._opened = False

    def serve(self, ready: str) -> None:
        """Until told to end; ``ready`` is said once all are. Raises WfcError where one cannot open at the start."""
        load_secret(self._settings.data_dir)
        _prepare(self._settings)
        folder = Path(tempfile.mkdtemp(prefix="wfc-qa-"))
        try:
            chat = socket.socket(socket.AF_UNIX)
            chat.bind(str(folder / "chat"))
            chat.listen()
            members = self._members(chat, str(folder / "chat"))
            with self._handled():
                self._mind(members, ready)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            self._listener.close()

    def _members(self, chat: socket.socket, path: str) -> list[_Member]:
        from .worker import chat as run_chat
        from .worker import work

        context, settings = get_context("spawn"), share_cores(self._settings)

        def start_chat(pipe: Connection) -> SpawnProcess:
            return context.Process(target=run_chat, args=(settings, chat, pipe), name="wfc-qa chat")

        def start_worker(pipe: Connection) -> SpawnProcess:
            return context.Process(
                target=work, args=(settings, self._listener, pipe, path), name="wfc-qa worker"
            )

        workers = [_Member(f"worker {number + 1}", start_worker) for number in range(settings.workers)]
        return [_Member("the chat", start_chat), *workers]

    def _mind(self, members: list[_Member], ready: str) -> None:
        try:
            while not self._signals:
                for member in members:
                    if member.process is None and time.monotonic() >= member.due_s:
                        _begin(member)
                self._look(members)
                if not self._opened and all(member.ready for member in members):
                    self._opened = True
                    say(ready)
        finally:
            self._end([member.process for member in members if member.process])

    def _look(self, members: list[_Member]) -> None:
        """Hear what members say, and see who is no more. Raises WfcError when one cannot open at the start."""
        pipes = [member.pipe for member in members if member.pipe]
        heard = set(wait([*pipes, *(m.process.sentinel for m in members if m.process)], LOOK_S))
        for member in members:
            if member.pipe in heard:
                _hear(member)
            if member.process and not member.process.is_alive():
                self._lose(member)

    def _lose(self, member: _Member) -> None:
        process, pipe = member.process, member.pipe
        if process is None or pipe is None:
            return
        while pipe.poll():
            if not _hear(member):
                break
        pipe.close()
        _forget_figures(process.pid)
        cause = member.error or f"it ended with code {process.exitcode}"
        if not self._opened and not self._signals:
            raise WfcError(cause if member.error else f"{member.name} does not start: {cause}")
        member.failures = 0 if member.ready else member.failures + 1
        pause_s = min(LONGEST_PAUSE_S, 2.0**member.failures - 1)
        member.process, member.pipe, member.ready = None, None, False
        member.due_s = time.monotonic() + pause_s
        if not self._signals:
            log.error("%s is lost (%s); another takes its place", member.name, cause)

    def _end(self, processes: list[SpawnProcess]) -> None:
        """Let all leave; whoever is not gone in time, or at a second signal, is ended."""
        # While a process holds the socket, whoever comes is let wait for nobody.
        self._listener.close()
        for process in processes:
            process.terminate()
        until = time.monotonic() + self._settings.shutdown_s + LEAVE_S
        while (
            any(process.is_alive() for process in processes)
            and time.monotonic() < until
            and self._signals < 2
        ):
            wait([process.sentinel for process in processes if process.is_alive()], LOOK_S)
        for process in processes:
            if process.is_alive():
                process.kill()
            process.join()

    @contextmanager
    def _handled(self) -> Iterator[None]:
        def count(_signal: int, _frame: FrameType | None) -> None:
            self._signals += 1

        before: dict[int, Any] = {sig: signal.signal(sig, count) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


def _begin(member: _Member) -> None:
    ours, theirs = get_context("spawn").Pipe()
    member.error = ""
    member.pipe, member.process = ours, member.start(theirs)
    member.process.start()
    theirs.close()


def _hear(member: _Member) -> bool:
    """Whether there was anything but the end."""
    try:
        member.error = member.pipe.recv() if member.pipe else ""
    except (EOFError, OSError):
        return False
    member.ready = member.ready or not member.error
    return True


def _prepare(settings: Settings) -> None:
    """The environment that the processes inherit. Raises StorageError."""
    folder = settings.data_dir / FIGURES
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as error:
        raise StorageError(
            f"figures cannot be kept in {folder}: {error.strerror}; mend that, or set data_dir"
        ) from None
    os.environ[MULTIPROCESS] = str(folder)
    # Threads that spin while they wait keep the cores from the other processes: a factor of five was measured.
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, _core_count() // settings.workers)))


def _forget_figures(pid: int | None) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _core_count() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
