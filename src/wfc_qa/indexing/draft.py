"""All that a generation will hold, and its writing into an empty folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from ..adapters.encoders import Encoder
from ..adapters.faiss_index import VectorIndex
from ..adapters.tantivy_index import LexicalIndex
from ..config import Settings
from ..reading.collection import Collection
from ..text.terms import lexical_terms
from ..types import Language
from .cache import EmbeddingCache
from .centring import centre, find_centres
from .generation import CENTRES, LEXICAL, SENTENCES, STARTS, STORE, VECTORS
from .passages import Entry, cut_passages
from .store import write_store

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Draft:
    """``homes[i]`` is the row of the document that ``entries[i]`` stands in."""

    collection: Collection
    entries: tuple[Entry, ...]
    homes: tuple[int, ...]

    def content(self) -> Iterator[str]:
        """Everything indexed, in order: what the name of the generation is made of."""
        for document in self.collection.documents:
            yield from (document.doc_id, document.sha256, document.title, str(document.published))
        for entry in self.entries:
            yield from (
                entry.passage.passage_id,
                entry.indexed,
                repr(entry.passage.span),
                repr(entry.sentences),
            )

    def sentences(self) -> list[tuple[Language, str]]:
        """Language and text of every quotable sentence, in order."""
        texts = [document.text for document in self.collection.documents]
        return [
            (entry.language, span.of(texts[home]))
            for entry, home in zip(self.entries, self.homes, strict=True)
            for span in entry.sentences
        ]

    def counts(self) -> dict[str, int]:
        return {
            "documents": len(self.collection.documents),
            "paragraphs": len(self.collection.paragraphs),
            "passages": len(self.entries),
            "sentences": sum(len(entry.sentences) for entry in self.entries),
        }


def draft_index(collection: Collection, encoder: Encoder) -> Draft:
    """Cut every paragraph of ``collection`` into passages that the model can read whole."""
    rows = {document.doc_id: row for row, document in enumerate(collection.documents)}
    entries: list[Entry] = []
    homes: list[int] = []
    for doc_id, paragraphs in groupby(collection.paragraphs, key=lambda paragraph: paragraph.doc_id):
        document = collection.documents[rows[doc_id]]
        cut = list(cut_passages(document, list(paragraphs), encoder.count_tokens, encoder.max_tokens))
        entries += cut
        homes += [rows[doc_id]] * len(cut)
    return Draft(collection, tuple(entries), tuple(homes))


def write_draft(
    draft: Draft,
    folder: Path,
    encoder: Encoder,
    settings: Settings,
    prior: Mapping[str, Sequence[float]],
    progress: Progress,
) -> None:
    """Write every file of the generation but its manifest."""
    entries, sentences = draft.entries, draft.sentences()
    write_store(folder / STORE, draft.collection.documents, draft.collection.paragraphs, entries)
    LexicalIndex.build(
        folder / LEXICAL,
        (
            (row, home, lexical_terms(entry.indexed))
            for row, (entry, home) in enumerate(zip(entries, draft.homes, strict=True))
        ),
    )
    # One sweep over both: texts of like length share a batch.
    texts = [*(entry.indexed for entry in entries), *(text for _, text in sentences)]
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress("embedding", done, len(texts))

    with EmbeddingCache(settings.cache_dir / "embeddings.sqlite", encoder.model_id) as cache:
        vectors = cache.embed(texts, encoder.dim, encoder.encode_passages, advance)
    passages, spoken = vectors[: len(entries)], vectors[len(entries) :]
    languages = [entry.language for entry in entries]
    centres = find_centres(passages, languages, prior, centring=settings.centring)
    VectorIndex.build(centre(passages, languages, centres), settings.vector_index).save(folder / VECTORS)
    languages = [language for language, _ in sentences]
    moved = centre(spoken, languages, find_centres(spoken, languages, prior, centring=settings.centring))
    np.save(folder / SENTENCES, moved.astype(np.float16))
    np.save(folder / STARTS, np.cumsum([0, *(len(entry.sentences) for entry in entries)], dtype=np.int64))
    np.savez(
        folder / CENTRES, allow_pickle=False, **{language.value: mean for language, mean in centres.items()}
    )
