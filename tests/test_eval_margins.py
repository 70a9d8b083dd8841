"""Margins are chosen by what the rules doubt at them, and only the claims that they decide are asked again."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.calibration import Margins
from wfc_qa.evaluation.fit_margins import GRID, Ruled, choose_margins

EXCESSES = st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=30)


def by_excess(excesses: list[float]) -> tuple[Ruled, list[int]]:
    """Rules that doubt a claim where another reading fits better by more than the margin, and whom they were asked."""
    asked: list[int] = []

    def rule(place: int, margins: Margins) -> bool:
        asked.append(place)
        return excesses[place] > margins.outscored

    return Ruled(rule, len(excesses)), asked


@given(EXCESSES, st.sampled_from(GRID))
def test_the_flags_are_those_of_the_rules_at_any_margin(excesses: list[float], margin: float) -> None:
    ruled, _ = by_excess(excesses)
    margins = Margins(margin, 1.0, 1.0, 1.0, 1.0)
    assert ruled.at(margins).tolist() == [excess > margin for excess in excesses]


@given(EXCESSES)
def test_a_claim_that_no_margin_decides_is_not_asked_again(excesses: list[float]) -> None:
    ruled, asked = by_excess(excesses)
    asked.clear()
    ruled.at(Margins(0.5, 1.0, 1.0, 1.0, 1.0))
    assert all(excesses[place] > 0 for place in asked)


def test_the_margin_parts_what_it_can_and_stands_in_the_middle() -> None:
    excesses, wrong = [0.25] * 5 + [0.85] * 5, np.array([False] * 5 + [True] * 5)
    ruled, _ = by_excess(excesses)
    margins = choose_margins(ruled, lambda doubted: float((doubted != wrong).sum()))
    assert margins.outscored == 0.6  # of 0.3 to 0.8
