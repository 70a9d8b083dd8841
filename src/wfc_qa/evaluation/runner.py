"""Runs the engine over gold questions: one outcome a question, written as it comes, so that a run stopped goes on."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from .. import __version__
from ..config import CHECKOUT
from ..engine import Engine
from ..errors import ConfigError, StorageError, WfcError
from ..types import Answer, GoldQuestion, Hit, Sentence
from .cases import tell
from .gold import resolve
from .record import (
    OUTCOMES,
    STAMP,
    Outcome,
    Ranked,
    Run,
    Said,
    Shown,
    Stamp,
    load_outcomes,
    load_run,
    load_stamp,
    outcome_line,
    save_outcomes,
    save_paragraphs,
    save_questions,
    save_stamp,
)

Progress = Callable[[int, int], None]
SHAPING = (
    "candidates",
    "hits",
    "max_sentences",
    "target_risk",
    "abstain_below",
    "embedding_engine",
    "vector_index",
)


def run_questions(
    engine: Engine,
    questions: Sequence[GoldQuestion],
    digest: str,
    folder: Path,
    progress: Progress = lambda done, total: None,
) -> Run:
    """Ask every question as the chat would, into ``folder``; ``digest`` is the SHA-256 of the gold file.

    A folder that holds a part of the same run is gone on with. Raises ConfigError when it holds another run or one
    that ended, StorageError when it cannot be written.
    """
    stamp = _stamp(engine, digest, folder.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stamp, known = _go_on(stamp, folder)
        save_questions(questions, folder)
        started = time.perf_counter() - stamp.spent
        qrels = _qrels(engine, questions)
        with (folder / OUTCOMES).open("a", encoding="utf-8") as file:
            for number, question in enumerate(questions, 1):
                if question.query_id not in known:
                    outcome = replace(ask_question(engine, question), qrels=qrels[question.query_id])
                    file.write(outcome_line(outcome))
                    file.flush()
                    save_stamp(replace(stamp, spent=_since(started)), folder)
                progress(number, len(questions))
        save_paragraphs(_shown(engine, load_outcomes(folder)), folder)
        save_stamp(replace(stamp, seconds=_since(started), spent=0.0), folder)
    except OSError as error:
        raise StorageError(
            f"the run cannot be written to {folder}: {error.strerror or error}; free space or give another --output"
        ) from error
    return load_run(folder)


def ask_question(engine: Engine, question: GoldQuestion) -> Outcome:
    """What the engine makes of one question; an error is an outcome too, never a gap."""
    try:
        answer = engine.ask(question.text, history=tell(engine, question.history))
    except WfcError as error:
        return Outcome(question.query_id, failed=str(error))
    return _outcome(question.query_id, answer)


def _outcome(query_id: str, answer: Answer) -> Outcome:
    return Outcome(
        query_id=query_id,
        understood=answer.understood,
        hits=rank_paragraphs(answer.hits),
        sentences=_said(answer.sentences),
        withheld=_said(answer.withheld),
        abstention=answer.abstention.value if answer.abstention else "",
        missing=answer.missing,
        confidence=answer.confidence,
        notes=tuple(note.value for note in answer.notes),
        timings_ms=dict(answer.timings_ms),
    )


def rank_paragraphs(hits: Iterable[Hit]) -> tuple[Ranked, ...]:
    """A paragraph counts once, at its best passage."""
    ranked: dict[str, float] = {}
    for hit in hits:
        ranked.setdefault(hit.passage.paragraph_id, round(hit.score, 6))
    return tuple(Ranked(paragraph_id, score) for paragraph_id, score in ranked.items())


def _said(sentences: Iterable[Sentence]) -> tuple[Said, ...]:
    return tuple(
        Said(one.text, tuple(citation.paragraph_id for citation in one.citations)) for one in sentences
    )


def _go_on(stamp: Stamp, folder: Path) -> tuple[Stamp, set[str]]:
    """The stamp of an interrupted run of the same kind and the ids of the questions it got to, else ``stamp``."""
    kept: list[Outcome] = []
    if (folder / STAMP).is_file():
        earlier = load_stamp(folder)
        if replace(earlier, seconds=0.0, spent=0.0) != replace(stamp, started=earlier.started):
            raise ConfigError(f"{folder} holds another run; give another --output or remove it")
        if earlier.seconds:
            raise ConfigError(f"{folder} holds a finished run; give another --output or remove it")
        stamp, kept = earlier, load_outcomes(folder)
    elif any(folder.iterdir()):
        raise ConfigError(f"{folder} holds other files; give a new folder as --output")
    save_outcomes(kept, folder)
    save_stamp(stamp, folder)
    return stamp, {outcome.query_id for outcome in kept}


def _since(started: float) -> float:
    """Seconds, never 0: that is what an open run has."""
    return max(round(time.perf_counter() - started, 2), 0.01)


def _qrels(engine: Engine, questions: Sequence[GoldQuestion]) -> dict[str, dict[str, int]]:
    named = {place.doc_id for question in questions for place in question.evidence}
    held = {head.doc_id for head in engine.heads()} & named
    paragraphs = {doc_id: engine.paragraphs(doc_id) for doc_id in held}
    return {question.query_id: resolve(question, paragraphs) for question in questions}


def _shown(engine: Engine, outcomes: Iterable[Outcome]) -> list[Shown]:
    """Every paragraph that an outcome names, once."""
    names: dict[str, None] = {}
    for outcome in outcomes:
        names |= dict.fromkeys(hit.paragraph_id for hit in outcome.hits)
        names |= dict.fromkeys(
            name for said in (*outcome.sentences, *outcome.withheld) for name in said.cited
        )
        names |= dict.fromkeys(outcome.qrels)
    heads = {head.doc_id: head for head in engine.heads()}
    shown = []
    for paragraph in map(engine.paragraph, names):
        head = heads[paragraph.doc_id]
        shown.append(
            Shown(
                paragraph.paragraph_id,
                paragraph.doc_id,
                head.title,
                paragraph.ordinal,
                head.language,
                paragraph.text,
            )
        )
    return shown


def _stamp(engine: Engine, digest: str, name: str) -> Stamp:
    manifest = engine.generation.manifest
    documents = "\n".join(f"{name} {sha}" for name, sha in sorted(manifest.documents.items()))
    return Stamp(
        name=name,
        questions=digest,
        generation=manifest.generation,
        collection=hashlib.sha256(documents.encode()).hexdigest(),
        model=manifest.model,
        prompts=engine.prompts_sha256,
        calibration=engine.calibration.sha256,
        settings=engine.settings.model_dump(mode="json", include=set(SHAPING)),
        code=_code(),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _code() -> str:
    """The version, and in a checkout the commit, with "+" where files differ from it."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty=+", "--abbrev=12"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__} ({done.stdout.strip()})"
