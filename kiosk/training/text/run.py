"""`kiosk train text-emotion`: from labelled sentences to a file of weights with its calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from torch import Tensor
from torch.nn import functional

from kiosk.core.errors import InputError
from kiosk.datasets.splits import kept_for_stopping, kept_from_text
from kiosk.datasets.text_emotions import Sentences, read_sentences
from kiosk.inference.text.emotion import TextEmotionNet, TextReadout, save_text_emotion
from kiosk.training.attributes import calibration as fit
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    load_tensors,
    seed_everything,
    train,
    write_atomically,
)
from kiosk.training.text.phrases import phrases, together
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


def train_text_emotion(
    data: Sequence[Path],
    options: RunOptions,
    console: Console,
    config: TextEmotionRecipeConfig | None = None,
) -> tuple[Path, Outcome]:
    """Run the recipe and write the weights beside its curves.

    Raises:
        InputError: no sentences, a line that cannot be read, a folder already in use.
        ModelError: the checkpoint to resume from is damaged.
    """
    config = config or TextEmotionRecipeConfig()
    seed_everything(options.seed)
    training, held = split(read_sentences(data), config.held_out, options.seed, console)
    net = TextEmotionNet(config.net)
    console.print(f"{len(phrases())} Korean phrases of the kiosk's own beside them")
    training = together(training, phrases())
    recipe = TextEmotionRecipe(LearningNet(net, config), training, held, config, options)
    outcome = train(recipe, replace(options, largest_gradient=_LARGEST_GRADIENT), console)
    net.load_state_dict(load_tensors(options.out / "best.pt"))
    path = options.out / WEIGHTS
    write_atomically(path, save_text_emotion(with_readout(net, held)))
    return path, outcome


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
