"""The check of a gold set: each question against the documents, its splits against each other, its shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from ..adapters.vectors import FloatArray
from ..reading.collection import Collection
from ..types import GoldQuestion, Language
from .check_balance import check_balance
from .check_items import check_items
from .check_leaks import Encode, check_leaks, check_meanings
from .finding import Finding, Severity

BATCH = 64
Splits = Mapping[str, Sequence[GoldQuestion]]


def check_gold(
    questions_by_split: Splits, collection: Collection, encode: Encode | None = None
) -> list[Finding]:
    """All that is wrong (errors), then all that is worth a look (warnings); with ``encode``, which embeds queries,
    rewordings across splits are found too."""
    questions = list(chain.from_iterable(questions_by_split.values()))
    findings = [
        *check_items(questions, collection),
        *check_leaks(questions_by_split),
        *(check_meanings(questions_by_split, encode) if encode else ()),
        *check_balance(questions),
    ]
    return sorted(findings, key=lambda finding: finding.severity != Severity.ERROR)


def in_batches(encode: Encode) -> Encode:
    """``encode`` called with few texts at a time: long and short ones share no padding."""

    def run(texts: Sequence[str]) -> FloatArray:
        parts = [encode(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return np.concatenate(parts)

    return run


def count_kinds(questions_by_split: Splits) -> str:
    """A table of how many questions each split holds, by kind and language."""
    columns = [(split, language) for split in questions_by_split for language in Language]
    counts = Counter(
        (question.kind, split, question.language)
        for split, questions in questions_by_split.items()
        for question in questions
    )
    kinds = sorted({kind for kind, _, _ in counts})
    numbers = {kind: [counts[kind, *column] for column in columns] for kind in kinds}
    numbers["all"] = [sum(column) for column in zip(*numbers.values(), strict=True)]
    rows = [["kind", *(f"{split} {language.value}" for split, language in columns), "all"]]
    rows += [[kind, *map(str, row), str(sum(row))] for kind, row in numbers.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )
