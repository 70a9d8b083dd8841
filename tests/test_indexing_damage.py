"""A generation that is not what its manifest says is refused in one line, and building mends it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from wfc_qa.errors import IndexCorruptError, IndexMismatchError, IndexMissingError
from wfc_qa.indexing import manifest
from wfc_qa.indexing.generation import generation_folder, open_generation


@pytest.fixture
def folder(home_index: Path, tmp_path: Path) -> Path:
    """The serving generation of a copy of the home index."""
    shutil.copytree(home_index, tmp_path / "index")
    return generation_folder(tmp_path / "index")


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def swell(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def replace(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = [flip, truncate, swell, replace, Path.unlink]


def files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock"]


def refusal(folder: Path, *, deep: bool = False) -> str:
    with pytest.raises(IndexCorruptError) as caught:
        open_generation(folder, deep=deep)
    assert len(str(caught.value).splitlines()) == 1
    assert "`wfc-qa index build`" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_to_any_file_is_refused_and_named(folder: Path, damage: Callable[[Path], None]) -> None:
    for path in files(folder):
        kept = path.read_bytes()
        damage(path)
        assert path.name in refusal(folder) or path.name == "manifest.json"
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        path.write_bytes(kept)
    open_generation(folder, deep=True).close()


def test_verifying_finds_a_flipped_byte_in_a_file_too_large_to_check_at_every_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "ALWAYS_HASHED_BYTES", 0)
    path = folder / "sentences.npy"
    flip(path)
    open_generation(folder).close()
    assert path.name in refusal(folder, deep=True)


def test_damage_met_only_while_reading_is_said_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page of the store, overwritten in turn: reading it whole gives rows or that line, nothing else."""
    monkeypatch.setattr(manifest, "ALWAYS_HASHED_BYTES", 0)
    path = folder / "store.sqlite"
    data, refused = path.read_bytes(), 0
    for start in range(0, len(data), 4096):
        path.write_bytes(data[:start] + b"\xff" * 4096 + data[start + 4096 :])
        try:
            store = open_generation(folder).store
            [store.document(head.doc_id) for head in store.heads()]
            store.check()
        except IndexCorruptError as error:
            assert "index build" in str(error)
            refused += 1
    assert refused


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        '{"layout": 3}',
        "[" * 100_000,
        "\x00",
        '{"layout": 3, "sha256": ""}',
    ],
    ids=lambda content: repr(content[:12]),
)
def test_a_broken_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, "utf-8")
    with pytest.raises((IndexCorruptError, IndexMismatchError), match=r"^[^\n]*`wfc-qa index build`[^\n]*$"):
        open_generation(folder)


@pytest.mark.parametrize("name", ["built", "model", "counts", "documents", "settings", "files", "generation"])
def test_a_manifest_that_says_something_else_is_refused(folder: Path, name: str) -> None:
    path = folder / "manifest.json"
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(data | {name: type(data[name])()}), "utf-8")
    refusal(folder)


def test_a_generation_of_another_version_is_refused_as_that(folder: Path) -> None:
    path = folder / "manifest.json"
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(data | {"layout": 0}), "utf-8")
    with pytest.raises(IndexMismatchError, match=r"another version of wfc-qa; run `wfc-qa index build`$"):
        open_generation(folder)


@pytest.mark.parametrize(
    "pointer", [None, b"", b"\n", b"\xff\xfe", b"../../etc", b"0000000000000000", b"a/b", b".", b"x" * 5000]
)
def test_a_broken_pointer_is_no_index(folder: Path, pointer: bytes | None) -> None:
    path = folder.parents[1] / "CURRENT"
    path.unlink() if pointer is None else path.write_bytes(pointer)
    with pytest.raises(IndexMissingError, match=r"^no index in .*; run `wfc-qa index build`$"):
        generation_folder(folder.parents[1])


def test_a_pointer_or_index_that_is_no_file_or_folder_is_no_index(folder: Path) -> None:
    replace(folder.parents[1] / "CURRENT")
    for index_dir in (folder.parents[1], folder / "manifest.json", folder / "nowhere"):
        with pytest.raises(IndexMissingError):
            generation_folder(index_dir)
