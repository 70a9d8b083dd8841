"""Small collections, and indexes of them in a folder of one test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wfc_qa.adapters.encoders import Encoder
from wfc_qa.adapters.vectors import FloatArray
from wfc_qa.builder import build_collection
from wfc_qa.calibration import load_calibration, prior_centres
from wfc_qa.config import Settings
from wfc_qa.engine import Engine, open_engine
from wfc_qa.indexing.build import Built, build_index
from wfc_qa.reading.collection import read_collection

DOCUMENTS = {
    "court.md": "# 成渝金融法院\n\n成渝金融法院于2023年1月1日挂牌。该法院设在重庆和成都。\n\n- 法官共有五十人。\n",
    "loans.md": "---\ntitle: Green loans\nlanguage: en\npublished: 2024-05-06\n---\n\n"
    "Green loans reached 500 billion yuan in 2023. They grew by 30%.\n\nDeposits fell.\n",
    "yuan.txt": "数字人民币试点扩大到全市。\n\n商户达到十万家。\n",
}  # fmt: skip


def write_documents(folder: Path, documents: dict[str, str] = DOCUMENTS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@contextmanager
def open_collection(settings: Settings, folder: Path, documents: dict[str, str]) -> Iterator[Engine]:
    """An engine on an index of ``documents`` in ``folder`` that answers whatever the guard lets through."""
    own = settings.model_copy(
        update={
            "documents_dir": write_documents(folder / "documents", documents),
            "index_dir": folder / "index",
            "abstain_below": 0.0,
        }
    )
    build_collection(own, lambda step, done, total: None)
    engine = open_engine(own)
    try:
        yield engine
    finally:
        engine.close()


class CountingEncoder:
    """The real encoder, and how many passages it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.encoded = 0
        self.model_id, self.dim, self.max_tokens = encoder.model_id, encoder.dim, encoder.max_tokens

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> FloatArray:
        self.encoded += len(texts)
        return self._encoder.encode_passages(texts, progress)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return self._encoder.encode_queries(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._encoder.count_tokens(texts)


def build(settings: Settings, encoder: Encoder) -> Built:
    """What ``wfc-qa index build`` does, with an encoder that is open already."""
    prior = prior_centres(load_calibration(settings.calibration_file), encoder.model_id)
    return build_index(settings, read_collection(settings.documents_dir), encoder, prior)


def generations(settings: Settings) -> set[str]:
    """Everything beside and below the pointer, leftovers included."""
    return {path.name for path in (settings.index_dir / "generations").iterdir()}
