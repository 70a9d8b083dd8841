"""What is judged: gold questions, where their evidence stands, scores."""

from __future__ import annotations

from dataclasses import dataclass

from .collection import Language


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence stands: the paragraph named, or the one of ``doc_id`` that holds ``contains``.

    ``grade`` 2: proves the answer or a part of it; 1: on the matter, without the answer.
    """

    doc_id: str
    contains: str = ""
    grade: int = 2
    paragraph_id: str = ""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A judged question, asked after the questions of ``history``.

    ``answers`` are its parts, each with the wordings accepted for it: an answer is right when it meets every part.
    ``figures`` holds each part's figure in canonical form ("864100000000 yuan"), empty where it has none.
    """

    query_id: str
    text: str
    language: Language
    kind: str
    answerable: bool
    answers: tuple[tuple[str, ...], ...] = ()
    figures: tuple[str, ...] = ()
    evidence: tuple[Place, ...] = ()
    history: tuple[str, ...] = ()
    split: str = "dev"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Qrel:
    """``relevance`` is the grade of the evidence."""

    query_id: str
    paragraph_id: str
    relevance: int


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one question."""

    query_id: str
    measure: str
    value: float
