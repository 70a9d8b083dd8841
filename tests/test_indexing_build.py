"""Building: what is unchanged costs nothing, what is changed gets a generation, the one before stays."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexing_support import DOCUMENTS, CountingEncoder, build, generations, write_documents
from wfc_qa.config import Settings
from wfc_qa.engine import Engine, open_engine
from wfc_qa.errors import IndexCorruptError, IndexMismatchError, IndexMissingError, StorageError
from wfc_qa.indexing.cache import EmbeddingCache
from wfc_qa.indexing.generation import Generation, generation_folder, open_generation
from wfc_qa.text.terms import lexical_terms

QUESTION = "成渝金融法院哪一天挂牌？"


@pytest.fixture
def encoder(engine: Engine) -> CountingEncoder:
    return CountingEncoder(engine.encoder)


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """A small collection with an index and an embedding cache of its own; the folders' names are unkind."""
    return Settings(
        documents_dir=write_documents(tmp_path / "文档 #1"),
        index_dir=tmp_path / "索引 #1?a=%41&b",
        cache_dir=tmp_path / "cache",
    )


def opened(settings: Settings) -> Generation:
    return open_generation(generation_folder(settings.index_dir), deep=True)


def search(settings: Settings, encoder: CountingEncoder) -> object:
    """What both searches of the serving generation find for one question."""
    generation = opened(settings)
    vector = encoder.encode_queries([QUESTION])[0]
    rows, scores = generation.vectors.search(vector, 20)
    lexical = generation.lexical.search(dict.fromkeys(lexical_terms(QUESTION), 1.0), 20)
    found = rows.tolist(), scores.tolist(), lexical, generation.sentences.tolist()
    generation.close()
    return found


def test_unchanged_documents_embed_nothing_and_keep_their_generation(
    own: Settings, encoder: CountingEncoder
) -> None:
    first = build(own, encoder)
    assert first.fresh
    assert encoder.encoded > 0
    encoder.encoded = 0
    second = build(own, encoder)
    assert (second.generation, second.fresh, second.counts) == (first.generation, False, first.counts)
    assert encoder.encoded == 0


def test_two_builds_of_the_same_documents_are_the_same(
    own: Settings, encoder: CountingEncoder, tmp_path: Path
) -> None:
    """In another folder, from other copies, without a cache: same name, same vectors, same search results."""
    first, found = build(own, encoder), search(own, encoder)
    other = own.model_copy(
        update={
            "documents_dir": write_documents(tmp_path / "b"),
            "index_dir": tmp_path / "i",
            "cache_dir": tmp_path / "c",
        }
    )
    assert build(other, encoder).generation == first.generation
    assert search(other, encoder) == found


def test_a_lost_index_is_built_again_from_the_cache(
    own: Settings, encoder: CountingEncoder, tmp_path: Path
) -> None:
    first = build(own, encoder)
    encoder.encoded = 0
    again = build(own.model_copy(update={"index_dir": tmp_path / "i"}), encoder)
    assert (again.generation, again.fresh, encoder.encoded) == (first.generation, True, 0)


def test_a_changed_document_makes_a_generation_and_embeds_only_the_change(
    own: Settings, encoder: CountingEncoder
) -> None:
    first = build(own, encoder)
    encoder.encoded = 0
    with (own.documents_dir / "yuan.txt").open("a", encoding="utf-8") as file:
        file.write("\n新增一段话。\n")
    second = build(own, encoder)
    # The passage, with its title, and its one sentence.
    assert encoder.encoded == 2
    assert second.fresh
    assert generations(own) == {first.generation, second.generation}
    assert opened(own).manifest.generation == second.generation


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loans.md", DOCUMENTS["loans.md"].replace("Green loans\n", "Greener loans\n")),
        ("loans.md", DOCUMENTS["loans.md"].replace("2024-05-06", "2024-05-07")),
        (
            "loans.md",
            DOCUMENTS["loans.md"].replace("language: en", "language: en\nsource: http://example.org/"),
        ),
        ("new.md", "A new one.\n"),
    ],
    ids=["title", "date", "source", "new file"],
)
def test_whatever_a_reader_would_see_changed_makes_a_generation(
    own: Settings, encoder: CountingEncoder, name: str, text: str
) -> None:
    first = build(own, encoder)
    (own.documents_dir / name).write_text(text, "utf-8")
    assert build(own, encoder).generation != first.generation


def test_the_generation_that_served_before_is_the_one_kept(own: Settings, encoder: CountingEncoder) -> None:
    """Whatever their ages: after one, two, one, three, the first is there and the second gone."""
    path = own.documents_dir / "yuan.txt"
    names = []
    for text in ("一。", "二。", "一。", "三。"):
        path.write_text(text, "utf-8")
        names.append(build(own, encoder).generation)
    assert names[0] == names[2]
    assert generations(own) == {names[2], names[3]}


def test_an_open_generation_stays_readable_after_its_folder_is_gone(
    own: Settings, encoder: CountingEncoder
) -> None:
    build(own, encoder)
    held = opened(own)
    before = (
        [held.store.document(head.doc_id) for head in held.store.heads()],
        held.lexical.search({"loan": 1.0}, 5),
        np.array(held.sentences),
    )
    for text in ("一。", "二。", "三。"):
        (own.documents_dir / "yuan.txt").write_text(text, "utf-8")
        build(own, encoder)
    assert not held.folder.exists()
    after = (
        [held.store.document(head.doc_id) for head in held.store.heads()],
        held.lexical.search({"loan": 1.0}, 5),
        np.array(held.sentences),
    )
    assert before[:2] == after[:2]
    np.testing.assert_array_equal(before[2], after[2])


@pytest.mark.parametrize("kind", ["flat", "hnsw"])
def test_every_kind_of_index_answers(
    own: Settings, encoder: CountingEncoder, settings: Settings, kind: str
) -> None:
    own = own.model_copy(update={"vector_index": kind})
    build(own, encoder)
    engine = open_engine(own.model_copy(update={"cache_dir": settings.cache_dir}))
    assert engine.ask(QUESTION).hits[0].passage.paragraph_id.startswith("court")
    engine.close()


def test_other_settings_than_the_index_was_built_with_are_refused(
    own: Settings, encoder: CountingEncoder, settings: Settings
) -> None:
    build(own, encoder)
    own = own.model_copy(update={"vector_index": "hnsw", "cache_dir": settings.cache_dir})
    with pytest.raises(
        IndexMismatchError, match=r"^the index was built with other settings; .*index build`$"
    ):
        open_engine(own)


def test_another_model_than_the_index_was_built_with_is_refused(
    own: Settings, encoder: CountingEncoder, settings: Settings
) -> None:
    encoder.model_id = "another-model"
    build(own, encoder)
    with pytest.raises(
        IndexMismatchError, match=r"^the index was built with model another-model, .*index build`$"
    ):
        open_engine(own.model_copy(update={"cache_dir": settings.cache_dir}))


def test_models_share_no_embeddings(own: Settings, encoder: CountingEncoder) -> None:
    build(own, encoder)
    first, encoder.encoded, encoder.model_id = encoder.encoded, 0, "another-model"
    build(own, encoder)
    assert encoder.encoded == first


def test_a_damaged_generation_is_built_again(own: Settings, encoder: CountingEncoder) -> None:
    built = build(own, encoder)
    (built.folder / "store.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(IndexCorruptError):
        opened(own)
    assert build(own, encoder).generation == built.generation
    opened(own).close()
    assert generations(own) == {built.generation}


@pytest.mark.parametrize("damage", ["garbage", "truncated", "flipped", "short vectors", "empty"])
def test_a_damaged_embedding_cache_is_begun_anew(
    own: Settings, encoder: CountingEncoder, damage: str
) -> None:
    first = build(own, encoder)
    found = search(own, encoder)
    path = own.cache_dir / "embeddings.sqlite"
    data = path.read_bytes()
    assert len(data) > 8192
    if damage == "short vectors":
        base = sqlite3.connect(path)
        base.execute("UPDATE vector SET value=x'00'")
        base.commit()
        base.close()
    else:
        path.write_bytes(
            {
                "garbage": b"\x00\xff" * 5000,
                "truncated": data[: len(data) // 2],
                "flipped": data[:4096] + bytes(byte ^ 255 for byte in data[4096:8192]) + data[8192:],
                "empty": b"",
            }[damage]
        )
    (own.index_dir / "CURRENT").unlink()
    (first.folder / "manifest.json").unlink()
    assert build(own, encoder).generation == first.generation
    assert search(own, encoder) == found


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StorageError, match=r"^cannot write the embeddings to .*; free space there or set cache_dir$"
    ):
        EmbeddingCache(tmp_path / "file" / "embeddings.sqlite", "m")


def test_a_text_that_occurs_twice_is_embedded_once(tmp_path: Path, encoder: CountingEncoder) -> None:
    with EmbeddingCache(tmp_path / "e.sqlite", "m") as cache:
        vectors = cache.embed(["a", "b", "a", "a"], encoder.dim, encoder.encode_passages)
    assert encoder.encoded == 2
    np.testing.assert_array_equal(vectors[[0, 0]], vectors[[2, 3]])


def test_without_an_index_that_is_said(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(IndexMissingError, match=r"^no index in .*; run `wfc-qa index build`$"):
        open_engine(settings.model_copy(update={"index_dir": tmp_path}))
