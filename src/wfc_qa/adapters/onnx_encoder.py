"""The bundled model on ONNX Runtime: tokenizers in, normalised vectors out, no torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from ..errors import ModelError
from .e5_folder import GRAPH_FILE, GRAPH_VERSION, NAME, PROMPTS_FILE, TOKENIZER_FILE
from .e5_pack import PACK_SHA256
from .quick_tokenizer import QuickTokenizer
from .vectors import FloatArray, core_count

BATCH_TOKENS = 2048
START, PAD, END = 0, 1, 2
_TOKENISED_AT_ONCE = 4096
_QUICK_CHARS = 300


class OnnxEncoder:
    """Encoder over a folder of ``e5_folder.onnx_folder``; see ``encoders.Encoder``."""

    model_id = f"{NAME}:{PACK_SHA256}:{GRAPH_VERSION}"

    def __init__(self, folder: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or core_count()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                folder / GRAPH_FILE, options, providers=["CPUExecutionProvider"]
            )
            self._quick = QuickTokenizer(folder)
            prompts = json.loads((folder / PROMPTS_FILE).read_text("utf-8"))["prompts"]
        except Exception as error:
            raise ModelError(
                f"the embedding model in {folder} is damaged ({error}); remove that folder"
            ) from error
        self._query_prompt, self._passage_prompt = prompts["query"], prompts["passage"]
        self._tokenizer_file = folder / TOKENIZER_FILE
        self.dim = int(self._session.get_outputs()[0].shape[1])
        self.max_tokens = 512

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> FloatArray:
        tokens: list[list[int]] = []
        for start in range(0, len(texts), _TOKENISED_AT_ONCE):
            part = texts[start : start + _TOKENISED_AT_ONCE]
            tokens += self._tokenise([self._passage_prompt + text for text in part])
        return self._encode(tokens, progress)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        prompted = [self._query_prompt + text for text in texts]
        if self._is_quick(prompted):
            return self._encode([[START, *self._quick.encode(text), END] for text in prompted])
        return self._encode(self._tokenise(prompted))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """Loaded when first needed (0.5 s, 240 MB): whoever only asks short questions does without."""
        return Tokenizer.from_file(str(self._tokenizer_file))

    def _is_quick(self, texts: Sequence[str]) -> bool:
        loaded = "_tokenizer" in self.__dict__
        return not loaded and sum(map(len, texts)) <= _QUICK_CHARS and all(map(self._quick.takes, texts))

    def _tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def _encode(
        self, tokens: Sequence[list[int]], progress: Callable[[int], None] | None = None
    ) -> FloatArray:
        tokens = [
            ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], END] for ids in tokens
        ]
        vectors = np.empty((len(tokens), self.dim), np.float32)
        for rows in batches([len(ids) for ids in tokens], BATCH_TOKENS):
            vectors[rows] = self._run([tokens[row] for row in rows])
            if progress:
                progress(len(rows))
        return vectors

    def _run(self, tokens: Sequence[list[int]]) -> FloatArray:
        """One padded batch; ``(len(tokens), dim)``."""
        lengths = np.array([len(ids) for ids in tokens])
        mask = np.arange(lengths.max()) < lengths[:, None]
        padded = np.full(mask.shape, PAD, np.int64)
        padded[mask] = np.concatenate([np.asarray(ids, np.int64) for ids in tokens])
        feed = {"input_ids": padded, "attention_mask": mask.astype(np.int64)}
        vectors: FloatArray = self._session.run(["embedding"], feed)[0]
        return vectors


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Every row once, longest first, in batches of at most ``budget`` padded tokens or of one row."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    start = 0
    while start < len(order):
        size = max(1, budget // lengths[order[start]])
        yield order[start : start + size]
        start += size
