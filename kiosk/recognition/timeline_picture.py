"""An analysis as a picture: what is estimated along a recording, or bars of the whole."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kiosk.core.estimates import AttributeEstimate, Emotion
from kiosk.recognition import estimate_formats
from kiosk.recognition.analysis import Analysis, Segment

if TYPE_CHECKING:  # of the extra `evaluate`: only pictures need it
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    Emotion.HAPPINESS: "#e3a008",
    Emotion.ANGER: "#b42318",
    Emotion.DISGUST: "#5b7f2b",
    Emotion.FEAR: "#6b4fa0",
    Emotion.NEUTRAL: "#9aa8a3",
    Emotion.SADNESS: "#2f6fab",
    Emotion.SURPRISE: "#d9682f",
}


def plot(analysis: Analysis) -> bytes:
    """PNG: emotion, age and gender over time as far as they are estimated; for a picture or a text
    bars of the whole."""
    fused = [(s, e) for s in analysis.segments if (e := estimate_formats.fused(s.attributes))]
    if len(fused) < 2:
        return _bars(estimate_formats.fused(analysis.whole))
    kinds = [
        name for name in ("emotion", "age", "gender") if any(getattr(e, name) for _, e in fused)
    ]
    figure, every = _figure(max(1, len(kinds)))
    draw = {"emotion": _emotion, "age": _age, "gender": _gender}
    for axes, kind in zip(every, kinds, strict=False):
        draw[kind](axes, [(s, e) for s, e in fused if getattr(e, kind)])
        axes.set_xlim(analysis.segments[0].start, analysis.segments[-1].end)
    every[-1].set_xlabel("seconds")
    every[0].set_title("estimates, all channels together; blank where nothing was usable")
    return _png(figure)


def _figure(rows: int, height: float = 2.4) -> tuple[Figure, list[Axes]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, height * rows + 0.6), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(np.atleast_1d(figure.subplots(rows, 1)))


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _emotion(axes: Axes, rows: Sequence[tuple[Segment, AttributeEstimate]]) -> None:
    """Stacked shares; what is not sure is pale."""
    starts = [segment.start for segment, _ in rows]
    widths = [segment.end - segment.start for segment, _ in rows]
    below = np.zeros(len(rows))
    for place, kind in enumerate(Emotion):
        shares = [e.emotion.probabilities[place] for _, e in rows if e.emotion]
        bars = axes.bar(starts, shares, widths, below, align="edge", color=COLOURS[kind])
        for bar, (_, made) in zip(bars, rows, strict=True):
            bar.set_alpha(1.0 if made.emotion and made.emotion.sure else 0.45)
        below += shares
    axes.set_ylim(0, 1)
    axes.set_ylabel("emotion (pale: not sure)")
    from matplotlib.patches import Patch

    key = [Patch(color=COLOURS[kind], label=kind.name.lower()) for kind in reversed(Emotion)]
    axes.legend(handles=key, fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5))


def _age(axes: Axes, rows: Sequence[tuple[Segment, AttributeEstimate]]) -> None:
    """Mean and interval of each segment."""
    for segment, made in rows:
        if made.age is not None:
            alpha = 0.35 if made.age.sure else 0.12
            axes.fill_between(
                [segment.start, segment.end],
                made.age.low,
                made.age.high,
                color="#0b6a5c",
                alpha=alpha,
            )
            axes.hlines(made.age.years, segment.start, segment.end, color="#084e44")
    axes.set_ylim(bottom=0)
    axes.set_ylabel("age, 80 % interval")
    axes.grid(visible=True, alpha=0.3)


def _gender(axes: Axes, rows: Sequence[tuple[Segment, AttributeEstimate]]) -> None:
    """Probability of female."""
    for segment, made in rows:
        if made.gender is not None:
            ends, shares = [segment.start, segment.end], [1 - made.gender.male] * 2
            axes.plot(ends, shares, "-" if made.gender.sure else ":", color="#0b6a5c", lw=3)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1], ["male", "not sure", "female"])
    axes.set_ylabel("gender")
    axes.grid(visible=True, alpha=0.3)


def _bars(made: AttributeEstimate | None) -> bytes:
    figure, (axes,) = _figure(1, 3.0)
    if made is not None and made.emotion is not None:
        names = [kind.name.lower() for kind in Emotion]
        colours = [COLOURS[kind] for kind in Emotion]
        axes.barh(names, made.emotion.probabilities, color=colours)
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        axes.set_xlabel("probability")
    else:
        axes.set_axis_off()
    axes.set_title(estimate_formats.as_text(made) if made else "nothing to estimate from")
    return _png(figure)
