"""Rooms of answering/ and retrieval/ on their own: coverage, names, questions, fusion, wording."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.answering.asked import read_question
from wfc_qa.answering.wants import Want
from wfc_qa.answering.wording import load_wording
from wfc_qa.calibration import Fusion, Logistic, load_calibration, save_calibration
from wfc_qa.config import CHECKOUT
from wfc_qa.engine import Engine
from wfc_qa.errors import ConfigError
from wfc_qa.indexing.centring import centre, find_centres
from wfc_qa.retrieval.pool import Pool, fuse
from wfc_qa.retrieval.terms import Terms, Word
from wfc_qa.text.figures import Unit
from wfc_qa.types import Language, Query
from wfc_qa.verification.coverage import Weighed, cover
from wfc_qa.verification.names import find_names

TERM = st.sampled_from("abcdefgh")
WEIGHED = st.lists(
    st.builds(
        Weighed,
        st.builds(Word, st.just("w"), st.lists(TERM, min_size=1, max_size=2).map(tuple), st.just(())),
        st.floats(0.1, 5),
        st.booleans(),
    ),
    max_size=6,
).map(tuple)


@given(WEIGHED, st.frozensets(TERM), st.frozensets(TERM))
def test_saying_more_never_covers_less(
    words: tuple[Weighed, ...], said: frozenset[str], more: frozenset[str]
) -> None:
    less, full = cover(words, said), cover(words, said | more)
    assert full.covered >= less.covered - 1e-9
    assert full.gap <= less.gap + 1e-9


@given(WEIGHED, st.frozensets(TERM))
def test_shares_of_the_words_add_up_to_one(words: tuple[Weighed, ...], said: frozenset[str]) -> None:
    shares = cover(words, said)
    total = shares.covered + shares.elsewhere + shares.unknown
    assert total == pytest.approx(1.0) if words else total == 0


def names(engine: Engine, text: str, language: Language) -> set[str]:
    found = find_names(
        text, language, engine.dictionary, engine.retriever.frequency, len(engine.generation.vectors)
    )
    return {name.text for name in found}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("成都2023年的存款余额是多少？", Language.ZH, {"成都"}),
        ("重庆2023年的存款余额是多少？", Language.ZH, set()),
        ("跨境融资超过多少美元？", Language.ZH, set()),
        ("What were Shanghai's deposits in 2023?", Language.EN, {"Shanghai"}),
        ("Deposits of banks in 2023?", Language.EN, set()),
        ("What did JPMorgan lend in May 2023?", Language.EN, {"JPMorgan"}),
    ],
)
def test_names_are_found_and_the_subject_of_the_collection_is_none(
    engine: Engine, text: str, language: Language, expected: set[str]
) -> None:
    assert names(engine, text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "wants", "units"),
    [
        ("贷款同比增长了多少？", Language.ZH, {Want.QUANTITY}, {Unit.PERCENT, Unit.POINTS}),
        ("法院是什么时候设立的？", Language.ZH, {Want.DATE}, set()),
        ("为什么贷款下降？", Language.ZH, {Want.REASON}, set()),
        ("三项倡议是哪些？", Language.ZH, {Want.LIST}, set()),
        ("运了多少吨？", Language.ZH, {Want.QUANTITY}, {Unit.TONNES}),
        ("How many TEU were moved?", Language.EN, {Want.QUANTITY}, {Unit.TEU}),
        ("Is it 6 or 7 trillion yuan?", Language.EN, {Want.VERDICT, Want.CHOICE}, set()),
        ("When was the court set up?", Language.EN, {Want.DATE}, set()),
    ],
)
def test_what_a_question_wants_is_read_off_it(
    text: str, language: Language, wants: set[Want], units: set[Unit]
) -> None:
    asked = read_question(Query(text, language), Terms({}, {}, ()), (), lambda term: 1)
    assert asked.wants == wants
    assert asked.units == units


VECTORS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        st.just(n), st.integers(0, 2**32 - 1), st.lists(st.sampled_from(Language), min_size=n, max_size=n)
    )
)


@given(VECTORS)
def test_centred_vectors_keep_shape_and_unit_length(drawn: tuple[int, int, list[Language]]) -> None:
    n, seed, languages = drawn
    vectors = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    moved = centre(vectors, languages, find_centres(vectors, languages, {}))
    assert moved.shape == vectors.shape
    assert np.allclose(np.linalg.norm(moved, axis=1), 1, atol=1e-4)


def test_enough_vectors_of_a_language_lose_their_mean_and_few_lean_on_the_prior() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32) + 3
    languages = [Language.ZH] * 50 + [Language.EN] * 10
    centres = find_centres(vectors, languages, {"en": [0.0, 0.0, 0.0, 9.0]})
    assert np.allclose(centres[Language.ZH], vectors[:50].mean(0), atol=1e-4)
    expected = 0.5 * vectors[50:].mean(0) + 0.5 * np.array([0, 0, 0, 9.0])
    assert np.allclose(centres[Language.EN], expected, atol=1e-4)


@given(st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_fusion_is_unmoved_by_shifting_or_scaling_a_signal(size: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    signals = [random.normal(size=size).astype(np.float32) for _ in range(4)]
    fusion = Fusion(1.0, 0.5, 0.7, 0.8, 1e-9, 1e-9, 1e-9, 1e-9)
    starts = np.zeros(size + 1, np.int64)
    none = np.empty(0, np.float32)

    def order(dense: np.ndarray) -> list[float]:
        pool = Pool(none, np.arange(size), dense, *signals[1:], none, starts)
        return list(np.round(fuse(pool, fusion), 2))

    assert order(signals[0]) == pytest.approx(order(signals[0] * 4 + 2), abs=0.05)


@given(st.dictionaries(TERM, st.floats(-3, 3), min_size=1), st.floats(-3, 3))
def test_a_logistic_is_a_probability_that_grows_with_its_score(
    weights: dict[str, float], bias: float
) -> None:
    model = Logistic(weights, bias)
    low = model.probability(dict.fromkeys(weights, 0.0))
    high = model.probability({name: 1.0 if weight > 0 else -1.0 for name, weight in weights.items()})
    assert 0 <= low <= high <= 1


def test_calibration_survives_a_round_trip(tmp_path: Path) -> None:
    shipped = load_calibration(CHECKOUT / "eval" / "calibration.json")
    save_calibration(shipped, tmp_path / "again.json")
    again = load_calibration(tmp_path / "again.json")
    assert again == shipped


@pytest.mark.parametrize("content", ["", "{}", '{"format": 99}', "[1]", '{"format": 1, "fusion": 3}'])
def test_a_broken_calibration_is_one_line_that_names_the_mend(tmp_path: Path, content: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="wfc-qa eval fit"):
        load_calibration(path)


def test_messages_with_unknown_variables_or_gaps_are_refused(tmp_path: Path) -> None:
    for language in Language:
        shutil.copy(CHECKOUT / "prompts" / f"messages.{language.value}.toml", tmp_path)
    load_wording(tmp_path)
    target = tmp_path / "messages.en.toml"
    text = target.read_text("utf-8")
    target.write_text(text.replace("$missing", "$lacking"), "utf-8")
    with pytest.raises(ConfigError, match="unknown variable"):
        load_wording(tmp_path)
    target.write_text(text.replace("not_in_collection", "elsewhere"), "utf-8")
    with pytest.raises(ConfigError, match=r"messages\.en\.toml"):
        load_wording(tmp_path)
