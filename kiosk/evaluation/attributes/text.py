"""Emotion from text: sentences with labels through the kiosk's own estimator.

Sentences often have several labels. In the tables a sentence counts with the emotion that has the
largest share (see `inference.text_labels`), and is left out where two have. Beside them stands the
figure that takes all labels: macro-F1 of every emotion whose probability is above a threshold
of its language and emotion, chosen on the sentences of the other half; and the same for somebody
who names every emotion each time, which many labels make look good.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import ModelError
from kiosk.core.estimates import Channel
from kiosk.datasets.collections import is_development
from kiosk.datasets.splits import kept_from_text
from kiosk.datasets.text_emotions import Marks, Sentences, read_sentences
from kiosk.evaluation.attributes.channels import AttributeRun
from kiosk.evaluation.attributes.metrics import EMOTIONS, Judged, Truth, judged
from kiosk.evaluation.attributes.text_composed import composed_lines
from kiosk.evaluation.metrics.error_rates import Floats
from kiosk.evaluation.metrics.intervals import bootstrap

SETS = ("text/goemotions_ekman_dev.tsv", "text/kote_val.tsv")
"""Of the shared recordings; of the second, only comments that were never trained on."""
_SEED = 1
_THRESHOLDS = np.arange(0.02, 0.6, 0.02)


def judge_text(run: AttributeRun) -> list[Judged]:
    """Every TSV of sentences. Raises InputError naming a line that cannot be read, ModelError."""
    found = [_judge(path, run) for path in run.paths(SETS, lambda path: path.suffix == ".tsv")]
    if found:  # of no set: said once, under the first
        from kiosk.inference.text.emotion import load_text_emotion

        lines = composed_lines(load_text_emotion(run.settings))
        found[0] = replace(found[0], notes=(*found[0].notes, *lines))
    return found


def _judge(path: Path, run: AttributeRun) -> Judged:
    from kiosk.inference.text.emotion import load_text_emotion

    estimator = load_text_emotion(run.settings)
    sentences = measured(read_sentences([path]), run.limit, development=is_development(path))
    places = run.context.track(range(len(sentences)), path.stem)
    estimates = [estimator.estimate(sentences.texts[place]) for place in places]
    told = np.array([each.emotion is not None for each in estimates])
    if not told.any():
        raise ModelError(f"No sentence of {path.name} has words.", "Give other sentences.")
    chances = np.array([e.emotion.probabilities for e in estimates if e.emotion is not None])
    notes = (*_several(chances, sentences.rows(told)), _silent(told))
    kept = _clear(sentences)
    truths = [_truth(sentences, place) for place in np.flatnonzero(kept)]
    chosen = [estimates[place] for place in np.flatnonzero(kept)]
    return judged(path.stem, Channel.TEXT, chosen, truths, notes)


def measured(sentences: Sentences, limit: int | None, *, development: bool) -> Sentences:
    """At most `limit`; of the development ones without the comments that were trained on."""
    kept = np.asarray(sentences.korean & kept_from_text(sentences.key) | ~sentences.korean)
    found = sentences.rows(kept) if development else sentences
    return found if limit is None else found.rows(np.arange(len(found)) < limit)


def _clear(sentences: Sentences) -> Marks:
    """Sentences (n,) with one largest share."""
    largest = sentences.share.max(1, keepdims=True) - 1e-9
    return np.asarray((sentences.share >= largest).sum(1) == 1)


def _truth(sentences: Sentences, place: np.int64) -> Truth:
    language = "Korean" if sentences.korean[place] else "English"
    emotion = EMOTIONS[int(sentences.share[place].argmax())]
    return Truth(sentences.key[place], emotion, groups={"language": language})


def _several(chances: Floats, sentences: Sentences) -> tuple[str, ...]:
    """The figure over all labels, as lines of text."""
    said = _above(chances, sentences.named)
    named = sentences.named
    hit = named[np.arange(len(named)), chances.argmax(1)]
    figures = {
        "macro-F1 over all labels": (said, named),
        "of naming every emotion": (np.ones_like(named), named),
    }
    lines = []
    for name, (answer, truth) in figures.items():
        found = bootstrap(
            partial(several_f1, answer, truth),
            len(named),
            len(named),
            _SEED,
        )
        lines.append(f"{name} {found.value:.3f} ({found.low:.3f}-{found.high:.3f})")
    usual = named.sum(1).mean()
    share = f"the likeliest emotion is among a sentence's ({usual:.1f} of 7) in {hit.mean():.1%}"
    return ("; ".join(lines) + f"; {share}; {len(named):,} sentences.",)


def _silent(told: NDArray[np.bool_]) -> str:
    return f"{int((~told).sum())} sentences without words, about which nothing is said."


def _above(chances: Floats, named: Marks) -> Marks:
    """(n, 7): which emotions are said, by thresholds that suit the other half best."""
    said = np.zeros_like(named)
    odd = np.arange(len(named)) % 2 == 1
    for half in (odd, ~odd):
        for kind in range(named.shape[1]):
            scores = [
                _f1(chances[~half, kind] > bar, named[~half, kind], np.ones(int((~half).sum())))
                for bar in _THRESHOLDS
            ]
            said[half, kind] = chances[half, kind] > _THRESHOLDS[int(np.argmax(scores))]
    return said


def several_f1(said: Marks, named: Marks, weight: Floats) -> float:
    """Mean F1 over the emotions that occur; `said` and `named` (n, 7), `weight` (n,)."""
    kinds = np.flatnonzero((named * weight[:, None]).sum(0) > 0)
    return float(np.mean([_f1(said[:, kind], named[:, kind], weight) for kind in kinds]))


def _f1(said: Marks, named: Marks, weight: Floats) -> float:
    both = float(weight[said & named].sum())
    either = float(weight[said].sum() + weight[named].sum())
    return 2 * both / either if either else 0.0
