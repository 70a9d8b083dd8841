"""A summary drawn: plots as inline SVG whose colours are the page's own, so that they suit both its themes."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from .results import Bin, Estimate, Point, Stage
from .tables import show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# matplotlib knows no CSS variables: each colour below is drawn as a stand-in and named in the finished SVG.
INK, SOFT, LINE, ACCENT, WARN = "#010101", "#020202", "#030303", "#040404", "#050505"
NAMES = {INK: "--ink", SOFT: "--soft", LINE: "--line", ACCENT: "--accent", WARN: "--warn"}
WIDTH_IN, HEIGHT_IN = 4.6, 3.1
RISKS = (0.01, 0.02, 0.05)
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "wfc-qa",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "axes.edgecolor": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.color": LINE,
    "ytick.labelcolor": SOFT,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}
PREAMBLE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
CLUTTER = re.compile(
    r"\s*<metadata>.*?</metadata>|\s*<style type=\"text/css\">.*?</style>|<!--.*?-->", re.DOTALL
)
SIZE = re.compile(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>')
FONT = re.compile(r" font-family: [^;\"]*;?")
REFERENCE = re.compile(r'(id="|url\(#|xlink:href="#)')


@dataclass(frozen=True, slots=True)
class Plot:
    """``svg`` is markup that is safe to place in a page; ``told`` says in a sentence what it shows."""

    name: str
    title: str
    told: str
    svg: str


def draw_risk_coverage(curve: Sequence[Point], coverage: Estimate | None, risk: Estimate | None) -> Plot:
    """Risk against coverage with its interval, the 1, 2 and 5 % lines, and where the system works now."""
    points = sorted(curve, key=lambda point: point.coverage)
    x = [100 * point.coverage for point in points]
    values = [100 * point.risk.value for point in points]
    low, high = [100 * point.risk.low for point in points], [100 * point.risk.high for point in points]
    told = "Share of answers that are wrong, as more of the answerable questions are answered."
    # Beyond one wrong answer in ten nobody works: the plot ends there unless all of the curve, or the system, does.
    top = max(10.0, 1.15 * min(values, default=0.0))
    with _figure() as figure:
        axes = figure.subplots()
        axes.fill_between(x, low, high, color=ACCENT, alpha=0.14, linewidth=0, step="post")
        axes.step(x, values, color=ACCENT, linewidth=1.6, where="post")
        for level in RISKS:
            axes.axhline(100 * level, color=SOFT, linewidth=0.8, dashes=(2, 3))
            _note(axes, f"{level:.0%}", (0, 100 * level), (3, 3))
        if coverage and risk:
            told += f" Now {show(coverage.value, 'share')} are answered,"
            told += f" and {show(risk.value, 'share')} of the answers are wrong."
            now = (100 * coverage.value, 100 * risk.value)
            top = max(top, 1.3 * now[1])
            axes.plot(*now, "o", color=WARN, markersize=6, zorder=4, clip_on=False)
            left = coverage.value > 0.5
            _note(axes, "now", now, (-8 if left else 8, 7), color=WARN, ha="right" if left else "left")
        axes.set(xlim=(0, 101), ylim=(0, min(top, 100)))
        axes.set(xlabel="Answerable questions answered, %", ylabel="Wrong answers, %")
        return _finish(figure, "risk", "Risk and coverage", told)


def draw_reliability(bins: Sequence[Bin]) -> Plot:
    """How often answers were right, by the confidence they were given."""
    told = "How often the answer was right, by the confidence it was given; on the diagonal, confidence keeps its word."
    with _figure() as figure:
        axes = figure.subplots()
        axes.plot([0, 100], [0, 100], color=SOFT, linewidth=0.8, dashes=(2, 3))
        x = [100 * one.confidence for one in bins]
        _whiskers(axes, x, [one.right for one in bins], vertical=True)
        axes.set(xlim=(-2, 102), ylim=(-2, 104), xlabel="Confidence, %", ylabel="Right, %")
        return _finish(figure, "reliability", "Reliability of the confidence", told)


def draw_shares(name: str, title: str, rows: Sequence[tuple[str, Estimate]]) -> Plot:
    """A bar a slice of the questions, first at the top, each a share with its interval."""
    told = "By kind of question, with 95 % intervals."
    with _figure(height_in=_tall(len(rows))) as figure:
        axes = figure.subplots()
        heights = range(len(rows) - 1, -1, -1)
        axes.barh(heights, [100 * one.value for _, one in rows], height=0.56, color=ACCENT, alpha=0.28)
        _whiskers(axes, heights, [one for _, one in rows], vertical=False)
        axes.set(xlim=(0, 101.5), xticks=range(0, 101, 25), ylim=(-0.6, len(rows) - 0.4), xlabel="%")
        _name_rows(axes, heights, [label for label, _ in rows])
        axes.grid(axis="x")
        axes.set_axisbelow(True)
        return _finish(figure, name, title, told)


def draw_latency(stages: Sequence[Stage]) -> Plot:
    """Median and 95th percentile of each stage, in milliseconds."""
    told = "Milliseconds each stage takes: dot, the median question; end of the line, 95 of 100 questions."
    with _figure(height_in=_tall(len(stages))) as figure:
        axes = figure.subplots()
        heights = range(len(stages) - 1, -1, -1)
        longest = max([stage.p95_ms.value for stage in stages], default=1.0)
        for height, stage in zip(heights, stages, strict=True):
            median, most = stage.p50_ms.value, stage.p95_ms.value
            axes.plot(
                [median, most], [height] * 2, color=ACCENT, linewidth=5, alpha=0.28, solid_capstyle="round"
            )
            axes.plot(median, height, "o", color=ACCENT, markersize=5, clip_on=False)
            text = f"{median:.3g} · {most:.3g} ms"
            _note(axes, text, (most, height), (8, 0), va="center")
        axes.set(
            xlim=(-0.03 * longest, 1.4 * longest or 1), ylim=(-0.6, len(stages) - 0.4), xlabel="Milliseconds"
        )
        _name_rows(axes, heights, [stage.name for stage in stages])
        return _finish(figure, "latency", "Time by stage", told)


def _tall(rows: int) -> float:
    """Inches for so many rows of bars and the axis below."""
    return 0.75 + 0.25 * max(2, rows)


def _note(
    axes: Axes, text: str, at: tuple[float, float], shift: tuple[int, int], color: str = SOFT, **more: str
) -> None:
    """Small text beside a point, ``shift`` in points."""
    axes.annotate(
        text,
        at,
        xytext=shift,
        textcoords="offset points",
        color=color,
        fontsize=8,
        ha=more.get("ha", "left"),
        va=more.get("va", "baseline"),
    )


def _name_rows(axes: Axes, heights: Sequence[float], names: Sequence[str]) -> None:
    axes.set_yticks(heights, names)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)


def _whiskers(axes: Axes, places: Sequence[float], estimates: Sequence[Estimate], *, vertical: bool) -> None:
    """A dot and a 95 % interval in per cent for each estimate."""
    values = [100 * one.value for one in estimates]
    lengths = (
        [max(0.0, 100 * (one.value - one.low)) for one in estimates],
        [max(0.0, 100 * (one.high - one.value)) for one in estimates],
    )
    x, y = (places, values) if vertical else (values, places)
    across, along = (None, lengths) if vertical else (lengths, None)
    axes.errorbar(
        x,
        y,
        xerr=across,
        yerr=along,
        fmt="o",
        color=ACCENT,
        markersize=4.5,
        elinewidth=1.3,
        capsize=2.5,
        clip_on=False,
    )


@contextmanager
def _figure(width_in: float = WIDTH_IN, height_in: float = HEIGHT_IN) -> Iterator[Figure]:
    """A figure of its own, without pyplot's global state."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # The browser sets the text in its own fonts: what matplotlib's lack does not matter.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield Figure((width_in, height_in), layout="constrained")


def _finish(figure: Figure, name: str, title: str, told: str) -> Plot:
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True)
    svg = CLUTTER.sub("", PREAMBLE.sub("", written.getvalue()))
    svg = REFERENCE.sub(rf"\g<1>{name}-", FONT.sub("", svg))
    for stand_in, variable in NAMES.items():
        svg = svg.replace(stand_in, f"var({variable})")
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" \\1 role="img"'
        f' aria-labelledby="{name}-name {name}-told"><title id="{name}-name">{escape(title)}</title>'
        f'<desc id="{name}-told">{escape(told)}</desc>'
    )
    return Plot(name, title, told, SIZE.sub(opening, svg, count=1).strip())
