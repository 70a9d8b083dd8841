"""A sentence to be proved, and where the evidence states a mark of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..calibration import Margins
from ..text.measures import Measure
from ..types import Language
from .coverage import Weighed
from .facts import Fact, Statement
from .names import Name
from .proof import Proof

Weigh = Callable[[str], tuple[Weighed, ...]]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to be proved; ``weigh`` gives the weighed content words of a stretch of it, ``margins`` how much
    better another reading must fit it to be the one meant."""

    statement: Statement
    language: Language
    names: tuple[Name, ...]
    measures: frozenset[Measure]
    weigh: Weigh
    margins: Margins


@dataclass(frozen=True, slots=True)
class Place:
    """A mark of the evidence with where it stands."""

    fact: Fact
    statement: Statement
    proof: Proof
