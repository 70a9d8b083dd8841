"""The report of a run: whole, alone, true to its summary, and deaf to what hostile documents say."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from report_support import HOSTILE, make_run
from wfc_qa.errors import StorageError
from wfc_qa.evaluation.comparison import compare
from wfc_qa.evaluation.drill import drill_down
from wfc_qa.evaluation.pages import island, write_whole
from wfc_qa.evaluation.plots import draw_latency, draw_reliability, draw_risk_coverage, draw_shares
from wfc_qa.evaluation.ranking import language_pair
from wfc_qa.evaluation.record import Run
from wfc_qa.evaluation.report import write_report
from wfc_qa.evaluation.results import Bin, Estimate, Point, Stage, Summary, Verdict
from wfc_qa.evaluation.summary import summarise
from wfc_qa.evaluation.tables import (
    Ablation,
    ablation_rows,
    headlines,
    markdown_table,
    matrix,
    measure_lines,
    show,
    slices,
    stage_lines,
)
from wfc_qa.evaluation.versus import comparison_text, write_comparison

HALF = Estimate(0.5, 0.4, 0.6, 20)
NONE = Estimate(0.0, 0.0, 0.0, 20)
LESS = Estimate(-0.25, -0.3, -0.2, 20)
ABLATIONS = (
    Ablation("full", {"success@5": HALF, "rr@10": HALF, "cross success@5": HALF}, {}),
    Ablation("dense <only>", {"success@5": HALF, "rr@10": HALF}, {"success@5": LESS}, {"success@5": 0.001}),
)
NBSP = "\N{NO-BREAK SPACE}"
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


@pytest.fixture(scope="module")
def run() -> Run:
    return make_run(wrong=(1, 3), missed=(4,))


@pytest.fixture(scope="module")
def summary(run: Run) -> Summary:
    return summarise(run)


@pytest.fixture(scope="module")
def folder(run: Run, summary: Summary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(run, summary, tmp_path_factory.mktemp("report"), ABLATIONS).parent


@given(st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8))
def test_an_island_gives_back_what_was_put_in_and_holds_no_markup(data: object) -> None:
    written = island({"data": data, "hostile": HOSTILE})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"data": data, "hostile": HOSTILE}


@given(st.lists(texts.filter(lambda text: text.strip()), min_size=2, max_size=4))
def test_a_markdown_cell_shows_its_text_whatever_it_holds(cells: list[str]) -> None:
    """A reader of Markdown finds one row with every cell's words and no markup in it."""
    html = MarkdownIt("commonmark").enable("table").render(markdown_table(["head"] * len(cells), [cells]))
    shown = BeautifulSoup(html, "html.parser").select("tbody td")
    assert [cell.get_text().split() for cell in shown] == [cell.split() for cell in cells]
    assert not [cell for cell in shown if cell.find(True)]


def test_hostile_questions_and_documents_reach_the_page_as_data_only(tmp_path: Path) -> None:
    run = make_run(extra=HOSTILE, name=HOSTILE)
    page = write_report(run, summarise(run), tmp_path, ABLATIONS).read_text("utf-8")
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.select("img, [onerror]")
    assert [tag.get("type") for tag in soup.find_all("script")] == ["application/json", None]
    held = json.loads(soup.find(id="data").string)
    assert held["questions"][0]["text"] == run.questions[0].text
    assert soup.h1.get_text() == HOSTILE


def test_the_page_stands_alone(folder: Path) -> None:
    """It loads nothing, and a policy would refuse anything it tried to."""
    page = (folder / "report.html").read_text("utf-8")
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.select("link, iframe, object, base, [src], [href]:not([href^='#'])")
    assert not re.findall(r"@import|url\((?!#)", page)
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert policy["content"].startswith("default-src 'none';")


def test_every_question_can_be_drilled_into(run: Run, summary: Summary) -> None:
    """Asked, expected, said, cited, retrieved, gold and verdict are those of the run."""
    data = drill_down(run, summary)
    shown = [one["id"] for one in data["paragraphs"]]
    for question, outcome, told in zip(run.questions, run.outcomes, data["questions"], strict=True):
        assert (told["text"], tuple(told["history"])) == (question.text, question.history)
        assert tuple(tuple(part["wordings"]) for part in told["parts"]) == question.answers
        assert [shown[place] for place, _ in told["hits"]] == [hit.paragraph_id for hit in outcome.hits]
        assert {shown[place]: grade for place, grade in told["gold"].items()} == outcome.qrels
        cited = [[shown[place] for place in said["cited"]] for said in told["said"]]
        assert cited == [list(said.cited) for said in outcome.sentences]
        assert told["verdict"] == summary.verdicts[question.query_id]
    wrong = data["questions"][1]
    assert wrong["verdict"] == Verdict.WRONG
    assert [part["met"] for part in wrong["parts"]] == [False]
    withheld = data["questions"][4]
    assert withheld["withheld"]
    assert [part["met"] for part in withheld["parts"]] == [True]


def test_the_data_beside_the_page_is_all_of_the_summary(run: Run, summary: Summary, folder: Path) -> None:
    held = json.loads((folder / "report.json").read_text("utf-8"))
    assert held["stamp"] == asdict(run.stamp)
    assert held["summary"] == json.loads(json.dumps(asdict(summary)))
    assert [one["variant"] for one in held["ablations"]] == ["full", "dense <only>"]


def test_page_and_pull_request_tell_every_measure_with_its_interval(summary: Summary, folder: Path) -> None:
    page = BeautifulSoup((folder / "report.html").read_text("utf-8"), "html.parser")
    rows = {row.th.small.get_text(): row.get_text(" ") for row in page.select(".measures tbody tr")}
    table = (folder / "report.md").read_text("utf-8")
    lines = measure_lines(summary)
    assert list(rows) == [line.measure.name for line in lines]
    for line in lines:
        for told in (line.value, line.interval, line.measure.formula):
            assert told in rows[line.measure.name]
        assert f"| {line.value.replace(NBSP, ' ')} | {line.interval} |" in table
    assert len(headlines(summary)) >= 6


@pytest.mark.parametrize(
    ("p_values", "words"),
    [([], []), ([0.001], ["worse"]), ([0.04, 0.04], ["", ""]), ([0.001, 0.04, 0.03], ["worse", "", ""])],
    ids=["no p", "one", "two that only together are too many", "one of three"],
)
def test_an_ablation_is_called_worse_only_after_holm_over_all_cells(
    p_values: list[float], words: list[str]
) -> None:
    """Without a p nothing is said, however far the interval lies from nothing."""
    ablations = [
        Ablation(f"v{place}", {"rr@10": HALF}, {"rr@10": LESS}, {"rr@10": p})
        for place, p in enumerate(p_values)
    ]
    unknown = Ablation("unknown", {"rr@10": HALF}, {"rr@10": LESS})
    rows = ablation_rows([*ablations, unknown])
    assert [cells[1].word for _, cells in rows] == [*words, ""]


def test_the_headline_across_languages_counts_proofs_in_the_other_language_only(
    run: Run, summary: Summary
) -> None:
    asked = zip(run.questions, run.outcomes, strict=True)
    crossing = sum(language_pair(one, outcome, run) in {"zh>en", "en>zh"} for one, outcome in asked)
    told = next(one for one in headlines(summary) if "other language" in one.says)
    assert told.line.estimate.n == crossing
    assert 0 < crossing < sum(one.answerable for one in run.questions)


def test_the_matrix_tells_how_much_of_the_first_five_is_in_the_other_language(
    summary: Summary, folder: Path
) -> None:
    page = BeautifulSoup((folder / "report.html").read_text("utf-8"), "html.parser")
    shown, table = page.select_one(".heat").get_text(" "), (folder / "report.md").read_text("utf-8")
    cells = [cell for row in matrix(summary).values() for cell in row.values()]
    assert cells
    for cell in cells:
        assert cell.other is not None
        told = f"{cell.other.value} ({cell.other.interval}) in the other language"
        assert told in shown
        assert f"{cell.found.value} ({cell.found.interval}); {told}".replace(NBSP, " ") in table


def test_what_was_handled_well_and_each_stage_is_told_with_its_interval(
    run: Run, summary: Summary, folder: Path
) -> None:
    page = BeautifulSoup((folder / "report.html").read_text("utf-8"), "html.parser")
    table = (folder / "report.md").read_text("utf-8")
    shown = page.get_text(" ")
    for one in slices(run, summary, "kind"):
        assert one.handled.value == one.good / one.questions
        assert one.handled.low < one.handled.high
        assert f"{one.good} of {one.questions} ({one.interval} %)" in table
        assert f"{one.good} of {one.questions} {one.interval}{NBSP}%" in shown
    rows = [row.get_text(" ") for row in page.select(".stages tbody tr")]
    assert len(rows) == len(summary.stages) == 4
    for row, (name, *lines) in zip(rows, stage_lines(summary), strict=True):
        assert name in row
        for line in lines:
            assert f"{line.value} {line.interval}" in row
            assert f"{line.value} ({line.interval})".replace(NBSP, " ") in table


def test_an_ablation_shows_its_difference_and_whether_it_is_worse(folder: Path) -> None:
    """A dash stands where no question was asked for it."""
    row = "| dense &lt;only> | 50.0 % (40.0 to 60.0); −25.0 (−30.0 to −20.0) worse | 0.500 (0.400 to 0.600) | – |"
    assert row in (folder / "report.md").read_text("utf-8")
    page = BeautifulSoup((folder / "report.html").read_text("utf-8"), "html.parser")
    assert "−25.0 worse" in page.find("th", string="dense <only>").parent.get_text()


def test_a_comparison_tells_every_difference_and_every_changed_verdict(run: Run, tmp_path: Path) -> None:
    """On the page, in Markdown, in JSON and for a terminal; what both answered stands side by side."""
    other = make_run(missed=(4, 8), extra="", name="b <i>")
    comparison = compare(run, other)
    soup = BeautifulSoup(write_comparison(comparison, run, other, tmp_path).read_text("utf-8"), "html.parser")
    text = comparison_text(comparison, run, other)
    assert len(soup.select("tbody tr")) == len(comparison.differences)
    assert len(comparison.changed) == len(soup.select(".pair")) == 3
    for change, pair in zip(comparison.changed, soup.select(".pair"), strict=True):
        assert change.query_id in pair.summary.get_text()
        assert change.query_id in text
        assert len(pair.select(".sides > div")) == 2
    assert "贷款余额7亿元。" in soup.select(".pair")[0].get_text()
    assert "Declined: unsure" in soup.select(".pair")[2].get_text()
    assert soup.h1.get_text() == "a run and b <i>"
    assert "measures differ significantly, 3 verdicts changed" in soup.select_one(".lede").get_text()
    assert "| Measure | a run | b &lt;i> |" in (tmp_path / "compare.md").read_text("utf-8")
    held = json.loads((tmp_path / "compare.json").read_text("utf-8"))
    assert held == json.loads(json.dumps(asdict(comparison)))


def test_the_same_run_makes_the_same_files(run: Run, summary: Summary, folder: Path, tmp_path: Path) -> None:
    write_report(run, summary, tmp_path, ABLATIONS)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_summary_without_curves_or_slices_still_makes_a_page(
    run: Run, summary: Summary, tmp_path: Path
) -> None:
    """A data set without answers has rankings to tell of and nothing else."""
    bare = replace(summary, rows=(), curve=(), reliability=(), stages=())
    page = BeautifulSoup(write_report(run, bare, tmp_path).read_text("utf-8"), "html.parser")
    assert not page.find_all("svg")
    assert page.find(id="data")


def test_a_full_run_stays_a_file_that_opens_at_once(tmp_path: Path) -> None:
    """450 questions with ten paragraphs each: under 4 MB."""
    run = make_run(450, extra="这是一段三百字的正文。" * 30)
    assert write_report(run, summarise(run), tmp_path).stat().st_size < 4_000_000


def test_every_plot_is_sound_named_and_takes_its_colours_from_the_page() -> None:
    plots = [
        draw_risk_coverage([Point(0.9, 0.5, HALF), Point(0.5, 0.9, HALF)], HALF, HALF),
        draw_reliability([Bin(0.5, HALF)]),
        draw_shares("kinds", "Answer <right>", [("$x$ </svg><script>", HALF), ("跨语言", HALF)]),
        draw_latency([Stage("retrieve & rank", HALF, HALF), Stage("none", NONE, NONE)]),
    ]
    ids: list[str] = []
    for plot in plots:
        root = ET.fromstring(plot.svg)
        name, told = (root.find(f"{{http://www.w3.org/2000/svg}}{tag}") for tag in ("title", "desc"))
        assert (name.text, told.text) == (plot.title, plot.told)
        assert not re.findall(r":\s*#[0-9a-f]{6}", plot.svg)
        assert "var(--accent)" in plot.svg
        ids += [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    words = "".join(ET.fromstring(plots[2].svg).itertext())
    assert "$x$ </svg><script>" in words
    assert "跨语言" in words


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.9715, "share", "97.2 %"),
        (1 / 3, "score", "0.333"),
        (1234.5, "ms", "1,234 ms"),
        (0.0567, "ms", "0.057 ms"),
        (-0.00001, "share", "0.0 %"),
        (-0.25, "score", "−0.250"),
    ],
)
def test_values_are_told_in_their_unit(value: float, unit: str, told: str) -> None:
    assert show(value, unit).replace(NBSP, " ") == told


def test_a_report_that_cannot_be_written_says_so_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "report.md").mkdir()
    with pytest.raises(
        StorageError, match=r"report\.md cannot be written: .*; free space or give another folder"
    ):
        write_whole(tmp_path / "report.md", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
