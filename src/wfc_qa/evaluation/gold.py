"""Gold questions: what is asked, what a right answer says, which paragraphs prove it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import DocumentError
from ..text.figures import Figure, find_figures
from ..text.scripts import fold_text
from ..types import GoldQuestion, Language, Paragraph, Place

SPLITS = ("dev", "train", "test")


def load_gold(path: Path) -> tuple[list[GoldQuestion], str]:
    """Questions and the SHA-256 of the file. Raises DocumentError naming the line that is wrong."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"gold questions {path} cannot be read: {error.strerror}; give another --questions"
        ) from error
    questions: dict[str, GoldQuestion] = {}
    for number, line in enumerate(raw.splitlines(), 1):
        if line.strip():
            try:
                question = read_question(json.loads(line))
                if question.query_id in questions:
                    raise ValueError(f"query_id {question.query_id!r} is an earlier question's")
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise DocumentError(
                    f"{path.name} line {number} is no gold question ({error}); mend the line"
                ) from error
            questions[question.query_id] = question
    if not questions:
        raise DocumentError(f"gold questions {path} hold no question; give another --questions")
    return list(questions.values()), hashlib.sha256(raw).hexdigest()


def read_question(data: Mapping[str, Any]) -> GoldQuestion:
    """One record of the documented form. Raises ValueError, KeyError or TypeError where it is not of that form."""
    answers = tuple(tuple(map(str, _listed(part, "a part of answers"))) for part in _list(data, "answers"))
    figures = tuple(map(str, _list(data, "figures"))) or tuple(canonical_figure(part) for part in answers)
    if len(figures) != len(answers):
        raise ValueError("figures has another length than answers")
    places = tuple(
        Place(
            str(place["doc_id"]),
            str(place.get("contains", "")),
            int(place.get("grade", 2)),
            str(place.get("paragraph_id", "")),
        )
        for place in _list(data, "evidence")
    )
    if any(not place.contains and not place.paragraph_id for place in places):
        raise ValueError("evidence needs contains or paragraph_id")
    if not isinstance(data["answerable"], bool):
        raise TypeError("answerable is true or false")
    query_id, text, split = str(data["query_id"]), str(data["text"]), str(data.get("split", "dev"))
    if not query_id.strip() or not text.strip():
        raise ValueError(f"{'text' if query_id.strip() else 'query_id'} is empty")
    if split not in SPLITS:
        raise ValueError(f"split is one of {', '.join(SPLITS)}, not {split!r}")
    return GoldQuestion(
        query_id=query_id,
        text=text,
        language=Language(str(data["language"])),
        kind=str(data["kind"]),
        answerable=data["answerable"],
        answers=answers,
        figures=figures,
        evidence=places,
        history=tuple(map(str, _list(data, "history"))),
        split=split,
        note=str(data.get("note", "")),
    )


def write_question(question: GoldQuestion) -> str:
    """The question as one line of JSON, without what is empty in its evidence."""
    data = asdict(question)
    data["evidence"] = [{name: value for name, value in place.items() if value} for place in data["evidence"]]
    return json.dumps(data, ensure_ascii=False)


def resolve(question: GoldQuestion, paragraphs: Mapping[str, Iterable[Paragraph]]) -> dict[str, int]:
    """Grade by paragraph id; ``paragraphs`` maps a document to its own."""
    grades: dict[str, int] = {}
    for place in question.evidence:
        for paragraph in paragraphs.get(place.doc_id, ()):
            found = place.paragraph_id == paragraph.paragraph_id or (
                place.contains and place.contains in paragraph.text
            )
            if found:
                known = grades.get(paragraph.paragraph_id, 0)
                grades[paragraph.paragraph_id] = max(place.grade, known)
    return grades


def is_right(question: GoldQuestion, said: str) -> bool:
    """Whether ``said`` meets every part of the answer."""
    met = meets(question, said)
    return bool(met) and all(met)


def meets(question: GoldQuestion, said: str) -> tuple[bool, ...]:
    """For each part, whether ``said`` holds an accepted wording; a figure alone may stand there by chance."""
    folded = plain(said)
    return tuple(any(holds(folded, plain(answer)) for answer in part) for part in question.answers)


def states(question: GoldQuestion, said: str) -> tuple[bool, ...]:
    """For each part with a figure, whether ``said`` states it at any scale, in either language."""
    stated = {canonical(figure) for figure in find_figures(said)}
    return tuple(figure in stated for figure in question.figures if figure)


def canonical(figure: Figure) -> str:
    """Value in canonical units and the unit: "864100000000 yuan"."""
    value = f"{figure.value.normalize():f}"
    return f"{value} {figure.unit.value}"


def canonical_figure(wordings: Iterable[str]) -> str:
    """The figure that the wordings of a part state; empty where they state none, or not one and the same."""
    stated = [[canonical(figure) for figure in find_figures(wording)] for wording in wordings]
    first = {figures[0] for figures in stated if len(figures) == 1}
    return first.pop() if len(first) == 1 and all(len(figures) == 1 for figures in stated) else ""


def holds(text: str, answer: str) -> bool:
    """Whether ``answer`` stands in ``text`` and is not a part of a longer number; both as ``plain`` gives them."""
    before = r"(?<![0-9.])" if answer[:1].isdigit() else ""
    after = r"(?![0-9])" if answer[-1:].isdigit() else ""
    return bool(answer) and re.search(before + re.escape(answer) + after, text) is not None


def plain(text: str) -> str:
    """Folded and without white space."""
    return "".join(fold_text(text).split())


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    return _listed(data.get(name) or [], name)


def _listed(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{name} is a list")
    return value
