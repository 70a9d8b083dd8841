"""Streams of events: cut anywhere, taken up again, nothing lost and nothing told twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.errors import NotFoundError
from wfc_qa.serving.access.state import MemoryState
from wfc_qa.serving.streams import Event, Streams
from wfc_qa.serving.streams.events import HEART_BEAT, read_event_id
from wfc_qa.serving.streams.streams import Pace

CUT, STOPPED = Event("problem", '"cut"'), Event("problem", '"stopped"')
FAST = Pace(kept_s=60, grace_s=0.2, beat_s=0.05, look_s=0.01)
PATIENT = Pace(kept_s=60, grace_s=60, beat_s=0.05, look_s=0.01)
BEGUN = re.compile(r"id: [0-9a-f]{32}\.\d+\nretry: \d+\n\n")
FRAME = re.compile(r"id: ([0-9a-f]{32}\.\d+)\nevent: (\w+)\ndata: (.*)\n\n")
TEXTS = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), max_size=6)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test()

    asyncio.run(bounded())


def streams(state: MemoryState, pace: Pace = PATIENT) -> Streams:
    return Streams(state, CUT, STOPPED, pace)


async def say(*events: Event, gap_s: float = 0) -> AsyncIterator[Event]:
    for event in events:
        await asyncio.sleep(gap_s)
        yield event


async def read(told: AsyncIterator[str], most: int = 10_000) -> tuple[list[tuple[str, str]], str]:
    """The first ``most`` events as (name, data), and the id of the last."""
    events: list[tuple[str, str]] = []
    last = ""
    if most == 0:
        return events, last
    async for text in told:
        if found := FRAME.fullmatch(text):
            last = found[1]
            events.append((found[2], found[3]))
            if len(events) == most:
                break
        else:
            assert text == HEART_BEAT or BEGUN.fullmatch(text)
    return events, last


@given(
    texts=TEXTS, cuts=st.lists(st.integers(0, 4), max_size=6), elsewhere=st.lists(st.booleans(), min_size=7)
)
def test_a_reader_cut_anywhere_loses_and_repeats_nothing(
    texts: list[str], cuts: list[int], elsewhere: list[bool]
) -> None:
    """Whichever process each reading comes to, and however many events it gets before it is cut."""
    wanted = [Event("sentence", text) for text in texts] + [Event("answer", "whole")]

    async def test() -> None:
        state = MemoryState()
        maker, other = streams(state), streams(state)
        name = await maker.begin("me", say(*wanted), lambda: None)
        got: list[tuple[str, str]] = []
        after = 0
        for most, far in zip([*cuts, 10_000], elsewhere, strict=False):
            desk = other if far else maker
            if await desk.is_told(name, after):
                break
            told = desk.tell(name, after)
            events, last = await read(told, most)
            await told.aclose()
            got += events
            if last:
                known = read_event_id(last)
                assert known
                assert known[0] == name
                after = known[1]
        if not await maker.is_told(name, after):
            got += (await read(maker.tell(name, after)))[0]
        assert got == [(event.name, event.data) for event in wanted]
        await maker.aclose()

    run(test)


def test_work_that_nobody_reads_is_halted_and_says_so() -> None:
    async def test() -> None:
        halted = asyncio.Event()
        state = MemoryState()
        maker = streams(state, FAST)
        name = await maker.begin("me", say(Event("sentence", "1"), CUT, gap_s=3600), halted.set)
        await halted.wait()
        assert (await read(streams(state, FAST).tell(name)))[0] == [(STOPPED.name, STOPPED.data)]

    run(test)


def test_work_goes_on_for_who_comes_back_in_time_or_reads_elsewhere() -> None:
    async def test() -> None:
        state = MemoryState()
        maker, other = streams(state, FAST), streams(state, FAST)
        wanted = [*(Event("sentence", str(n)) for n in range(20)), Event("answer", "whole")]
        name = await maker.begin("me", say(*wanted, gap_s=0.04), lambda: None)
        first, _ = await read(maker.tell(name), 2)
        rest, _ = await read(other.tell(name, 2))
        assert first + rest == [(event.name, event.data) for event in wanted]

    run(test)


def test_stopping_ends_the_work_from_any_process() -> None:
    async def test() -> None:
        for here in (True, False):
            halted = asyncio.Event()
            state = MemoryState()
            maker, other = streams(state), streams(state)
            name = await maker.begin("me", say(CUT, gap_s=3600), halted.set)
            await (maker if here else other).stop(name)
            await halted.wait()
            assert (await read(other.tell(name)))[0] == [(STOPPED.name, STOPPED.data)]

    run(test)


def test_a_stream_has_its_name_before_its_first_event() -> None:
    """So that a reader who waits in line may leave it, or come back to it."""

    async def test() -> None:
        halted = asyncio.Event()
        maker = streams(MemoryState())
        name = await maker.begin("me", say(CUT, gap_s=3600), halted.set)
        begun = await anext(maker.tell(name))
        [told] = re.findall(r"^id: (.*)$", begun, re.MULTILINE)
        assert read_event_id(told) == (name, 0)
        await maker.stop(name)
        await halted.wait()

    run(test)


def test_a_reader_is_told_that_the_maker_died() -> None:
    async def test() -> None:
        state = MemoryState()
        maker, other = streams(state, FAST), streams(state, FAST)
        name = await maker.begin("me", say(CUT, gap_s=3600), lambda: None)
        telling = asyncio.create_task(read(other.tell(name)))
        await asyncio.sleep(0)
        # As a killed process leaves it: no word in the state.
        maker._works.pop(name).task.cancel()
        assert (await telling)[0] == [(CUT.name, CUT.data)]

    run(test)


def test_silence_is_filled_with_heart_beats() -> None:
    async def test() -> None:
        state = MemoryState()
        maker = streams(state)
        name = await maker.begin("me", say(CUT, gap_s=3600), lambda: None)
        told = maker.tell(name)
        assert BEGUN.fullmatch(await anext(told))
        assert [await anext(told) for _ in range(3)] == [HEART_BEAT] * 3
        await told.aclose()
        await maker.aclose()

    run(test)


def test_a_stream_is_its_owners() -> None:
    async def test() -> None:
        state = MemoryState()
        maker = streams(state)
        name = await maker.begin("session:a", say(Event("answer", "x")), lambda: None)
        await maker.check_owner(name, "session:a")
        for stream, owner in ((name, "session:b"), ("0" * 32, "session:a")):
            with pytest.raises(NotFoundError):
                await maker.check_owner(stream, owner)
        await maker.aclose()

    run(test)


@pytest.mark.parametrize(
    "told", ["", "1", "x.1", f"{'a' * 32}.", f"{'a' * 32}.-1", f"{'a' * 32}.1\n", f"{'a' * 32}.٣"]
)
def test_an_id_that_was_never_given_is_none(told: str) -> None:
    assert read_event_id(told) is None
