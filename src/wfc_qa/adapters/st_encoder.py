"""Any sentence-transformers model, by folder or hub name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from logging import ERROR, getLogger
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError
from .e5_folder import FOLDER_VERSION, NAME
from .e5_pack import PACK_SHA256, file_sha256
from .vectors import FloatArray, core_count

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32
HUB_TIMEOUT_S = 5
_CHUNK = 16 * BATCH
_IDENTITY = {".bin", ".json", ".model", ".safetensors", ".txt"}


class SentenceTransformersEncoder:
    """Encoder over a loaded model; its own prompts, none when it has none; see ``encoders.Encoder``."""

    def __init__(self, model: SentenceTransformer, model_id: str) -> None:
        self.model_id = model_id
        self._model = model
        self.dim = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or model.tokenizer.model_max_length)

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> FloatArray:
        vectors = np.empty((len(texts), self.dim), np.float32)
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for start in range(0, len(order), _CHUNK):
            rows = order[start : start + _CHUNK]
            vectors[rows] = self._encode(self._model.encode_document, [texts[row] for row in rows])
            if progress:
                progress(len(rows))
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        if not texts:
            return np.empty((0, self.dim), np.float32)
        return self._encode(self._model.encode_query, list(texts))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        encoded = self._model.tokenizer(list(texts), truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, encode: Callable[..., object], texts: list[str]) -> FloatArray:
        vectors = encode(
            texts, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True, convert_to_numpy=True
        )
        return np.asarray(vectors, np.float32)


def open_bundled(folder: Path, threads: int = 0) -> SentenceTransformersEncoder:
    """The bundled model's folder; its identity is that of the pack, not of this copy."""
    return SentenceTransformersEncoder(_load(str(folder), threads), f"{NAME}:{PACK_SHA256}:{FOLDER_VERSION}")


def open_model(name: str, threads: int = 0) -> SentenceTransformersEncoder:
    """A folder or hub name; raises ModelError when it is not there or not a model."""
    model = _load(name, threads, local=Path(name).is_dir() or not _reachable(name))
    return SentenceTransformersEncoder(model, f"{Path(name).name}:{_folder_sha256(_source(name))}:torch")


def _reachable(name: str) -> bool:
    """Whether the hub has ``name`` and answers; asked once, because its own clients try for minutes.

    Raises ModelError for a name that no model can have.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(name)
        HfApi().model_info(name if "/" in name else f"sentence-transformers/{name}", timeout=HUB_TIMEOUT_S)
    except HFValidationError:
        raise _refusal(name, "no such folder") from None
    except Exception:
        # Whatever the cause, what is in the hub's cache may still do.
        return False
    return True


def _load(name: str, threads: int, *, local: bool = True) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    torch.set_num_threads(threads or core_count())
    logging.disable_progress_bar()
    getLogger("sentence_transformers").setLevel(ERROR)
    try:
        return SentenceTransformer(
            name, device="cpu", local_files_only=local, model_kwargs={"dtype": torch.float32}
        )
    except Exception as error:
        raise _refusal(name, next(iter(str(error).splitlines()), "") or type(error).__name__) from error


def _refusal(name: str, cause: str) -> ModelError:
    offline = "" if os.environ.get("HF_HUB_OFFLINE", "0") in {"", "0"} else " (HF_HUB_OFFLINE is set)"
    return ModelError(
        f"embedding model {name} cannot be opened{offline}: {cause[:200]}; set `model` to a "
        "sentence-transformers folder, a hub name that can be reached, or 'bundled'"
    )


def _source(name: str) -> Path:
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    return Path(
        snapshot_download(name if "/" in name else f"sentence-transformers/{name}", local_files_only=True)
    )


def _folder_sha256(folder: Path) -> str:
    """One hash over the names and contents of what decides the vectors: weights, tokenizer, configuration."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _IDENTITY:
            digest.update(f"{path.relative_to(folder).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()
