"""Cold starts: the command line from shell to answer, the server to its health and its chat, and its memory.

Ratios are to a bare interpreter started in the same turn: what Python itself costs on this box now.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial

import httpx
import psutil

from measure import Cost, Spread, dev_items, environment, print_table, ratios, take_turns, workbench
from wfc_qa.config import Settings

COMMAND = "from wfc_qa.cli import main; main()"
# Leaves 3 when the command ended well but torch was loaded on its way.
TORCHLESS = """
import sys
from wfc_qa.cli import app
try:
    app(["ask", sys.argv[1]])
except SystemExit as left:
    sys.exit(left.code or 3 * ("torch" in sys.modules))
"""
QUESTION = "成渝金融法院什么时候成立？"
QUESTIONS = 50
MIB = 1 << 20
PATIENCE_S = 180


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="cold starts of each command")
    parser.add_argument("--servers", type=int, default=3, help="starts of the server")
    chosen = parser.parse_args()
    with workbench() as settings:
        python = [sys.executable, "-c"]
        commands = {
            "python -c pass": [*python, "pass"],
            "wfc-qa --help": [*python, COMMAND, "--help"],
            "wfc-qa ask": [*python, COMMAND, "ask", QUESTION],
        }
        runs = {name: partial(run, command, settings) for name, command in commands.items()}
        taken = take_turns(runs, chosen.rounds)
        torch = subprocess.run(
            [*python, TORCHLESS, QUESTION], env=environment(settings), stdout=subprocess.DEVNULL, check=False
        ).returncode
        served = [serve(settings) for _ in range(chosen.servers)]
    bare = taken["python -c pass"]
    rows = [
        [
            name,
            Spread.of([cost.wall_s for cost in costs]).show(),
            Spread.of([cost.cpu_s for cost in costs]).show(),
            ratios([cost.wall_s for cost in costs], [cost.wall_s for cost in bare]).show(1),
            target,
        ]
        for (name, costs), target in zip(taken.items(), ("", "CPU 0.3 s", "3 s"), strict=True)
    ]
    base = Spread.of([cost.wall_s for cost in bare]).median
    for name, place, target in (("/health is 200", 0, "2 s"), ("the chat is ready", 1, "8 s")):
        times = [figures[place] for figures in served]
        shares = Spread.of([seconds / base for seconds in times])
        rows.append([f"serve: {name}", Spread.of(times).show(), "", shares.show(1), target])
    memory = Spread.of([figures[2] / MIB for figures in served])
    said = {0: "not imported", 3: "IMPORTED"}.get(torch, f"unknown, exit {torch}")
    print_table(
        f"Cold starts: {chosen.rounds} of each command, {chosen.servers} of the server",
        ("from start to", "seconds", "CPU seconds", "x bare python", "target"),
        rows,
        f"torch on the path of wfc-qa ask: {said}",
        f"resident memory of the server after {QUESTIONS} questions: {memory.show(0)} MiB (under 1,024 expected)",
    )


def run(command: Sequence[str], settings: Settings) -> Cost:
    """A command from its start to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment(settings), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} exited with {process.returncode}")
    return Cost(wall, used.ru_utime + used.ru_stime)


def serve(settings: Settings) -> tuple[float, float, float]:
    """Seconds until health answers, seconds until the chat page does, and resident bytes after the questions."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "serve", "--port", str(port)],
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_S) as client:
            healthy = wait(client, "/health", process, start)
            ready = wait(client, "/", process, start)
            for item in dev_items()[:: len(dev_items()) // QUESTIONS][:QUESTIONS]:
                client.post("/api/v1/answers", json={"question": item.text}).raise_for_status()
        server = psutil.Process(process.pid)
        family = [server, *server.children(recursive=True)]
        return healthy, ready, float(sum(member.memory_info().rss for member in family))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)


def wait(client: httpx.Client, path: str, process: subprocess.Popen[bytes], start: float) -> float:
    """Seconds from ``start`` until ``path`` answers 200."""
    while time.perf_counter() - start < PATIENCE_S and process.poll() is None:
        try:
            if client.get(path).status_code == httpx.codes.OK:
                return time.perf_counter() - start
        except httpx.TransportError:
            pass
        time.sleep(0.02)
    process.kill()
    raise SystemExit(f"{path} never answered 200: {process.communicate()[1].decode()[-500:]}")


if __name__ == "__main__":
    main()
