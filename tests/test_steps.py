"""An answer followed from an event loop: every step once, and nothing goes on after its reader left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.errors import QuestionError
from wfc_qa.steps import AT_WORK, GoneError, Halt, follow, work
from wfc_qa.types import Step, Understood

PATIENCE_S = 60


@given(st.lists(st.text(max_size=3), max_size=8))
def test_every_step_comes_once_and_in_order(said: list[str]) -> None:
    async def read() -> list[Step]:
        return [step async for step in follow(iter([Understood(one) for one in said]))]

    assert asyncio.run(read()) == [Understood(one) for one in said]


def test_a_failure_reaches_the_reader() -> None:
    def steps() -> Iterator[Step]:
        yield Understood("a")
        raise QuestionError("no")

    async def read() -> None:
        async for _ in follow(steps()):
            pass

    with pytest.raises(QuestionError, match="no"):
        asyncio.run(read())


@pytest.mark.parametrize("where", ["between steps", "within a step"])
def test_leaving_closes_the_steps(where: str) -> None:
    """A reader that leaves while a step is being made does not wait for it, and no other follows."""
    closed, begun, going = threading.Event(), threading.Event(), threading.Event()

    def steps() -> Iterator[Step]:
        try:
            yield Understood("first")
            begun.set()
            going.wait(PATIENCE_S)
            yield Understood("second")
            raise AssertionError("nobody asked for a third")
        finally:
            closed.set()

    # Held here, so that nothing but leaving closes them.
    made = steps()

    async def leave() -> None:
        reading = follow(made)
        assert await anext(reading) == Understood("first")
        if where == "within a step":
            second = asyncio.ensure_future(anext(reading))
            assert await asyncio.to_thread(begun.wait, PATIENCE_S)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            assert not closed.is_set()
        await reading.aclose()
        going.set()
        assert await asyncio.to_thread(closed.wait, PATIENCE_S)

    asyncio.run(leave())


async def is_gone() -> bool:
    return True


@pytest.mark.parametrize("way", ["follow", "work"])
@pytest.mark.parametrize("leaving", ["gone", "cancelled"])
def test_a_reader_that_is_gone_ends_what_an_answer_waits_for(way: str, leaving: str) -> None:
    """Within a step, the first one too: the wait is ended from outside."""
    waiting, halted, closed = threading.Event(), threading.Event(), threading.Event()

    def steps() -> Iterator[Step]:
        try:
            waiting.set()
            halted.wait(PATIENCE_S)
            yield Understood("for nobody")
        finally:
            closed.set()

    made = steps()
    halt = Halt()
    halt.watch(halted.set)

    async def leave() -> None:
        gone = is_gone if leaving == "gone" else None
        what = anext(follow(made, halt, gone)) if way == "follow" else work(made.__next__, halt, gone)
        reading = asyncio.ensure_future(what)
        assert await asyncio.to_thread(waiting.wait, PATIENCE_S)
        if leaving == "cancelled":
            reading.cancel()
        with pytest.raises(GoneError if leaving == "gone" else asyncio.CancelledError):
            await reading
        assert await asyncio.to_thread(halted.wait, PATIENCE_S)
        if way == "follow":
            assert await asyncio.to_thread(closed.wait, PATIENCE_S)

    asyncio.run(leave())


def test_a_reader_who_stays_gets_what_was_made() -> None:
    async def stays() -> bool:
        return False

    async def read() -> int:
        return await work(lambda: 7, gone=stays)

    assert asyncio.run(read()) == 7


def test_answers_that_wait_keep_no_other_thread_busy() -> None:
    """More than there are threads for: what is not an answer is done all the same, and the rest once they end."""
    end = threading.Event()

    async def ask() -> list[bool]:
        asked = [asyncio.ensure_future(work(lambda: end.wait(PATIENCE_S))) for _ in range(100)]
        assert await asyncio.to_thread(lambda: "page") == "page"
        assert not any(one.done() for one in asked)
        end.set()
        return await asyncio.gather(*asked)

    assert all(asyncio.run(ask()))
    assert len(AT_WORK._threads) <= 32
