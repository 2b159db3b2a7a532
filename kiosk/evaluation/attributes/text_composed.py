"""Composed sentences through the text estimator: denials, affirmations, irony, other languages.

They are written for the kiosk and need no recordings; what is held out taught no network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from kiosk.core.estimates import Emotion
from kiosk.core.ports.inference import TextEmotion
from kiosk.datasets import other_languages, slang_sentences
from kiosk.datasets.negated_sentences import held_out
from kiosk.evaluation.metrics.intervals import share

_SEED = 1
_IRONY = "irony, new phrase and mishap: happiness told for sure in"
_SLANG = "slang and jamo in new settings: told for sure and rightly in"
Trial: TypeAlias = tuple[str, bool]
"""The word a sentence is about, and whether what is counted happened."""


def composed_lines(estimator: TextEmotion) -> tuple[str, ...]:
    """The figures as lines of text, each with its count and 95 % interval."""
    return (*_denials(estimator), *_slang(estimator), _languages(estimator))


def _denials(estimator: TextEmotion) -> list[str]:
    found: dict[tuple[str, str, str], list[Trial]] = defaultdict(list)
    for each in held_out():
        kind = "denied" if each.denied else "affirmed"
        language = "Korean" if each.korean else "English"
        found[language, kind, each.part].append(
            (each.said, _tells(estimator, each.text, each.emotion))
        )
    return [
        f"{language}, {kind}, new {part}: the feeling told for sure in {_share(hits)}"
        for (language, kind, part), hits in sorted(found.items())
    ]


def _slang(estimator: TextEmotion) -> list[str]:
    found: dict[str, list[Trial]] = defaultdict(list)
    for each in slang_sentences.worded():
        if each.held:
            name = _IRONY if each.emotion is None else _SLANG
            hit = _tells(estimator, each.text, each.emotion or Emotion.HAPPINESS)
            found[name].append((each.text, hit))
    return [f"{name} {_share(hits)}" for name, hits in sorted(found.items())]


def _languages(estimator: TextEmotion) -> str:
    texts = other_languages.MEASURED
    guessed = [(text, estimator.estimate(text).emotion is not None) for text in texts]
    return f"sentences of other languages guessed at: {_share(guessed)}"


def _tells(estimator: TextEmotion, text: str, emotion: Emotion) -> bool:
    made = estimator.estimate(text).emotion
    return made is not None and made.sure and made.top is emotion


def _share(trials: Sequence[Trial]) -> str:
    """Words are drawn again, for sentences of one word are not independent."""
    _, word = np.unique([said for said, _ in trials], return_inverse=True)
    hits = np.array([hit for _, hit in trials])
    found = share(hits, word, int(word.max()) + 1, _SEED)
    return f"{int(hits.sum())} of {len(hits)}, {found}."
