"""What every form of data set is read to: records one by one, each with the place it stands at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import DocumentError
from ...reading.records import Record, one_line
from ...text.language import detect_language
from ...types import GoldQuestion, Place
from ..gold import canonical_figure

SPAN, IMPOSSIBLE, RANKING = "span", "impossible", "ranking"
"""Kinds of questions whose form tells none: answered by a span, by nothing, or by a document without a wording."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why something was left out; ``record_id`` is empty where it names none."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """What stands at ``place`` of a source: "line 12", "article 3 paragraph 1 question 2"."""

    place: str
    found: Record | GoldQuestion | Flaw


def make_question(
    query_id: str, text: str, kind: str, answers: Iterable[str], evidence: Iterable[Place], split: str = "dev"
) -> GoldQuestion:
    """A question of one part, of which ``answers`` are the wordings; answerable unless its kind is ``IMPOSSIBLE``.

    Raises DocumentError, without the place, where its id or text is missing.
    """
    text = one_line(text)
    if not query_id:
        raise DocumentError("has no id")
    if not any(char.isalnum() for char in text):
        raise DocumentError("asks nothing")
    parts = (wordings,) if (wordings := tuple(dict.fromkeys(answers))) else ()
    return GoldQuestion(
        query_id=query_id,
        text=text,
        language=detect_language(text),
        kind=kind,
        answerable=kind != IMPOSSIBLE,
        answers=parts,
        figures=tuple(map(canonical_figure, parts)),
        evidence=tuple(evidence),
        split=split,
    )


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Raises ``OSError``."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def listed(value: Any, name: str) -> list[Any]:
    """``value``, an empty list where it is ``None``. Raises DocumentError, without the place, for other things."""
    if not isinstance(value, list | None):
        raise DocumentError(f"has {name} that are no list")
    return value or []


def mapped(value: Any) -> dict[str, Any]:
    """Raises DocumentError, without the place, unless ``value`` is a JSON object."""
    if not isinstance(value, dict):
        raise DocumentError("is no JSON object")
    return value
