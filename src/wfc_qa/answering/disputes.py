"""Sentences of the collection that say that sources disagree about a figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..retrieval.retriever import Candidate
from ..text.figures import Figure, same_figure
from ..types import Language
from ..verification.reading import telling
from .closeness import Closeness
from .evidence import Evidence, Reader


def find_disputes(
    chosen: Sequence[Evidence], candidates: Sequence[Candidate], reader: Reader, closeness: Closeness
) -> Iterator[tuple[Evidence, float]]:
    """Sentences that set a chosen figure against another one of the same unit and say that they disagree, with how
    close their passage is to the question or to a passage chosen."""
    stated = [figure for evidence in chosen for figure in evidence.own.figures if telling(figure)]
    if not stated:
        return
    read = {candidate.row.row: (candidate.row, candidate.dense) for candidate in candidates}
    # A dispute names figures more than their subject: far from the question, it stands near what it disputes.
    for evidence in chosen:
        for passage in closeness.beside(evidence.passage.row):
            read.setdefault(passage.row, (passage, -1.0))
    for passage, dense in read.values():
        for evidence in reader.read(passage):
            if evidence.disagrees and _disputes(evidence, stated):
                kin = (closeness.passages(evidence.passage.row, one.passage.row) for one in chosen)
                yield evidence, max(dense, *kin)


def _disputes(evidence: Evidence, stated: Sequence[Figure]) -> bool:
    figures = [figure for figure in evidence.own.figures if telling(figure)]
    return any(
        same_figure(figure, other)
        and any(r.unit is figure.unit and not same_figure(r, figure) for r in figures)
        for figure in figures
        for other in stated
    )


def prefer_own(disputes: Iterable[Evidence], wanted: Language) -> tuple[Evidence, ...]:
    """One dispute, in the language wanted where there is one."""
    found = list(disputes)
    return tuple([one for one in found if one.language is wanted][:1] or found[:1])
