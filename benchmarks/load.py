"""Many visitors at once, and many questions one after another: waits, refusals, and the server's memory.

Visitors come through the widget's handshake, each from an address and with a session of its own; every other one reads
its answer as a stream. Whoever is refused with 429 waits as long as told and asks again. All of it stays on this
machine and ends by itself; what asks is a process of its own, on the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import numpy as np
import psutil

from api import served, worded
from measure import Spread, percentile, print_table, workbench
from wfc_qa.config import Settings
from wfc_qa.serving.streams.streams import Pace

PORTAL = "http://portal.example"
SITES = {"bank": {"origins": [PORTAL]}}
EACH = 10
SAMPLES = 40
MIB = 1024 * 1024


@dataclass(slots=True)
class Tally:
    """``waits_s`` of the answers from being asked (the time that got them) to their end; ``refused`` by status."""

    waits_s: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks ``EACH`` questions, ``pause_s`` apart, through the server at ``client``."""

    client: httpx.AsyncClient
    number: int
    pause_s: float
    tally: Tally

    async def visit(self, questions: Iterator[str]) -> None:
        address = ".".join(str(part) for part in (10, *self.number.to_bytes(3, "big")))
        ticket = (await self._post("widget/tickets", {"site": "bank"}, address, Origin=PORTAL)).json()[
            "ticket"
        ]
        token = (await self._post("widget/sessions", {"ticket": ticket}, address)).json()["token"]
        accept = "text/event-stream" if self.number % 2 else "application/json"
        # They come one by one, not at a stroke.
        await asyncio.sleep(self.pause_s * (self.number % 97) / 97)
        for question in itertools.islice(questions, EACH):
            began = time.monotonic()
            response = await self._post(
                "answers", {"question": question}, address, Authorization=f"Bearer {token}", Accept=accept
            )
            self.tally.waits_s.append(response.elapsed.total_seconds())
            if accept.startswith("text") and "\nevent: answer\n" not in response.text:
                self.tally.refused["stream without an answer"] += 1
            await asyncio.sleep(max(0.0, self.pause_s - (time.monotonic() - began)))

    async def _post(self, path: str, body: object, address: str, **headers: str) -> httpx.Response:
        """The first response that is no 429; raises for any other failure."""
        while True:
            response = await self.client.post(
                f"api/v1/{path}", json=body, headers={"X-Forwarded-For": address, **headers}
            )
            if response.is_success:
                return response
            wait_s = response.headers.get("retry-after", "")
            self.tally.refused[f"{response.status_code}{'' if wait_s else ' without Retry-After'}"] += 1
            if response.status_code != 429 or not wait_s:
                raise SystemExit(f"{path} was answered with {response.status_code}: {response.text[:300]}")
            await asyncio.sleep(float(wait_s))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=200)
    parser.add_argument("--questions", type=int, default=2000, help="of all visitors together, in each round")
    parser.add_argument(
        "--pause-s", type=float, default=10, help="between a visitor's questions, where they pause"
    )
    parser.add_argument(
        "--soak", type=int, default=10_000, help="questions over which memory is watched; 0 for none"
    )
    chosen = parser.parse_args()
    with workbench() as settings:
        words = itertools.chain.from_iterable(worded(500))
        with served(settings, sites=json.dumps(SITES)) as (port, _):
            asyncio.run(crowd(port, 20, 100, 0.0, words))
            rows = []
            for name, pause_s in ((f"{chosen.pause_s:g} s apart", chosen.pause_s), ("without a pause", 0.0)):
                # The site's limit counts by the minute.
                time.sleep(60 if rows else 0)
                tally = asyncio.run(crowd(port, chosen.visitors, chosen.questions, pause_s, words))
                rows.append([name, *figures(tally)])
        print_table(
            f"{chosen.visitors} visitors at once, {chosen.questions} questions, as the limits are by default",
            ("", "answered", "a second", "p50 s", "p95 s", "p99 s", "refused, then answered"),
            rows,
            "whoever does not pause shares the cores with all others: the wait is the queue's",
        )
        if chosen.soak:
            soak(settings, chosen.soak, words)


def figures(tally: Tally) -> list[str]:
    waits, took_s = tally.waits_s, tally.ended - tally.began
    return [
        str(len(waits)),
        f"{len(waits) / took_s:.1f}",
        *(f"{percentile(waits, percent):.2f}" for percent in (50, 95, 99)),
        ", ".join(f"{number} x {status}" for status, number in tally.refused.items()) or "none",
    ]


async def crowd(
    port: int, visitors: int, questions: int, pause_s: float, words: Iterator[str], first: int = 0
) -> Tally:
    """``questions`` asked by ``visitors`` at a time; who has asked theirs is followed by another."""
    tally = Tally()
    numbers = iter(range(first, first + questions // EACH))
    # An idle connection is given up before the server gives it up, lest a question meet it as it closes.
    limits = httpx.Limits(max_connections=visitors, max_keepalive_connections=visitors, keepalive_expiry=3)
    base = f"http://127.0.0.1:{port}/"
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=300, trust_env=False) as client:

        async def seat() -> None:
            for number in numbers:
                await Visitor(client, number, pause_s, tally).visit(words)

        await asyncio.gather(*(seat() for _ in range(visitors)))
    tally.ended = time.monotonic()
    return tally


def soak(settings: Settings, questions: int, words: Iterator[str]) -> None:
    """Memory of the server after each part of ``questions``, each visitor a new one."""
    part = max(questions // SAMPLES // EACH, 1) * EACH
    with served(settings, sites=json.dumps(SITES), limit_site="1000000/minute") as (port, process):
        resident = psutil.Process(process.pid)
        sizes, times = [], []
        for number in range(SAMPLES):
            asyncio.run(crowd(port, 16, part, 0.0, words, first=1_000_000 + number * part))
            sizes.append(resident.memory_info().rss / MIB)
            times.append(time.monotonic())
    half = SAMPLES // 2
    asked = [part * (number + 1) / 1000 for number in range(SAMPLES)]
    print_table(
        f"Memory of the server over {part * SAMPLES} questions of {part * SAMPLES // EACH} visitors",
        ("", "MiB", "growth, MiB per 1,000 questions"),
        [
            [name, Spread.of(sizes[chosen]).show(0), f"{np.polyfit(asked[chosen], sizes[chosen], 1)[0]:+.2f}"]
            for name, chosen in (("first half", slice(None, half)), ("second half", slice(half, None)))
        ],
        f"after {part}: {sizes[0]:.0f} MiB; at the end: {sizes[-1]:.0f} MiB; {times[-1] - times[0]:.0f} s between;"
        f" a stream's events are kept for {Pace().kept_s:g} s",
    )


if __name__ == "__main__":
    main()
