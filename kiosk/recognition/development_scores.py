"""Comparison scores of development data, kept beside the weights: what thresholds mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kiosk.recognition.operating_point import DevelopmentScores

if TYPE_CHECKING:
    pass


DEVELOPMENT_FILE = "development.json"
"""Beside the manifest; written by `kiosk train calibration --development`."""


def load_scores(file: Path, name: str, sha256: str) -> DevelopmentScores | None:
    """The development scores of one model; None if there are none of just these weights."""
    try:
        kept = json.loads(file.read_text("utf-8"))[name]
    except (OSError, ValueError, KeyError):
        return None
    if kept["sha256"] != sha256:
        return None
    mated, other = (np.array(kept[key], dtype=np.float64) for key in ("mated", "other"))
    worth = float(kept["mated_worth"]), float(kept["other_worth"])
    return DevelopmentScores(int(kept["first"]), mated, other, *worth, int(kept["people"]))


def save_scores(file: Path, name: str, sha256: str, scores: DevelopmentScores) -> None:
    """Put the development scores of one model into the file; the others in it stay."""
    kept = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    kept[name] = {
        "sha256": sha256,
        "people": scores.people,
        "mated_worth": round(scores.mated_worth, 1),
        "other_worth": round(scores.other_worth, 1),
        "first": scores.first,
        "mated": [float(f"{share:.6g}") for share in scores.mated],
        "other": [float(f"{share:.6g}") for share in scores.other],
    }
    lines = (f" {json.dumps(key)}: {json.dumps(kept[key])}" for key in sorted(kept))
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
