"""Word lists, one thing a line in the ways it is said, and how they are found in a text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..text.scripts import HAN

# The letters that any match of a part of a pattern begins with. What may repeat or be left out is none of them.
_HEAD = re.compile(rf"[a-z]{{2}}(?![?*{{])(?![^|]*[{HAN}])|[{HAN}](?![?*{{])")
_HEADS = re.compile(rf"(?<![a-z])[a-z]{{2}}|[{HAN}]")


def read_lines(name: str) -> list[str]:
    """The lines of a word list beside this file, without remarks."""
    text = (Path(__file__).parent / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def read_pattern(line: str) -> re.Pattern[str]:
    """Any of the ways to say a thing that ``line`` of a word list parts by bars; of Chinese ones the longest first."""
    han = [part for part in line.split("|") if re.search("[\u4e00-\u9fff]", part)]
    latin = [part for part in line.split("|") if part not in han]
    whole = [rf"(?<![a-z])(?:{'|'.join(latin)})(?![a-z])"] if latin else []
    return re.compile("|".join([*sorted(han, key=len, reverse=True), *whole]))


class Patterns:
    """The patterns of many lines by number, few of which a text is worth searching for: those whose first letters, one
    of a Chinese word or two of an English one, it has somewhere."""

    def __init__(self, lines: Mapping[int, str]) -> None:
        self._patterns = {number: read_pattern(line) for number, line in lines.items()}
        self._by_head: dict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for number, line in lines.items():
            heads = {_HEAD.match(part) for part in line.split("|")}
            if None in heads:
                self._always.append(number)
                continue
            for head in {match[0] for match in heads if match}:
                self._by_head[head].append(number)

    def find(self, folded: str) -> Iterator[tuple[int, re.Match[str]]]:
        """Every match in ``folded``, by pattern and then by place."""
        for number in self._worth(folded):
            for match in self._patterns[number].finditer(folded):
                yield number, match

    def named(self, folded: str) -> Iterator[tuple[int, re.Match[str]]]:
        """The first match of each pattern that has one."""
        for number in self._worth(folded):
            if match := self._patterns[number].search(folded):
                yield number, match

    def _worth(self, folded: str) -> list[int]:
        heads = set(_HEADS.findall(folded))
        return sorted({*self._always, *(number for head in heads for number in self._by_head.get(head, ()))})
