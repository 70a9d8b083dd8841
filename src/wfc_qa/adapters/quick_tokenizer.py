"""Short texts to token ids without the half second that the full tokenizer takes to load.

``tokenizers`` builds a trie of 250,000 pieces before its first token; a question can use a few hundred of
them. Found by binary search in a memory-mapped list, they make a small unigram model with the same choices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models

PIECES_FILE, SCORES_FILE, FRAME_FILE = "pieces.npy", "scores.npy", "tokenizer_frame.json"
_SCORED = np.dtype([("id", "<i4"), ("score", "<f4")])


def write_quick_tokenizer(folder: Path, tokenizer: dict[str, Any]) -> None:
    """Lay down what QuickTokenizer reads; ``tokenizer`` is the content of a unigram ``tokenizer.json``."""
    vocab = tokenizer["model"]["vocab"]
    texts = np.array([text.encode() for text, _ in vocab])
    scored = np.array([(id_, score) for id_, (_, score) in enumerate(vocab)], _SCORED)
    order = np.argsort(texts)
    np.save(folder / PIECES_FILE, texts[order])
    np.save(folder / SCORES_FILE, scored[order])
    frame = tokenizer | {"model": {"type": "WordLevel", "vocab": {"<unk>": 0}, "unk_token": "<unk>"}}
    frame |= {"added_tokens": [], "post_processor": None}
    specials = [token["content"] for token in tokenizer["added_tokens"]]
    content = {"frame": frame, "specials": specials, "unk_id": tokenizer["model"]["unk_id"]}
    (folder / FRAME_FILE).write_text(json.dumps(content, ensure_ascii=False), "utf-8")


class QuickTokenizer:
    """The full tokenizer's ids, without start and end, of texts that name no special token."""

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / FRAME_FILE).read_text("utf-8"))
        self._frame = Tokenizer.from_str(json.dumps(content["frame"]))
        self._specials: list[str] = content["specials"]
        self._pieces = np.load(folder / PIECES_FILE, mmap_mode="r")
        self._scored = np.load(folder / SCORES_FILE, mmap_mode="r")
        unk = np.flatnonzero(self._scored["id"] == content["unk_id"])
        # An unknown character costs more than the rarest piece: that one must always be known.
        self._always = np.append(unk, self._scored["score"].argmin())
        self._unk_id: int = content["unk_id"]

    def takes(self, text: str) -> bool:
        return not any(special in text for special in self._specials)

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``; without start and end tokens, not truncated."""
        normal = self._frame.normalizer.normalize_str(text)
        words = [word for word, _ in self._frame.pre_tokenizer.pre_tokenize_str(normal)]
        known = np.union1d(self._known(words), self._always)
        ids = self._scored["id"][known].tolist()
        vocab = [
            (piece.decode(), float(score))
            for piece, score in zip(self._pieces[known].tolist(), self._scored["score"][known], strict=True)
        ]
        small = Tokenizer(models.Unigram(vocab, ids.index(self._unk_id), False))
        small.normalizer, small.pre_tokenizer = self._frame.normalizer, self._frame.pre_tokenizer
        return [ids[row] for row in small.encode(text).ids]

    def _known(self, words: list[str]) -> NDArray[np.int64]:
        """Rows of the pieces that occur in a word."""
        width = self._pieces.dtype.itemsize
        sought = np.array(sorted(set(_substrings(words, width))), self._pieces.dtype)
        rows = np.minimum(np.searchsorted(self._pieces, sought), len(self._pieces) - 1)
        known: NDArray[np.int64] = rows[self._pieces[rows] == sought]
        return known


def _substrings(words: list[str], width: int) -> Iterator[bytes]:
    """Every substring of at most ``width`` bytes of UTF-8."""
    for word in words:
        for start in range(len(word)):
            for end in range(start + 1, min(start + width, len(word)) + 1):
                if len(piece := word[start:end].encode()) > width:
                    break
                yield piece
