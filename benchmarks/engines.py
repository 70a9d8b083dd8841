"""The embedding engines side by side on the same texts: ``python benchmarks/engines.py``.

Read the ratios: both engines run in this process, by turns, on whatever else the machine is doing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from wfc_qa.adapters.encoders import Encoder, open_encoder
from wfc_qa.config import Settings, load_settings

ROUNDS = 3


def main() -> None:
    settings = load_settings()
    texts = collection_texts(settings)
    passages, queries = (texts * (1 + 200 // len(texts)))[:200], [text[:40] for text in texts][:60]
    onnx = open_encoder(settings.model_copy(update={"embedding_engine": "onnx"}))
    torch = open_encoder(settings.model_copy(update={"embedding_engine": "sentence-transformers"}))
    rows = measure([torch, onnx], passages, queries)
    cosines = (torch.encode_passages(passages) * onnx.encode_passages(passages)).sum(axis=1)

    table = Table(title=f"{len(passages)} passages, {len(queries)} queries, {os.cpu_count()} cores")
    for column in ("engine", "query p50 ms", "query p95 ms", "bulk texts/s"):
        table.add_column(column, justify="left" if column == "engine" else "right")
    for name, row in zip(("torch fp32", "onnx int8"), rows, strict=True):
        table.add_row(name, *(f"{value:.1f}" for value in row))
    ratios = [slow / fast for slow, fast in zip(rows[0][:2], rows[1][:2], strict=True)]
    table.add_row("onnx is faster by", *(f"{ratio:.2f}x" for ratio in [*ratios, rows[1][2] / rows[0][2]]))
    console = Console()
    console.print(table)
    console.print(f"cosine of the two: mean {cosines.mean():.4f}, least {cosines.min():.4f}")


def collection_texts(settings: Settings) -> list[str]:
    """Lines of the home collection that read like passages."""
    lines = [
        line.strip("# -*\t")
        for path in sorted(settings.documents_dir.rglob("*.md"))
        + sorted(settings.documents_dir.rglob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
    ]
    if texts := [line[:600] for line in lines if len(line) >= 20]:
        return texts
    raise SystemExit(f"no documents in {settings.documents_dir}; set WFC_QA_DOCUMENTS_DIR")


def measure(
    encoders: list[Encoder], passages: list[str], queries: list[str]
) -> list[tuple[float, float, float]]:
    """For each encoder query p50 and p95 in ms, one at a time, and the best round's passages per second.

    The encoders take turns in every round, so that both meet the same load.
    """
    query_s: list[list[float]] = [[] for _ in encoders]
    bulk_s: list[list[float]] = [[] for _ in encoders]
    for encoder in encoders:
        encoder.encode_queries(queries[:3])
    for _ in range(ROUNDS):
        for encoder, queried, filled in zip(encoders, query_s, bulk_s, strict=True):
            queried += [timed(partial(encoder.encode_queries, [query])) for query in queries]
            filled.append(timed(partial(encoder.encode_passages, passages)))
    percentiles = [np.percentile(queried, [50, 95]) * 1000 for queried in query_s]
    return [
        (float(p50), float(p95), len(passages) / min(filled))
        for (p50, p95), filled in zip(percentiles, bulk_s, strict=True)
    ]


def timed(run: Callable[[], object]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
