"""Texts to vectors, whichever model and engine the settings name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..config import Settings
from ..errors import ModelError
from .e5_folder import bundled_folders, onnx_folder, sentence_transformers_folder
from .e5_pack import check_pack
from .model_cache import damaged_files
from .vectors import FloatArray

BUNDLED = "bundled"


class Encoder(Protocol):
    """Encoders of equal ``model_id`` (name, SHA-256 of the weights, engine) give interchangeable vectors."""

    @property
    def model_id(self) -> str: ...
    @property
    def dim(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> FloatArray:
        """``(n, dim)`` float32, rows L2-normalised, in the order of ``texts``; prompt included.

        ``progress`` is told the number of texts done since it was last told.
        """
        ...

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """As ``encode_passages``, with the prompt for queries."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included; neither prompted nor truncated."""
        ...


def open_encoder(settings: Settings) -> Encoder:
    """The encoder the settings ask for; makes the bundled model's folder when it is not there.

    Raises ModelError, or StorageError when the cache cannot be written.
    """
    if settings.model == BUNDLED and settings.embedding_engine != "sentence-transformers":
        from .onnx_encoder import OnnxEncoder

        return OnnxEncoder(onnx_folder(settings.cache_dir), settings.threads)
    if settings.embedding_engine == "onnx":
        raise ModelError(
            f"engine onnx runs the bundled model only, not {settings.model}; set embedding_engine to 'auto'"
        )
    from .st_encoder import open_bundled, open_model

    if settings.model == BUNDLED:
        return open_bundled(sentence_transformers_folder(settings.cache_dir), settings.threads)
    return open_model(settings.model, settings.threads)


def verify_model(settings: Settings) -> None:
    """Check the bundled model's pack and cached files by SHA-256; raises ModelError naming what is damaged."""
    if settings.model != BUNDLED:
        return
    check_pack()
    for folder in bundled_folders(settings.cache_dir):
        if folder.exists() and (damaged := damaged_files(folder)):
            raise ModelError(
                f"{', '.join(damaged)} in {folder} is damaged; remove that folder, it is made again"
            )
