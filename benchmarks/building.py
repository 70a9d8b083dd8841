"""Building an index, beside the bare encoder on exactly the texts that the build embeds.

The build starts from nothing but the model: it reads, cuts, embeds, indexes and switches. The bare encoder is warm
and gets every different text at once.
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
        (
            "collection",
            "paragraphs",
            "texts",
            "encoder s",
            "build s",
            "build texts/s",
            "ratio, clock",
            "ratio, CPU",
        ),
        rows,
        f"ratio = encoder time / build time, by the clock and by processor seconds; target at least {TARGET}",
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

    runs = {"encoder": lambda: costed(lambda: encoder.encode_passages(texts)), "build": build}
    bare, whole = take_turns(runs, rounds).values()
    return [
        name, f"{len(collection.paragraphs):,}", f"{len(texts):,}",
        Spread.of([cost.wall_s for cost in bare]).show(1), Spread.of([cost.wall_s for cost in whole]).show(1),
        Spread.of([len(texts) / cost.wall_s for cost in whole]).show(1),
        ratios([cost.wall_s for cost in bare], [cost.wall_s for cost in whole]).show(),
        ratios([cost.cpu_s for cost in bare], [cost.cpu_s for cost in whole]).show(),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
