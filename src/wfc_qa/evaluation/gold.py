"""Gold questions: what is asked, what a right answer says, which paragraphs prove it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import DocumentError
from ..text.scripts import fold_text
from ..types import GoldQuestion, Language, Paragraph


@dataclass(frozen=True, slots=True)
class GoldItem:
    """A question with the questions before it, and where its evidence stands: ``(doc_id, words of the paragraph)``."""

    question: GoldQuestion
    history: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]

    def right(self, said: str) -> bool:
        """Whether ``said`` holds an accepted answer."""
        folded = _plain(said)
        return any(_holds(folded, _plain(answer)) for answer in self.question.answers)


def load_gold(path: Path) -> tuple[list[GoldItem], str]:
    """Items and the SHA-256 of the file. Raises DocumentError naming the line that is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"gold questions {path} cannot be read: {error.strerror}; give another --questions"
        ) from error
    items = []
    for number, line in enumerate(raw.splitlines(), 1):
        if line.strip():
            try:
                items.append(_item(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DocumentError(
                    f"{path.name} line {number} is no gold question ({error}); mend the line"
                ) from error
    if not items:
        raise DocumentError(f"gold questions {path} hold no question; give another --questions")
    return items, hashlib.sha256(raw).hexdigest()


def resolve(item: GoldItem, paragraphs: Mapping[str, Iterable[Paragraph]]) -> frozenset[str]:
    """Ids of the paragraphs that prove the answer; ``paragraphs`` maps a document to its own."""
    return frozenset(
        paragraph.paragraph_id
        for doc_id, words in item.evidence
        for paragraph in paragraphs.get(doc_id, ())
        if words in paragraph.text
    )


def _item(data: Mapping[str, object]) -> GoldItem:
    answers, history, evidence = (data.get(name) or () for name in ("answers", "history", "evidence"))
    if not all(isinstance(value, list | tuple) for value in (answers, history, evidence)):
        raise TypeError("answers, history and evidence are lists")
    question = GoldQuestion(
        query_id=str(data["query_id"]),
        text=str(data["text"]),
        language=Language(str(data["language"])),
        kind=str(data["kind"]),
        answerable=bool(data["answerable"]),
        answers=tuple(map(str, answers)),  # type: ignore[call-overload]
        split=str(data.get("split", "dev")),
    )
    places = tuple((str(place["doc_id"]), str(place["contains"])) for place in evidence)  # type: ignore[attr-defined]
    return GoldItem(question, tuple(map(str, history)), places)  # type: ignore[call-overload]


def _holds(text: str, answer: str) -> bool:
    """Whether ``answer`` stands in ``text`` and is not a part of a longer number."""
    before = r"(?<![0-9.])" if answer[:1].isdigit() else ""
    after = r"(?![0-9])" if answer[-1:].isdigit() else ""
    return bool(answer) and re.search(before + re.escape(answer) + after, text) is not None


def _plain(text: str) -> str:
    return "".join(fold_text(text).split())
