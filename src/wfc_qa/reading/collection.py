"""A folder of documents: which files, read how, and what is wrong with those that cannot be read."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wfc_qa.errors import DocumentError
from wfc_qa.text.language import detect_language
from wfc_qa.types import Document, Paragraph

from .html import read_html
from .invisible import drop_invisible
from .layout import Block, Reader, lay_out
from .markdown import read_markdown
from .metadata import parse_metadata
from .plain import read_plain

READERS: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_plain,
    ".text": read_plain,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
}
"""Which reader takes which suffix; a new format is a new line here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file left out of the collection, and why."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Every document that could be read, the paragraphs of all, and what was left out."""

    documents: tuple[Document, ...]
    paragraphs: tuple[Paragraph, ...]
    problems: tuple[Problem, ...] = ()


def read_document(path: Path, root: Path) -> tuple[Document, tuple[Paragraph, ...]]:
    """Read one file of the collection at ``root``. Raises DocumentError naming the file and the mend."""
    name = path.relative_to(root).as_posix()
    try:
        return _read(path, document_id(path, root))
    except DocumentError as error:
        raise DocumentError(f"{name} {error}") from None
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise DocumentError(f"{name} cannot be opened: {cause}; check the file and its rights") from None


def read_collection(folder: Path) -> Collection:
    """Read every document below ``folder``, in the order of their paths.

    Raises DocumentError when the folder is missing or holds no document that can be read.
    """
    if not folder.is_dir():
        raise DocumentError(f"{folder} is no folder; set documents_dir to the folder of your documents")
    documents: dict[str, Document] = {}
    paragraphs: list[Paragraph] = []
    problems: list[Problem] = []
    for path in _files(folder):
        try:
            document, own = read_document(path, folder)
        except DocumentError as error:
            problems.append(Problem(path, str(error)))
            continue
        if document.doc_id in documents:
            name = path.relative_to(folder).as_posix()
            problems.append(
                Problem(
                    path, f"{name} has the same id as another file ({document.doc_id}); rename one of them"
                )
            )
            continue
        documents[document.doc_id] = document
        paragraphs += own
    if not documents:
        first = f": {problems[0].message}" if problems else f"; add {', '.join(READERS)} files"
        raise DocumentError(f"{folder} holds no document that can be read{first}")
    return Collection(tuple(documents.values()), tuple(paragraphs), tuple(problems))


def document_id(path: Path, root: Path) -> str:
    """The path below ``root`` without suffix, in word characters, dots and dashes."""
    name = path.relative_to(root).with_suffix("").as_posix().replace("/", "--")
    return re.sub(r"[^\w.-]", "-", unicodedata.normalize("NFC", name))


def _read(path: Path, doc_id: str) -> tuple[Document, tuple[Paragraph, ...]]:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DocumentError(f"is of a kind that is not read; convert it to one of {', '.join(READERS)}")
    data = path.read_bytes()
    content = reader(data)
    metadata = parse_metadata(content.metadata)
    text, paragraphs = lay_out(doc_id, content.blocks)
    if not any(char.isalnum() for paragraph in paragraphs for char in paragraph.text):
        raise DocumentError("holds no text; fill it or remove it")
    document = Document(
        doc_id=doc_id,
        title=metadata.title or drop_invisible(_first_heading(content.blocks) or path.stem),
        language=metadata.language or detect_language(text),
        source=metadata.source,
        publisher=metadata.publisher,
        published=metadata.published,
        as_of=metadata.as_of,
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    return document, paragraphs


def _first_heading(blocks: tuple[Block, ...]) -> str:
    """The document's own heading: its first block, when that is a heading."""
    first = next((block for block in blocks if block.text.strip()), None)
    return " ".join(first.text.split()) if first and first.level else ""


def _files(folder: Path) -> Iterator[Path]:
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(here, name) for name in names if not name.startswith(".")]
    return iter(sorted(found, key=lambda path: path.relative_to(folder).as_posix()))
