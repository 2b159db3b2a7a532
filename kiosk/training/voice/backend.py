"""What joins the branches after training: discriminant analysis, quality, measuring.

The projection is a linear discriminant analysis of the training speakers' disturbed speech; the
quality is a logistic regression on the length of the projected vector: it foretells whether a
sample lies nearer to its own speaker than to every other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import eigh
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn import functional as F

from kiosk.inference.voice.networks.own import VoiceNet
from kiosk.training.face.cohort import centroids
from kiosk.training.voice.augment import AugmentConfig, disturb
from kiosk.training.voice.batches import PairedCrops, Person
from kiosk.training.voice.data import VoiceCache

Floats = NDArray[np.float64]
_BATCH = 64
_CROPS_A_CENTROID = 8
FEWEST_SPEAKERS = 3
"""A centroid of fewer would come too near to a person's own template and is left out."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """Mean (joined,) and projection (joined, dims)."""

    mean: Floats
    projection: Floats

    def apply(self, vectors: NDArray[np.floating]) -> Floats:
        """(n, joined) to (n, dims), not of length one."""
        return np.asarray((vectors - self.mean) @ self.projection, dtype=np.float64)


def unit(vectors: NDArray[np.floating]) -> Floats:
    """Rows brought to length one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float64)


def pair_eer(
    vectors: NDArray[np.floating], speakers: Sequence[str], conditions: Sequence[str]
) -> float:
    """Equal error rate in percent over all pairs; one speaker's pairs only across conditions,
    where conditions are known."""
    rows = unit(vectors)
    first, second = np.triu_indices(len(rows), 1)
    names, moods = np.asarray(speakers), np.asarray(conditions)
    same = names[first] == names[second]
    kept = ~(same & (moods[first] == moods[second]) & (moods[first] != ""))
    scores, same = (rows @ rows.T)[first, second][kept], same[kept]
    return equal_error_rate(scores[same], scores[~same])


def equal_error_rate(mated: Floats, other: Floats) -> float:
    """Percent at the threshold where both errors are nearest to each other."""
    if not len(mated) or not len(other):
        return float("nan")
    thresholds = np.sort(np.concatenate((mated, other)))
    missed = np.searchsorted(np.sort(mated), thresholds, side="left") / len(mated)
    accepted = 1.0 - np.searchsorted(np.sort(other), thresholds, side="left") / len(other)
    nearest = int(np.argmin(np.abs(missed - accepted)))
    return float(50.0 * (missed[nearest] + accepted[nearest]))


@dataclass(frozen=True, eq=False)
class Rows:
    """Joined vectors (n, joined) and whose each is (n,)."""

    vectors: Floats
    labels: NDArray[np.int64]

    def weighted(self, weights: Floats) -> Rows:
        """The same people, each dimension multiplied by its weight (joined,)."""
        return Rows(self.vectors * weights, self.labels)

    def within(self) -> Floats:
        """Covariance within people, (joined, joined)."""
        centres, _, place = self._centres()
        rest = self.vectors - centres[place]
        return np.asarray(rest.T @ rest / max(1, len(rest) - len(centres)), dtype=np.float64)

    def between(self) -> Floats:
        """Covariance of people's centres about the mean of all, (joined, joined)."""
        centres, counts, _ = self._centres()
        offset = centres - self.vectors.mean(0)
        spread = (offset * counts[:, None]).T @ offset / len(self.vectors)
        return np.asarray(spread, dtype=np.float64)

    def _centres(self) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
        _, place = np.unique(self.labels, return_inverse=True)
        counts = np.bincount(place)
        sums = np.zeros((len(counts), self.vectors.shape[1]))
        np.add.at(sums, place, self.vectors)
        return sums / counts[:, None], counts, np.asarray(place, dtype=np.int64)


def discriminant_analysis(
    speech: Rows, dims: int, shrink: float, moods: Sequence[Rows] = (), mood_weight: float = 0.0
) -> Analysis:
    """Directions in which speakers differ most for how much one speaker varies.

    ``moods`` are collections in which people speak in several emotions: their mean covariance
    within people is added with ``mood_weight``, because ordinary speech hardly shows how one
    voice changes with its mood. ``shrink`` moves the covariance within speakers towards a sphere
    (0..1). The projection has at most ``dims`` directions.
    """
    within = speech.within()
    if moods and mood_weight:
        within = within + mood_weight * np.mean([each.within() for each in moods], axis=0)
    sphere = np.trace(within) / len(within) * np.eye(len(within))
    regular = (1 - shrink) * within + shrink * sphere
    last = len(within) - 1
    chosen = (max(0, last + 1 - dims), last)
    _, directions = eigh(speech.between(), regular, subset_by_index=chosen)
    return Analysis(speech.vectors.mean(0), np.asarray(directions[:, ::-1], dtype=np.float64))


def nearest_is_own(projected: Floats, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each row is nearer to the centre of its speaker's other rows than to any other
    speaker's centre. (n, dims) and (n,) to (n,)."""
    rows = unit(projected)
    _, place = np.unique(labels, return_inverse=True)
    sums = np.zeros((int(place.max()) + 1, rows.shape[1]))
    np.add.at(sums, place, rows)
    scores = rows @ unit(sums).T
    own = np.einsum("nd,nd->n", rows, unit(sums[place] - rows))
    scores[np.arange(len(rows)), place] = -np.inf
    return np.asarray(own > scores.max(1))


def fit_quality(projected: Floats, labels: NDArray[np.int64]) -> tuple[float, float]:
    """Slope and offset of the log-odds, over the length of a projected vector, that its nearest
    centre is its own speaker's."""
    right = nearest_is_own(projected, labels)
    if right.all() or not right.any():
        return 1.0, 0.0
    lengths = np.linalg.norm(projected, axis=1, keepdims=True)
    fitted = LogisticRegression(C=1e6).fit(lengths, right)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def install(
    net: VoiceNet,
    speech: Rows,
    moods: Sequence[Rows],
    *,
    shrink: float,
    mood_weight: float,
    convolution_weight: float = 1.0,
) -> None:
    """Fit analysis and quality and put them into ``net``.

    The projection is scaled so that vectors have length one on average.
    """
    weights = np.ones(net.config.joined)
    weights[-net.config.branch_dims :] = convolution_weight
    analysis = discriminant_analysis(
        speech.weighted(weights),
        net.config.dims,
        shrink,
        [each.weighted(weights) for each in moods],
        mood_weight,
    )
    # the network's own vectors are not weighted: the projection does it
    analysis = Analysis(speech.vectors.mean(0), weights[:, None] * analysis.projection)
    scale = float(np.linalg.norm(analysis.apply(speech.vectors), axis=1).mean())
    analysis = Analysis(analysis.mean, analysis.projection / scale)
    slope, offset = fit_quality(analysis.apply(speech.vectors), speech.labels)
    with torch.no_grad():
        net.mean.copy_(torch.from_numpy(analysis.mean))
        net.projection.copy_(torch.from_numpy(analysis.projection))
        net.quality.copy_(torch.tensor([slope, offset]))


def cohort_of(
    net: VoiceNet, speech: Rows, seed: int, fewest_speakers: int = FEWEST_SPEAKERS
) -> Tensor:
    """Unit centroids (k, dims) of training speech, for `kiosk.core.cohort.Cohort`.

    Each stands for several crops of at least ``fewest_speakers`` people, so that none comes near
    to anybody's own template.
    """
    projected = net.project(torch.from_numpy(speech.vectors).float())
    rows = F.normalize(projected, dim=1)
    found = centroids(rows, max(1, len(rows) // _CROPS_A_CENTROID), seed)
    nearest = (rows @ found.T).argmax(1).numpy()
    speakers = [np.unique(speech.labels[nearest == number]).size for number in range(len(found))]
    return found[torch.tensor(speakers) >= fewest_speakers]


def paired_vectors(
    net: VoiceNet,
    crops: PairedCrops,
    augment: AugmentConfig,
    *,
    count: int,
    lengths: Sequence[int],
    seed: int,
) -> Rows:
    """Joined vectors of training speech, batches of each of ``lengths`` frames in turn, three of
    four of them disturbed.

    Both kinds of bands of a crop go through the same disturbance.
    """
    net.eval()
    vectors, labels = [], []
    for number in range(-(-count // _BATCH)):
        frames = lengths[number % len(lengths)]
        drawn = [crops.draw(frames) for _ in range(_BATCH)]
        kinds = ([mel for mel, _, _ in drawn], [linear for _, linear, _ in drawn])
        powers = [torch.pow(10.0, torch.stack(each) / 10.0) for each in kinds]
        if number % 4:
            powers = [_disturbed(power, augment, seed + number) for power in powers]
        with torch.inference_mode():
            both = (net.recall(powers[1]), net.listen(powers[0]))
            vectors.append(torch.cat(both, dim=1).double().numpy())
        labels += [each[2] for each in drawn]
    return Rows(np.concatenate(vectors)[:count], np.array(labels[:count], np.int64))


def mood_vectors(net: VoiceNet, cache: VoiceCache, people: set[Person], frames: int) -> list[Rows]:
    """For each collection with known emotions, the joined vectors of the first ``frames`` of its
    people's recordings."""
    net.eval()
    found: dict[str, tuple[list[Floats], list[str]]] = {}
    for entry in cache.entries:
        recording = entry.recording
        person = (recording.collection, recording.speaker)
        if not recording.emotion or entry.linear is None or person not in people:
            continue
        powers = [
            cache.power(*entry.mel)[:frames],
            cache.power(*entry.linear, linear=True)[:frames],
        ]
        with torch.inference_mode():
            vector = net.joined(powers[0], powers[1]).double().numpy()
        group = found.setdefault(recording.collection, ([], []))
        group[0].append(vector)
        group[1].append(recording.speaker)
    return [
        Rows(np.stack(vectors), np.unique(names, return_inverse=True)[1].astype(np.int64))
        for vectors, names in found.values()
    ]


def _disturbed(power: Tensor, augment: AugmentConfig, seed: int) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return disturb(power, augment)
