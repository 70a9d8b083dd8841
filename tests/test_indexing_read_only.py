"""An index may lie where nobody can write: a container's image, a disk mounted read-only."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wfc_qa.indexing.generation import generation_folder, open_generation

NOBODY = 65534

pytestmark = pytest.mark.skipif(not hasattr(os, "setresuid"), reason="users are changed as Linux does it")


@contextmanager
def locked(index: Path) -> Iterator[None]:
    """``index`` is there to be read only, for a user whom rights bind (root is not)."""
    for path in [index, *index.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.getuid() == 0
    if root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)
        for path in [index, *(path for path in index.rglob("*") if path.is_dir())]:
            path.chmod(0o755)


@pytest.fixture
def index(home_index: Path) -> Iterator[Path]:
    """A copy of the home index in a folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copytree(home_index, Path(folder, "index")))


def test_a_read_only_index_opens_and_finds_the_same(index: Path) -> None:
    folder = generation_folder(index)
    terms = {"重庆": 1.0, "金融": 1.0, "loan": 1.0}
    writable = open_generation(folder).lexical.search(terms, 20)
    assert writable
    before = sorted(index.rglob("*"))
    with locked(index):
        with pytest.raises(PermissionError):
            (folder / "probe").touch()
        generation = open_generation(folder)
        assert generation.lexical.search(terms, 20) == writable
        assert generation.lexical.document_frequency("重庆") > 0
    assert sorted(index.rglob("*")) == before
