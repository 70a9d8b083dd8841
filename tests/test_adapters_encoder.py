"""The embedding model: one pack, two engines, the same vectors."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from wfc_qa.adapters import e5_folder, e5_pack, model_cache
from wfc_qa.adapters.encoders import Encoder, open_encoder, verify_model
from wfc_qa.adapters.onnx_encoder import OnnxEncoder, batches
from wfc_qa.adapters.quick_tokenizer import QuickTokenizer
from wfc_qa.config import Settings
from wfc_qa.errors import ModelError, StorageError

PAIRS = (
    ("中新（重庆）战略性互联互通示范项目于2015年启动。", "The China-Singapore (Chongqing) initiative began in 2015."),
    ("成渝金融法院于2023年1月1日挂牌。", "The Chengdu-Chongqing Financial Court opened on 1 January 2023."),
    ("绿色贷款余额同比增长三成。", "Outstanding green loans grew by thirty per cent year on year."),
    ("猫在窗台上睡觉。", "The cat sleeps on the window sill."),
    ("数字人民币试点扩大到全市。", "The digital yuan pilot now covers the whole city."),
    ("这家餐馆的火锅很辣。", "The hotpot in this restaurant is very spicy."),
)  # fmt: skip
TEXTS = [text for pair in PAIRS for text in pair] + ["", "％", "长" * 700, "word " * 300, "a 1,234.5 亿元 b"]
QUESTIONS = [
    "成渝金融法院什么时候成立？",
    "When did the digital yuan pilot grow?",
    "绿色贷款增长多少？",
    "hotpot",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(cache: Path) -> Encoder:
    return open_encoder(Settings(cache_dir=cache))


@pytest.fixture(scope="module")
def reference(cache: Path) -> Encoder:
    return open_encoder(Settings(cache_dir=cache, embedding_engine="sentence-transformers"))


def _copy(cache: Path, target: Path) -> Path:
    """The ONNX folder of ``cache``, copied into a cache of its own; the folder there."""
    folder = e5_folder.onnx_folder(cache)
    return Path(shutil.copytree(folder, target / "models" / folder.name))


def test_the_engines_agree(encoder: Encoder, reference: Encoder) -> None:
    """ONNX int8 gives sentence-transformers' fp32 vectors: cosine at least 0.995 each, 0.998 on average."""
    cosines = np.concatenate([
        (encoder.encode_passages(TEXTS) * reference.encode_passages(TEXTS)).sum(axis=1),
        (encoder.encode_queries(QUESTIONS) * reference.encode_queries(QUESTIONS)).sum(axis=1),
    ])  # fmt: skip
    assert cosines.min() >= 0.995
    assert cosines.mean() >= 0.998
    assert encoder.model_id != reference.model_id
    assert encoder.max_tokens == reference.max_tokens == 512
    assert encoder.count_tokens(TEXTS) == reference.count_tokens(TEXTS)


def test_the_engines_rank_alike(encoder: Encoder, reference: Encoder) -> None:
    """Each text finds its translation first, by either engine."""
    chinese, english = map(list, zip(*PAIRS, strict=True))
    for engine in (encoder, reference):
        scores = engine.encode_queries(chinese) @ engine.encode_passages(english).T
        assert scores.argmax(axis=1).tolist() == list(range(len(PAIRS)))


def test_the_folder_is_an_ordinary_sentence_transformers_model(cache: Path, reference: Encoder) -> None:
    """A stranger opens the folder by its path, and its own prompts are E5's."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(e5_folder.sentence_transformers_folder(cache)), device="cpu")
    vectors = model.encode(["passage: " + text for text in TEXTS[:4]], show_progress_bar=False)
    assert np.abs(vectors - reference.encode_passages(TEXTS[:4])).max() < 1e-4
    assert model.prompts["query"] == "query: "


def test_any_folder_can_be_configured(cache: Path, reference: Encoder, tmp_path: Path) -> None:
    """A folder given by path has its own prompts, none when it names none, and its own identity."""
    folder = Path(shutil.copytree(e5_folder.sentence_transformers_folder(cache), tmp_path / "mine"))
    (folder / e5_folder.PROMPTS_FILE).unlink()
    bare = open_encoder(Settings(cache_dir=cache, model=str(folder)))
    assert np.abs(bare.encode_queries(["重庆"]) - bare.encode_passages(["重庆"])).max() < 1e-6
    assert np.abs(bare.encode_passages(["query: 重庆"]) - reference.encode_queries(["重庆"])).max() < 1e-5
    assert bare.model_id.startswith("mine:")
    assert bare.model_id != reference.model_id


@pytest.mark.parametrize("engine", ["encoder", "reference"])
def test_prompts_differ_for_queries_and_passages(engine: str, request: pytest.FixtureRequest) -> None:
    encoder: Encoder = request.getfixturevalue(engine)
    query, passage = encoder.encode_queries(["重庆"]), encoder.encode_passages(["重庆"])
    assert np.abs(query - passage).max() > 1e-3


@pytest.mark.parametrize("engine", ["encoder", "reference"])
def test_vectors_are_unit_float32_in_order(engine: str, request: pytest.FixtureRequest) -> None:
    """Rows have unit length and keep the order of the texts; nothing gives no rows; progress adds up."""
    encoder: Encoder = request.getfixturevalue(engine)
    done: list[int] = []
    vectors = encoder.encode_passages(TEXTS, done.append)
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    assert np.abs(vectors[::-1] - encoder.encode_passages(TEXTS[::-1])).max() < 1e-5
    assert sum(done) == len(TEXTS)
    assert encoder.encode_passages([]).shape == encoder.encode_queries([]).shape == (0, encoder.dim)
    assert encoder.count_tokens([]) == []


def test_a_vector_does_not_depend_on_its_batch(encoder: Encoder) -> None:
    """Alone, among others, padded or not: the same vector to 1e-5 (activations are quantised per row)."""
    together = encoder.encode_passages(TEXTS)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5


def test_long_texts_are_cut_at_512_tokens(encoder: Encoder) -> None:
    """What stands beyond the limit changes nothing; what stands before it does."""
    long, longer, other = encoder.encode_passages(
        ["猫" * 2000, "猫" * 2000 + "狗" * 500, "狗" * 500 + "猫" * 2000]
    )
    assert np.abs(long - longer).max() < 1e-6
    assert np.abs(long - other).max() > 1e-3
    assert encoder.count_tokens(["word " * 2000])[0] > 512


@given(lengths=st.lists(st.integers(2, 512)), budget=st.integers(1, 5000))
def test_batches_hold_every_row_once(lengths: list[int], budget: int) -> None:
    """Longest first, within the budget of padded tokens unless a row alone exceeds it."""
    made = list(batches(lengths, budget))
    assert sorted(row for rows in made for row in rows) == list(range(len(lengths)))
    assert all(len(rows) * lengths[rows[0]] <= budget or len(rows) == 1 for rows in made)
    assert [lengths[row] for rows in made for row in rows] == sorted(lengths, reverse=True)


@given(
    text=st.one_of(st.text(max_size=60), st.text("的重庆金融中心，2023年。ａ１～ bcanking\t▁", max_size=60))
)
def test_the_quick_tokenizer_equals_the_full_one(
    text: str, tokenizers: tuple[QuickTokenizer, Tokenizer]
) -> None:
    """Any text without a special token's name gets the ids of the full vocabulary."""
    quick, full = tokenizers
    assert [0, *quick.encode(text), 2] == full.encode(text).ids


@pytest.fixture(scope="module")
def tokenizers(cache: Path) -> tuple[QuickTokenizer, Tokenizer]:
    folder = e5_folder.onnx_folder(cache)
    return QuickTokenizer(folder), Tokenizer.from_file(str(folder / e5_folder.TOKENIZER_FILE))


def test_special_tokens_in_a_question_are_read_as_in_a_passage(cache: Path) -> None:
    """A text that names a special token gets the same vector whichever tokenizer is loaded."""
    fresh, full = (OnnxEncoder(e5_folder.onnx_folder(cache)) for _ in range(2))
    full.count_tokens([""])
    text = ["a<s>b</s> 重庆"]
    assert np.abs(fresh.encode_queries(text) - full.encode_queries(text)).max() < 1e-6


def test_the_onnx_engine_needs_no_torch(cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from wfc_qa.config import Settings;"
        "from wfc_qa.adapters.encoders import open_encoder;"
        f"e = open_encoder(Settings(cache_dir=Path({str(cache)!r}))); e.encode_queries(['a']);"
        "e.encode_passages(['b']);"
        "sys.exit(bool({'torch', 'transformers', 'sentence_transformers', 'onnx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_interrupted_write_leaves_no_half_folder(tmp_path: Path) -> None:
    """Neither an error while writing nor what an earlier crash left takes the folder's name."""
    folder = tmp_path / "model"
    (tmp_path / "model.new").mkdir()
    (tmp_path / "model.new" / "stale").touch()

    def crash(target: Path) -> None:
        (target / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model_cache.ensure_folder(folder, crash)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    model_cache.ensure_folder(folder, lambda target: (target / "whole").touch())
    assert sorted(path.name for path in folder.iterdir()) == [model_cache.MANIFEST, "whole"]


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    def fill(target: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match=r"No space left on device; free some space"):
        model_cache.ensure_folder(tmp_path / "model", fill)


def test_a_truncated_cache_is_made_again(cache: Path, tmp_path: Path) -> None:
    """A file of another size is noticed at open, a missing one too."""
    graph = _copy(cache, tmp_path) / e5_folder.GRAPH_FILE
    whole = graph.read_bytes()
    for damage in (lambda: graph.write_bytes(whole[:1000]), graph.unlink):
        damage()
        assert open_encoder(Settings(cache_dir=tmp_path)).dim == 384
        assert graph.read_bytes() == whole


def test_a_changed_byte_is_found_by_verification(cache: Path, tmp_path: Path) -> None:
    """Same size, another byte: the full check names the file; a sound cache passes."""
    settings = Settings(cache_dir=tmp_path)
    graph = _copy(cache, tmp_path) / e5_folder.GRAPH_FILE
    verify_model(settings)
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    with pytest.raises(ModelError, match=rf"{e5_folder.GRAPH_FILE} in .* is damaged"):
        verify_model(settings)


def test_a_corrupted_pack_is_refused(tmp_path: Path) -> None:
    """One flipped bit in the weights fails the hash before anything is read from them."""
    pack = bytearray(e5_pack.find_pack().read_bytes())
    pack[len(pack) // 2] ^= 1
    (tmp_path / e5_pack.PACK_NAME).write_bytes(pack)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        e5_pack.open_pack(tmp_path / e5_pack.PACK_NAME)


def test_without_the_wheel_the_error_names_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_pack, "PACKAGE", "no_such_wheel")
    with pytest.raises(ModelError, match="sentence-transformers folder or hub name"):
        open_encoder(Settings(cache_dir=tmp_path))


def test_two_processes_make_the_model_at_once(tmp_path: Path) -> None:
    """Both succeed, and one whole folder stands."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(e5_folder.onnx_folder, [tmp_path, tmp_path])
    assert first == second
    assert model_cache.damaged_files(first) == []
    assert [path for path in first.parent.iterdir() if path.is_dir()] == [first]


@pytest.mark.parametrize("model", ["no-such/model", "nowhere"])
def test_a_model_that_is_not_there_is_one_line(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match=f"embedding model {model} cannot be opened") as caught:
        open_encoder(Settings(cache_dir=tmp_path, model=model))
    assert len(str(caught.value).splitlines()) == 1


def test_the_onnx_engine_refuses_other_models(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="embedding_engine to 'auto'"):
        open_encoder(Settings(cache_dir=tmp_path, model="other", embedding_engine="onnx"))
