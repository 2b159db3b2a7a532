"""`kiosk train text-emotion`: from labelled sentences to a file of weights with its calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.datasets import negated_sentences, slang_sentences
from kiosk.datasets.splits import kept_for_stopping, kept_from_text
from kiosk.datasets.text_emotions import Sentences, read_sentences, together
from kiosk.inference.text.emotion import TextEmotionNet, TextReadout, save_text_emotion
from kiosk.inference.text.language import english_words, filter_of
from kiosk.training.attributes import calibration as fit
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    begin_run,
    load_tensors,
    train,
    write_atomically,
)
from kiosk.training.text.phrases import phrases
from kiosk.training.text.recipe import (
    LearningNet,
    TextEmotionRecipe,
    TextEmotionRecipeConfig,
    logits_of,
    spelt,
)

WEIGHTS = "text-emotion.safetensors"
_LARGEST_GRADIENT = 1.0
_RIGHT = 0.85
"""What an answer given as sure has to keep, on held-out sentences: to be one of their emotions,
with at least half the largest share."""
_FEWEST_HELD = 20
_TWICE = 2
KOREAN_SHARE = 3
"""Of composed Korean sentences one in so many teaches: Korean comments are few, and would count too
little beside all of them."""


def train_text_emotion(
    data: Sequence[Path],
    options: RunOptions,
    console: Console,
    config: TextEmotionRecipeConfig | None = None,
    own: Mapping[str, Sentences] | None = None,
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves. `own` is what was written for the
    kiosk, by its kind, if not all of it.

    Raises:
        InputError: no sentences, a line that cannot be read, a folder already in use.
        ModelError: the checkpoint to resume from is damaged.
    """
    config = config or TextEmotionRecipeConfig()
    begin_run(options)
    training, held = split(read_sentences(data), config.held_out, options.seed, console)
    net = TextEmotionNet(config.net)
    for name, written in (own_sentences() if own is None else own).items():
        console.print(f"{len(written)} {name} of the kiosk's own beside them")
        training = together(training, written)
    net.known.copy_(torch.from_numpy(filter_of(known_words(training))))
    recipe = TextEmotionRecipe(LearningNet(net, config), training, held, config, options)
    outcome = train(recipe, replace(options, largest_gradient=_LARGEST_GRADIENT), console)
    net.load_state_dict(load_tensors(options.out / "best.pt"))
    path = options.out / WEIGHTS
    write_atomically(path, save_text_emotion(with_readout(net, held)))
    return path, outcome


def own_sentences() -> dict[str, Sentences]:
    """What was written for the kiosk, by its kind."""
    return {
        "Korean phrases": phrases(),
        "negations and affirmations": thinned(negated_sentences.learnt()),
        "sentences of slang, jamo and irony": thinned(slang_sentences.learnt()),
    }


def thinned(own: Sentences) -> Sentences:
    """All that is English, and one in KOREAN_SHARE of the Korean."""
    turn = np.cumsum(own.korean) % KOREAN_SHARE == 0
    return own.rows(~own.korean | turn)


def known_words(training: Sentences) -> list[str]:
    """English words of at least two sentences to learn from, and all that were composed."""
    english = zip(training.texts, training.korean, strict=True)
    counts = Counter(word for text, korean in english if not korean for word in english_words(text))
    own = together(negated_sentences.learnt(), slang_sentences.learnt())
    counts.update({word: _TWICE for text in own.texts for word in english_words(text)})
    return [word for word, count in counts.items() if count >= _TWICE]


def split(
    sentences: Sentences, share: float, seed: int, console: Console
) -> tuple[Sentences, Sentences]:
    """To train on and to hold out; comments for measuring are in neither. Raises InputError."""
    measured = sentences.korean & kept_from_text(sentences.key)
    left = np.flatnonzero(~measured)
    held = np.zeros(len(sentences), dtype=np.bool_)
    held[left] = kept_for_stopping([sentences.key[row] for row in left], share, seed, fewest=0)
    if held.sum() < _FEWEST_HELD:
        raise InputError("There are too few sentences to hold some out.", "Give more of them.")
    found = sentences.rows(~held & ~measured), sentences.rows(held)
    console.print(
        f"{len(found[0])} sentences to learn from, {len(found[1])} held out, "
        f"{int(measured.sum())} comments left for measuring"
    )
    return found


def with_readout(net: TextEmotionNet, held: Sentences) -> TextEmotionNet:
    """The network with temperatures and thresholds fitted on held-out sentences."""
    logits = logits_of(net, spelt(held.texts, net.config.buckets))
    values: dict[str, float] = {}
    for name, rows in (("english", ~held.korean), ("korean", held.korean)):
        if rows.sum() >= _FEWEST_HELD:
            values |= _language(name, logits[rows.nonzero()[0]], held.rows(rows))
    net.config = replace(net.config, readout=replace(TextReadout(), **values))
    return net


def _language(name: str, logits: Tensor, held: Sentences) -> dict[str, float]:
    """One temperature of least cross entropy with the shares, and the threshold that goes with
    it."""
    shares = logits.new_tensor(held.share).double()
    temperature = fit.temperature(
        lambda t: float(functional.cross_entropy(logits.double() / t, shares))
    )
    chances = (logits / temperature).softmax(1).numpy()
    share = held.share[np.arange(len(held)), chances.argmax(1)]
    right = share >= held.share.max(1) / 2
    return {
        f"{name}_temperature": temperature,
        f"{name}_sure": fit.sure_from(chances.max(1), right, _RIGHT),
    }
