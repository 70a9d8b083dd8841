"""The FAISS vector store: llama-index's interface, exactly as brute force would answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)
from llama_index.core.vector_stores.utils import build_metadata_filter_fn

from wfc_qa.adapters.encoders import Encoder, open_encoder
from wfc_qa.adapters.llama_store import FaissVectorStore
from wfc_qa.config import Settings
from wfc_qa.errors import IndexCorruptError, IndexMismatchError, IndexMissingError, StorageError

DIM = 6
DOCUMENTS = ("plan", "court", "o'hara; DROP TABLE node --")
Embedding = npt.NDArray[np.float32]


def node(name: str, vector: Sequence[float], document: str = "plan", **metadata: Any) -> TextNode:
    made = TextNode(id_=name, text=f"text of {name} 文本", embedding=list(vector), metadata=metadata)
    made.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=document)
    return made


def random_nodes(count: int, seed: int, prefix: str = "n") -> list[TextNode]:
    """Nodes whose metadata leave out, mix types and repeat, in three documents."""
    chance = np.random.default_rng(seed)
    languages, tags = ["zh", "en", "", "' OR 1=1 --"], ["court", "fintech", "green"]
    nodes = []
    for i in range(count):
        metadata: dict[str, Any] = {"year": int(chance.integers(2019, 2026))}
        if chance.random() < 0.8:
            metadata["language"] = languages[chance.integers(len(languages))]
        if chance.random() < 0.7:
            metadata["tags"] = [tag for tag in tags if chance.random() < 0.5]
        if chance.random() < 0.5:
            metadata["score"] = float(chance.integers(0, 4)) / 2 if chance.random() < 0.8 else "high"
        vector = chance.normal(size=DIM).astype(np.float32)
        nodes.append(node(f"{prefix}{i}", vector.tolist(), DOCUMENTS[chance.integers(3)], **metadata))
    return nodes


leaves = st.one_of(
    st.builds(
        MetadataFilter,
        key=st.just("language"),
        value=st.sampled_from(["zh", "en", "E", "' OR 1=1 --"]),
        operator=st.sampled_from([
            FilterOperator.EQ, FilterOperator.NE, FilterOperator.TEXT_MATCH,
            FilterOperator.TEXT_MATCH_INSENSITIVE, FilterOperator.IS_EMPTY, FilterOperator.CONTAINS,
        ]),
    ),
    st.builds(
        MetadataFilter,
        key=st.sampled_from(["year", "score"]),
        value=st.one_of(st.integers(2018, 2026), st.sampled_from([0.0, 0.5, 1.0, 1.5])),
        operator=st.sampled_from([
            FilterOperator.EQ, FilterOperator.NE, FilterOperator.GT, FilterOperator.GTE, FilterOperator.LT,
            FilterOperator.LTE, FilterOperator.IS_EMPTY,
        ]),
    ),
    st.builds(
        MetadataFilter,
        key=st.sampled_from(["tags", "language", "doc_id", "absent"]),
        value=st.lists(st.sampled_from(["court", "green", "zh", "en", *DOCUMENTS]), max_size=3),
        operator=st.sampled_from([
            FilterOperator.IN, FilterOperator.NIN, FilterOperator.ANY, FilterOperator.ALL, FilterOperator.IS_EMPTY
        ]),
    ),
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda parts: st.builds(
        MetadataFilters, filters=st.lists(parts, max_size=3), condition=st.sampled_from(list(FilterCondition))
    ),
    max_leaves=6,
).map(lambda tree: tree if isinstance(tree, MetadataFilters) else MetadataFilters(filters=[tree]))


def passes(filters: MetadataFilters | MetadataFilter, found: TextNode) -> bool:
    """llama-index's own function on one node, nested by hand; what cannot be compared does not pass."""
    if isinstance(filters, MetadataFilter):
        metadata = {**found.metadata, "doc_id": found.ref_doc_id}
        try:
            return bool(build_metadata_filter_fn(lambda _: metadata, MetadataFilters(filters=[filters]))(""))
        except TypeError:
            return False
    parts = [passes(part, found) for part in filters.filters]
    if filters.condition is FilterCondition.NOT:
        return not any(parts)
    return any(parts) or not parts if filters.condition is FilterCondition.OR else all(parts)


def brute_force(nodes: list[TextNode], vector: Embedding, k: int) -> list[tuple[str, float]]:
    if not nodes:
        return []
    matrix = np.array([found.embedding for found in nodes], np.float64)
    cosines = matrix @ vector / np.linalg.norm(matrix, axis=1) / np.linalg.norm(vector)
    return [(nodes[i].node_id, float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:k]]


def check_search(store: FaissVectorStore, nodes: list[TextNode], k: int, seed: int, **limits: Any) -> None:
    """The store answers a query as brute force over ``nodes`` does."""
    vector = np.random.default_rng(seed).normal(size=DIM).astype(np.float32)
    result = store.query(VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=k, **limits))
    expected = brute_force(nodes, vector, k)
    assert result.ids == [name for name, _ in expected]
    assert result.similarities == pytest.approx([cosine for _, cosine in expected], abs=1e-5)
    by_id = {found.node_id: found for found in nodes}
    for found in result.nodes or ():
        given_node = by_id[found.node_id]
        assert (found.text, found.metadata) == (given_node.text, given_node.metadata)
        assert found.ref_doc_id == given_node.ref_doc_id


@given(count=st.integers(0, 40), seed=st.integers(0, 999), k=st.integers(1, 50))
@settings(deadline=None, max_examples=50)
def test_search_is_exact(count: int, seed: int, k: int) -> None:
    """A query returns the k nearest nodes by cosine, best first, with text, metadata and document intact."""
    store, nodes = FaissVectorStore(), random_nodes(count, seed)
    assert store.add(nodes) == [found.node_id for found in nodes]
    check_search(store, nodes, k, seed + 1)


@given(filters=trees, seed=st.integers(0, 99), k=st.integers(1, 40))
@settings(deadline=None, max_examples=300)
def test_filters_are_exact(filters: MetadataFilters, seed: int, k: int) -> None:
    """Any nesting of AND, OR and NOT over any operator lets through what llama-index's own function does."""
    store, nodes = FaissVectorStore(), random_nodes(25, seed)
    store.add(nodes)
    passing = [found for found in nodes if passes(filters, found)]
    assert [found.node_id for found in store.get_nodes(filters=filters)] == [p.node_id for p in passing]
    check_search(store, passing, k, seed, filters=filters)


def test_every_operator_is_drawn() -> None:
    """The filter property leaves no operator of this llama-index out, and each one tells nodes apart."""
    store, nodes = FaissVectorStore(), random_nodes(40, 3)
    store.add(nodes)
    values: dict[FilterOperator, tuple[str, Any]] = {
        FilterOperator.EQ: ("language", "zh"), FilterOperator.NE: ("language", "zh"),
        FilterOperator.GT: ("year", 2022), FilterOperator.GTE: ("year", 2022),
        FilterOperator.LT: ("year", 2022), FilterOperator.LTE: ("year", 2022),
        FilterOperator.IN: ("language", ["zh"]), FilterOperator.NIN: ("language", ["zh"]),
        FilterOperator.ANY: ("tags", ["green", "court"]), FilterOperator.ALL: ("tags", ["green", "court"]),
        FilterOperator.CONTAINS: ("tags", "green"), FilterOperator.TEXT_MATCH: ("language", "z"),
        FilterOperator.TEXT_MATCH_INSENSITIVE: ("language", "Z"), FilterOperator.IS_EMPTY: ("tags", None),
    }  # fmt: skip
    assert set(values) == set(FilterOperator)
    for operator, (key, value) in values.items():
        leaf = MetadataFilter(key=key, value=value, operator=operator)
        got = store.get_nodes(filters=MetadataFilters(filters=[leaf]))
        assert [g.node_id for g in got] == [n.node_id for n in nodes if passes(leaf, n)]
        assert 0 < len(got) < len(nodes)


@given(seed=st.integers(0, 999), data=st.data())
@settings(deadline=None, max_examples=60)
def test_any_history_leaves_what_it_should(seed: int, data: st.DataObject) -> None:
    """After adding, replacing and deleting in any order, the store answers like a fresh one of what is left."""
    store, held = FaissVectorStore(), dict[str, TextNode]()
    for step in range(data.draw(st.integers(1, 6))):
        match data.draw(st.sampled_from(["add", "add", "add", "document", "ids", "filters", "clear"])):
            case "add":
                # Names repeat from step to step: half of these replace.
                nodes = random_nodes(data.draw(st.integers(0, 12)), seed * 10 + step)
                store.add(nodes)
                for found in nodes:
                    held.pop(found.node_id, None)
                    held[found.node_id] = found
            case "document":
                store.delete(document := data.draw(st.sampled_from(DOCUMENTS)))
                held = {name: found for name, found in held.items() if found.ref_doc_id != document}
            case "ids":
                names = data.draw(st.lists(st.sampled_from([f"n{i}" for i in range(15)]), max_size=5))
                store.delete_nodes(names)
                held = {name: found for name, found in held.items() if name not in names}
            case "filters":
                filters = data.draw(trees.filter(lambda tree: bool(tree.filters)))
                store.delete_nodes(filters=filters)
                held = {name: found for name, found in held.items() if not passes(filters, found)}
            case "clear":
                store.clear()
                held.clear()
    assert len(store.get_nodes()) == len(held)
    assert [found.node_id for found in store.get_nodes()] == list(held)
    check_search(store, list(held.values()), 20, seed)


@given(seed=st.integers(0, 99), data=st.data())
@settings(deadline=None, max_examples=50)
def test_id_restrictions_are_exact(seed: int, data: st.DataObject) -> None:
    """Ids, documents and filters together restrict a query to what passes all; an empty list restricts nothing."""
    store, nodes = FaissVectorStore(), random_nodes(25, seed)
    store.add(nodes)
    names = data.draw(st.none() | st.lists(st.sampled_from([f"n{i}" for i in range(30)])))
    documents = data.draw(st.none() | st.lists(st.sampled_from([*DOCUMENTS, "none"]), max_size=2))
    filters = data.draw(st.none() | trees)
    left = [
        found
        for found in nodes
        if (not names or found.node_id in names)
        and (not documents or found.ref_doc_id in documents)
        and (filters is None or not filters.filters or passes(filters, found))
    ]
    check_search(store, left, 10, seed, node_ids=names, doc_ids=documents, filters=filters)


def test_deleting_by_nothing_deletes_nothing() -> None:
    """``delete_nodes()`` without ids or filters, or of unknown ones, leaves every node."""
    store, nodes = FaissVectorStore(), random_nodes(5, 1)
    store.add(nodes)
    store.delete_nodes()
    store.delete_nodes([])
    store.delete_nodes(["unknown"])
    store.delete("unknown")
    assert len(store.get_nodes()) == 5


def test_a_node_added_again_replaces_the_earlier() -> None:
    """A second node of the same id takes the place of the first: its text, its metadata and its vector."""
    store = FaissVectorStore()
    store.add([node("a", [1, 0], year=1), node("b", [0.5, 0.5])])
    store.add([node("a", [0, 1], year=2)])
    result = store.query(VectorStoreQuery(query_embedding=[1, 0], similarity_top_k=5))
    assert result.ids == ["b", "a"]
    assert result.similarities == pytest.approx([0.5**0.5, 0])
    assert [found.metadata for found in store.get_nodes(["a"])] == [{"year": 2}]


def test_the_same_node_twice_in_a_batch_is_one() -> None:
    """Of two nodes with one id the later is kept."""
    store = FaissVectorStore()
    store.add([node("a", [1, 0], year=1), node("a", [0, 1], year=2)])
    result = store.query(VectorStoreQuery(query_embedding=[0, 1], similarity_top_k=5))
    assert result.ids == ["a"]
    assert result.similarities == pytest.approx([1])
    assert result.nodes is not None
    assert result.nodes[0].metadata == {"year": 2}


def test_a_refused_batch_changes_nothing() -> None:
    """A batch with a wrong dimension, no embedding or metadata that is not flat leaves the store as it was."""
    store = FaissVectorStore(flat_metadata=True)
    store.add([node("a", [1, 0], year=1)])
    with pytest.raises(IndexMismatchError, match=r"2 dimensions.*3"):
        store.add([node("b", [1, 0]), node("a", [1, 0, 0])])
    with pytest.raises(ValueError, match="embedding"):
        store.add([node("b", [1, 0]), TextNode(id_="a", text="")])
    with pytest.raises(ValueError, match="metadata"):
        store.add([node("a", [0, 1]), node("b", [1, 0], tags=["x"])])
    with pytest.raises(IndexMismatchError):
        store.query(VectorStoreQuery(query_embedding=[1.0]))
    result = store.query(VectorStoreQuery(query_embedding=[1, 0], similarity_top_k=5))
    assert result.ids == ["a"]
    assert result.similarities == pytest.approx([1])


def test_clearing_frees_the_dimension() -> None:
    """A cleared store takes vectors of another dimension."""
    store = FaissVectorStore()
    store.add([node("a", [1, 0])])
    store.clear()
    assert store.query(VectorStoreQuery(query_embedding=[1.0])).ids == []
    store.add([node("b", [1, 0, 0])])
    assert store.query(VectorStoreQuery(query_embedding=[1, 0, 0])).ids == ["b"]


def test_unknown_modes_are_refused() -> None:
    """A mode the store does not search in, or a query without a vector, is an error that says so."""
    store = FaissVectorStore()
    with pytest.raises(ValueError, match="default or mmr"):
        store.query(VectorStoreQuery(query_embedding=[1.0], mode=VectorStoreQueryMode.HYBRID))
    with pytest.raises(ValueError, match="query_embedding"):
        store.query(VectorStoreQuery(query_str="x"))


def test_mmr_prefers_the_different() -> None:
    """Maximal marginal relevance passes over a near copy of the best node; with threshold 1 it does not."""
    store = FaissVectorStore()
    store.add([node("best", [1, 0.1, 0]), node("copy", [1, 0.11, 0]), node("other", [0.7, 0, 0.7])])
    query = VectorStoreQuery(query_embedding=[1, 0, 0], similarity_top_k=2, mode=VectorStoreQueryMode.MMR)
    assert store.query(query).ids == ["best", "other"]
    assert store.query(query, mmr_threshold=1.0).ids == ["best", "copy"]


@given(seed=st.integers(0, 99), filters=trees)
@settings(deadline=None, max_examples=20)
def test_persisting_keeps_everything(
    tmp_path_factory: pytest.TempPathFactory, seed: int, filters: MetadataFilters
) -> None:
    """What is loaded answers like what was persisted, and goes on being changed."""
    path = str(tmp_path_factory.mktemp("store") / "sub" / "vectors.db")
    store, nodes = FaissVectorStore(), random_nodes(20, seed)
    store.add(nodes)
    store.delete(DOCUMENTS[0])
    store.persist(path)
    held = [found for found in nodes if found.ref_doc_id != DOCUMENTS[0]]
    loaded = FaissVectorStore.from_persist_path(path)
    check_search(loaded, held, 20, seed)
    check_search(loaded, [found for found in held if passes(filters, found)], 20, seed, filters=filters)
    fresh = random_nodes(5, seed + 1, "m")
    loaded.add(fresh)
    check_search(loaded, held + fresh, 30, seed)
    loaded.persist(path)
    check_search(FaissVectorStore.from_persist_path(path), held + fresh, 30, seed)
    assert len(list(Path(path).parent.iterdir())) == 2


def test_an_empty_store_persists(tmp_path: Path) -> None:
    """A store without nodes comes back without nodes and takes any dimension."""
    FaissVectorStore().persist(str(tmp_path / "s"))
    loaded = FaissVectorStore.from_persist_path(str(tmp_path / "s"))
    assert loaded.client is None
    loaded.add(nodes := random_nodes(3, 0))
    check_search(loaded, nodes, 3, 0)


def test_a_failed_persist_leaves_the_old_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step of persisting fails, the earlier store still opens and nothing half-written stays."""
    path, nodes = tmp_path / "s", random_nodes(6, 1)
    store = FaissVectorStore()
    store.add(nodes[:3])
    store.persist(str(path))
    before = sorted(tmp_path.iterdir())
    store.add(nodes[3:])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            store.persist(str(path))
    assert sorted(tmp_path.iterdir()) == before
    check_search(FaissVectorStore.from_persist_path(str(path)), nodes[:3], 6, 1)


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """A missing store, a damaged one and one without its vectors are each refused with the mend."""
    path = tmp_path / "s"
    with pytest.raises(IndexMissingError, match="persist"):
        FaissVectorStore.from_persist_path(str(path))
    store = FaissVectorStore()
    store.add(random_nodes(3, 1))
    store.persist(str(path))
    (vectors,) = tmp_path.glob("*.faiss")
    vectors.write_bytes(vectors.read_bytes()[:50])
    with pytest.raises(IndexCorruptError, match="build"):
        FaissVectorStore.from_persist_path(str(path))
    vectors.unlink()
    with pytest.raises(IndexCorruptError):
        FaissVectorStore.from_persist_path(str(path))
    path.write_bytes(b"not a database" * 99)
    with pytest.raises(IndexCorruptError):
        FaissVectorStore.from_persist_path(str(path))


def test_async_does_what_sync_does() -> None:
    """Every async method has the effect of its sync one, many at once."""

    async def run() -> None:
        store, nodes = FaissVectorStore(), random_nodes(40, 5)
        await asyncio.gather(*(store.async_add(nodes[i : i + 10]) for i in range(0, 40, 10)))
        assert {found.node_id for found in await store.aget_nodes()} == {n.node_id for n in nodes}
        vectors = np.random.default_rng(1).normal(size=(20, DIM)).astype(np.float32)
        queries = [VectorStoreQuery(query_embedding=v.tolist(), similarity_top_k=5) for v in vectors]
        for vector, result in zip(vectors, await asyncio.gather(*map(store.aquery, queries)), strict=True):
            assert result.ids == [name for name, _ in brute_force(nodes, vector, 5)]
        await store.adelete_nodes([nodes[0].node_id])
        await store.adelete(DOCUMENTS[1])
        assert len(store.get_nodes()) == sum(n.ref_doc_id != DOCUMENTS[1] for n in nodes[1:])
        await store.aclear()
        assert len(store.get_nodes()) == 0

    asyncio.run(run())


class LetterEmbedding(BaseEmbedding):  # type: ignore[misc]
    """Counts of letters: alike words are near."""

    def _get_text_embedding(self, text: str) -> list[float]:
        return [text.lower().count(letter) + 0.01 for letter in "abcdefghijklmnopqrstuvwxyz"]

    _get_query_embedding = _get_text_embedding

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


class EncoderEmbedding(BaseEmbedding):  # type: ignore[misc]
    """Our real encoder in llama-index's clothes."""

    encoder: Any

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.encoder.encode_passages(texts).tolist()
        return vectors

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self.encoder.encode_queries([query])[0].tolist()
        return vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def test_it_serves_a_vector_store_index(tmp_path: Path) -> None:
    """A VectorStoreIndex adds, retrieves, filters, deletes, persists and loads through the store."""
    words = {"fruit": "banana", "city": "chongqing", "money": "yuan deposit"}
    nodes = [TextNode(id_=name, text=text, metadata={"kind": name}) for name, text in words.items()]
    for made in nodes:
        made.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=f"doc-{made.node_id}")
    context = StorageContext.from_defaults(vector_store=FaissVectorStore())
    index = VectorStoreIndex(nodes, storage_context=context, embed_model=LetterEmbedding())
    assert isinstance(index.vector_store, FaissVectorStore)
    found = index.as_retriever(similarity_top_k=1).retrieve("bananas")
    assert [(hit.node.node_id, hit.node.get_content()) for hit in found] == [("fruit", "banana")]
    filters = MetadataFilters(filters=[MetadataFilter(key="kind", value="city")])
    assert index.as_retriever(filters=filters).retrieve("banana")[0].node.node_id == "city"
    index.delete_ref_doc("doc-fruit")
    context.persist(str(tmp_path))
    file = tmp_path / "default__vector_store.json"
    again = StorageContext.from_defaults(
        vector_store=FaissVectorStore.from_persist_path(str(file)), persist_dir=str(tmp_path)
    )
    loaded = load_index_from_storage(again, embed_model=LetterEmbedding())
    hits = asyncio.run(loaded.as_retriever(similarity_top_k=5).aretrieve("banana"))
    assert {hit.node.node_id for hit in hits} == {"city", "money"}


def test_it_serves_the_real_encoder() -> None:
    """With the bundled model each question finds its sentence, in either language."""
    encoder: Encoder = open_encoder(Settings())
    pairs = {
        "成渝金融法院于2023年1月1日挂牌。": "成渝金融法院什么时候成立？",
        "The digital yuan pilot now covers the whole city.": "Where is the digital yuan piloted?",
        "The cat sleeps on the window sill.": "Where does the cat sleep?",
    }
    nodes = [TextNode(id_=text, text=text) for text in pairs]
    context = StorageContext.from_defaults(vector_store=FaissVectorStore())
    index = VectorStoreIndex(nodes, storage_context=context, embed_model=EncoderEmbedding(encoder=encoder))
    retriever = index.as_retriever(similarity_top_k=3)
    for text, question in pairs.items():
        hits = retriever.retrieve(question)
        assert hits[0].node.node_id == text
        expected = encoder.encode_passages([text])[0] @ encoder.encode_queries([question])[0]
        assert hits[0].score == pytest.approx(float(expected), abs=1e-3)
