"""The manifest of a generation: what it was made from, and the hash of every file it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..config import Settings
from ..errors import IndexCorruptError, IndexMismatchError

# Raise when the files of a generation change their meaning.
LAYOUT = 3
MANIFEST = "manifest.json"
SEAL = "sha256"
# Hashed whenever they are opened; larger ones by `wfc-qa index verify` only.
ALWAYS_HASHED_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files`` maps a path inside the generation to its size in bytes and SHA-256."""

    generation: str
    layout: int
    built: str
    model: str
    dim: int
    settings: Mapping[str, Any]
    libraries: Mapping[str, str]
    documents: Mapping[str, str]
    counts: Mapping[str, int]
    files: Mapping[str, tuple[int, str]]


def check_manifest(manifest: Manifest, model_id: str, wanted: Mapping[str, Any]) -> None:
    """Whether a generation is what the settings ask for. Raises IndexMismatchError."""
    if manifest.layout != LAYOUT:
        raise IndexMismatchError("the index was built by another version of wfc-qa; run `wfc-qa index build`")
    if manifest.model != model_id:
        raise IndexMismatchError(
            f"the index was built with model {manifest.model}, settings ask for {model_id}; "
            "run `wfc-qa index build`"
        )
    if manifest.settings != wanted:
        raise IndexMismatchError("the index was built with other settings; run `wfc-qa index build`")


def index_settings(settings: Settings, centres: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """What of the settings a generation depends on."""
    prior = hashlib.sha256(json.dumps(sorted(centres.items())).encode()).hexdigest()[:16]
    return {
        "vector_index": settings.vector_index,
        "centring": settings.centring,
        "prior_centres": prior,
    }


def name_generation(content: Iterable[str], model: str, settings: Mapping[str, Any]) -> str:
    """Name of the generation that these inputs make, 16 hex digits; ``content`` is all that is indexed, in order."""
    digest = hashlib.sha256(json.dumps([LAYOUT, __version__, model, sorted(settings.items())]).encode())
    for part in content:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()[:16]


def measure_files(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and hash of every file below ``folder`` but the manifest."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, hash_file(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST and not path.name.endswith(".lock")
    }


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write it with a seal: the hash of all it says."""
    data = json.loads(json.dumps(asdict(manifest)))
    text = json.dumps(data | {SEAL: _seal(data)}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Raises IndexCorruptError, or IndexMismatchError when another version of wfc-qa wrote it."""
    try:
        data = json.loads((folder / MANIFEST).read_text("utf-8"))
        if data["layout"] != LAYOUT:
            raise IndexMismatchError(
                "the index was built by another version of wfc-qa; run `wfc-qa index build`"
            )
        if data.pop(SEAL) != _seal(data):
            raise ValueError
        data["files"] = {name: (int(size), str(digest)) for name, (size, digest) in data["files"].items()}
        return Manifest(**data)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise IndexCorruptError(
            f"generation {folder.name} has no readable manifest ({type(error).__name__}); run `wfc-qa index build`"
        ) from error


def find_damage(manifest: Manifest, folder: Path, *, deep: bool) -> list[str]:
    """Files that are missing or of another size or content; without ``deep``, large ones are not read."""
    return [
        name
        for name, (size, digest) in manifest.files.items()
        if not (folder / name).is_file()
        or (folder / name).stat().st_size != size
        or ((deep or size <= ALWAYS_HASHED_BYTES) and hash_file(folder / name) != digest)
    ]


def refuse_damage(names: Iterable[str], generation: str) -> None:
    """Raises IndexCorruptError when there are any ``names``."""
    damaged = ", ".join(sorted(names))
    if damaged:
        raise IndexCorruptError(
            f"generation {generation} is damaged ({damaged}); run `wfc-qa index build` to make it again"
        )


def _seal(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
