"""TREC: a run's ranking and its judgements as plain lines, for other people's tools.

White space and per cent signs in ids are written as in addresses ("%20"), for columns are parted by white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ..pages import write_whole
from ..ranking import is_ranked
from ..record import Run

# Tools sort by score alone: equal scores must not change places.
STEP = 1e-6


def write_trec_run(run: Run, path: Path) -> None:
    """``query Q0 paragraph rank score name``, best first; a question without hits has no line. Raises StorageError."""

    def lines() -> Iterator[str]:
        for outcome in run.outcomes:
            last = float("inf")
            for rank, hit in enumerate(outcome.hits, 1):
                last = min(round(hit.score, 6), round(last - STEP, 6))
                name = _escape(hit.paragraph_id)
                yield f"{_escape(outcome.query_id)} Q0 {name} {rank} {last:.6f} {_escape(run.stamp.name)}"

    _write(path, lines())


def write_trec_qrels(run: Run, path: Path) -> None:
    """``query 0 paragraph grade`` of every question that is ranked; grade 2 proves. Raises StorageError."""
    _write(
        path,
        (
            f"{_escape(outcome.query_id)} 0 {_escape(name)} {grade}"
            for question, outcome in zip(run.questions, run.outcomes, strict=True)
            if is_ranked(question, outcome)
            for name, grade in outcome.qrels.items()
        ),
    )


def _write(path: Path, lines: Iterator[str]) -> None:
    write_whole(path, "".join(f"{line}\n" for line in lines))


def _escape(name: str) -> str:
    return re.sub(r"[\s%]", lambda match: quote(match[0]), name)
