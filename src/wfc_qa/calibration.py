"""What was fitted on data: fusion weights, sentence choice, abstention, language centres.

`wfc-qa eval fit` writes the file; nobody types its numbers in by hand.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .errors import ConfigError

FORMAT = 4


@dataclass(frozen=True, slots=True)
class Fusion:
    """Weights of the z-scored signals, and the least spread a z-score divides by."""

    dense: float
    sentence: float
    lexical: float
    cross: float
    dense_floor: float
    sentence_floor: float
    lexical_floor: float
    cross_floor: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """``p = 1 / (1 + exp(-(bias + sum(weight * feature))))``."""

    weights: Mapping[str, float]
    bias: float

    def score(self, features: Mapping[str, float]) -> float:
        """Log-odds. Raises ConfigError when a weight is for none of ``features``."""
        try:
            return self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        except KeyError as error:
            raise ConfigError(
                f"the calibration weighs {error}, which this version does not know; run `wfc-qa eval fit`"
            ) from None

    def probability(self, features: Mapping[str, float]) -> float:
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, self.score(features)))))


@dataclass(frozen=True, slots=True)
class Margins:
    """How much better, in words covered, another reading must fit a claim than its own to be the one meant: another
    figure or date of the evidence (``outscored``), two of the claim in each other's place (``swapped``), two parties
    in each other's place (``crossed``); ``foreign`` where claim and evidence are in two languages. Each above 0."""

    outscored: float
    outscored_foreign: float
    swapped: float
    swapped_foreign: float
    crossed: float


@dataclass(frozen=True, slots=True)
class Verification:
    """``threshold`` is the least probability under ``wording`` that the cited paragraphs bear out a claim's words;
    ``claims`` the SHA-256 of each file they were fitted on, by its name. Unfitted, no wording is doubted."""

    margins: Margins = Margins(1.0, 1.0, 1.0, 1.0, 1.0)
    wording: Logistic = field(default_factory=lambda: Logistic({}, 0.0))
    threshold: float = 0.0
    claims: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted on the question sets whose hashes ``questions`` holds by name.

    ``listed`` is the least probability of a further sentence of a list. ``risks`` pairs a risk, ascending, with the
    least confidence from which on at most that share of answers was wrong. ``twin_similarity`` is the least cosine of
    a sentence with its translation, ``dispute_closeness`` that of a passage with the question, or with a passage
    quoted, to dispute the answer. ``centres`` maps a language to a mean passage vector of ``model``, used where a
    collection is too small to estimate its own.
    """

    fusion: Fusion
    selection: Logistic
    abstention: Logistic
    listed: float
    risks: tuple[tuple[float, float], ...]
    twin_similarity: float
    dispute_closeness: float
    verification: Verification = field(default_factory=Verification)
    questions: Mapping[str, str] = field(default_factory=dict)
    model: str = ""
    centres: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    sha256: str = ""

    def answer_from(self, risk: float) -> float:
        """The least confidence to answer at, for answers that are wrong at most at ``risk``; 1 where none was found."""
        return next((mark for known, mark in reversed(self.risks) if known <= risk), 1.0)


def load_calibration(path: Path) -> Calibration:
    """Read a calibration file. Raises ConfigError."""
    try:
        raw = path.read_bytes()
        data: dict[str, Any] = json.loads(raw)
        if data.pop("format") != FORMAT:
            raise ConfigError(f"{path.name} has another format; run `wfc-qa eval fit` to make it again")
        return Calibration(
            fusion=Fusion(**data.pop("fusion")),
            selection=Logistic(**data.pop("selection")),
            abstention=Logistic(**data.pop("abstention")),
            verification=_read_verification(data.pop("verification")),
            risks=tuple((float(risk), float(mark)) for risk, mark in data.pop("risks")),
            centres={name: tuple(values) for name, values in data.pop("centres").items()},
            sha256=hashlib.sha256(raw).hexdigest(),
            **data,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"calibration {path} cannot be used ({type(error).__name__}: {error}); restore it or run `wfc-qa eval fit`"
        ) from error


def _read_verification(data: dict[str, Any]) -> Verification:
    margins, wording = Margins(**data.pop("margins")), Logistic(**data.pop("wording"))
    return Verification(margins, wording, **data)


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write the file whole or not at all. Raises ConfigError."""
    data = {"format": FORMAT, **asdict(calibration)}
    data.pop("sha256")
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ConfigError(
            f"calibration {path} cannot be written: {error.strerror}; name another file"
        ) from error


def prior_centres(calibration: Calibration, model_id: str) -> Mapping[str, Sequence[float]]:
    """Fitted language centres, where they were fitted on this model."""
    return calibration.centres if calibration.model == model_id else {}
