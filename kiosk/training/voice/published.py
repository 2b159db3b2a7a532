"""CAM++ as published becomes a file of the kiosk: folded, and told what in a voice is its mood.

Nothing of the network is learnt anew. What is learnt is how one person's vectors vary with their
mood: the covariance within people, averaged over people and collections, and a part of a sphere
beside it. Its inverse root is put into the last layer, so that what moods change counts less
(within-class covariance normalisation; Hatch, Kajarekar and Stolcke, Interspeech 2006). Half of the
people of each collection teach it; the other half is left for the calibration. The cohort is of
other people: centroids of several of them, nobody's template.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console

from kiosk.core.errors import InputError
from kiosk.core.media import SPEECH_RATE, Waveform
from kiosk.core.progress import Bar
from kiosk.datasets.splits import Half, half_of
from kiosk.inference.voice.networks.campplus import load_camplus
from kiosk.inference.voice.networks.folded_campplus import FoldedCamPlus, fold, save_folded
from kiosk.training.face.cohort import centroids
from kiosk.training.loop import write_atomically
from kiosk.training.voice.backend import FEWEST_SPEAKERS, Floats, unit
from kiosk.training.voice.data import Recording, held_out_people, read_sound
from kiosk.training.voice.distillation_data import plan_lessons
from kiosk.training.voice.run import collect

WEIGHTS = "voice-campplus.safetensors"
MOOD_SHARE = 0.3
"""Of the covariance within people beside the sphere; chosen by leaving thirds of the people out."""
_FEWEST = 3
"""Recordings of a person from which a covariance is made."""
MOST_HEARD = 1200
"""Stretches of speech for the cohort, drawn by the seed."""
_VECTORS_A_CENTROID = 8
_LONGEST = 3 * SPEECH_RATE
_SHORTEST = SPEECH_RATE // 2
_QUIET_DB = 30.0
_BLOCK = SPEECH_RATE // 40


def adopt(
    published: Path,
    moods: Sequence[str],
    others: Sequence[str],
    out: Path,
    console: Console,
    seed: int = 1,
) -> Path:
    """Write the weights into the folder `out`; the cohort is of people of the collections `others`.

    Raises:
        InputError: nobody with several recordings, or too few people for a cohort.
        ModelError: the published file is missing or damaged.
    """
    net = fold(load_camplus(published))
    within = within_people(net, teachers(collect(moods, console)), console)
    install(net, within)
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / WEIGHTS, save_folded(net, cohort_of(net, others, seed, console)))
    return out / WEIGHTS


def teachers(recordings: Sequence[Recording]) -> list[Recording]:
    """Of the half to report on of those who may be learnt from; the calibration uses the other."""
    held = held_out_people(recordings)
    return [
        each
        for each in recordings
        if (each.collection, each.speaker) not in held
        and half_of(each.collection, each.speaker) is Half.REPORT
    ]


def within_people(net: FoldedCamPlus, recordings: Sequence[Recording], console: Console) -> Floats:
    """Covariance (dims, dims) of unit vectors within people; collections and people count alike.

    Raises InputError where nobody was recorded often enough.
    """
    heard: dict[str, dict[str, list[Floats]]] = {}
    with Bar(console, "listening", len(recordings)) as bar:
        for each in recordings:
            bar.advance()
            vector = _vector(net, (each.file,))
            if vector is not None:
                own = heard.setdefault(each.collection, {}).setdefault(each.speaker, [])
                own.append(vector)
    collections = [
        [np.cov(np.stack(own).T) for own in people.values() if len(own) >= _FEWEST]
        for people in heard.values()
    ]
    found = [np.mean(each, axis=0) for each in collections if each]
    if not found:
        raise InputError("Nobody was recorded in several moods.", "Give other collections.")
    return np.asarray(np.mean(found, axis=0), dtype=np.float64)


def cohort_of(
    net: FoldedCamPlus, collections: Sequence[str], seed: int, console: Console
) -> torch.Tensor:
    """Unit centroids (k, dims) of some of these people, each of FEWEST_SPEAKERS or more.

    Raises InputError where there are too few.
    """
    plan = [e for e in plan_lessons(collect(collections, console), [], seed) if e.tempo == (1, 1)]
    rows: list[Floats] = []
    people: list[str] = []
    with Bar(console, "listening to others", len(plan[:MOST_HEARD])) as bar:
        for each in plan[:MOST_HEARD]:
            bar.advance()
            vector = _vector(net, each.files)
            if vector is not None:
                rows.append(vector)
                people.append(f"{each.collection}/{each.speaker}")
    return centroids_of(np.array(rows), np.array(people), seed)


def centroids_of(rows: Floats, people: NDArray[np.str_], seed: int) -> torch.Tensor:
    """Of unit vectors (n, dims) of these people (n,). Raises InputError where there are too few."""
    vectors = torch.from_numpy(rows).float()
    count = max(1, len(rows) // _VECTORS_A_CENTROID)
    found = centroids(vectors, count, seed, FEWEST_SPEAKERS) if len(rows) else vectors
    if not len(found):
        raise InputError("There are too few people for a cohort.", "Give other collections too.")
    nearest = (vectors @ found.T).argmax(1).numpy()
    sizes = [np.unique(people[nearest == number]).size for number in range(len(found))]
    return found[torch.tensor(sizes) >= FEWEST_SPEAKERS]


def _vector(net: FoldedCamPlus, files: Sequence[str]) -> Floats | None:
    """Of the speech of these recordings, None where there is too little."""
    parts: list[Waveform] = []
    for file in files:
        with suppress(InputError):
            parts.append(trimmed(read_sound(Path(file))))
        if sum(map(len, parts)) >= _LONGEST:
            break
    speech = np.concatenate(parts)[:_LONGEST] if parts else np.empty(0, np.float32)
    if len(speech) < _SHORTEST:
        return None
    with torch.inference_mode():
        vector = net(net.bands(torch.from_numpy(speech))[None])
    found: Floats = unit(vector.double().numpy())[0]
    return found


def trimmed(sound: Waveform) -> Waveform:
    """Without the quiet before and after."""
    whole = sound[: len(sound) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    level = 10 * np.log10(np.square(whole).mean(1) + 1e-10)
    loud = np.flatnonzero(level > np.quantile(level, 0.95) - _QUIET_DB)
    found = sound[loud[0] * _BLOCK : (loud[-1] + 1) * _BLOCK] if loud.size else sound
    return np.ascontiguousarray(found, dtype=np.float32)


def install(net: FoldedCamPlus, within: NDArray[np.float64]) -> None:
    """Put the inverse root into the last layer."""
    size = len(within)
    regular = MOOD_SHARE * within * size / np.trace(within) + (1 - MOOD_SHARE) * np.eye(size)
    values, vectors = np.linalg.eigh(regular)
    root = torch.from_numpy((vectors * values**-0.5) @ vectors.T).float()
    with torch.no_grad():
        net.dense.weight.copy_(root @ net.dense.weight)
        net.dense.bias.copy_(root @ net.dense.bias)
