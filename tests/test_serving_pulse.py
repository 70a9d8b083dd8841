"""Steps with a beat between them, and the halt that ends whoever tells them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving_support import PATIENCE_S
from wfc_qa.serving.pulse import pulsed
from wfc_qa.steps import Halt


@given(st.lists(st.integers()))
def test_every_step_comes_in_order_between_beats(steps: list[int]) -> None:
    told = pulsed(steps, Halt(), PATIENCE_S)
    assert [step for step in told if step is not None] == steps


def test_a_beat_comes_while_no_step_does() -> None:
    go_on = threading.Event()

    def steps() -> Iterator[str]:
        go_on.wait(PATIENCE_S)
        yield "one"

    told = pulsed(steps(), Halt(), 0.01)
    assert [next(told), next(told)] == [None, None]
    go_on.set()
    assert [step for step in told if step] == ["one"]


def test_what_the_steps_raise_is_raised_where_they_are_heard() -> None:
    def steps() -> Iterator[int]:
        yield 1
        raise KeyError("gone")

    told = pulsed(steps(), Halt(), PATIENCE_S)
    assert next(told) == 1
    with pytest.raises(KeyError, match="gone"):
        next(told)


@pytest.mark.parametrize("early", [True, False])
def test_a_halt_closes_what_is_waited_for_even_if_that_begins_later(early: bool) -> None:
    halt, closed = Halt(), threading.Event()
    if early:
        halt()
    halt.watch(closed.set)
    if not early:
        assert not closed.is_set()
        halt()
    assert closed.is_set()


def test_who_stops_listening_ends_the_work() -> None:
    """Though the thread at work hears nothing of it but what it waits for being closed."""
    halt, closed, over = Halt(), threading.Event(), threading.Event()

    def steps() -> Iterator[int]:
        halt.watch(closed.set)
        yield 1
        if closed.wait(PATIENCE_S):
            over.set()

    told = pulsed(steps(), halt, PATIENCE_S)
    next(told)
    told.close()
    assert over.wait(PATIENCE_S)
