"""Every question of a run as the report's page needs it: short keys, each paragraph once, named by its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..types import GoldQuestion
from .gold import meets
from .record import Outcome, Run, Said
from .results import Summary, Verdict
from .tables import VERDICTS


def drill_down(run: Run, summary: Summary) -> dict[str, Any]:
    """What the page's script reads: ``paragraphs``, ``questions`` and the ``verdicts``' names."""
    places = {paragraph_id: place for place, paragraph_id in enumerate(run.paragraphs)}
    return {
        "paragraphs": [
            {
                "id": one.paragraph_id,
                "doc": one.doc_id,
                "title": one.title,
                "ordinal": one.ordinal,
                "lang": one.language,
                "text": one.text,
            }
            for one in run.paragraphs.values()
        ],
        "questions": [
            _question(question, outcome, summary.verdicts[question.query_id], places)
            for question, outcome in zip(run.questions, run.outcomes, strict=True)
        ],
        "verdicts": {verdict.value: name for verdict, name in VERDICTS.items()},
    }


def _question(
    question: GoldQuestion, outcome: Outcome, verdict: Verdict, places: dict[str, int]
) -> dict[str, Any]:
    said = outcome.text or "\n".join(sentence.text for sentence in outcome.withheld)
    return {
        "id": question.query_id,
        "verdict": verdict.value,
        "kind": question.kind,
        "lang": question.language,
        "text": question.text,
        "history": question.history,
        "understood": outcome.understood if outcome.understood != question.text else "",
        "answerable": question.answerable,
        "parts": [
            {"wordings": part, "met": met}
            for part, met in zip(question.answers, meets(question, said), strict=True)
        ],
        "note": question.note,
        "said": _said(outcome.sentences, places),
        "withheld": _said(outcome.withheld, places),
        "declined": outcome.abstention,
        "missing": outcome.missing,
        "confidence": outcome.confidence,
        "notes": outcome.notes,
        "failed": outcome.failed,
        "ms": outcome.timings_ms.get("total"),
        "hits": [[places[hit.paragraph_id], round(hit.score, 3)] for hit in outcome.hits],
        "gold": {places[name]: grade for name, grade in outcome.qrels.items()},
    }


def _said(sentences: Iterable[Said], places: dict[str, int]) -> list[dict[str, Any]]:
    return [{"text": one.text, "cited": [places[name] for name in one.cited]} for one in sentences]
