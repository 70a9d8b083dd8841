"""Settings: which layer wins, what each means, and one line for what cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from command_support import run
from wfc_qa.config import LLM_KEY, Settings, describe_settings, llm_key, load_settings
from wfc_qa.errors import ConfigError

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"WFC_QA_{name.upper()}", raising=False)
    return tmp_path


def test_flags_win_over_environment_over_file_over_defaults(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().hits == Settings.model_fields["hits"].default
    (folder / "wfc_qa.toml").write_text("hits = 11\n", "utf-8")
    assert load_settings().hits == 11
    monkeypatch.setenv("WFC_QA_HITS", "12")
    assert load_settings().hits == 12
    assert load_settings(hits=13).hits == 13
    assert load_settings(hits=None).hits == 12


def test_the_layers_mix_setting_by_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "wfc_qa.toml").write_text('hits = 11\nmodel = "here"\n', "utf-8")
    monkeypatch.setenv("WFC_QA_THREADS", "3")
    settings = load_settings(port=1234)
    assert (settings.hits, settings.model, settings.threads, settings.port) == (11, "here", 3, 1234)


@pytest.mark.parametrize("flag", [True, False])
def test_a_tilde_is_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, flag: bool) -> None:
    monkeypatch.setenv("HOME", str(folder))
    if not flag:
        (folder / "wfc_qa.toml").write_text('index_dir = "~/mine"\n', "utf-8")
    assert load_settings(index_dir=Path("~/mine") if flag else None).index_dir == folder / "mine"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("hits = [", "wfc_qa.toml"),
        ("hits = 1\nhits = 2", "wfc_qa.toml"),
        ("no_such_setting = 1", "no_such_setting"),
        ("hits = 'many'", "hits"),
        ("hits = 0", "hits"),
        ("port = 65536", "port"),
        ("root_path = 'qa/'", "root_path"),
        ("root_path = '/qa/../..//<b>'", "root_path"),
        ("vector_index = 'ivf'", "vector_index"),
        ("abstain_below = 2", "abstain_below"),
        ("model = ''", "model"),
        ("index_dir = 7", "index_dir"),
        ("[hits]\nx = 1", "hits"),
        ("\xff\xfe", "wfc_qa.toml"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_that_names_what_to_mend(
    folder: Path, content: str, named: str
) -> None:
    (folder / "wfc_qa.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert named in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_bad_variable_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WFC_QA_THREADS", "lots")
    with pytest.raises(ConfigError, match=r"^setting threads: .*WFC_QA_THREADS.*$"):
        load_settings()


@pytest.mark.parametrize(
    ("content", "mend"),
    [
        ("llm = 'openai-like'\nllm_model = 'm'", "set it, such as https://"),
        ("llm = 'openai-like'\nllm_base_url = 'http://h/v1'", "needs llm_model"),
        ("llm = 'ollama'", "needs llm_model"),
        ("llm = 'local'", "the path of its GGUF file"),
        ("llm_base_url = 'example.com/v1'", "http(s)://"),
        ("llm_base_url = 'ftp://h/v1'", "http(s)://"),
        ("llm_base_url = 'http://'", "http(s)://"),
        ("llm_base_url = 'http://h:99999/'", "http(s)://"),
        ("llm_base_url = 'http://[::1/v1'", "http(s)://"),
        ("llm_base_url = 'https://user:secret@h/v1'", LLM_KEY),
        ("llm_base_url = 'https://h/v1?key=secret'", LLM_KEY),
        ("llm_base_url = 'https://h/v1#secret'", LLM_KEY),
        ("llm_api_key = 'secret'", LLM_KEY),
    ],
)
def test_a_language_model_told_by_halves_is_one_line_that_names_the_mend(
    folder: Path, content: str, mend: str
) -> None:
    (folder / "wfc_qa.toml").write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert mend in str(caught.value)
    assert "secret" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [
        "llm = 'openai-like'\nllm_model = 'm'\nllm_base_url = 'http://[::1]:8000/v1/'",
        "llm = 'ollama'\nllm_model = 'qwen2.5:7b'",
        "llm = 'local'\nllm_model = '~/model.gguf'",
    ],
)
def test_a_language_model_told_whole_is_taken(folder: Path, content: str) -> None:
    (folder / "wfc_qa.toml").write_text(content, "utf-8")
    assert load_settings().llm_model


def test_the_key_is_read_from_the_environment_and_shown_nowhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LLM_KEY, raising=False)
    assert llm_key() is None
    without = load_settings().model_dump_json()
    monkeypatch.setenv(LLM_KEY, " sk-secret\n")
    key = llm_key()
    assert key
    assert key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in f"{key} {key!r}"
    assert load_settings().model_dump_json() == without
    assert (
        "sk-secret"
        not in run("settings", cwd=folder, **{LLM_KEY.removeprefix("WFC_QA_").lower(): "sk-secret"}).stdout
    )


def test_no_flag_takes_the_key(folder: Path) -> None:
    with pytest.raises(ConfigError, match=LLM_KEY):
        load_settings(llm_api_key="sk-secret")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().hits = 3  # type: ignore[misc]


def test_every_setting_says_what_it_means() -> None:
    for name, default, meaning in describe_settings():
        assert len(meaning) > 10, name
        assert default


def test_the_description_is_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    here = describe_settings()
    monkeypatch.setenv("WFC_QA_HITS", "12")
    monkeypatch.setenv("HOME", "/elsewhere")
    assert describe_settings() == here
    assert not [row for row in here if re.search(r"(?<!\w)/\w+/", row[1])]


def test_the_readme_shows_the_generated_table(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    shown = re.search(r"<!-- settings -->\n(.*?)\n?<!-- /settings -->", text, re.DOTALL)
    assert shown, "README.md has no <!-- settings --> … <!-- /settings -->"
    assert shown[1].strip() == run("settings", "--markdown", cwd=tmp_path).stdout.strip()


def test_the_command_shows_what_is_in_effect(tmp_path: Path) -> None:
    (tmp_path / "wfc_qa.toml").write_text("hits = 11\n", "utf-8")
    shown = run("settings", cwd=tmp_path, threads=3).stdout
    assert "\nhits = 11\n" in shown
    assert "\nthreads = 3\n" in shown
    assert [line.split(" = ")[0] for line in shown.splitlines()[::2]] == list(Settings.model_fields)
