"""An answer followed from an event loop: every step once, and nothing goes on after its reader left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.errors import QuestionError
from wfc_qa.steps import follow
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
    closed, going = threading.Event(), threading.Event()

    def steps() -> Iterator[Step]:
        try:
            yield Understood("first")
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
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            assert not closed.is_set()
        await reading.aclose()
        going.set()
        assert await asyncio.to_thread(closed.wait, PATIENCE_S)

    asyncio.run(leave())
