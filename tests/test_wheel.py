"""The built wheel works by itself: outside the checkout, in a home of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from command_support import PATIENCE_S
from wfc_qa.config import Settings

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run([sys.executable, *build], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked as pip installs it; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("site")
    pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder), str(wheel)]
    subprocess.run([sys.executable, *pip], check=True)
    return folder


def call(site: Path, home: Path, settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """``wfc-qa`` from the wheel; the checkout is on no path, the home is new but for the cached model."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WFC_QA_", "XDG_"))}
    # Plain folders on the path, and no site: so the editable install of the checkout is not seen.
    paths = {"PYTHONPATH": os.pathsep.join([str(site), sysconfig.get_paths()["purelib"]]), "HOME": str(home)}
    code = "import sys; from wfc_qa.cli import main; sys.argv[0] = 'wfc-qa'; main()"
    return subprocess.Popen(
        [sys.executable, "-S", "-c", code, *arguments],
        cwd=home,
        env=kept | paths | {"WFC_QA_CACHE_DIR": str(settings.cache_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(site: Path, home: Path, settings: Settings, *arguments: str) -> str:
    """What a command that succeeds says."""
    process = call(site, home, settings, *arguments)
    said, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, complaint
    return said


def test_the_wheel_holds_all_that_travels_with_the_code(wheel: Path) -> None:
    """Every file below src and the shipped folders is in it, and nothing of one machine."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.startswith("wfc_qa-")}
    sources = {
        "wfc_qa": ROOT / "src/wfc_qa",
        "wfc_qa/_shipped/prompts": ROOT / "prompts",
        "wfc_qa/_shipped/index/documents": ROOT / "index/documents",
    }
    judged = (
        "calibration.json",
        "baseline.json",
        "dev.jsonl",
        "test.jsonl",
        "claims.dev.jsonl",
        "claims.dev2.jsonl",
        "claims.dev3.jsonl",
        "claims.dev4.jsonl",
    )
    expected = {"wfc_qa/_shipped/docs/openapi.json"} | {f"wfc_qa/_shipped/eval/{name}" for name in judged}
    expected |= {
        f"{home}/{path.relative_to(folder).as_posix()}"
        for home, folder in sources.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == expected
    for name in ("py.typed", "serving/static/chat.js", "serving/templates/page.html", "serving/labels.toml"):
        assert f"wfc_qa/{name}" in names


def test_the_wheel_builds_and_answers_outside_the_checkout(
    site: Path, settings: Settings, tmp_path: Path
) -> None:
    shown = command(site, tmp_path, settings, "settings")
    assert str(ROOT) not in shown
    assert f"documents_dir = {site}/wfc_qa/_shipped/index/documents\n" in shown
    assert f"index_dir = {tmp_path}" in shown
    built = command(site, tmp_path, settings, "index", "build")
    assert "built and current" in built
    asked = command(site, tmp_path, settings, "ask", "2025年6月末重庆的贷款余额是多少？")
    assert "6.25万亿元" in asked
    doctor = command(site, tmp_path, settings, "doctor", "--port", "0")
    assert "MEND" not in doctor
    assert not list((site / "wfc_qa").rglob("generations"))


def test_the_wheel_serves_its_pages(site: Path, settings: Settings, tmp_path: Path) -> None:
    """The chat page, the list of documents, a document with every file of ours that it links to."""
    command(site, tmp_path, settings, "index", "build")
    process = call(site, tmp_path, settings, "serve", "--port", "0")
    try:
        assert process.stdout
        url = process.stdout.readline().split()[3]
        with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE_S) as client:
            while client.get("health").json()["status"] == "starting":
                time.sleep(0.1)
            page = client.get("documents/court-and-legal-services.zh")
            links = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^":]+)"', page.text)
            assert any(link.endswith(".css") for link in links)
            for link in ["", "documents", *(str(page.url.join(link)) for link in links)]:
                assert client.get(link).status_code == 200, link
    finally:
        process.kill()
        process.communicate()


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    """What is published can be built from what is published."""
    build = ["-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run([sys.executable, *build], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (again,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert sorted(one.namelist()) == sorted(other.namelist())
