"""An evaluation bundle: a folder with documents and questions of one data set, and later its index and runs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from ..errors import ConfigError, DocumentError, StorageError
from ..indexing.manifest import hash_file
from ..reading.collection import Collection
from ..reading.records import Record, read_records, write_record
from ..types import GoldQuestion
from .formats import READERS, WRITERS, Flaw, Item
from .gold import write_question

BUNDLE_FILE, DOCUMENTS_FILE = "bundle.json", "documents.jsonl"
QUESTIONS_FILE, PROBLEMS_FILE = "questions.jsonl", "problems.jsonl"
FORMAT = 1
STRIDE = 500

Progress = Callable[[str, int, int], None]
Use = TypeVar("Use")


@dataclass(frozen=True, slots=True)
class Bundle:
    """``sha256`` is the source's; ``counts`` tell documents, paragraphs, questions and what was left_out."""

    folder: Path
    name: str
    form: str
    source: str
    sha256: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and the questions that the form cannot say."""

    target: Path
    questions: int
    left_out: tuple[Flaw, ...]


def import_set(
    form: str, source: Path, target: Path, progress: Progress = lambda step, done, total: None
) -> Bundle:
    """Read a data set into the new folder ``target``, which is there only when whole; ``progress`` knows no total.

    What cannot be read is listed in ``problems.jsonl`` and counted. Raises DocumentError when nothing can be read,
    ConfigError for a target that exists or a form that is not known, StorageError when it cannot be written.
    """
    read = _known(READERS, form)
    with _new(target) as partial:
        partial.mkdir(parents=True)
        digest = _hash_source(source)
        counts, first = _write_items(read(source), partial, progress)
        for name in ("documents", "questions"):
            if not counts[name]:
                because = (
                    f" ({first.place}: {first.found.reason})"
                    if first and isinstance(first.found, Flaw)
                    else ""
                )
                raise DocumentError(f"{source} holds no {name} that can be read as {form}{because}; mend it")
        bundle = Bundle(target, target.name, form, source.name, digest, counts)
        told = {"format": FORMAT, **asdict(bundle)}
        del told["folder"]
        (partial / BUNDLE_FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return bundle


def open_bundle(folder: Path) -> Bundle:
    """Raises DocumentError when ``folder`` holds no bundle."""
    try:
        data = json.loads((folder / BUNDLE_FILE).read_text("utf-8"))
        if data.pop("format") != FORMAT:
            raise DocumentError(f"bundle {folder} is of another version; import the data set again")
        return Bundle(folder=folder, **data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DocumentError(
            f"{folder} holds no bundle ({type(error).__name__}); make one with `wfc-qa eval import`"
        ) from error


def bundle_collection(bundle: Bundle) -> Collection:
    """The documents of a bundle. Raises DocumentError."""
    return read_records(bundle.folder / DOCUMENTS_FILE)


def export_set(
    collection: Collection, questions: Sequence[GoldQuestion], form: str, target: Path
) -> Exported:
    """Write documents and questions in a form: a new file, for BEIR a new folder.

    Raises ConfigError for a target that exists or a form that is not known, StorageError when it cannot be written.
    """
    write = _known(WRITERS, form)
    with _new(target) as partial:
        left_out = write(collection, questions, partial)
    return Exported(target, len(questions) - len(left_out), tuple(left_out))


def _known(uses: Mapping[str, Use], form: str) -> Use:
    if form not in uses:
        raise ConfigError(f"form {form!r} is not known; give one of {', '.join(uses)}")
    return uses[form]


@contextmanager
def _new(target: Path) -> Iterator[Path]:
    """A place beside ``target`` that takes its name when what was done there went well."""
    if target.exists():
        raise ConfigError(f"{target} exists already; give another target or remove it")
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.rename(target)
    except OSError as error:
        raise StorageError(
            f"{target} cannot be written: {error.strerror or error}; free space there or give another target"
        ) from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


def _write_items(
    items: Iterator[Item], folder: Path, progress: Progress
) -> tuple[dict[str, int], Item | None]:
    """Write what was read as it comes; its counts and the first flaw."""
    documents: set[str] = set()
    questions: set[str] = set()
    paragraphs = left_out = 0
    first: Item | None = None
    with (
        _lines(folder / DOCUMENTS_FILE) as tell_document,
        _lines(folder / QUESTIONS_FILE) as tell_question,
        _lines(folder / PROBLEMS_FILE) as tell_problem,
    ):
        for number, item in enumerate(items, 1):
            found = _refuse_repeat(item.found, documents, questions)
            if isinstance(found, Record):
                documents.add(found.document.doc_id)
                paragraphs += len(found.paragraphs)
                tell_document(write_record(found))
            elif isinstance(found, GoldQuestion):
                questions.add(found.query_id)
                tell_question(write_question(found))
            else:
                left_out += 1
                first = first or Item(item.place, found)
                tell_problem(
                    json.dumps(
                        {"place": item.place, "id": found.record_id, "reason": found.reason},
                        ensure_ascii=False,
                    )
                )
            if number % STRIDE == 0:
                progress("importing", number, 0)
    counts = {
        "documents": len(documents),
        "paragraphs": paragraphs,
        "questions": len(questions),
        "left_out": left_out,
    }
    return counts, first


def _refuse_repeat(
    found: Record | GoldQuestion | Flaw, documents: set[str], questions: set[str]
) -> Record | GoldQuestion | Flaw:
    if isinstance(found, Record) and found.document.doc_id in documents:
        return Flaw(found.document.doc_id, "has the id of an earlier document")
    if isinstance(found, GoldQuestion) and found.query_id in questions:
        return Flaw(found.query_id, "has the id of an earlier question")
    return found


@contextmanager
def _lines(path: Path) -> Iterator[Callable[[str], object]]:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield lambda line: file.write(f"{line}\n")


def _hash_source(source: Path) -> str:
    """SHA-256 of a file, or of the names and hashes of all files below a folder."""
    try:
        if not source.is_dir():
            return hash_file(source)
        files = sorted(path for path in source.rglob("*") if path.is_file())
        told = "".join(f"{hash_file(path)}  {path.relative_to(source).as_posix()}\n" for path in files)
    except OSError as error:
        raise DocumentError(
            f"{source} cannot be read: {error.strerror or error}; give another source"
        ) from error
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()
