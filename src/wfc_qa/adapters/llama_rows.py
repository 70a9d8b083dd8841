"""llama-index nodes and their metadata in SQLite: what of a vector store is not vectors.

Values are compared by llama-index's own filter function, once for each different value of a field, not once for
each node; they reach SQL as bound parameters only.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, Literal

import numpy as np
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import FilterCondition, MetadataFilter, MetadataFilters
from llama_index.core.vector_stores.utils import (
    build_metadata_filter_fn,
    metadata_dict_to_node,
    node_to_metadata_dict,
)

from .vectors import IntArray

SCHEMA = """
CREATE TABLE IF NOT EXISTS node(row INTEGER PRIMARY KEY AUTOINCREMENT, node_id TEXT UNIQUE NOT NULL,
  document TEXT, kind TEXT NOT NULL, content TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS node_by_document ON node(document);
CREATE TABLE IF NOT EXISTS field(key TEXT NOT NULL, value TEXT NOT NULL,
  row INTEGER NOT NULL REFERENCES node(row) ON DELETE CASCADE, PRIMARY KEY(key, value, row)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS field_by_row ON field(row);
CREATE TABLE IF NOT EXISTS vectors(file TEXT NOT NULL);
"""
CONTENT, KIND = "_node_content", "_node_type"


class NodeRows:
    """Nodes by row number; a row number is never used twice. Not safe to share between threads unguarded."""

    def __init__(self) -> None:
        # An empty name is SQLite's private temporary database: it spills to disk and goes with the connection.
        self._base = sqlite3.connect("", check_same_thread=False)
        self._base.executescript(SCHEMA)
        self._base.execute("PRAGMA foreign_keys=ON")

    @classmethod
    def load(cls, path: Path) -> tuple[NodeRows, str]:
        """What ``save`` wrote: the rows, and the name of their vectors' file. Raises ``sqlite3.Error``."""
        rows = cls()
        source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            source.backup(rows._base)
        finally:
            source.close()
        (file,) = rows._base.execute("SELECT file FROM vectors").fetchone() or ("",)
        return rows, str(file)

    def save(self, path: Path, vectors: str) -> None:
        """Write everything to ``path``, which must not exist, with the name of the vectors' file."""
        target = sqlite3.connect(path)
        try:
            self._base.backup(target)
            with target:
                target.execute("DELETE FROM vectors")
                target.execute("INSERT INTO vectors VALUES(?)", (vectors,))
        finally:
            target.close()

    def close(self) -> None:
        self._base.close()

    def __len__(self) -> int:
        return int(self._base.execute("SELECT count(*) FROM node").fetchone()[0])

    def add(
        self, nodes: Sequence[BaseNode], *, flat: bool, then: Callable[[list[int], IntArray], None]
    ) -> None:
        """Store ``nodes``, replacing those of the same ids, and call ``then`` with the rows added and the rows
        replaced; all of it or nothing."""
        added: list[int] = []
        replaced = self._having("node_id", [node.node_id for node in nodes])
        with self._base:
            self._delete(replaced)
            for node in nodes:
                fields = node_to_metadata_dict(node, flat_metadata=flat)
                content, kind = fields.pop(CONTENT), fields.pop(KIND)
                row = self._base.execute(
                    "INSERT INTO node(node_id, document, kind, content) VALUES(?,?,?,?)",
                    (node.node_id, node.ref_doc_id, kind, content),
                ).lastrowid
                self._base.executemany(
                    "INSERT INTO field VALUES(?,?,?)",
                    [(key, _canonical(value), row) for key, value in fields.items() if value is not None],
                )
                added.append(int(row or 0))
            then(added, replaced)

    def remove(self, rows: IntArray) -> None:
        with self._base:
            self._delete(rows)

    def find(
        self,
        filters: MetadataFilters | None = None,
        node_ids: Sequence[str] | None = None,
        documents: Sequence[str] | None = None,
    ) -> IntArray | None:
        """Rows, ascending, that all the restrictions let through; ``None`` when there are none."""
        found = []
        if node_ids is not None:
            found.append(self._having("node_id", node_ids))
        if documents is not None:
            found.append(self._having("document", documents))
        if filters is not None and filters.filters:
            found.append(self._passing(filters))
        return reduce(np.intersect1d, found) if found else None

    def all(self) -> IntArray:
        return self._rows("SELECT row FROM node ORDER BY row")

    def nodes(self, rows: IntArray) -> list[BaseNode]:
        """The nodes of ``rows``, in that order, without embeddings."""
        query = (
            "SELECT row, kind, content FROM node WHERE row IN (SELECT value FROM json_each(?))",
            (_array(rows),),
        )
        found = {
            row: metadata_dict_to_node({KIND: kind, CONTENT: content})
            for row, kind, content in self._base.execute(*query)
        }
        return [found[int(row)] for row in rows]

    def _passing(self, filters: MetadataFilters) -> IntArray:
        parts = [
            self._passing(part) if isinstance(part, MetadataFilters) else self._holding(part)
            for part in filters.filters
        ]
        if not parts:
            return self.all()
        if filters.condition is FilterCondition.OR:
            return np.asarray(reduce(np.union1d, parts), np.int64)
        if filters.condition is FilterCondition.NOT:
            return np.setdiff1d(self.all(), reduce(np.union1d, parts))
        return np.asarray(reduce(np.intersect1d, parts), np.int64)

    def _holding(self, leaf: MetadataFilter) -> IntArray:
        """Rows whose field passes ``leaf``; a value that cannot be compared with the filter's does not."""
        passes = build_metadata_filter_fn(lambda value: {leaf.key: value}, MetadataFilters(filters=[leaf]))
        kept = []
        for (value,) in self._base.execute("SELECT DISTINCT value FROM field WHERE key=?", (leaf.key,)):
            try:
                if passes(json.loads(value)):
                    kept.append(value)
            except TypeError:
                continue
        rows = self._rows(
            "SELECT row FROM field WHERE key=? AND value IN (SELECT value FROM json_each(?)) ORDER BY row",
            leaf.key,
            json.dumps(kept),
        )
        if not passes(None):
            return rows
        lacking = "SELECT row FROM node WHERE row NOT IN (SELECT row FROM field WHERE key=?)"
        return np.union1d(rows, self._rows(lacking, leaf.key))

    def _having(self, column: Literal["node_id", "document"], values: Sequence[str]) -> IntArray:
        wanted = f"SELECT row FROM node WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
        return self._rows(wanted, _array(values))

    def _delete(self, rows: IntArray) -> None:
        self._base.execute("DELETE FROM node WHERE row IN (SELECT value FROM json_each(?))", (_array(rows),))

    def _rows(self, query: str, *values: object) -> IntArray:
        return np.unique(np.array([row for (row,) in self._base.execute(query, values)], np.int64))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _array(values: Iterable[Any]) -> str:
    """A JSON array: how a list of any length is bound to one parameter."""
    return json.dumps(values.tolist() if isinstance(values, np.ndarray) else list(values))
