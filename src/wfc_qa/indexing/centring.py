"""Language centres: each language's vectors lose their mean, so that what a text says outweighs its language.

Measured on a mixed index: without it a question hardly ever finds a paragraph in the other language (design.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..adapters.vectors import FloatArray
from ..types import Language

# A mean over fewer vectors than this leans on the fitted one (design.md: 20 suffice).
ENOUGH = 20
BLOCK = 65_536


def find_centres(
    vectors: FloatArray,
    languages: Sequence[Language],
    prior: Mapping[str, Sequence[float]],
    *,
    centring: bool = True,
) -> dict[Language, FloatArray]:
    """Mean vector of each language; leaning on ``prior``, else on zero, where there are few. Zeros without
    ``centring``: vectors stay as the model gives them."""
    if not centring:
        return dict.fromkeys(Language, np.zeros(vectors.shape[1], np.float32))
    spoken = np.array(languages)
    centres = {}
    for language in Language:
        own = vectors[spoken == language] if len(vectors) else vectors
        lean = np.array(prior.get(language.value) or [0.0] * vectors.shape[1], np.float32)
        trust = min(len(own) / ENOUGH, 1.0)
        mean = own.mean(0) if len(own) else lean
        centres[language] = (trust * mean + (1 - trust) * lean).astype(np.float32)
    return centres


def centre(
    vectors: FloatArray, languages: Sequence[Language], centres: Mapping[Language, FloatArray]
) -> FloatArray:
    """Subtract each row's language centre and scale to unit length; shape kept."""
    if not len(vectors):
        return vectors
    moved = np.empty_like(vectors, np.float32)
    # In blocks: one copy of a large collection, not three.
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        part = vectors[rows] - np.stack([centres[language] for language in languages[rows]])
        moved[rows] = part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9)
    return moved
