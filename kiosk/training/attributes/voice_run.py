"""`kiosk train voice-attributes`: from folders of labelled voices to a file of weights.

Speakers never cross a split. Some are held out altogether. Among the others every speaker is once
left out while a network is fitted to the rest: these answers, about speakers their network has
never heard, give the figures and fit temperatures, thresholds and the interval of ages. Then one
network is fitted to all but the held-out speakers, and shipped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from kiosk.core.errors import InputError
from kiosk.core.progress import Bar
from kiosk.inference.voice.attributes import VoiceAttributeNet, VoiceReadout, save_voice_attributes
from kiosk.training.attributes import calibration as fit
from kiosk.training.attributes.voice import (
    Labels,
    VoiceAttributeRecipe,
    VoiceAttributeRecipeConfig,
    fit_scale,
    fresh_net,
    labels_of,
)
from kiosk.training.attributes.voice_data import (
    Heard,
    LabelledVoice,
    folds_of,
    hear,
    held_out_people,
    labelled_voices,
)
from kiosk.training.attributes.voice_figures import Answers, figures_of
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    begin_run,
    load_tensors,
    seed_everything,
    train,
    write_atomically,
)
from kiosk.training.voice.run import parse_source

WEIGHTS = "voice-attributes.safetensors"
FOLDS = 6
_EMOTION_RIGHT, _GENDER_RIGHT = 0.8, 0.99
"""What an answer given as sure has to keep, on speakers left out."""
_COVERAGE = 0.8
_FEWEST_SPEAKERS = 12
_FEW_AGES, _FEW_AGES_FACTOR = 100, 2.0
"""The ages of fewer people than this do not stand for everybody's: the interval is made wider."""


def train_voice_attributes(
    sources: Sequence[str],
    cache: Path,
    options: RunOptions,
    console: Console,
    config: VoiceAttributeRecipeConfig | None = None,
) -> tuple[Path, Outcome]:
    """Run the recipe; the weights, `crossed.json` and the curves are in `options.out`.

    Raises:
        InputError: no labelled recordings, too few speakers, a folder already in use.
        ModelError: GE2E is not installed, a checkpoint is damaged.
    """
    config = config or VoiceAttributeRecipeConfig()
    begin_run(options)
    voices = collect(sources, console)
    net = fresh_net(config.net)
    heard = listen(voices, net, cache, config.views, console)
    held = held_out_people(voices)
    away = np.array([voices[place].person in held for place in heard.voice])
    answers = crossed(voices, rows(heard, ~away), config, options, console)
    recipe = recipe_for(voices, heard, ~away, away & (heard.view == 0), config, options)
    outcome = train(recipe, options, console)
    figures = figures_of(answers, voices, options.seed)
    write_atomically(options.out / "crossed.json", json.dumps(figures, indent=2).encode())
    console.print_json(data=figures)
    net.load_state_dict(load_tensors(options.out / "best.pt"))
    net.config = replace(net.config, readout=readout_of(answers, voices))
    path = options.out / WEIGHTS
    write_atomically(path, save_voice_attributes(net))
    return path, outcome


def collect(sources: Sequence[str], console: Console) -> list[LabelledVoice]:
    """The labelled recordings of all sources. Raises InputError."""
    found: list[LabelledVoice] = []
    for name, folder in map(parse_source, sources):
        voices = labelled_voices(name, folder)
        people = {each.person for each in voices}
        console.print(f"{name}: {len(voices)} labelled recordings of {len(people)} speakers")
        found += voices
    if len({each.person for each in found}) < _FEWEST_SPEAKERS:
        raise InputError(
            f"There are fewer than {_FEWEST_SPEAKERS} speakers.", "Give --data of more of them."
        )
    return found


def listen(
    voices: Sequence[LabelledVoice],
    net: VoiceAttributeNet,
    cache: Path,
    views: int,
    console: Console,
) -> Heard:
    """Features of all recordings, with a bar."""
    with Bar(console, "listening", len(voices)) as bar:
        return hear(voices, net, cache, views, console.print, bar.advance)


def rows(heard: Heard, chosen: np.ndarray) -> Heard:
    """Some of the segments."""
    return Heard(heard.features[chosen], heard.voice[chosen], heard.view[chosen])


def recipe_for(
    voices: Sequence[LabelledVoice],
    heard: Heard,
    learnt: np.ndarray,
    held: np.ndarray,
    config: VoiceAttributeRecipeConfig,
    options: RunOptions,
) -> VoiceAttributeRecipe:
    """A recipe that learns from some segments and is watched on others."""
    net = fresh_net(config.net)
    some, others = rows(heard, learnt), rows(heard, held)
    fit_scale(net, some.features)
    parts = (some, labels_of(some, voices)), (others, labels_of(others, voices))
    return VoiceAttributeRecipe(net, *parts, config, options)


def crossed(
    voices: Sequence[LabelledVoice],
    heard: Heard,
    config: VoiceAttributeRecipeConfig,
    options: RunOptions,
    console: Console,
) -> Answers:
    """Raw answers about the undisturbed segments of every speaker by a network that never heard
    that speaker, averaged over the segments of a recording."""
    fold = folds_of([voices[place] for place in np.unique(heard.voice)], FOLDS)
    number = np.array([fold[voices[place].person] for place in heard.voice])
    parts: list[tuple[Heard, tuple[Tensor, Tensor, Tensor]]] = []
    for turn in range(FOLDS):
        left_out = (number == turn) & (heard.view == 0)
        if not left_out.any():
            continue
        seed_everything(options.seed)
        recipe = recipe_for(voices, heard, number != turn, left_out, config, options)
        net = fitted(recipe, options.epochs)
        some = rows(heard, left_out)
        with torch.inference_mode():
            parts.append((some, net(torch.from_numpy(some.features))))
        console.print(f"speakers left out in turn: {turn + 1} of {FOLDS} done")
    return Answers.of(parts)


def fitted(recipe: VoiceAttributeRecipe, epochs: int) -> VoiceAttributeNet:
    """The recipe's network after so many epochs, without files."""
    recipe.net.train()
    step = 0
    for epoch in range(epochs):
        for batch in recipe.batches(epoch):
            recipe.optimizer.zero_grad(set_to_none=True)
            loss, _ = recipe.loss(batch, step)
            torch.autograd.backward(loss)
            recipe.optimizer.step()
            step += 1
    recipe.net.eval()
    return recipe.shipped


def readout_of(answers: Answers, voices: Sequence[LabelledVoice]) -> VoiceReadout:
    """Temperatures, thresholds and the interval of ages from answers about speakers left out."""
    labels = answers.labels(voices)
    found = VoiceReadout()
    found = _emotion_readout(found, answers.emotion, labels)
    sexed = labels.male >= 0
    if sexed.any():
        truth, logit = labels.male[sexed], answers.male[sexed]
        warm = fit.binary_temperature(logit, truth)
        chance = torch.sigmoid(logit / warm)
        top = torch.maximum(chance, 1 - chance).numpy()
        right = ((chance >= 0.5) == (truth == 1)).numpy()
        sure = fit.sure_from(top, right, _GENDER_RIGHT)
        found = replace(found, gender_temperature=warm, gender_sure=sure)
    aged = labels.age >= 0
    if aged.any():
        off = (answers.age[aged] - labels.age[aged]).abs()
        known = {voices[place].person for place in answers.voice[aged.numpy()]}
        wider = _FEW_AGES_FACTOR if len(known) < _FEW_AGES else 1.0
        found = replace(found, age_margin=wider * float(torch.quantile(off, _COVERAGE)))
    return found


def _emotion_readout(found: VoiceReadout, logits: Tensor, labels: Labels) -> VoiceReadout:
    felt = labels.emotion >= 0
    if not felt.any():
        return found
    truth = labels.emotion[felt]
    warm = fit.class_temperature(logits[felt], truth)
    chances = (logits[felt] / warm).softmax(1)
    right = (chances.argmax(1) == truth).numpy()
    sure = fit.sure_from(chances.max(1).values.numpy(), right, _EMOTION_RIGHT)
    return replace(found, emotion_temperature=warm, emotion_sure=sure)
