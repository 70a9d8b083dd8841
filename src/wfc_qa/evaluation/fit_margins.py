"""Fits how much better another reading must fit a claim than its own for the rules to doubt it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields, replace

import numpy as np

from ..calibration import Margins
from .models import Flags

NAMES = tuple(one.name for one in fields(Margins))
GRID = tuple(round(0.1 * step, 1) for step in range(1, 11))
MIDDLE = Margins(*(0.5 for _ in NAMES))
# Each margin is chosen with the others held, so all are gone through again.
ROUNDS = 2


class Ruled:
    """Which claims rules doubt at any margins; they doubt no less at smaller ones, so a claim that the smallest and the
    greatest judge alike is never asked again."""

    def __init__(self, rule: Callable[[int, Margins], bool], claims: int) -> None:
        self._rule = rule
        self._strictly = self._read(range(claims), Margins(*(0.0 for _ in NAMES)))
        loosely = self._read(range(claims), Margins(*(math.inf for _ in NAMES)))
        self._open = np.flatnonzero(self._strictly != loosely)
        self._known: dict[Margins, Flags] = {}

    def at(self, margins: Margins) -> Flags:
        """One flag a claim."""
        if margins not in self._known:
            flags = self._strictly.copy()
            flags[self._open] = self._read(self._open, margins)
            self._known[margins] = flags
        return self._known[margins]

    def _read(self, places: Iterable[int], margins: Margins) -> Flags:
        return np.array([self._rule(place, margins) for place in places], np.bool_)


def choose_margins(ruled: Ruled, cost: Callable[[Flags], float]) -> Margins:
    """The margins of the least ``cost``, each in the middle of those that do as well."""
    best = MIDDLE
    for name in NAMES * ROUNDS:
        options = [replace(best, **{name: value}) for value in GRID]
        costs = [cost(ruled.at(option)) for option in options]
        least = [option for option, value in zip(options, costs, strict=True) if value == min(costs)]
        best = least[len(least) // 2]
    return best
