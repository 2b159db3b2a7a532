"""Figures about speakers left out in turn, with intervals that draw speakers again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kiosk.training.attributes.voice import Labels
from kiosk.training.attributes.voice_data import EMOTIONS, Heard, LabelledVoice

DRAWS = 400
_NOTHING = torch.zeros(0)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """Of recordings: `voice` (n,) its place; `emotion` (n, 7) and `male` (n,) logits, `age` (n,)
    years."""

    voice: NDArray[np.int64]
    emotion: Tensor
    age: Tensor
    male: Tensor

    @staticmethod
    def of(parts: Sequence[tuple[Heard, tuple[Tensor, Tensor, Tensor]]]) -> Answers:
        """The mean over the segments of each recording."""
        segment = np.concatenate([heard.voice for heard, _ in parts])
        voice, place = np.unique(segment, return_inverse=True)
        share = torch.zeros(len(voice), len(segment))
        share[torch.from_numpy(place), torch.arange(len(segment))] = 1.0
        share /= share.sum(1, keepdim=True)
        emotion, age, male = (torch.cat([found[n] for _, found in parts]) for n in range(3))
        return Answers(voice, share @ emotion, share @ age, share @ male)

    def labels(self, voices: Sequence[LabelledVoice]) -> Labels:
        """What is true of the recordings."""
        own = [voices[place] for place in self.voice]
        return Labels(
            torch.tensor([each.emotion for each in own]),
            torch.tensor([each.male for each in own]),
            torch.tensor([each.age for each in own]),
            _NOTHING,
        )


def figures_of(answers: Answers, voices: Sequence[LabelledVoice], seed: int) -> dict[str, Any]:
    """By collection: recall over the seven emotions and over those that occur there, share of
    right genders, mean error of age; each with its 95 % interval and its numbers."""
    labels = answers.labels(voices)
    collection = np.array([voices[place].collection for place in answers.voice])
    person = np.array([voices[place].person for place in answers.voice])
    found: dict[str, Any] = {}
    for name in ("all", *sorted(set(collection))):
        here = (collection == name) | (name == "all")
        found[name] = {
            "emotion": _emotion(answers, labels, person, here, seed) if name != "all" else None,
            "gender": _gender(answers, labels, person, here, seed),
            "age": _age(answers, labels, person, here, seed),
        }
    return found


def _emotion(
    answers: Answers, labels: Labels, person: NDArray[np.str_], here: NDArray[np.bool_], seed: int
) -> dict[str, Any] | None:
    rows = here & (labels.emotion >= 0).numpy()
    if not rows.any():
        return None
    truth = labels.emotion[rows].numpy()
    kinds = np.unique(truth)
    logits = answers.emotion[rows].numpy()
    among = np.full(len(EMOTIONS), -np.inf)
    among[kinds] = 0.0
    figures: dict[str, Any] = {"classes": len(kinds)}
    for name, scores in (("recall_of_7", logits), ("recall_of_those", logits + among)):
        said = scores.argmax(1)

        def recall(weight: Floats, said: NDArray[np.int64] = said) -> float:
            shares = [
                float(np.average(said[truth == kind] == kind, weights=weight[truth == kind]))
                for kind in kinds
                if weight[truth == kind].sum() > 0
            ]
            return float(np.mean(shares))

        figures[name] = _with_interval(recall, person[rows], seed)
    return figures


def _gender(
    answers: Answers, labels: Labels, person: NDArray[np.str_], here: NDArray[np.bool_], seed: int
) -> dict[str, Any] | None:
    rows = here & (labels.male >= 0).numpy()
    if not rows.any():
        return None
    right = ((answers.male > 0) == (labels.male == 1)).numpy()[rows].astype(float)
    return _with_interval(
        lambda weight: float(np.average(right, weights=weight)), person[rows], seed
    )


def _age(
    answers: Answers, labels: Labels, person: NDArray[np.str_], here: NDArray[np.bool_], seed: int
) -> dict[str, Any] | None:
    rows = here & (labels.age >= 0).numpy()
    if not rows.any():
        return None
    off = (answers.age - labels.age).abs().numpy()[rows].astype(float)
    return _with_interval(lambda weight: float(np.average(off, weights=weight)), person[rows], seed)


def _with_interval(
    figure: Callable[[Floats], float], person: NDArray[np.str_], seed: int
) -> dict[str, Any]:
    """Value, its 95 % interval over speakers drawn again, recordings and speakers."""
    names, place = np.unique(person, return_inverse=True)
    rng = np.random.default_rng(seed)

    def again() -> Floats:
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        return times[place].astype(np.float64)

    drawn = [figure(again()) for _ in range(DRAWS)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return {
        "value": round(figure(np.ones(len(person))), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "recordings": len(person),
        "speakers": len(names),
    }
