"""`kiosk train voice`: from folders of recordings to a file of weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from kiosk.core.errors import InputError
from kiosk.core.progress import Bar
from kiosk.inference.voice.networks.campplus import load_camplus
from kiosk.inference.voice.networks.own import VoiceNet, save_voice_net
from kiosk.training.loop import (
    Outcome,
    RunOptions,
    begin_run,
    choose_device,
    load_tensors,
    train,
    write_atomically,
)
from kiosk.training.voice.backend import cohort_of, install, mood_vectors, paired_vectors
from kiosk.training.voice.batches import PairedCrops, Person
from kiosk.training.voice.data import Recording, VoiceCache, build_cache, find_recordings
from kiosk.training.voice.distillation import TaughtConfig, TaughtRecipe
from kiosk.training.voice.distillation_data import (
    DistillationSet,
    build_lessons,
    find_loose,
    plan_lessons,
)
from kiosk.training.voice.recipe import VoiceConfig, VoiceRecipe, fresh_net

WEIGHTS = "voice-own.safetensors"


@dataclass(frozen=True)
class VoiceSources:
    """What a run learns from.

    `start` are weights of an earlier run to go on from, instead of a new convolution branch;
    `teacher` is the published file of CAM++, without which speakers are learnt as classes; `loose`
    are collections for the teacher alone, each of whose recordings is somebody else's.
    """

    data: Sequence[str]
    cache: Path
    start: Path | None = None
    teacher: Path | None = None
    loose: Sequence[str] = ()


def parse_source(text: str) -> tuple[str, Path]:
    """``NAME=FOLDER`` or ``FOLDER``, whose own name then names the collection."""
    name, separator, folder = text.partition("=")
    if separator and name and "/" not in name:
        return name, Path(folder)
    return Path(text).name, Path(text)


def collect(sources: Sequence[str], console: Console) -> list[Recording]:
    """The recordings of all sources. Raises InputError for none or two of one name."""
    if not sources:
        raise InputError("There is nothing to train on.", "Give --data once for each collection.")
    named = [parse_source(text) for text in sources]
    if len({name for name, _ in named}) < len(named):
        raise InputError("Two collections have one name.", "Write --data NAME=FOLDER.")
    found: list[Recording] = []
    for name, folder in named:
        recordings = find_recordings(name, folder)
        people = {(each.collection, each.speaker) for each in recordings}
        console.print(f"{name}: {len(recordings)} recordings of {len(people)} speakers")
        found += recordings
    return found


def make_cache(recordings: Sequence[Recording], folder: Path, console: Console) -> VoiceCache:
    """Mel bands of all recordings, with a bar; says at the end what was left out."""
    with Bar(console, "reading recordings", len(recordings)) as bar:
        cache = build_cache(recordings, folder, console.print, bar.advance)
    console.print(f"{len(cache.entries)} recordings, {len(cache.skipped)} left out")
    return cache


def train_voice(
    sources: VoiceSources,
    options: RunOptions,
    console: Console,
    config: VoiceConfig | None = None,
    taught: TaughtConfig | None = None,
) -> tuple[Path, Outcome]:
    """Run the recipe, join the branches and write the weights beside the curves.

    Raises:
        InputError: no recordings, too few speakers, a folder already in use.
        ModelError: GE2E is not installed, the teacher or a checkpoint is damaged.
    """
    config = config or VoiceConfig()
    device = choose_device(options.device)
    begin_run(options)
    recordings = collect(sources.data, console)
    cache = make_cache(recordings, sources.cache, console)
    net = fresh_net(config.net, sources.start)
    numbers: dict[str, Any] = {"epochs": options.epochs, "seed": options.seed, "device": device}
    recipe: VoiceRecipe | TaughtRecipe
    if sources.teacher is None:
        recipe = VoiceRecipe(net, cache, config, **numbers)
    else:
        distillation_set = make_lessons(recordings, sources, options.seed, console)
        recipe = TaughtRecipe(net, distillation_set, cache, taught or TaughtConfig(), **numbers)
    outcome = train(recipe, options, console)
    net = fresh_net(config.net, sources.start)
    net.load_state_dict(load_tensors(options.out / "best.pt"))
    return finish(net, cache, recipe.training, config, options, console), outcome


def make_lessons(
    recordings: Sequence[Recording], sources: VoiceSources, seed: int, console: Console
) -> DistillationSet:
    """What the teacher says of everybody outside the held-out people, with a bar."""
    assert sources.teacher is not None
    loose = [one for each in sources.loose for one in find_loose(*parse_source(each))]
    plan = plan_lessons(recordings, loose, seed)
    teacher = load_camplus(sources.teacher)
    with Bar(console, "asking the teacher", len(plan)) as bar:
        distillation_set = build_lessons(plan, sources.cache, teacher, console.print, bar.advance)
    console.print(f"{len(distillation_set)} lessons, {len(distillation_set.skipped)} left out")
    return distillation_set


def finish(
    net: VoiceNet,
    cache: VoiceCache,
    people: set[Person],
    config: VoiceConfig,
    options: RunOptions,
    console: Console,
) -> Path:
    """Fit what joins the branches on the training people and write the weights."""
    console.print("joining the branches ...")
    crops = PairedCrops(cache, people, config.analysis_evenness, options.seed)
    net = net.to(torch.device("cpu"))
    speech = paired_vectors(
        net,
        crops,
        config.augment,
        count=config.analysis_crops,
        lengths=config.analysis_frames,
        seed=options.seed,
    )
    moods = mood_vectors(net, cache, people, frames=300)
    install(
        net,
        speech,
        moods,
        shrink=config.shrink,
        mood_weight=config.mood_weight,
        convolution_weight=config.convolution_weight,
    )
    path = options.out / WEIGHTS
    write_atomically(path, save_voice_net(net, cohort_of(net, speech, options.seed)))
    return path
