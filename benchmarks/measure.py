"""What the benchmarks share: fair turns, spread, fresh processes, one table.

The box may be busy with other work: what is compared is measured in turns within one run, and read as ratios.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from wfc_qa.adapters.vectors import core_count
from wfc_qa.builder import build_collection
from wfc_qa.config import CHECKOUT, Settings, load_settings
from wfc_qa.evaluation.gold import load_gold
from wfc_qa.types import GoldQuestion

LIBRARIES = (
    "faiss-cpu", "llama-index-core", "numpy", "onnxruntime", "sentence-transformers", "tantivy", "torch"
)  # fmt: skip
SPAWNED = "WFC_QA_BENCHMARK_SPAWNED"
Measured = TypeVar("Measured")
console = Console(width=130)


@dataclass(frozen=True, slots=True)
class Spread:
    """Least, median and greatest of repeats."""

    least: float
    median: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(min(values), float(np.median(values)), max(values))

    def show(self, digits: int = 2) -> str:
        median, low, high = (f"{value:,.{digits}f}" for value in (self.median, self.least, self.greatest))
        return f"{median} [{low}–{high}]"


def ratios(over: Sequence[float], under: Sequence[float]) -> Spread:
    """Of repeats measured in pairs."""
    return Spread.of([one / other for one, other in zip(over, under, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def timed(run: Callable[[], object]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and seconds of processor over all threads: the latter hardly feel a busy box."""

    wall_s: float
    cpu_s: float


def costed(run: Callable[[], object]) -> Cost:
    """What one call costs this process."""
    cpu = time.process_time()
    wall = timed(run)
    return Cost(wall, time.process_time() - cpu)


def take_turns(runs: Mapping[str, Callable[[], Measured]], rounds: int) -> dict[str, list[Measured]]:
    """What each run returns in each round; who goes first changes from round to round."""
    measured: dict[str, list[Measured]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in list(runs)[:: 1 if number % 2 else -1]:
            measured[name].append(runs[name]())
    return measured


def dev_items() -> list[GoldQuestion]:
    return load_gold(CHECKOUT / "eval" / "dev.jsonl")[0]


@contextmanager
def workbench() -> Iterator[Settings]:
    """Settings with index and data in a folder of their own, the home collection built there."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(index_dir=Path(folder) / "index", data_dir=Path(folder) / "data")
        build_collection(settings, silent)
        yield settings


def silent(step: str, done: int, total: int) -> None:  # noqa: ARG001
    return


def fresh_cache(settings: Settings, folder: Path) -> Path:
    """A cache in ``folder`` that has the model and the dictionary but no embedding."""
    folder.mkdir(parents=True)
    for entry in settings.cache_dir.iterdir():
        if not entry.name.startswith("embeddings"):
            (folder / entry.name).symlink_to(entry)
    return folder


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which a child process has these settings."""
    chosen = {
        name: str(getattr(settings, name)) for name in ("documents_dir", "index_dir", "data_dir", "cache_dir")
    }
    return os.environ | {f"WFC_QA_{name.upper()}": value for name, value in chosen.items()}


def run_fresh(script: str, *arguments: str, settings: Settings) -> dict[str, Any]:
    """What ``script`` prints as JSON on its last line, run with ``arguments`` in a process of its own."""
    spawned = {SPAWNED: repr(time.monotonic())}
    done = subprocess.run(
        [sys.executable, script, *arguments],
        env=environment(settings) | spawned,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script} {' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def since_spawn() -> float:
    """Seconds since the parent started this process through ``run_fresh``."""
    return time.monotonic() - float(os.environ[SPAWNED])


def multiply_documents(source: Path, target: Path, copies: int) -> None:
    """Write ``copies`` of every document with other figures in each; front matter stays."""
    chance = np.random.default_rng(0)

    def other(figure: re.Match[str]) -> str:
        return "".join(str(chance.integers(1, 10)) for _ in figure.group())

    target.mkdir(parents=True)
    for path in sorted(path for path in source.rglob("*") if path.suffix in {".md", ".txt"}):
        front, mark, body = path.read_text("utf-8").rpartition("\n---\n")
        for copy in range(copies):
            text = f"{front}{mark}{re.sub(r'[0-9]+', other, body)}" if copy else front + mark + body
            (target / f"{path.stem}-{copy}{path.suffix}").write_text(text, "utf-8")


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for note in notes:
        console.print(note, highlight=False, markup=False)
    console.print(
        f"median [least to greatest]; {core_count()} cores, load {os.getloadavg()[0]:.1f}; Python "
        + ", ".join([
            sys.version.split()[0], *(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
        ]),
        style="dim", highlight=False, markup=False,
    )  # fmt: skip
