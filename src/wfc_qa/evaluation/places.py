"""Where evaluation finds its things: gold files of the home collection, bundles with their own index, runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..builder import build_collection
from ..config import CHECKOUT, Settings, in_checkout, shipped
from ..engine import Engine, open_engine
from ..errors import ConfigError, IndexMismatchError, IndexMissingError
from ..indexing.draft import Progress
from ..reading.collection import Collection, read_collection
from ..types import GoldQuestion
from .bundle import QUESTIONS_FILE, bundle_collection, open_bundle
from .gate import fast_subset
from .gold import load_gold
from .record import Run
from .runner import run_questions

TEST, DEV, BASELINE = "eval/test.jsonl", "eval/dev.jsonl", "eval/baseline.json"
CLAIMS = (
    "eval/claims.dev.jsonl",
    "eval/claims.dev2.jsonl",
    "eval/claims.dev3.jsonl",
    "eval/claims.dev4.jsonl",
)
Showing = Callable[[], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Questions with the engine to ask; ``fitted_on`` are others over the same collection, where there are any."""

    name: str
    engine: Engine
    questions: list[GoldQuestion]
    digest: str
    fitted_on: Path | None
    runs: Path


def open_set(
    settings: Settings, questions: Path | None, bundle: Path | None, showing: Showing
) -> EvaluationSet:
    """The home collection's test split, other questions over it, or a bundle, whose index is built when it has none."""
    if bundle is None:
        path = questions or shipped(TEST)
        gold, digest = load_gold(path)
        runs = CHECKOUT / "eval" / "runs" if in_checkout() else settings.data_dir / "runs"
        fitted_on = default_dev() if digest != load_gold(default_dev())[1] else None
        return EvaluationSet(path.stem, open_engine(settings), gold, digest, fitted_on, runs)
    path = questions or bundle / QUESTIONS_FILE
    gold, digest = load_gold(path)
    with showing() as progress:
        engine = open_bundle_engine(settings, bundle, progress)
    return EvaluationSet(bundle.name, engine, gold, digest, None, bundle / "runs")


def open_bundle_engine(settings: Settings, folder: Path, progress: Progress) -> Engine:
    """The engine over a bundle's own documents; embedding that was interrupted goes on where it was."""
    bundle = open_bundle(folder)
    own = settings.model_copy(update={"index_dir": bundle.folder / "index"})
    try:
        return open_engine(own)
    except (IndexMissingError, IndexMismatchError):
        build_collection(own, progress, bundle_collection(bundle))
        return open_engine(own)


def read_set(
    settings: Settings, questions: Path | None, bundle: Path | None
) -> tuple[Collection, list[GoldQuestion]]:
    """Documents and questions without an engine: of a bundle, or of the home collection."""
    if bundle is None:
        return read_collection(settings.documents_dir), load_gold(questions or shipped(TEST))[0]
    return bundle_collection(open_bundle(bundle)), load_gold(questions or bundle / QUESTIONS_FILE)[0]


def load_splits(files: Sequence[Path]) -> dict[str, list[GoldQuestion]]:
    """Questions by the name of their file; the home collection's splits when no files are given."""
    paths = files or (shipped(DEV), shipped(TEST))
    names = [path.stem for path in paths]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"two files are called {repeated[0]}; a split is named by its file, rename one")
    return {path.stem: load_gold(path)[0] for path in paths}


def run_folder(asked: EvaluationSet) -> Path:
    """A new folder named by set and time."""
    return asked.runs / f"{asked.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


def run_test(settings: Settings, most: int | None) -> Run:
    """A run over the test split, or over a fixed subset of at most ``most`` questions; kept nowhere."""
    gold, digest = load_gold(shipped(TEST))
    engine = open_engine(settings)
    with tempfile.TemporaryDirectory(prefix="wfc-qa-gate-") as folder:
        run = run_questions(engine, fast_subset(gold, most or len(gold)), digest, Path(folder))
    engine.close()
    return run


def default_dev() -> Path:
    return shipped(DEV)


def default_baseline() -> Path:
    return shipped(BASELINE)


def default_claims() -> list[Path]:
    """Those of the dev split, each file by another writer."""
    return [shipped(name) for name in CLAIMS]
