"""Tantivy: BM25 over terms that the text room made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HEAP_BYTES = 64_000_000


def _schema() -> Any:
    import tantivy

    return (
        tantivy.SchemaBuilder()
        .add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
        .add_unsigned_field("row", indexed=True, fast=True)
        .add_unsigned_field("document", indexed=True)
        .build()
    )


@contextmanager
def _lockable(folder: Path) -> Iterator[Path]:
    """``folder``, or where it cannot be written a passing one of links: tantivy opens its files under a lock file."""
    if os.access(folder, os.W_OK):
        yield folder
        return
    with TemporaryDirectory(prefix="wfc-qa-") as place:
        for file in folder.iterdir():
            if file.suffix != ".lock":
                (Path(place) / file.name).symlink_to(file.resolve())
        yield Path(place)


class LexicalIndex:
    """BM25 (k1 1.2, b 0.75: tantivy's) over passages; rows as in the vector index."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def build(cls, folder: Path, passages: Iterable[tuple[int, int, Sequence[str]]]) -> LexicalIndex:
        """Index ``(row, document row, terms)`` triples into the empty ``folder``. Raises ``OSError``."""
        import tantivy

        folder.mkdir(parents=True)
        try:
            index = tantivy.Index(_schema(), path=str(folder))
            # One thread and one merge: the same input always gives the same segments and the same order.
            writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
            for row, document, terms in passages:
                entry = tantivy.Document()
                entry.add_text("terms", " ".join(terms))
                entry.add_unsigned("row", row)
                entry.add_unsigned("document", document)
                writer.add_document(entry)
            writer.commit()
            writer.wait_merging_threads()
            index.reload()
        except ValueError as error:
            raise OSError(f"tantivy: {error}") from error
        return cls(index)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open a built index, which may lie where nothing can be written. Raises ``ValueError`` or ``OSError``."""
        import tantivy

        with _lockable(folder) as place:
            index = tantivy.Index.open(str(place))
            # Nothing ever changes here: without this a thread watches, and writes a lock into a folder on its way out.
            index.config_reader(reload_policy="manual")
            return cls(index)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def document_frequency(self, term: str) -> int:
        """How many passages hold ``term``."""
        return int(self._searcher.doc_freq("terms", term))

    def search(
        self,
        terms: Mapping[str, float],
        k: int,
        *,
        documents: Sequence[int] | None = None,
        rows: Sequence[int] | None = None,
    ) -> list[tuple[int, float]]:
        """``(row, score)`` of the ``k`` best passages, best first, ties by row; weights multiply BM25.

        ``documents`` and ``rows`` restrict where to look and do not change a score.
        """
        import tantivy

        if not terms:
            return []
        any_term = tantivy.Query.boolean_query(
            [
                (
                    tantivy.Occur.Should,
                    tantivy.Query.boost_query(
                        tantivy.Query.term_query(self._schema, "terms", term, index_option="freq"), weight
                    ),
                )
                for term, weight in sorted(terms.items())
            ]
        )
        clauses = [(tantivy.Occur.Must, any_term)]
        for name, values in (("document", documents), ("row", rows)):
            if values is not None:
                allowed = tantivy.Query.term_set_query(self._schema, name, [int(value) for value in values])
                clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0)))
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), k, count=False).hits
        numbers = self._searcher.fast_field_values("row", [address for _, address in found])
        pairs = [(int(row or 0), float(score)) for row, (score, _) in zip(numbers, found, strict=True)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
