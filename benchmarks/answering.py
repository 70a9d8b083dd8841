"""Warm question to full answer, beside the bare query embedding of the same question on the same encoder.

Every round words each question anew, so that no round is answered from what an earlier one left in a cache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from measure import Spread, dev_items, percentile, print_table, timed, workbench
from wfc_qa.engine import Engine, open_engine
from wfc_qa.types import GoldQuestion, Language

WORDINGS = {
    Language.ZH: ("{}", "请问，{}", "请告诉我：{}", "想了解一下，{}", "我想知道，{}"),
    Language.EN: (
        "{}",
        "Please tell me: {}",
        "Could you say: {}",
        "I would like to know, {}",
        "Say briefly: {}",
    ),
}
ROUNDS = 5
TARGETS = {50: 1.5, 95: 3.0}


def main() -> None:
    with workbench() as settings:
        engine = open_engine(settings)
        for wording in ("{}?", "{} ?"):
            for item in dev_items()[:5]:
                engine.ask(wording.format(item.text))
        kinds: dict[str, list[GoldQuestion]] = {"questions": [], "follow-ups": []}
        for item in dev_items():
            kinds["follow-ups" if item.history else "questions"].append(item)
        rows: list[list[str]] = []
        for kind, items in kinds.items():
            rounds = [measure(engine, items, number) for number in range(ROUNDS)]
            for percent, target in TARGETS.items():
                embedding, answer = (
                    [percentile(times[side], percent) * 1000 for times in rounds] for side in (0, 1)
                )
                shares = Spread.of([a / e for a, e in zip(answer, embedding, strict=True)])
                rows.append([
                    f"{len(items)} {kind}", f"p{percent}", Spread.of(embedding).show(1),
                    Spread.of(answer).show(1), shares.show(), f"{target}",
                ])  # fmt: skip
        laps = engine.ask(dev_items()[0].text).timings_ms
        engine.close()
    print_table(
        f"Question to answer, warm, in process; {ROUNDS} rounds",
        ("asked", "", "embedding ms", "answer ms", "answer / embedding", "target"),
        rows,
        "one answer's steps in ms: " + ", ".join(f"{name} {value}" for name, value in laps.items()),
    )


def measure(engine: Engine, items: list[GoldQuestion], number: int) -> tuple[list[float], list[float]]:
    """Seconds of each embedding and of each answer; whoever goes first meets the question cold in caches."""
    embedding: list[float] = []
    answer: list[float] = []
    for place, item in enumerate(items):
        text = WORDINGS[item.language][number].format(item.text)
        runs: list[tuple[list[float], Callable[[], object]]] = [
            (embedding, partial(engine.encoder.encode_queries, [text])),
            (answer, partial(engine.ask, text, history=item.history)),
        ]
        for times, run in runs[:: 1 if place % 2 else -1]:
            times.append(timed(run))
    return embedding, answer


if __name__ == "__main__":
    main()
