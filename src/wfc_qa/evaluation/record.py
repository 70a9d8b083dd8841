"""A run: what the engine made of every gold question, and what stood behind it; written as it goes, read whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DocumentError
from ..types import GoldQuestion, Language
from .gold import read_question, write_question

FORMAT = 1
STAMP, QUESTIONS, OUTCOMES, PARAGRAPHS = "run.json", "questions.jsonl", "outcomes.jsonl", "paragraphs.jsonl"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stood behind a run. Hashes are SHA-256 hex; ``settings`` are those that shape answers; ``code`` is version
    and commit; ``machine`` processor, cores and Python.

    ``seconds`` is 0 until the run ended, then the time of all its stretches. ``spent`` is that time while it is open,
    written with every outcome: of a stretch that was stopped, what came after its last outcome is not counted.
    """

    name: str
    questions: str
    generation: str
    collection: str
    model: str
    prompts: str
    calibration: str
    settings: Mapping[str, Any]
    code: str
    machine: str
    started: str
    seconds: float = 0.0
    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A paragraph that a run retrieved, cited or should have found."""

    paragraph_id: str
    doc_id: str
    title: str
    ordinal: int
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A retrieved paragraph with its fused score; a run lists them best first."""

    paragraph_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and the paragraphs it cites."""

    text: str
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question got. ``withheld`` is what an abstention kept back; ``failed`` the error where there was one;
    ``qrels`` the grade of every gold paragraph the collection holds."""

    query_id: str
    understood: str = ""
    hits: tuple[Ranked, ...] = ()
    sentences: tuple[Said, ...] = ()
    withheld: tuple[Said, ...] = ()
    abstention: str = ""
    missing: tuple[str, ...] = ()
    confidence: float = 0.0
    notes: tuple[str, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    qrels: Mapping[str, int] = field(default_factory=dict)
    failed: str = ""

    @property
    def answered(self) -> bool:
        return bool(self.sentences)

    @property
    def text(self) -> str:
        """The answer as one text; empty when declined."""
        return "\n".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Run:
    """Questions and outcomes run along each other: every question has an outcome, an empty one where it got none."""

    stamp: Stamp
    questions: tuple[GoldQuestion, ...]
    outcomes: tuple[Outcome, ...]
    paragraphs: Mapping[str, Shown]


def load_run(folder: Path) -> Run:
    """Raises DocumentError when ``folder`` holds no run, or one that did not end."""
    stamp = load_stamp(folder)
    if not stamp.seconds:
        raise DocumentError(f"run {folder} did not end; go on with `wfc-qa eval run --output {folder}`")
    try:
        questions = tuple(read_question(row) for row in _rows(folder / QUESTIONS))
        found = {outcome.query_id: outcome for outcome in load_outcomes(folder)}
        paragraphs = [
            Shown(**{**row, "language": Language(row["language"])}) for row in _rows(folder / PARAGRAPHS)
        ]
        return Run(
            stamp=stamp,
            questions=questions,
            outcomes=tuple(found.get(one.query_id, Outcome(one.query_id)) for one in questions),
            paragraphs={paragraph.paragraph_id: paragraph for paragraph in paragraphs},
        )
    except UNREADABLE as error:
        raise _no_run(folder, error) from error


def load_stamp(folder: Path) -> Stamp:
    """Also of a run that is still open. Raises DocumentError when ``folder`` holds no run."""
    try:
        data = json.loads((folder / STAMP).read_text("utf-8"))
        if data.pop("format") != FORMAT:
            raise DocumentError(f"run {folder} is of another version; run `wfc-qa eval run` again")
        return Stamp(**data)
    except UNREADABLE as error:
        raise _no_run(folder, error) from error


def load_outcomes(folder: Path) -> list[Outcome]:
    """The outcomes written so far; a last line cut off by a crash does not count."""
    path = folder / OUTCOMES
    if not path.is_file():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [_outcome(json.loads(line)) for line in whole.splitlines() if line.strip()]


def save_stamp(stamp: Stamp, folder: Path) -> None:
    text = json.dumps({"format": FORMAT, **asdict(stamp)}, ensure_ascii=False, indent=1)
    _replace(folder / STAMP, text + "\n")


def save_questions(questions: Iterable[GoldQuestion], folder: Path) -> None:
    text = "".join(f"{write_question(question)}\n" for question in questions)
    (folder / QUESTIONS).write_text(text, "utf-8")


def save_paragraphs(paragraphs: Iterable[Shown], folder: Path) -> None:
    text = "".join(f"{json.dumps(asdict(paragraph), ensure_ascii=False)}\n" for paragraph in paragraphs)
    (folder / PARAGRAPHS).write_text(text, "utf-8")


def save_outcomes(outcomes: Iterable[Outcome], folder: Path) -> None:
    """Replaces those that are there."""
    _replace(folder / OUTCOMES, "".join(map(outcome_line, outcomes)))


def outcome_line(outcome: Outcome) -> str:
    return json.dumps(asdict(outcome), ensure_ascii=False) + "\n"


def _replace(path: Path, text: str) -> None:
    # One run writes here: under one name, what a killed process left is written over.
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


def _no_run(folder: Path, error: Exception) -> DocumentError:
    return DocumentError(
        f"{folder} holds no run that can be read ({type(error).__name__}: {error}); make one with `wfc-qa eval run`"
    )


def _outcome(data: dict[str, Any]) -> Outcome:
    return Outcome(
        **{
            **data,
            "hits": tuple(Ranked(**hit) for hit in data["hits"]),
            "sentences": _said(data["sentences"]),
            "withheld": _said(data["withheld"]),
            "missing": tuple(data["missing"]),
            "notes": tuple(data["notes"]),
        }
    )


def _said(rows: Iterable[Mapping[str, Any]]) -> tuple[Said, ...]:
    return tuple(Said(row["text"], tuple(row["cited"])) for row in rows)


def _rows(path: Path) -> list[dict[str, Any]]:
    if path.name == PARAGRAPHS and not path.is_file():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
