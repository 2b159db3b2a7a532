"""Figures of attribute estimates as PNG; no person's picture or name is ever in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import Estimate
from kiosk.evaluation.reporting.plots import figure_png, new_figure

_DARK = 0.5
_OLDEST = 100


def confusion_matrix(counts: Floats, names: Sequence[str]) -> bytes:
    """Rows of (kinds, kinds) as shares of what is true."""
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure, axes = new_figure((5.6, 5.0))
    axes.grid(visible=False)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*shares.shape):
        share = float(shares[row, column])
        colour = "white" if share > _DARK else "black"
        axes.text(column, row, f"{share:.0%}", ha="center", va="center", color=colour, size=8)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("estimated")
    axes.set_ylabel("true")
    return figure_png(figure)


def age_map(truth: Floats, said: Floats) -> bytes:
    """How often each estimated age stands beside each true one."""
    figure, axes = new_figure((5.2, 4.6))
    axes.hexbin(truth, said, gridsize=40, bins="log", cmap="Blues", mincnt=1)
    axes.plot([0, _OLDEST], [0, _OLDEST], color="grey", linestyle=":")
    axes.set_xlabel("true age")
    axes.set_ylabel("estimated age")
    return figure_png(figure)


def bars(values: Mapping[str, Estimate], unit: str) -> bytes:
    """One bar for each label, with its interval."""
    figure, axes = new_figure()
    middle = np.array([estimate.value for estimate in values.values()])
    low = middle - [estimate.low for estimate in values.values()]
    high = [estimate.high for estimate in values.values()] - middle
    axes.bar(range(len(values)), middle, yerr=np.maximum([low, high], 0), capsize=3)
    axes.set_xticks(range(len(values)), list(values), rotation=45)
    axes.set_ylabel(unit)
    return figure_png(figure)
