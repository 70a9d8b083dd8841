"""The check of a gold set: each question against the documents, its splits against each other, its shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

from ..reading.collection import Collection
from ..types import GoldQuestion, Language
from .check_balance import check_balance
from .check_items import check_items
from .check_leaks import check_leaks
from .finding import Finding, Severity

Splits = Mapping[str, Sequence[GoldQuestion]]


def check_gold(questions_by_split: Splits, collection: Collection) -> list[Finding]:
    """All that is wrong (errors), then all that is worth a look (warnings)."""
    questions = list(chain.from_iterable(questions_by_split.values()))
    findings = [
        *check_items(questions, collection),
        *check_leaks(questions_by_split),
        *check_balance(questions),
    ]
    return sorted(findings, key=lambda finding: finding.severity != Severity.ERROR)


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
