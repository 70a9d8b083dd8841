"""The fair queue: no place is lost, none is given twice, and no visitor waits behind another's crowd."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.serving.access import Kind, TooManyError, Turnstile, Visitor
from wfc_qa.serving.access.waiting import Gate
from wfc_qa.steps import GoneError

CROWD = st.lists(st.integers(0, 4), min_size=1, max_size=30)


def visitor(number: int) -> Visitor:
    return Visitor(Kind.KEY, f"key {number}")


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Crowd:
    """Questions of visitors, each held in its turn until told to end."""

    def __init__(self, turnstile: Turnstile) -> None:
        self.turnstile = turnstile
        self.served: list[int] = []
        self.ends: dict[int, asyncio.Event] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, who: int) -> asyncio.Task[None]:
        number = len(self.tasks)
        self.ends[number] = asyncio.Event()

        async def question() -> None:
            async with self.turnstile.turn(visitor(who)):
                assert self.turnstile.taken <= self.turnstile._places
                self.served.append(number)
                await self.ends[number].wait()

        self.tasks.append(asyncio.create_task(question()))
        await settle()
        return self.tasks[-1]

    async def end_all(self) -> None:
        while not all(task.done() for task in self.tasks):
            running = [n for n in self.served if not self.tasks[n].done()]
            assert running, "questions wait though a place is free"
            self.ends[running[0]].set()
            await settle()


def run(scene: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(scene())


@given(CROWD, st.integers(1, 3))
def test_everybody_is_served_and_every_place_comes_back(askers: list[int], places: int) -> None:
    async def scene() -> None:
        crowd = Crowd(Turnstile(places, 100))
        for who in askers:
            await crowd.ask(who)
        await crowd.end_all()
        assert sorted(crowd.served) == list(range(len(askers)))
        assert (crowd.turnstile.taken, crowd.turnstile.waiting) == (0, 0)

    run(scene)


@given(CROWD)
def test_between_two_turns_of_a_visitor_everybody_who_waited_has_one(askers: list[int]) -> None:
    """Served one at a time: while a visitor still waits, no other is served twice."""

    async def scene() -> None:
        crowd = Crowd(Turnstile(1, 100))
        await crowd.ask(-1)
        for who in askers:
            await crowd.ask(who)
        await crowd.end_all()
        order = [askers[number - 1] for number in crowd.served[1:]]
        for start, who in enumerate(order):
            if who in order[start + 1 :]:
                again = order.index(who, start + 1)
                assert set(order[again:]) <= set(order[start:again])

    run(scene)


@given(CROWD, st.data())
def test_whoever_leaves_takes_no_place_along(askers: list[int], data: st.DataObject) -> None:
    """Questions given up at any moment, waiting, running, or just as their turn comes: the rest are all served."""

    async def scene() -> None:
        crowd = Crowd(Turnstile(2, 100))
        for who in askers:
            await crowd.ask(who)
        leaving = data.draw(st.sets(st.integers(0, len(askers) - 1)))
        at_once = data.draw(st.booleans())
        for number in leaving:
            if at_once and crowd.served:
                crowd.ends[crowd.served[0]].set()
                await asyncio.sleep(0)
            crowd.tasks[number].cancel()
        await settle()
        await crowd.end_all()
        assert set(range(len(askers))) - leaving <= set(crowd.served)
        assert (crowd.turnstile.taken, crowd.turnstile.waiting) == (0, 0)

    run(scene)


def test_a_full_queue_says_when_to_come_back_as_answers_took() -> None:
    async def scene() -> None:
        now = 0.0
        crowd = Crowd(Turnstile(1, 1, clock=lambda: now))
        for _ in range(40):
            async with crowd.turnstile.turn(visitor(0)):
                now += 7
        await crowd.ask(1)
        await crowd.ask(2)
        with pytest.raises(TooManyError) as refused:
            async with crowd.turnstile.turn(visitor(3)):
                pass
        assert refused.value.headers == {"Retry-After": "14"}
        await crowd.end_all()

    run(scene)


def test_one_session_cannot_fill_the_queue() -> None:
    async def scene() -> None:
        turnstile = Turnstile(1, 100)
        greedy, other = Visitor(Kind.SESSION, "a", "bank"), Visitor(Kind.SESSION, "b", "bank")

        async def ask(who: Visitor) -> None:
            async with turnstile.turn(who):
                await asyncio.sleep(0)

        told = await asyncio.gather(*[ask(greedy) for _ in range(10)], ask(other), return_exceptions=True)
        assert [isinstance(one, TooManyError) for one in told] == [False] * 4 + [True] * 6 + [False]

    run(scene)


def test_a_reader_who_goes_leaves_the_queue() -> None:
    async def scene() -> None:
        crowd = Crowd(Turnstile(1, 100))
        await crowd.ask(0)

        async def gone() -> bool:
            return True

        with pytest.raises(GoneError):
            async with crowd.turnstile.turn(visitor(1), gone):
                pass
        assert crowd.turnstile.waiting == 0
        await crowd.end_all()

    run(scene)


def test_work_in_a_thread_waits_its_turn_with_a_beat_and_gives_it_back() -> None:
    """However the work ends, left while waiting, left at work or done, the place comes back."""

    async def scene() -> None:
        turnstile = Turnstile(1, 100)
        gate = Gate(turnstile, asyncio.get_running_loop(), visitor(1))
        async with turnstile.turn(visitor(2)):
            waiting = gate.through((n for n in range(3)), 0.01)
            assert await asyncio.to_thread(next, waiting) is None
            assert turnstile.waiting == 1
            await asyncio.to_thread(waiting.close)
            await settle()
            assert turnstile.waiting == 0
        at_work = gate.through((n for n in range(3)), 10)
        assert await asyncio.to_thread(next, at_work) == 0
        assert turnstile.taken == 1
        await asyncio.to_thread(at_work.close)
        await settle()
        assert turnstile.taken == 0
        assert await asyncio.to_thread(list, gate.through((n for n in range(3)), 10)) == [0, 1, 2]
        await settle()
        assert turnstile.taken == 0

    run(scene)


def test_work_in_a_thread_is_refused_as_any_other() -> None:
    async def scene() -> None:
        turnstile = Turnstile(1, 0)
        gate = Gate(turnstile, asyncio.get_running_loop(), visitor(1))
        async with turnstile.turn(visitor(2)):
            with pytest.raises(TooManyError):
                await asyncio.to_thread(list, gate.through((n for n in range(3)), 0.01))
        assert (turnstile.taken, turnstile.waiting) == (0, 0)

    run(scene)


def test_sessions_of_one_address_leave_most_of_the_line_to_others() -> None:
    """Sessions cost nothing: whoever opens many waits no more often than one address may."""

    async def scene() -> None:
        turnstile = Turnstile(1, 12)

        async def wait(number: int, address: str) -> None:
            async with turnstile.turn(Visitor(Kind.SESSION, f"{address} {number}", "bank", (), address)):
                pass

        async with turnstile.turn(visitor(0)):
            crowd = [asyncio.create_task(wait(number, "a")) for number in range(6)]
            await settle()
            assert turnstile.waiting == 3
            other = asyncio.create_task(wait(0, "b"))
            await settle()
            assert turnstile.waiting == 4
        refused = await asyncio.gather(*crowd, other, return_exceptions=True)
        assert [isinstance(one, TooManyError) for one in refused] == [False] * 3 + [True] * 3 + [False]
        again = [asyncio.create_task(wait(number, "a")) for number in range(3)]
        await asyncio.gather(*again)
        assert not turnstile._from

    run(scene)
