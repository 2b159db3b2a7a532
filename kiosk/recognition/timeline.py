"""An analysis as JSON, CSV and text, and all of it in files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kiosk.core.errors import StorageError
from kiosk.core.estimates import AttributeEstimate, Channel, Emotion
from kiosk.recognition import estimate_formats, timeline_picture
from kiosk.recognition.analysis import Analysis, Segment

SCHEMA = "kiosk.analysis/1"
_BEFORE = ("file", "start", "end", "modality", "quality", "emotion", "emotion_sure")
_AFTER = ("age", "age_low", "age_high", "age_sure", "male", "gender_sure")
COLUMNS = (*_BEFORE, *(kind.name.lower() for kind in Emotion), *_AFTER)


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


def write(analysis: Analysis, folder: Path, stem: str) -> list[Path]:
    """STEM.json, STEM.csv and STEM.png in `folder`. Raises StorageError."""
    told = json.dumps(as_dict(analysis), ensure_ascii=False, indent=1)
    parts = {
        f"{stem}.json": told.encode(),
        f"{stem}.csv": as_csv([analysis]).encode(),
        f"{stem}.png": timeline_picture.plot(analysis),
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
