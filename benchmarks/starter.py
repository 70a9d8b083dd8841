"""llama-index's own starter pipeline, beside ours, on the same documents, model and cores.

The starter is what its documentation starts with: HuggingFaceEmbedding with the model's prompts,
VectorStoreIndex.from_documents, a top-5 retriever. It finds text; ours also cuts by paragraph, matches sentences and
composes the cited answer. Every side of every round runs in a process of its own.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from measure import (
    Spread,
    costed,
    dev_items,
    fresh_cache,
    percentile,
    print_table,
    ratios,
    run_fresh,
    silent,
    since_spawn,
    take_turns,
    workbench,
)
from wfc_qa.adapters.e5_folder import sentence_transformers_folder
from wfc_qa.config import Settings, load_settings
from wfc_qa.indexing.build import Built

ROUNDS = 3
QUESTIONS = 100
TOP_K = 5
MIB = 1 << 20
FIGURES = (
    ("build s", 1),
    ("build CPU s", 1),
    ("start s", 1),
    ("question p50 ms", 1),
    ("question p95 ms", 1),
    ("question CPU ms", 1),
    ("resident MiB", 0),
)


def main() -> None:
    with workbench() as settings, tempfile.TemporaryDirectory() as folder:
        sentence_transformers_folder(settings.cache_dir)
        turns: dict[str, Callable[[], dict[str, Any]]] = {
            side: partial(take_turn, side, settings, Path(folder) / side) for side in ("starter", "ours")
        }
        starter, ours = take_turns(turns, ROUNDS).values()
    rows = [
        [
            name,
            *(Spread.of([figures[name] for figures in side]).show(digits) for side in (starter, ours)),
            ratios([figures[name] for figures in starter], [figures[name] for figures in ours]).show(),
        ]
        for name, digits in FIGURES
    ]
    print_table(
        f"llama-index starter and wfc-qa, home collection, {QUESTIONS} questions; {ROUNDS} rounds",
        ("", "starter", "ours", "starter / ours"),
        rows,
        f"vectors: starter {starter[0]['vectors']}, ours {ours[0]['vectors']} (passages and sentences); targets: "
        "question at least 2, build at least 1",
        f"the starter's model sees {starter[0]['read']:.0%} of the text: its chunks are longer than the model reads",
        "a question is a top-5 retrieval for the starter and a full cited answer for ours",
    )


def take_turn(side: str, settings: Settings, folder: Path) -> dict[str, Any]:
    """Build in one process, start and ask in another."""
    shutil.rmtree(folder, ignore_errors=True)
    cache = fresh_cache(settings, folder / "cache")
    own = settings.model_copy(update={"index_dir": folder / "index", "cache_dir": cache})
    built = run_fresh(__file__, side, "build", settings=own)
    return built | run_fresh(__file__, side, "ask", settings=own)


def build_ours(settings: Settings) -> dict[str, Any]:
    from wfc_qa.builder import build_collection

    built: list[Built] = []
    cost = costed(lambda: built.append(build_collection(settings, silent)[0]))
    counts = built[0].counts
    return {
        "build s": cost.wall_s,
        "build CPU s": cost.cpu_s,
        "vectors": counts["passages"] + counts["sentences"],
    }


def ask_ours(settings: Settings) -> dict[str, Any]:
    from wfc_qa.engine import open_engine

    return ask(open_engine(settings).ask)


def build_starter(settings: Settings) -> dict[str, Any]:
    from llama_index.core import Document, VectorStoreIndex

    from wfc_qa.adapters.st_encoder import open_bundled

    model = _starter_model(settings)
    documents = [
        Document(text=path.read_text("utf-8"), metadata={"file_name": path.name})
        for path in sorted(settings.documents_dir.iterdir())
    ]

    def build() -> None:
        index = VectorStoreIndex.from_documents(documents, embed_model=model)
        index.storage_context.persist(str(settings.index_dir))

    cost = costed(build)
    stored = json.loads((settings.index_dir / "default__vector_store.json").read_text("utf-8"))
    nodes = json.loads((settings.index_dir / "docstore.json").read_text("utf-8"))["docstore/data"].values()
    tokenizer = open_bundled(sentence_transformers_folder(settings.cache_dir))
    lengths = tokenizer.count_tokens([node["__data__"]["text"] for node in nodes])
    return {
        "build s": cost.wall_s,
        "build CPU s": cost.cpu_s,
        "vectors": len(stored["embedding_dict"]),
        "read": sum(min(length, tokenizer.max_tokens) for length in lengths) / sum(lengths),
    }


def ask_starter(settings: Settings) -> dict[str, Any]:
    from llama_index.core import StorageContext, load_index_from_storage

    model = _starter_model(settings)
    context = StorageContext.from_defaults(persist_dir=str(settings.index_dir))
    index = load_index_from_storage(context, embed_model=model)
    return ask(index.as_retriever(similarity_top_k=TOP_K).retrieve)


def ask(answer: Callable[[str], object]) -> dict[str, Any]:
    """Start ends with the first answer; the other questions are warm."""
    texts = [item.text for item in dev_items() if not item.history]
    texts = texts[:: len(texts) // QUESTIONS][: QUESTIONS + 1]
    answer(texts[0])
    start_s = since_spawn()
    costs = [costed(partial(answer, text)) for text in texts[1:]]
    times_ms = [cost.wall_s * 1000 for cost in costs]
    return {
        "start s": start_s,
        "question p50 ms": percentile(times_ms, 50),
        "question p95 ms": percentile(times_ms, 95),
        "question CPU ms": sum(cost.cpu_s for cost in costs) / len(costs) * 1000,
        "resident MiB": psutil.Process().memory_info().rss / MIB,
    }


def _starter_model(settings: Settings) -> Any:
    from llama_index.core import Settings as LlamaSettings
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    LlamaSettings.llm = None
    return HuggingFaceEmbedding(
        model_name=str(sentence_transformers_folder(settings.cache_dir)),
        query_instruction="query: ",
        text_instruction="passage: ",
    )


STAGES = {
    ("ours", "build"): build_ours,
    ("ours", "ask"): ask_ours,
    ("starter", "build"): build_starter,
    ("starter", "ask"): ask_starter,
}

if __name__ == "__main__":
    if sys.argv[1:]:
        said = STAGES[sys.argv[1], sys.argv[2]](load_settings())
        sys.stdout.write("\n" + json.dumps(said) + "\n")
    else:
        main()
