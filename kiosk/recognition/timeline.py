"""An analysis as JSON, CSV, text and a picture of the timeline."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kiosk.core.errors import StorageError
from kiosk.core.estimates import AttributeEstimate, Channel, Emotion
from kiosk.recognition import estimate_formats
from kiosk.recognition.analysis import Analysis, Segment

if TYPE_CHECKING:  # of the extra `evaluate`: only pictures need it
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCHEMA = "kiosk.analysis/1"
_BEFORE = ("file", "start", "end", "modality", "quality", "emotion", "emotion_sure")
_AFTER = ("age", "age_low", "age_high", "age_sure", "male", "gender_sure")
COLUMNS = (*_BEFORE, *(kind.name.lower() for kind in Emotion), *_AFTER)
COLOURS = {
    Emotion.HAPPINESS: "#e3a008",
    Emotion.ANGER: "#b42318",
    Emotion.DISGUST: "#5b7f2b",
    Emotion.FEAR: "#6b4fa0",
    Emotion.NEUTRAL: "#9aa8a3",
    Emotion.SADNESS: "#2f6fab",
    Emotion.SURPRISE: "#d9682f",
}


def as_dict(analysis: Analysis) -> dict[str, Any]:
    """One object of docs/schema/analysis.json."""
    return {
        "schema": SCHEMA,
        "file": analysis.name,
        "segments": [_segment(segment) for segment in analysis.segments],
        "whole": [estimate_formats.as_dict(made) for made in analysis.whole],
        "notices": list(analysis.notices),
    }


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "attributes": [estimate_formats.as_dict(made) for made in segment.attributes],
        "face_outcomes": {str(int(code)): n for code, n in sorted(segment.face_outcomes.items())},
        "speech_seconds": round(segment.speech_seconds, 2),
    }


def as_csv(analyses: Sequence[Analysis]) -> str:
    """A row for each segment and channel, then rows of the whole without times."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for analysis in analyses:
        for segment in analysis.segments:
            for made in segment.attributes:
                times = (round(segment.start, 3), round(segment.end, 3))
                writer.writerow([analysis.name, *times, *_cells(made)])
        for made in analysis.whole:
            writer.writerow([analysis.name, "", "", *_cells(made)])
    return out.getvalue()


def _cells(made: AttributeEstimate) -> list[Any]:
    told = estimate_formats.as_dict(made)
    emotion, age, gender = told["emotion"], told["age"], told["gender"]
    nothing: list[Any] = [""] * 2
    cells = [told["modality"], told["quality"]]
    cells += [emotion["top"], emotion["sure"]] if emotion else nothing
    cells += list(emotion["probabilities"].values()) if emotion else [""] * len(Emotion)
    cells += [age[key] for key in ("years", "low", "high", "sure")] if age else [""] * 4
    cells += [round(made.gender.male, 4), gender["sure"]] if made.gender else nothing
    return cells


def as_text(analysis: Analysis) -> str:
    """Lines for people: each segment, then the whole by channel."""
    lines = [f"{analysis.name}:"]
    for segment in analysis.segments:
        fused = estimate_formats.fused(segment.attributes)
        told = estimate_formats.as_text(fused) if fused else _nothing(segment)
        used = "+".join(e.channel for e in segment.attributes if e.channel is not Channel.FUSED)
        by = f"  by {used}" if used else ""
        lines.append(f"  {segment.start:7.2f} - {segment.end:7.2f} s  {told}{by}")
    for made in analysis.whole:
        lines.append(f"  {'whole, ' + made.channel.value:20} {estimate_formats.as_text(made)}")
    if not analysis.whole:
        lines.append("  nothing to estimate from: no usable face, speech or words")
    return "\n".join([*lines, *(f"  note: {notice}" for notice in analysis.notices)])


def _nothing(segment: Segment) -> str:
    if not segment.face_outcomes:
        return "no usable speech"
    common = max(segment.face_outcomes, key=lambda outcome: segment.face_outcomes[outcome])
    return f"nothing usable (face: {common.name.lower().replace('_', ' ')})"


# --- the picture ---------------------------------------------------------------------------


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


def write(analysis: Analysis, folder: Path, stem: str) -> list[Path]:
    """STEM.json, STEM.csv and STEM.png in `folder`. Raises StorageError."""
    told = json.dumps(as_dict(analysis), ensure_ascii=False, indent=1)
    parts = {
        f"{stem}.json": told.encode(),
        f"{stem}.csv": as_csv([analysis]).encode(),
        f"{stem}.png": plot(analysis),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in parts.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written: {error.strerror}.", "Name another folder with --out."
        ) from error
    return [folder / name for name in parts]
