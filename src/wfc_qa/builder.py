"""Composition root of the index: Settings in, a serving generation out."""

from __future__ import annotations

from .adapters.cedict import open_dictionary
from .adapters.encoders import open_encoder
from .calibration import load_calibration, prior_centres
from .config import Settings
from .indexing.build import Built, build_index
from .indexing.draft import Progress
from .reading.collection import Collection, Problem, read_collection


def build_collection(
    settings: Settings, progress: Progress, collection: Collection | None = None
) -> tuple[Built, tuple[Problem, ...]]:
    """Read the documents, build their index and switch to it; documents left out come back as problems.

    ``collection`` is what was read already, in the place of ``documents_dir``.

    Raises DocumentError, ModelError, ConfigError or StorageError; then the index that serves goes on serving.
    """
    calibration = load_calibration(settings.calibration_file)
    collection = collection or read_collection(settings.documents_dir)
    encoder = open_encoder(settings)
    open_dictionary(settings.cache_dir).close()
    built = build_index(settings, collection, encoder, prior_centres(calibration, encoder.model_id), progress)
    return built, collection.problems
