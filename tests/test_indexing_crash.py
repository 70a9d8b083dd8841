"""A build that is killed, interrupted or out of room leaves the old index answering, and the next build succeeds."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from command_support import COMMAND, PATIENCE_S, environment, refused, run
from indexing_support import DOCUMENTS, build, generations, write_documents
from wfc_qa.config import Settings
from wfc_qa.engine import Engine
from wfc_qa.indexing.generation import current_generation, generation_folder, open_generation

MANY = "".join(f"第{number}家银行在{1900 + number}年发放贷款{number}亿元。\n\n" for number in range(120))
# Kills itself where a function of the build is next called: no signal from outside can be so exact.
DIE_AT = """
import os, signal, sys
import wfc_qa.indexing.build, wfc_qa.indexing.cache, wfc_qa.indexing.draft, wfc_qa.indexing.generation
from wfc_qa.cli import main
owner, name = sys.argv[1].rsplit(".", 1)
place = sys.modules["wfc_qa.indexing." + owner.split(".")[0]]
for part in owner.split(".")[1:]:
    place = getattr(place, part)
setattr(place, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
sys.argv = ["wfc-qa", "index", "build"]
main()
"""
BEFORE_THE_SWITCH = [
    "draft.write_store",
    "draft.LexicalIndex.build",
    "cache.EmbeddingCache._write",
    "draft.find_centres",
    "draft.VectorIndex.save",
    "build.measure_files",
    "build.write_manifest",
    "build.flush",
    "build.switch_generation",
]
AFTER_THE_SWITCH = ["generation.flush", "build._retire"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="POSIX signals")]


@pytest.fixture
def own(settings: Settings, engine: Engine, tmp_path: Path) -> Settings:
    """A small collection, built once and then changed; its cache holds the user's model, but no embedding of his."""
    cache = tmp_path / "cache"
    cache.mkdir()
    for path in settings.cache_dir.iterdir():
        if path.name == "models" or (path.suffix == ".sqlite" and path.name.startswith("cedict")):
            (cache / path.name).symlink_to(path)
    own = Settings(
        documents_dir=write_documents(tmp_path / "documents"), index_dir=tmp_path / "index", cache_dir=cache
    )
    build(own, engine.encoder)
    write_documents(
        own.documents_dir,
        {"many.txt": MANY[: len(MANY) // 4], "court.md": DOCUMENTS["court.md"] + "\n新。\n"},
    )
    return own


def variables(own: Settings) -> dict[str, object]:
    return {name: getattr(own, name) for name in ("documents_dir", "index_dir", "cache_dir")}


def serves(own: Settings, generation: str | None) -> None:
    """``generation`` is whole, serves and answers."""
    opened = open_generation(generation_folder(own.index_dir), deep=True)
    assert opened.manifest.generation == generation
    assert opened.lexical.search({"挂牌": 1.0}, 1)
    assert [opened.store.document(head.doc_id) for head in opened.store.heads()]
    opened.close()


def mends(own: Settings, engine: Engine, tmp_path: Path, old: str | None) -> None:
    """The next build makes the new generation and leaves only it and the old one; a question is answered."""
    new = build(own, engine.encoder).generation
    assert new != old
    serves(own, new)
    assert generations(own) == {new, old}
    assert not list(own.index_dir.glob(".CURRENT*"))


@pytest.mark.parametrize("place", BEFORE_THE_SWITCH + AFTER_THE_SWITCH)
def test_killed_at_any_step_one_whole_generation_serves(
    own: Settings, engine: Engine, tmp_path: Path, place: str
) -> None:
    old = current_generation(own.index_dir)
    killed = subprocess.run(
        [sys.executable, "-c", DIE_AT, place],
        env=environment(**variables(own)),
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    if place in BEFORE_THE_SWITCH:
        assert current_generation(own.index_dir) == old
    serves(own, current_generation(own.index_dir))
    mends(own, engine, tmp_path, old)


def test_killed_at_random_moments_the_old_index_answers(
    own: Settings, engine: Engine, tmp_path: Path
) -> None:
    """Kill -9 at moments spread over a whole build, the embedding included; then ask with the real command."""
    write_documents(own.documents_dir, {"many.txt": MANY})
    old, kept = current_generation(own.index_dir), tmp_path / "kept"
    shutil.copytree(own.cache_dir, kept, symlinks=True)
    start = time.monotonic()
    rehearsal = variables(own) | {"index_dir": tmp_path / "rehearsal", "cache_dir": kept}
    assert run("index", "build", cwd=tmp_path, **rehearsal).returncode == 0
    whole, luck, killed = time.monotonic() - start, random.Random(2025), 0
    for part in range(6):
        process = subprocess.Popen(
            [COMMAND, "index", "build"],
            env=environment(**variables(own)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(whole * (part + luck.random()) / 6)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        serves(own, current_generation(own.index_dir))
    assert killed
    if current_generation(own.index_dir) == old:
        asked = run("ask", "成渝金融法院哪一天挂牌？", cwd=tmp_path, **variables(own))
        assert "2023年1月1日" in asked.stdout
        mends(own, engine, tmp_path, old)


def test_an_interrupt_is_one_line_and_leaves_nothing(own: Settings, tmp_path: Path) -> None:
    write_documents(own.documents_dir, {"many.txt": MANY})
    old, before = current_generation(own.index_dir), generations(own)
    process = subprocess.Popen(
        [COMMAND, "index", "build"],
        env=environment(**variables(own)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (generations(own) - before):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, said) == (130, "")
    assert complained == "wfc-qa: stopped; nothing was left half-written\n"
    assert generations(own) == before
    serves(own, old)


@pytest.mark.parametrize("free_kb", [0, 8, 40, 90, 150])
def test_a_full_disk_is_one_line_and_the_old_index_answers(
    own: Settings, engine: Engine, tmp_path: Path, free_kb: int
) -> None:
    """A real file system with ``free_kb`` left, in a mount namespace of the test's own."""
    if os.geteuid() or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system")
    write_documents(own.documents_dir, {"many.txt": MANY})
    script = f"""set -e
        cp -r {own.index_dir} {tmp_path}/copy
        mount -t tmpfs -o size=8m none {own.index_dir}
        cp -r {tmp_path}/copy/. {own.index_dir}
        head -c {free_kb}k /dev/zero > {own.index_dir}/room
        dd if=/dev/zero of={own.index_dir}/filler bs=4k 2>/dev/null || true
        rm {own.index_dir}/room
        code=0; {COMMAND} index build || code=$?
        ls -A {own.index_dir}/generations >&2
        {COMMAND} ask 成渝金融法院哪一天挂牌？
        exit $code"""
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        env=environment(**variables(own)),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    complaint, *left = done.stderr.splitlines()
    assert done.returncode == 2, done
    assert "no space left" in complaint
    assert complaint.startswith("wfc-qa: ")
    assert set(left) == generations(own)
    assert "2023年1月1日" in done.stdout
    mends(own, engine, tmp_path, current_generation(own.index_dir))


@pytest.mark.parametrize("limit_kb", [0, 4, 32, 70, 130, 300])
def test_a_file_that_may_not_grow_is_one_line(
    own: Settings, engine: Engine, tmp_path: Path, limit_kb: int
) -> None:
    """Every library's writing, stopped by the kernel at a size."""
    old = current_generation(own.index_dir)
    done = subprocess.run(
        [COMMAND, "index", "build"],
        env=environment(**variables(own)),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb << 10, limit_kb << 10)),
        check=False,
    )
    if done.returncode == 0:
        assert limit_kb >= 130
        return
    refused(done)
    serves(own, old)
    mends(own, engine, tmp_path, old)


def test_of_two_builds_at_once_the_second_says_so(own: Settings, tmp_path: Path) -> None:
    with FileLock(own.index_dir / ".lock"):
        line = refused(run("index", "build", cwd=tmp_path, **variables(own)))
    assert "another build" in line
    assert "wait" in line


def test_two_builds_started_together_end_well(own: Settings, tmp_path: Path) -> None:
    """Each succeeds, or says in one line that the other runs; what serves is whole."""
    together = [
        subprocess.Popen(
            [COMMAND, "index", "build"],
            env=environment(**variables(own)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [(*process.communicate(timeout=PATIENCE_S), process.returncode) for process in together]
    assert 0 in {code for *_, code in ends}
    for _, complained, code in ends:
        assert (code, complained) == (0, "") or (code == 2 and complained.count("\n") == 1), ends
    serves(own, current_generation(own.index_dir))


@pytest.mark.parametrize("place", ["file", "file/below", "/dev/null/below", "/proc/none"])
def test_an_index_folder_that_cannot_be_written_is_one_line(
    own: Settings, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").write_text("")
    line = refused(run("index", "build", cwd=tmp_path, **variables(own) | {"index_dir": tmp_path / place}))
    assert "index_dir" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_index_folder_without_rights_is_one_line(own: Settings, tmp_path: Path) -> None:
    own.index_dir.chmod(0o500)
    try:
        assert "index_dir" in refused(run("index", "build", cwd=tmp_path, **variables(own)))
    finally:
        own.index_dir.chmod(0o700)
