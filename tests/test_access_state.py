"""State in memory and in a real Redis keeps the same promises; several servers on one Redis keep them together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_support import SITES, ask_ticket, client, redeem
from command_support import run
from serving_support import free_port, served
from wfc_qa.config import Settings
from wfc_qa.serving.access import State, TooManyError
from wfc_qa.serving.access.errors import StateError
from wfc_qa.serving.access.rates import SWEEP_S, Counted, Rates, SweptStorage
from wfc_qa.serving.access.state import MemoryState, open_state

Scene = Callable[[State, str], Awaitable[None]]


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")


def play(url: str, scene: Scene) -> None:
    async def run() -> None:
        async with aclosing(open_state(url)) as state:
            await state.check()
            await scene(state, uuid4().hex)

    asyncio.run(run())


def test_of_many_who_add_a_key_at_once_one_alone_is_told_so(url: str) -> None:
    async def scene(state: State, key: str) -> None:
        told = await asyncio.gather(*(state.add_once(key, 60) for _ in range(50)))
        assert told.count(True) == 1
        assert await state.exists(key)
        assert not await state.exists(key + "other")

    play(url, scene)


def test_values_are_read_back_in_order_from_any_index(url: str) -> None:
    async def scene(state: State, key: str) -> None:
        values = [f"第{n}句\n" for n in range(7)]
        assert [await state.append(key, value, 60) for value in values] == list(range(1, 8))
        for start in range(9):
            assert await state.read(key, start) == values[start:]
        assert await state.read(key + "other", 0) == []

    play(url, scene)


def test_what_is_not_written_any_more_dies(url: str) -> None:
    async def scene(state: State, key: str) -> None:
        await state.add_once(key, 0.05)
        await state.append(key + "list", "x", 0.05)
        while await state.exists(key) or await state.exists(key + "list"):
            await asyncio.sleep(0.02)
        assert await state.read(key + "list", 0) == []
        assert await state.add_once(key, 60)
        assert await state.append(key + "list", "y", 60) == 1

    play(url, scene)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.integers(0, 6)), max_size=40))
def test_memory_forgets_exactly_what_has_died(writes: list[tuple[str, int, int]]) -> None:
    """Against a plain list of writes: an entry lives until its last write's end, and holds what it got while alive."""

    async def scene() -> None:
        now = 0.0
        state = MemoryState(clock=lambda: now)
        alive: dict[str, tuple[float, list[str]]] = {}
        for number, (key, ttl_s, pause_s) in enumerate(writes):
            end, values = alive.get(key, (0.0, []))
            values = [*values, str(number)] if end > now else [str(number)]
            assert await state.append(key, str(number), ttl_s) == len(values)
            alive[key] = (now + ttl_s, values)
            now += pause_s
            for one, (end, held) in alive.items():
                assert await state.exists(one) == (end > now)
                assert await state.read(one, 0) == (held if end > now else [])
        now += 100
        await state.add_once("last", 1)
        assert len(state._values) == len(state._ends) == len(state._next) == 1

    asyncio.run(scene())


def test_limits_count_each_apart_and_tell_when_to_come_back(url: str) -> None:
    async def scene() -> None:
        rates = Rates(Settings(state_url=url, limit_address="3/minute;5/hour", limit_site="4/hour"))
        who, site = Counted("address", uuid4().hex), Counted("site", uuid4().hex)
        for _ in range(3):
            await rates.count("answers", who)
        with pytest.raises(TooManyError) as refused:
            await rates.count("answers", who)
        assert 0 < refused.value.wait_s <= 60
        await rates.count("documents", who)
        await rates.count("answers", Counted("address", uuid4().hex))
        # A request that one limit refuses adds to no other.
        for _ in range(5):
            with pytest.raises(TooManyError):
                await rates.count("answers", site, who)
        for _ in range(4):
            await rates.count("answers", site)
        with pytest.raises(TooManyError):
            await rates.count("answers", site)

    asyncio.run(scene())


def test_counting_does_not_look_through_all_that_is_counted_every_time() -> None:
    """What is over is forgotten all the same."""

    async def scene() -> None:
        storage, now_s = SweptStorage(), 0.0
        sweeps = 0
        create = asyncio.create_task

        def counted(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
            nonlocal sweeps
            sweeps += 1
            return create(work)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("time.monotonic", lambda: now_s)
            patch.setattr(asyncio, "create_task", counted)
            now_s = SWEEP_S
            for number in range(200):
                await storage.acquire_entry(f"key {number}", 1, 0)
                await asyncio.sleep(0)
            assert sweeps == 1
            now_s = 3 * SWEEP_S
            await storage.acquire_entry("last", 1, 60)
            assert sweeps == 2
        assert storage.timer
        await storage.timer
        assert list(storage.events) == ["last"]

    asyncio.run(scene())


def test_a_redis_out_of_reach_is_said_without_its_password() -> None:
    url = f"redis://:hush@127.0.0.1:{free_port()}/0"

    async def scene() -> None:
        async with aclosing(open_state(url)) as state:
            for asked in (
                state.check(),
                state.add_once("x", 1),
                state.append("x", "y", 1),
                state.read("x", 0),
            ):
                with pytest.raises(StateError, match="start Redis or mend state_url") as told:
                    await asked
                assert "hush" not in str(told.value)
        with pytest.raises(StateError):
            await Rates(Settings(state_url=url)).count("answers", Counted("address", "x"))

    asyncio.run(scene())


def test_two_servers_on_one_redis_take_a_ticket_once_and_count_together(
    home_index: Path, tmp_path: Path, redis_url: str
) -> None:
    settings = {"sites": SITES, "state_url": redis_url, "limit_session": "4/minute"}
    with (
        served(home_index, tmp_path, **settings) as one,
        served(home_index, tmp_path, **settings) as two,
        client(one.url) as first,
        client(two.url) as second,
    ):
        ticket = ask_ticket(first).json()["ticket"]
        opened = redeem(second, ticket)
        assert opened.status_code == 201
        assert redeem(first, ticket).status_code == 403
        bearer = {"Authorization": f"Bearer {opened.json()['token']}"}
        told = [http.get("api/v1/collection", headers=bearer).status_code for http in (first, second) * 3]
        assert told == [200] * 4 + [429] * 2


def test_the_doctor_tells_access_sites_and_state(tmp_path: Path) -> None:
    port = free_port()
    done = run(
        "doctor", cwd=tmp_path, data_dir=tmp_path, sites=SITES, state_url=f"redis://:hush@127.0.0.1:{port}/0"
    )
    lines = {line[6:18].strip(): line for line in done.stdout.splitlines()}
    assert lines["access"].startswith("ok    access       local: ")
    assert lines["sites"].startswith("MEND")
    assert "http://portal.test:8000" in lines["sites"]
    assert lines["state"].startswith("MEND")
    assert "hush" not in done.stdout
    well = run(
        "doctor", cwd=tmp_path, data_dir=tmp_path, sites='{"bank": {"origins": ["https://x.example"]}}'
    )
    assert "ok    sites        bank: https://x.example" in well.stdout
    assert "ok    state        memory://" in well.stdout
