"""Figures of a report as PNG; no person's picture or name is ever in one."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.stats import norm

from kiosk.evaluation.metrics.error_rates import ErrorCurve, Floats, det_points
from kiosk.evaluation.metrics.probability import ReliabilityBin

_TICKS = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_MOST_POINTS = 2000
_BINS = 80


def new_figure(size: tuple[float, float] = (5.6, 4.4)) -> tuple[Figure, Axes]:
    """An empty figure of `size` inches with one pair of axes."""
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.grid(visible=True, alpha=0.3)
    return figure, axes


def figure_png(figure: Figure) -> bytes:
    """The figure as PNG, the same bytes each time."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def det(curves: Mapping[str, ErrorCurve]) -> bytes:
    """Detection error trade-off, normal deviate axes."""
    figure, axes = new_figure()
    for label, curve in curves.items():
        x, y = det_points(curve)
        step = max(1, x.size // _MOST_POINTS)
        axes.plot(x[::step], y[::step], label=label)
    places = norm.ppf(_TICKS)
    labels = [f"{tick:.2%}".replace(".00", "") for tick in _TICKS]
    axes.set_xticks(places, labels, rotation=45)
    axes.set_yticks(places, labels)
    axes.set_xlim(places[0], norm.ppf(0.5))
    axes.set_ylim(places[0], norm.ppf(0.5))
    axes.set_xlabel("false match rate")
    axes.set_ylabel("false non-match rate")
    axes.legend(fontsize="small")
    return figure_png(figure)


def histogram(genuine: Floats, impostor: Floats, threshold: float, unit: str = "score") -> bytes:
    """Both kinds of scores, each with area one, and the threshold."""
    figure, axes = new_figure()
    both = np.concatenate([genuine, impostor])
    edges: list[float] = np.linspace(both.min(), both.max() + 1e-9, _BINS).tolist()
    axes.hist(impostor, edges, density=True, alpha=0.6, label=f"non-mated ({impostor.size:,})")
    axes.hist(genuine, edges, density=True, alpha=0.6, label=f"mated ({genuine.size:,})")
    if np.isfinite(threshold):
        axes.axvline(threshold, color="black", linestyle="--", label=f"threshold {threshold:.3f}")
    axes.set_xlabel(unit)
    axes.set_ylabel("density")
    axes.legend(fontsize="small")
    return figure_png(figure)


def reliability_diagram(diagrams: Mapping[str, Sequence[ReliabilityBin]]) -> bytes:
    """Share that came true against the probability said; the size of a dot is how often."""
    figure, axes = new_figure()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for label, bins in diagrams.items():
        total = sum(part.count for part in bins)
        said, true = [part.said for part in bins], [part.true for part in bins]
        (line,) = axes.plot(said, true, label=label, alpha=0.7)
        sizes = [10 + 150 * part.count / total for part in bins]
        axes.scatter(said, true, s=sizes, color=line.get_color(), alpha=0.7)
    axes.set_xlabel("probability said")
    axes.set_ylabel("share that was right")
    axes.legend(fontsize="small")
    return figure_png(figure)


def reject_curves(curves: Mapping[str, tuple[Floats, Floats]]) -> bytes:
    """FNMR of what is kept against the share of lowest quality refused."""
    figure, axes = new_figure()
    for label, (shares, fnmr) in curves.items():
        axes.plot(shares, fnmr, label=label)
    axes.set_xlabel("share refused, lowest quality first")
    axes.set_ylabel("false non-match rate of the rest")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="small")
    return figure_png(figure)


def cmc_curve(curves: Mapping[str, Floats]) -> bytes:
    """Cumulative match characteristic."""
    figure, axes = new_figure()
    for label, rates in curves.items():
        axes.plot(np.arange(1, rates.size + 1), rates, marker=".", label=label)
    axes.set_xlabel("rank")
    axes.set_ylabel("mates found within that rank")
    axes.legend(fontsize="small")
    return figure_png(figure)


_LEAST_SHOWN = 5e-4
"""A rate of nought has no place on a logarithmic axis: it is drawn here."""


def fnir_by_fpir(
    levels: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    marks: Mapping[str, tuple[float, float]],
) -> bytes:
    """False negative against false positive identification rate; a cross where the decision stands
    by default (FPIR, FNIR)."""
    figure, axes = new_figure()
    for label, rates in curves.items():
        shown = np.maximum(rates, _LEAST_SHOWN)
        (line,) = axes.plot(levels, shown, marker=".", label=label)
        if label in marks:
            x, y = (max(value, _LEAST_SHOWN) for value in marks[label])
            axes.plot([x], [y], marker="x", color=line.get_color(), linestyle="none")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("FPIR (cross: the default decision)")
    axes.set_ylabel("FNIR")
    axes.legend(fontsize="x-small")
    return figure_png(figure)


def rate_by_size(curves: Mapping[str, Sequence[tuple[int, float]]]) -> bytes:
    """A rate against how many are enrolled."""
    figure, axes = new_figure()
    for label, points in curves.items():
        sizes, rates = zip(*sorted(points), strict=True)
        axes.plot(sizes, np.maximum(rates, _LEAST_SHOWN), marker=".", label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("people enrolled")
    axes.set_ylabel("enrolled people refused (FNIR of the default decision)")
    axes.legend(fontsize="x-small")
    return figure_png(figure)
