"""Fits everything that weighs one thing against another, on gold questions, and says how well it does on others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..answering.extractive import quote
from ..calibration import Logistic, save_calibration
from ..config import Settings, shipped
from ..engine import Engine, open_engine
from ..errors import ConfigError
from ..types import GoldQuestion
from .bundle import QUESTIONS_FILE
from .cases import Sample, read_cases, read_samples
from .check_leaks import hash_questions
from .gold import is_right, load_gold
from .models import Array, Flags, lowest_at_risk
from .parts import fit_parts
from .places import TEST, open_bundle_engine

HELD_OUT = 5
RISKS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)
FITTED_ON = frozenset({"dev", "train"})
# Fitting sets hold more traps than users set: for a risk, questions without an answer count as this share of all.
UNANSWERABLE = 0.3
# How sure the bound is that is told beside a share (Clopper and Pearson 1934).
SURE = 0.95


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What questions got from models that never saw them, nor others of the same source: of each answer that the guard
    let through its confidence, whether it was right and whether there is a right one; how many questions there are
    that can be answered, and that cannot."""

    confidence: Array
    right: Flags
    had_answer: Flags
    answerable: int
    unanswerable: int

    def answer_from(self, risk: float) -> float:
        """The least confidence from which on at most ``risk`` of the answers are wrong, where ``UNANSWERABLE`` of all
        questions have no answer."""
        return lowest_at_risk(self.confidence, self.right, risk, self._weights())

    def _weights(self) -> Array:
        """How many answers to users each stands for."""
        odds = UNANSWERABLE / (1 - UNANSWERABLE)
        trap = odds * self.answerable / self.unanswerable if self.unanswerable else 1.0
        return np.where(self.had_answer, 1.0, trap)

    def tell(self, risk: float) -> str:
        from scipy.stats import beta

        kept = self.confidence >= self.answer_from(risk)
        shown, weights = self.right[kept], self._weights()[kept]
        right, wrong = int(shown.sum()), int((~shown).sum())
        share, all_of = float(weights @ ~shown), float(weights.sum())
        most = 1.0 if not all_of else float(beta.ppf(SURE, share + 1, max(all_of - share, 1e-9)))
        return (
            f"{right} of {self.answerable} answerable questions answered right ({right / max(self.answerable, 1):.1%}),"
            f" {wrong} of {len(shown)} answers wrong ({wrong / max(len(shown), 1):.1%}) at target risk {risk:.1%};"
            f" {share / max(all_of, 1):.1%} where {UNANSWERABLE:.0%} of questions have no answer,"
            f" with {SURE:.0%} certainty at most {most:.1%}"
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
        gold, digest = load_gold(path if home else path / QUESTIONS_FILE)
        refuse_sealed(gold, path)
        digests[path.stem if home else f"bundle {path.name}"] = digest
        engines.append(open_engine(settings) if home else open_bundle_engine(settings, path, _silent))
        samples += read_samples(engines[-1], gold)
    calibration = fit_parts(samples)
    yield f"fusion      {calibration.fusion}"
    yield f"selection   {_show(calibration.selection)}, listed from {calibration.listed:.3f}"
    yield f"abstention  {_show(calibration.abstention)}"
    held = hold_out(samples)
    risks = tuple((risk, held.answer_from(risk)) for risk in RISKS)
    yield "risk        " + ", ".join(f"{risk:.1%} from {mark:.3f}" for risk, mark in risks)
    yield f"held out    {held.tell(settings.target_risk)}; {HELD_OUT} folds, everything fitted without them"
    target = output or settings.calibration_file
    save_calibration(
        replace(
            calibration,
            risks=risks,
            questions=digests,
            model=engines[0].encoder.model_id,
            centres=_mean_centres(engines),
            # Fitted on claims, by its own command.
            verification=engines[0].calibration.verification,
        ),
        target,
    )
    yield f"written to {target}; run `wfc-qa index build`"


def refuse_sealed(gold: Sequence[GoldQuestion], path: Path) -> None:
    """Raises ConfigError when ``gold`` holds a question that is not for fitting, by its split or by its words."""
    sealed = hash_questions(load_gold(shipped(TEST))[0])
    kept = [one.query_id for one in gold if one.split not in FITTED_ON or hash_questions([one]) & sealed]
    if kept:
        raise ConfigError(
            f"{path.name} holds {len(kept)} test questions (first: {kept[0]}); they are never fitted on"
        )


def hold_out(samples: Sequence[Sample]) -> HeldOut:
    """Answers to each fold of questions with everything fitted on the other folds."""
    sources = {source: place for place, source in enumerate(dict.fromkeys(one.source for one in samples))}
    confidence, right, had_answer = list[float](), list[bool](), list[bool]()
    for fold in range(HELD_OUT):
        calibration = fit_parts([one for one in samples if sources[one.source] % HELD_OUT != fold])
        held = [one for one in samples if one.judged and sources[one.source] % HELD_OUT == fold]
        for case in read_cases(held, calibration.fusion):
            engine = case.sample.engine
            quoted = quote(
                case.asked,
                case.words,
                case.candidates,
                engine.reader,
                calibration,
                engine.closeness,
                engine.verifier,
                max_sentences=engine.settings.max_sentences,
                answer_from=0.0,
            )
            if quoted.sentences:
                confidence.append(quoted.confidence)
                said = "\n".join(sentence.text for sentence in quoted.sentences)
                right.append(is_right(case.sample.question, said))
                had_answer.append(case.sample.question.answerable)
    answerable = sum(one.question.answerable and one.judged for one in samples)
    unanswerable = sum(not one.question.answerable for one in samples)
    flags = np.array(right, np.bool_), np.array(had_answer, np.bool_)
    return HeldOut(np.array(confidence), *flags, answerable, unanswerable)


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
