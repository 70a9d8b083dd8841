"""Building an index, beside the bare encoder on exactly the texts that the build embeds.

The build starts from nothing but the model: it opens it, reads, cuts, embeds, indexes and switches. The bare encoder
gets every different text at once, warm or opened anew.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from measure import (
    Cost,
    Spread,
    costed,
    fresh_cache,
    multiply_documents,
    print_table,
    ratios,
    silent,
    take_turns,
    workbench,
)
from wfc_qa.adapters.encoders import Encoder, open_encoder
from wfc_qa.builder import build_collection
from wfc_qa.config import Settings
from wfc_qa.indexing.draft import draft_index
from wfc_qa.reading.collection import read_collection

TARGET = 0.85
PARAGRAPHS = 3000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds on the home collection")
    parser.add_argument("--large-rounds", type=int, default=1, help="rounds on the multiplied collection")
    chosen = parser.parse_args()
    with workbench() as settings, tempfile.TemporaryDirectory() as folder:
        encoder = open_encoder(settings)
        rows = [measure("home", settings, encoder, Path(folder) / "home", chosen.rounds)]
        if chosen.large_rounds:
            copies = round(PARAGRAPHS / len(read_collection(settings.documents_dir).paragraphs))
            multiply_documents(settings.documents_dir, Path(folder) / "documents", copies)
            large = settings.model_copy(update={"documents_dir": Path(folder) / "documents"})
            rows.append(
                measure(f"home x {copies}", large, encoder, Path(folder) / "large", chosen.large_rounds)
            )
    print_table(
        "Build of an index from nothing, and the bare encoder on the same texts",
        ("collection", "encoder s", "build s", "warm, clock", "warm, CPU", "opened, clock", "opened, CPU"),
        rows,
        f"ratios are encoder time / build time, by the clock and by processor seconds; target at least {TARGET}",
        "opened: the bare encoder opens its model within the time measured, as a build does",
    )


def measure(name: str, settings: Settings, encoder: Encoder, folder: Path, rounds: int) -> list[str]:
    collection = read_collection(settings.documents_dir)
    draft = draft_index(collection, encoder)
    spoken = [text for _, text in draft.sentences()]
    texts = list(dict.fromkeys([*(entry.indexed for entry in draft.entries), *spoken]))
    builds = iter(range(rounds))

    def build() -> Cost:
        own = folder / str(next(builds))
        cache = fresh_cache(settings, own / "cache")
        fresh = settings.model_copy(update={"index_dir": own / "index", "cache_dir": cache})
        return costed(lambda: build_collection(fresh, silent))

    runs = {
        "warm": lambda: costed(lambda: encoder.encode_passages(texts)),
        "opened": lambda: costed(lambda: open_encoder(settings).encode_passages(texts)),
        "build": build,
    }
    taken = take_turns(runs, rounds)
    wall = {side: [cost.wall_s for cost in costs] for side, costs in taken.items()}
    cpu = {side: [cost.cpu_s for cost in costs] for side, costs in taken.items()}
    return [
        f"{name}: {len(texts):,} texts", Spread.of(wall["warm"]).show(1), Spread.of(wall["build"]).show(1),
        ratios(wall["warm"], wall["build"]).show(), ratios(cpu["warm"], cpu["build"]).show(),
        ratios(wall["opened"], wall["build"]).show(), ratios(cpu["opened"], cpu["build"]).show(),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
