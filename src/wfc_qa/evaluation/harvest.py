"""Questions that readers were not content with become candidates for the gold set; a reviewer makes them gold.

A candidate is no gold question (its ``answerable`` is null), and the gold loader refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DocumentError, StorageError
from ..feedback import Feedback, Verdict, read_feedback
from ..text.language import detect_language
from ..types import GoldQuestion
from .gold import plain
from .pages import write_whole


@dataclass(frozen=True, slots=True)
class Harvested:
    """How many thumbs-down questions became candidates, were candidates already, or are gold."""

    target: Path
    added: int
    known: int
    gold: int


def harvest(feedback_db: Path, gold: Sequence[GoldQuestion], target: Path) -> Harvested:
    """Add the questions with a thumbs-down to the candidates in ``target``, each question once; what a reviewer wrote
    there stays.

    Raises StorageError when a file cannot be read or written, DocumentError when ``target`` holds other things.
    """
    settled = {plain(question.text) for question in gold if not question.history}
    text, seen = _read_candidates(target)
    counts = {"added": 0, "known": 0, "gold": 0}
    for feedback in read_feedback(feedback_db):
        if feedback.verdict is not Verdict.DOWN:
            continue
        asked = plain(feedback.understood)
        where = "gold" if asked in settled else "known" if asked in seen else "added"
        counts[where] += 1
        if where == "added":
            seen.add(asked)
            text += json.dumps(_candidate(feedback), ensure_ascii=False) + "\n"
    if counts["added"]:
        write_whole(target, text)
    return Harvested(target, **counts)


def _candidate(feedback: Feedback) -> dict[str, Any]:
    """The form of a gold question with what a reviewer decides left open; ``chat`` is what there is to go by."""
    return {
        "query_id": f"chat-{feedback.feedback_id}",
        "status": "candidate",
        "text": feedback.question,
        "language": detect_language(feedback.question).value,
        "kind": "",
        "answerable": None,
        "answers": [],
        "evidence": [],
        "history": [],
        "split": "",
        "note": "",
        "chat": {
            "understood": feedback.understood,
            "shown": feedback.answer,
            "reason": feedback.reason,
            "answer_id": feedback.answer_id,
            "generation": feedback.generation,
        },
    }


def _read_candidates(target: Path) -> tuple[str, set[str]]:
    """The text of ``target`` and the questions it holds; empty where there is no such file."""
    try:
        text = target.read_text("utf-8") if target.exists() else ""
    except (OSError, ValueError) as error:
        raise StorageError(f"candidates {target} cannot be read ({error}); give another file") from error
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
                seen.add(plain(row.get("chat", {}).get("understood") or row["text"]))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DocumentError(
                    f"{target.name} line {number} is no candidate ({error}); mend the line or give another file"
                ) from error
    return text if text.endswith("\n") or not text else f"{text}\n", seen
