"""How many photographs may get through, as a threshold on the joint score, and what it costs.

Read off the joint scores of presentations that nothing was learnt from (`PadDevelopment`, written
by `kiosk evaluate pad --development`). What happened in none of n presentations happens at most
three times in n (rule of three, 95 %): nothing better is promised, whatever is asked for.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.core.status import Odds, PadEstimate

Floats = NDArray[np.float64]

DEVELOPMENT_FILE = "pad-development.json"
"""Beside the manifest."""
PHOTOGRAPHS = frozenset({"print", "screen_still"})
FILMS = frozenset({"screen_video"})
_OBSERVED_NOTHING = 3.0
_NEVER = -1e9
_DIGITS = 3


@dataclass(frozen=True, eq=False)
class PadDevelopment:
    """Joint scores of presentations, (n,) each, ascending, and of how many people they are."""

    living: Floats
    photographs: Floats
    films: Floats
    people: int

    @property
    def supported(self) -> float:
        """One photograph in so many is the least that these data can promise."""
        return max(1.0, self.photographs.size / _OBSERVED_NOTHING)

    def threshold(self, once_in: float) -> float:
        """The least joint score at which at most one photograph in so many gets through: beyond
        what the data can tell, the least at which none of them did."""
        allowed = math.floor(self.photographs.size / once_in)
        place = self.photographs.size - allowed
        if place <= 0:
            return _NEVER
        return float(np.nextafter(self.photographs[place - 1], np.inf))

    def estimate(self, once_in: float) -> PadEstimate:
        """What a setting means."""
        at = self.threshold(once_in)
        return PadEstimate(
            once_in,
            self.supported,
            self.people,
            _odds(self.photographs >= at),
            _odds(self.films >= at),
            _odds(self.living < at),
        )


def _odds(hits: NDArray[np.bool_]) -> Odds:
    """Of a share of cases; where there were none, the most that the number of cases allows."""
    count, cases = int(hits.sum()), max(1, hits.size)
    if count == 0:
        return Odds(max(1.0, cases / _OBSERVED_NOTHING), bounded=True)
    return Odds(cases / count, bounded=False)


def models_key(*model_ids: str) -> str:
    """Which networks scores are of: a hash of their `model_id`s."""
    return hashlib.sha256("\n".join(model_ids).encode()).hexdigest()[:16]


def load_pad_development(file: Path, key: str) -> PadDevelopment | None:
    """Those of just these networks; None if there are none."""
    try:
        kept = json.loads(file.read_text("utf-8"))
        if kept["models"] != key:
            return None
        living, photographs, films = (
            np.sort(np.array(kept[name], dtype=np.float64)) for name in _PARTS
        )
        return PadDevelopment(living, photographs, films, int(kept["people"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


_PARTS = ("living", "photographs", "films")


def save_pad_development(file: Path, key: str, scores: PadDevelopment) -> None:
    """Write the scores; nobody is named in them."""
    parts = {name: np.sort(getattr(scores, name)) for name in _PARTS}
    kept = {"models": key, "people": scores.people} | {
        name: [round(float(score), _DIGITS) for score in part] for name, part in parts.items()
    }
    lines = (f" {json.dumps(name)}: {json.dumps(value)}" for name, value in kept.items())
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
