"""The two searches under a generation, each against the plain arithmetic it stands for."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfc_qa.adapters.faiss_index import VectorIndex
from wfc_qa.adapters.tantivy_index import LexicalIndex
from wfc_qa.engine import Engine
from wfc_qa.indexing.centring import ENOUGH, centre, find_centres
from wfc_qa.types import Language

DIM = 8
WORDS = ["贷款", "款余", "loan", "green", "2023", "yuan", "court"]


def unit(seed: int, rows: int, dim: int = DIM) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@settings(max_examples=50)
@given(seed=st.integers(0, 999), n=st.integers(0, 60), k=st.integers(1, 80), data=st.data())
def test_exact_search_is_a_sorted_product(seed: int, n: int, k: int, data: st.DataObject) -> None:
    """Saved and opened again, with or without a restriction to rows: the same as sorting all products."""
    vectors, query = unit(seed, n), unit(seed + 1000, 1)[0]
    rows = data.draw(st.none() | st.sets(st.integers(0, max(n - 1, 0)), max_size=n).map(sorted))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "向量 #1.faiss")
        VectorIndex.build(vectors, "flat").save(path)
        index = VectorIndex.load(path)
        assert len(index) == n
        found, scores = index.search(query, k, None if rows is None else np.array(rows, np.int64))
        allowed = np.arange(n) if rows is None else np.array([row for row in rows if row < n], np.int64)
        expected = vectors[allowed] @ query
        order = np.argsort(-expected, kind="stable")[:k]
        assert found.tolist() == allowed[order].tolist()
        np.testing.assert_allclose(scores, expected[order], atol=1e-6)
        np.testing.assert_array_equal(index.vectors(allowed), vectors[allowed])


def test_a_graph_index_finds_what_the_exact_one_finds(tmp_path: Path) -> None:
    """HNSW of 2,000 vectors: at least 95 of 100 nearest, restricted to half the rows too."""
    vectors, queries = unit(1, 2000, 32), unit(2, 20, 32)
    graph, exact = VectorIndex.build(vectors, "hnsw"), VectorIndex.build(vectors, "flat")
    graph.save(tmp_path / "x")
    graph = VectorIndex.load(tmp_path / "x")
    for rows in (None, np.arange(0, 2000, 2)):
        shared = sum(
            len(set(graph.search(q, 100, rows)[0].tolist()) & set(exact.search(q, 100, rows)[0].tolist()))
            for q in queries
        )
        assert shared >= 95 * len(queries)
        assert rows is None or set(graph.search(queries[0], 100, rows)[0].tolist()) <= set(rows.tolist())
    np.testing.assert_array_equal(graph.vectors(np.array([5, 3])), vectors[[5, 3]])


def test_small_collections_are_searched_exactly() -> None:
    exact, automatic = (VectorIndex.build(unit(3, 300), kind) for kind in ("flat", "auto"))
    query = unit(4, 1)[0]
    assert exact.search(query, 300)[0].tolist() == automatic.search(query, 300)[0].tolist()


passages = st.lists(st.lists(st.sampled_from(WORDS), max_size=12), min_size=1, max_size=25)


@settings(max_examples=40)
@given(
    texts=passages,
    terms=st.dictionaries(st.sampled_from([*WORDS, "unheard"]), st.floats(0.1, 3), min_size=1),
    data=st.data(),
)
def test_a_restriction_changes_no_score(
    texts: list[list[str]], terms: dict[str, float], data: st.DataObject
) -> None:
    """Scores among some rows or documents are those of the whole index; best first, ties by row."""
    homes = [row // 3 for row in range(len(texts))]
    rows = data.draw(st.sets(st.integers(0, len(texts) - 1)).map(sorted))
    documents = data.draw(st.sets(st.integers(0, max(homes))).map(sorted))
    with tempfile.TemporaryDirectory() as folder:
        LexicalIndex.build(
            Path(folder, "词 #1"),
            ((row, home, text) for row, (home, text) in enumerate(zip(homes, texts, strict=True))),
        )
        index = LexicalIndex.load(Path(folder, "词 #1"))
        k = len(texts)
        whole = index.search(terms, k)
        assert len(index) == k
        assert whole == sorted(whole, key=lambda pair: (-pair[1], pair[0]))
        assert {row for row, _ in whole} == {row for row, text in enumerate(texts) if set(text) & set(terms)}
        assert dict(index.search(terms, k, rows=rows)) == pytest.approx({r: s for r, s in whole if r in rows})
        assert dict(index.search(terms, k, documents=documents)) == pytest.approx(
            {row: score for row, score in whole if homes[row] in documents}
        )
        for word in WORDS:
            assert index.document_frequency(word) == sum(word in text for text in texts)


def test_weights_multiply_a_term(tmp_path: Path) -> None:
    index = LexicalIndex.build(tmp_path / "x", [(0, 0, ["loan"]), (1, 0, ["court", "court"]), (2, 1, ["x"])])
    ((_, once),) = index.search({"loan": 1.0}, 5)
    ((_, twice),) = index.search({"loan": 2.0}, 5)
    assert twice == pytest.approx(2 * once)
    assert index.search({}, 5) == []


def test_rare_terms_weigh_more_and_repeated_ones_count(tmp_path: Path) -> None:
    texts = [["loan", "x"], ["loan", "loan"], ["loan", "y"], ["court", "z"]]
    index = LexicalIndex.build(tmp_path / "x", [(row, 0, text) for row, text in enumerate(texts)])
    assert [row for row, _ in index.search({"loan": 1.0, "court": 1.0}, 2)] == [3, 1]


@given(seed=st.integers(0, 99), counts=st.tuples(st.integers(0, 40), st.integers(0, 40)))
def test_centred_vectors_of_a_language_have_length_one_and_no_common_direction(
    seed: int, counts: tuple[int, int]
) -> None:
    """Where a language has enough vectors, its centre is their mean; where it has none, the fitted one."""
    languages = [Language.ZH] * counts[0] + [Language.EN] * counts[1]
    vectors, prior = unit(seed, sum(counts)) + 1, {"zh": unit(7, 1)[0].tolist()}
    centres = find_centres(vectors, languages, prior)
    moved = centre(vectors, languages, centres)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-5)
    if counts[0] >= ENOUGH:
        np.testing.assert_allclose(centres[Language.ZH], vectors[: counts[0]].mean(0), atol=1e-5)
    if counts[0] == 0:
        np.testing.assert_allclose(centres[Language.ZH], prior["zh"], atol=1e-6)
    if counts[1] == 0:
        np.testing.assert_array_equal(centres[Language.EN], 0)


def test_the_home_index_holds_one_unit_vector_for_each_passage_and_sentence(engine: Engine) -> None:
    generation = engine.generation
    _, _, passages, sentences = generation.store.counts()
    assert len(generation.vectors) == len(generation.lexical) == passages == len(generation.starts) - 1
    assert generation.sentences.shape == (sentences, engine.encoder.dim)
    assert generation.starts[-1] == sentences
    norms = np.linalg.norm(generation.sentences.astype(np.float32), axis=1)
    np.testing.assert_allclose(norms, 1, atol=2e-3)
    rows = generation.store.passages(range(passages))
    assert [[s.row for s in row.sentences] for row in rows] == [
        [*range(generation.starts[row], generation.starts[row + 1])] for row in range(passages)
    ]
