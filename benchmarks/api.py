"""What HTTP costs: answers a second over loopback beside those of the engine in process, on the same cores in one run.

The server is a process of its own, as is what asks it; both sides are asked the same questions, in turns, by as many
threads or connections.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from answering import WORDINGS
from measure import Spread, dev_items, environment, print_table, ratios, take_turns, workbench
from wfc_qa.config import Settings
from wfc_qa.engine import Engine, open_engine

GOAL = 0.7
ROUNDS = 5
SERVE = "from wfc_qa.cli import main; main()"
# As small a client as can be: what it costs is taken from the cores that serve.
ASK = """
import asyncio, json, sys, time
async def ask(address, questions, answered):
    reader, writer = await asyncio.open_connection(*address)
    for question in questions:
        body = json.dumps({"question": question}).encode()
        writer.write(b"POST /api/v1/answers HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Type: application/json\\r\\n"
                     b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\\r\\n")[0])
        await reader.readexactly(length)
        answered.append(length)
    writer.close()
async def main():
    told = json.load(sys.stdin)
    answered, questions = [], iter(told["questions"])
    began = time.perf_counter()
    await asyncio.gather(*(ask(("127.0.0.1", told["port"]), questions, answered) for _ in range(told["connections"])))
    print(json.dumps([len(answered), time.perf_counter() - began]))
asyncio.run(main())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--questions", type=int, default=300, help="of each side in a round")
    chosen = parser.parse_args()
    with workbench() as settings:
        engine = open_engine(settings)
        words = worded(chosen.questions)
        with served(settings) as (port, _):
            in_process(engine, next(words), chosen.connections)
            over_http(port, next(words), chosen.connections)
            rates = take_turns(
                {
                    "in process": lambda: in_process(engine, next(words), chosen.connections),
                    "over HTTP": lambda: over_http(port, next(words), chosen.connections),
                },
                ROUNDS,
            )
        engine.close()
    share = ratios(rates["over HTTP"], rates["in process"])
    print_table(
        f"Answers a second, {chosen.connections} at once; {ROUNDS} rounds of {chosen.questions}",
        ("", "answers/s", "over HTTP / in process", "goal"),
        [
            ["in process", Spread.of(rates["in process"]).show(1), "", ""],
            ["over HTTP", Spread.of(rates["over HTTP"]).show(1), share.show(), f"{GOAL}"],
        ],
    )


def worded(number: int) -> Iterator[list[str]]:
    """Questions of a round; no round repeats another's words, which a cache would remember."""
    items = [item for item in dev_items() if not item.history]
    for turn in itertools.count():
        told = itertools.islice(itertools.cycle(items), number)
        yield [
            WORDINGS[item.language][place // len(items) % len(WORDINGS[item.language])].format(item.text)
            + " " * (turn % 2)
            + "?" * (1 + turn % 7)
            for place, item in enumerate(told)
        ]


def in_process(engine: Engine, questions: Sequence[str], at_once: int) -> float:
    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        list(pool.map(engine.ask, questions))
        return len(questions) / (time.perf_counter() - began)


def over_http(port: int, questions: Sequence[str], connections: int) -> float:

    told = json.dumps({"port": port, "questions": list(questions), "connections": connections})
    done = subprocess.run(
        [sys.executable, "-c", ASK], input=told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the client failed:\n{done.stderr[-1000:]}")
    answered, seconds = json.loads(done.stdout)
    return float(answered / seconds)


@contextmanager
def served(settings: Settings, **options: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The port, and the process, of a server with ``options`` besides."""
    chosen = {f"WFC_QA_{name.upper()}": value for name, value in options.items()}
    told = environment(settings) | {"WFC_QA_PORT": "0"} | chosen
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve"], env=told, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield int(process.stdout.readline().split()[3].rstrip("/").rpartition(":")[2]), process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
