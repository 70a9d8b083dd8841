"""Folders that can be made again: written whole or not at all, known by the hashes of their files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from ..errors import StorageError
from .e5_pack import file_sha256

MANIFEST = "files.json"


def ensure_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """``folder``, made by ``write`` unless it is there and whole by its sizes; safe between processes.

    Raises StorageError when the disk is full or not writable; nothing half-written takes the name.
    """
    if is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if not is_whole(folder):
                _replace(folder, write)
    except OSError as error:
        raise StorageError(
            f"cannot write the embedding model to {folder}: {error.strerror or error}; free some space or set "
            "`cache_dir` to a writable folder"
        ) from error
    return folder


def is_whole(folder: Path) -> bool:
    """Whether every file of the manifest is there with its size; cheap."""
    try:
        return all((folder / name).stat().st_size == size for name, (size, _) in _manifest(folder).items())
    except (OSError, ValueError):
        return False


def damaged_files(folder: Path) -> list[str]:
    """Files that are not what the manifest says, by SHA-256; the manifest itself when it cannot be read."""
    try:
        files = _manifest(folder)
    except (OSError, ValueError):
        return [MANIFEST]
    return [
        name
        for name, (_, sha256) in sorted(files.items())
        if not (folder / name).is_file() or file_sha256(folder / name) != sha256
    ]


def _replace(folder: Path, write: Callable[[Path], None]) -> None:
    fresh, old = (folder.with_name(f"{folder.name}.{state}") for state in ("new", "old"))
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir()
        write(fresh)
        _record(fresh)
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _record(folder: Path) -> None:
    files = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, file_sha256(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    (folder / MANIFEST).write_text(json.dumps(files, indent=1), "utf-8")


def _manifest(folder: Path) -> dict[str, tuple[int, str]]:
    """Name to size in bytes and SHA-256; raises OSError or ValueError."""
    files = json.loads((folder / MANIFEST).read_text("utf-8"))
    return {str(name): (int(size), str(sha256)) for name, (size, sha256) in files.items()}
