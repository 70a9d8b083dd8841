"""Steps told from a thread of their own, with a beat while there is none: whoever listens is never out of reach."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class _End(Generic[T]):
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def pulsed(steps: Iterable[T], halt: Callable[[], None], every_s: float) -> Generator[T | None, None, None]:
    """Each step as it comes, ``None`` after ``every_s`` without one; closing it calls ``halt``.

    Raises what ``steps`` raises.
    """
    told: SimpleQueue[T | _End[T]] = SimpleQueue()

    def tell() -> None:
        try:
            for step in steps:
                told.put(step)
        except BaseException as error:
            told.put(_End(error))
        else:
            told.put(_End())

    Thread(target=copy_context().run, args=(tell,), name="wfc-qa answer", daemon=True).start()
    try:
        while True:
            try:
                step = told.get(timeout=every_s)
            except Empty:
                yield None
                continue
            if isinstance(step, _End):
                if step.error:
                    raise step.error
                return
            yield step
    finally:
        halt()
