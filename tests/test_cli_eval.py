"""`wfc-qa eval`: a user's path from a data set to a judged run, and one line for each mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_support import refused, run
from wfc_qa.config import CHECKOUT, Settings

ARTICLES = {
    "version": "v2.0",
    "data": [
        {
            "title": "Harbours of the north",
            "paragraphs": [
                {
                    "context": "The harbour of Tromsø handled 412,000 tonnes of fish in 2021. It has three quays.",
                    "qas": [
                        {
                            "id": "h1",
                            "question": "How much fish did the harbour of Tromsø handle in 2021?",
                            "answers": [{"text": "412,000 tonnes", "answer_start": 30}],
                        },
                        {
                            "id": "h2",
                            "question": "Who owns the harbour?",
                            "answers": [],
                            "is_impossible": True,
                        },
                    ],
                },
                {
                    "context": "卑尔根港二零二一年接待了三百二十艘邮轮。",
                    "qas": [
                        {
                            "id": "h3",
                            "question": "卑尔根港2021年接待了多少艘邮轮？",
                            "answers": [{"text": "三百二十艘邮轮", "answer_start": 12}],
                        },
                        {"id": "h4", "question": "x?", "answers": [{"text": "not there", "answer_start": 0}]},
                    ],
                },
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small data set imported by the command, index and all."""
    folder = tmp_path_factory.mktemp("sets")
    (folder / "ports.json").write_text(json.dumps(ARTICLES, ensure_ascii=False), "utf-8")
    done = run("eval", "import", "squad", "ports.json", "ports", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "1 documents, 2 paragraphs, 3 questions, 1 left out" in done.stdout
    assert "problems.jsonl" in done.stderr
    return folder / "ports"


def test_a_bundle_is_run_reported_compared_and_written_as_trec(bundle: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = run("eval", "run", "--bundle", str(bundle), "--output", name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "3 questions" in done.stdout
        assert {path.suffix for path in (tmp_path / name).glob("report.*")} == {".html", ".md", ".json"}
    again = run("eval", "report", "one", cwd=tmp_path)
    assert again.returncode == 0
    compared = run("eval", "compare", "one", "two", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    assert (tmp_path / "two" / "compare.html").is_file()
    trec = run("eval", "trec", "one", cwd=tmp_path)
    assert trec.returncode == 0
    lines = (tmp_path / "one" / "run.trec").read_text("utf-8").splitlines()
    assert all(len(line.split()) == 6 for line in lines)
    assert {line.split()[0] for line in lines} == {"h1", "h2", "h3"}


def test_a_bundle_goes_out_and_comes_back(bundle: Path, tmp_path: Path) -> None:
    for form, target in (("squad", "again.json"), ("jsonl", "again.jsonl")):
        out = run("eval", "export", form, target, "--bundle", str(bundle), cwd=tmp_path)
        assert out.returncode == 0, out.stderr
        back = run("eval", "import", form, target, f"{form}-bundle", cwd=tmp_path)
        assert back.returncode == 0, back.stderr
        questions = (tmp_path / f"{form}-bundle" / "questions.jsonl").read_text("utf-8").splitlines()
        assert sorted(json.loads(line)["query_id"] for line in questions) == ["h1", "h2", "h3"]


def test_the_gold_set_passes_its_own_check(tmp_path: Path) -> None:
    done = run("eval", "check", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "0 errors" in done.stdout


def test_a_rewording_in_either_language_is_a_leak(tmp_path: Path) -> None:
    reworded = {
        "query_id": "dev-x",
        "text": "How many days passed between the two?",
        "language": "en",
        "kind": "figure",
        "answerable": False,
        "split": "dev",
        "note": "n",
    }
    rows = [json.loads(line) for line in (CHECKOUT / "eval" / "test.jsonl").read_text("utf-8").splitlines()]
    row = next(
        one for one in rows if one["language"] == "zh" and "多少" in one["text"] and not one["history"]
    )
    said = {**row, "query_id": "dev-y", "split": "dev", "text": row["text"].replace("多少", "几多")}
    (tmp_path / "dev.jsonl").write_text(
        "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in (reworded, said)), "utf-8"
    )
    done = run("eval", "check", "dev.jsonl", str(CHECKOUT / "eval" / "test.jsonl"), cwd=tmp_path)
    leaks = [line for line in done.stdout.splitlines() if "leaks" in line]
    assert any("dev-y" in line for line in leaks)
    assert not any("dev-x" in line for line in leaks)


def test_a_leak_fails_the_check_and_is_named(tmp_path: Path) -> None:
    text = (CHECKOUT / "eval" / "test.jsonl").read_text("utf-8")
    (tmp_path / "dev.jsonl").write_text(text.replace('"split": "test"', '"split": "dev"'), "utf-8")
    done = run("eval", "check", "dev.jsonl", str(CHECKOUT / "eval" / "test.jsonl"), cwd=tmp_path)
    assert done.returncode == 1
    assert "leak" in done.stdout


def test_the_fast_subset_passes_the_gate(settings: Settings, tmp_path: Path) -> None:
    """The gate that `make test` runs: the commit is not significantly worse than the baseline."""
    done = run("eval", "gate", cwd=tmp_path, index_dir=settings.index_dir)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("pass")


def test_a_worse_system_fails_the_gate(settings: Settings, tmp_path: Path) -> None:
    """Declining everything is worse, and the gate says by how much."""
    done = run("eval", "gate", cwd=tmp_path, index_dir=settings.index_dir, abstain_below=1)
    assert done.returncode == 1
    assert "FAIL" in done.stdout


def test_a_thumb_down_becomes_a_candidate_once(tmp_path: Path) -> None:
    from wfc_qa.feedback import DATABASE, Feedback, FeedbackStore, Verdict

    store = FeedbackStore(tmp_path / "data" / DATABASE)
    for number, verdict in enumerate([Verdict.DOWN, Verdict.UP]):
        question = f"What is the toll of bridge {number}?"
        store.save(Feedback(f"f{number}", "a", "g", question, question, "An answer.", verdict, "wrong year"))
    for added in (1, 0):
        done = run("eval", "harvest", cwd=tmp_path, data_dir=tmp_path / "data")
        assert done.returncode == 0, done.stderr
        assert f"{added} new candidates" in done.stdout
    candidates = tmp_path / "data" / "candidates.jsonl"
    assert "bridge 0" in candidates.read_text("utf-8")
    assert "bridge 1" not in candidates.read_text("utf-8")
    assert "no gold question" in refused(run("eval", "check", str(candidates), cwd=tmp_path))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["eval", "run", "--questions", "absent.jsonl"], "give another --questions"),
        (["eval", "run", "--bundle", "absent"], "cannot be read"),
        (
            ["eval", "run", "--questions", str(CHECKOUT / "eval" / "dev.jsonl"), "--ablations"],
            "leave out --ablations",
        ),
        (["eval", "report", "absent"], "wfc-qa eval run"),
        (["eval", "compare", "absent", "absent"], "wfc-qa eval run"),
        (["eval", "trec", "absent"], "wfc-qa eval run"),
        (["eval", "import", "excel", "x", "y"], "is not known"),
        (["eval", "import", "squad", "absent.json", "y"], "absent.json"),
        (["eval", "export", "excel", "x"], "is not known"),
        (["eval", "gate", "absent"], "wfc-qa eval run"),
        (["eval", "fit", "--questions", str(CHECKOUT / "eval" / "test.jsonl")], "never fitted on"),
    ],
    ids=lambda value: " ".join(value[1:3]) if isinstance(value, list) else None,
)
def test_a_mistake_is_one_line_that_names_the_mend(
    arguments: list[str], named: str, settings: Settings, tmp_path: Path
) -> None:
    assert named in refused(run(*arguments, cwd=tmp_path, index_dir=settings.index_dir))
    assert not list(tmp_path.iterdir())
