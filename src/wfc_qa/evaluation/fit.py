"""Fits everything that weighs one thing against another, on gold questions, and says how well it does on others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..answering.extractive import quote
from ..calibration import Logistic, save_calibration
from ..config import Settings
from ..engine import Engine, open_engine
from ..errors import ConfigError
from .bundle import QUESTIONS_FILE
from .cases import Sample, read_cases, read_samples
from .gold import is_right, load_gold
from .parts import fit_parts
from .places import open_bundle_engine

HELD_OUT = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """How many questions can be answered, were answered, and were answered right."""

    answerable: int
    answered: int
    right: int

    def __str__(self) -> str:
        wrong, share = self.answered - self.right, self.right / max(self.answerable, 1)
        return (
            f"{self.right} of {self.answerable} answerable questions answered right ({share:.1%}), "
            f"{wrong} of {self.answered} answers wrong ({wrong / max(self.answered, 1):.1%})"
        )


def fit_calibration(
    settings: Settings, questions: Path, bundles: Sequence[Path], output: Path | None
) -> Iterator[str]:
    """Fit on ``questions`` against the serving generation, and on ``bundles`` against theirs; write the calibration
    and yield what was found. Raises ConfigError for questions that are not for fitting."""
    samples: list[Sample] = []
    digests: dict[str, str] = {}
    engines: list[Engine] = []
    for path in (questions, *bundles):
        home = path is questions
        gold, digests[path.stem] = load_gold(path if home else path / QUESTIONS_FILE)
        if kept := [one.query_id for one in gold if one.split == "test"]:
            raise ConfigError(
                f"{path.name} holds {len(kept)} test questions (first: {kept[0]}); they are never fitted on"
            )
        engines.append(open_engine(settings) if home else open_bundle_engine(settings, path, _silent))
        samples += read_samples(engines[-1], gold)
    calibration = fit_parts(samples)
    yield f"fusion      {calibration.fusion}"
    yield f"selection   {_show(calibration.selection)}, listed from {calibration.listed:.3f}"
    yield f"abstention  {_show(calibration.abstention)}"
    yield "risk        " + ", ".join(f"{risk:.1%} from {mark:.3f}" for risk, mark in calibration.risks)
    held = judge_held_out(samples, settings.target_risk)
    yield f"held out    {held}; {HELD_OUT} folds fitted without them, target risk {settings.target_risk:.0%}"
    target = output or settings.calibration_file
    save_calibration(
        replace(
            calibration,
            questions=digests,
            model=engines[0].encoder.model_id,
            centres=_mean_centres(engines),
        ),
        target,
    )
    yield f"written to {target}; run `wfc-qa index build`"


def judge_held_out(samples: Sequence[Sample], risk: float) -> Judged:
    """Answers to each fold of questions with everything, thresholds included, fitted on the other folds."""
    answerable = answered = right = 0
    for fold in range(HELD_OUT):
        kept = [sample for i, sample in enumerate(samples) if i % HELD_OUT != fold]
        held = [sample for i, sample in enumerate(samples) if i % HELD_OUT == fold]
        calibration = fit_parts(kept)
        for case in read_cases(held, calibration.fusion):
            engine = case.sample.engine
            quoted = quote(
                case.asked,
                case.words,
                case.candidates,
                engine.reader,
                calibration,
                engine.closeness,
                max_sentences=engine.settings.max_sentences,
                answer_from=calibration.answer_from(risk),
            )
            answerable += case.sample.question.answerable
            answered += bool(quoted.sentences)
            said = "\n".join(sentence.text for sentence in quoted.sentences)
            right += is_right(case.sample.question, said)
    return Judged(answerable, answered, right)


def _silent(step: str, done: int, total: int) -> None:
    """No progress is shown."""


def _mean_centres(engines: Sequence[Engine]) -> Mapping[str, tuple[float, ...]]:
    """Language centres over every collection fitted on, each passage counting once."""
    weights = [len(engine.generation.vectors) for engine in engines]
    languages = engines[0].generation.centres
    return {
        language.value: tuple(
            round(float(value), 5)
            for value in np.average(
                [engine.generation.centres[language] for engine in engines], axis=0, weights=weights
            )
        )
        for language in languages
    }


def _show(model: Logistic) -> str:
    weights = ", ".join(f"{name} {weight:+.2f}" for name, weight in model.weights.items())
    return f"{weights}, bias {model.bias:+.2f}"
