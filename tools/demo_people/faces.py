"""Faces of nobody: many aligned pictures of a group mixed, then pushed away from its mean.

A face is a shape (86 landmarks) and a texture (a picture warped onto the group's mean shape).
Sources are chosen along a random direction of the group's joint principal components, so that a
composite of many keeps a character of its own; the mix is exaggerated and perturbed with random
coefficients, so that it is no plain average and near none of its sources.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from sources import Image, Shape, Source

Floats = NDArray[np.float32]

MOST_SOURCES = 200
"""Of one group: those with the fewest flaws."""
CANVAS = 416
"""Side of the square a texture is kept in."""
FACE_WIDTH = 236.0
"""Pixels between points 5 and 17 (before the ears) in that square."""
CONTOUR = list(range(22))


def mirror_order() -> list[int]:
    """Which landmark takes the place of each when the face is seen in a mirror."""
    order = [(22 - i) % 22 for i in range(22)]
    order += [36, 35, 34, 33, 32, 41, 40, 39, 38, 37, 26, 25, 24, 23, 22, 31, 30, 29, 28, 27]
    order += [54, 53, 52, 51, 50, 57, 56, 55, 46, 45, 44, 43, 42, 49, 48, 47, 59, 58]
    return [*order, *range(72, 59, -1), *range(79, 72, -1), *range(85, 79, -1)]


MIRROR = mirror_order()
EVEN = 0.75
"""How far a composite's shape is made symmetric: what is left of turned heads goes."""


def similarity(points: Shape, target: Shape) -> NDArray[np.float64]:
    """The (2, 3) least-squares similarity that carries points onto target."""
    a, b = points - points.mean(0), target - target.mean(0)
    norm = (a**2).sum()
    c, s = (a * b).sum() / norm, (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / norm
    turn = np.array([[c, -s], [s, c]])
    return np.hstack([turn, (target.mean(0) - turn @ points.mean(0))[:, None]])


def moved(points: Shape, matrix: NDArray[np.float64]) -> Shape:
    """Points under an affine (2, 3) matrix."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def mean_shape(shapes: list[Shape]) -> Shape:
    """Procrustes mean, upright, symmetric-sized to FACE_WIDTH and centred in the canvas."""
    mean = shapes[0]
    for _ in range(4):
        mean = np.mean([moved(s, similarity(s, mean)) for s in shapes], 0)
        mean = mean * (FACE_WIDTH / np.linalg.norm(mean[17] - mean[5]))
        mean = mean - mean[CONTOUR].mean(0) + CANVAS / 2
    return mean.astype(np.float32)


def rim(points: Shape, margin: float = 1.12) -> Shape:
    """Points with a ring a little outside the contour: the contour itself is inside the mesh."""
    centre = points[CONTOUR].mean(0)
    return np.vstack([points, centre + (points[CONTOUR] - centre) * margin]).astype(np.float32)


class Mesh:
    """Carries pictures from any shape to one fixed shape, triangle by triangle, in one remap."""

    def __init__(self, shape: Shape, side: int = CANVAS) -> None:
        self.shape, self.side = shape, side
        self._rimmed = rim(shape)
        self._triangles = Delaunay(self._rimmed)
        grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2)
        self._which = self._triangles.find_simplex(grid)
        self._inside = self._which >= 0
        where = self._triangles.transform[self._which]
        two = np.einsum("nij,nj->ni", where[:, :2], grid - where[:, 2])
        self._weights = np.hstack([two, 1 - two.sum(1, keepdims=True)])
        self._corners = self._triangles.simplices[self._which]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(side, side): covered by the mesh."""
        return self._inside.reshape(self.side, self.side)

    def pull(self, image: NDArray[np.generic], points: Shape) -> Floats:
        """The picture that has its landmarks at `points`, redrawn so that they lie at `shape`."""
        at = (rim(points)[self._corners] * self._weights[..., None]).sum(1)
        at[~self._inside] = -9
        at = at.reshape(self.side, self.side, 2).astype(np.float32)
        flags = {"interpolation": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT_101}
        return np.asarray(cv2.remap(image.astype(np.float32), at, None, **flags), np.float32)


@dataclass(frozen=True, eq=False)
class Face:
    """A composite: picture (CANVAS, CANVAS, 3) BGR float 0..255 with its landmarks (86, 2)."""

    texture: Floats
    points: Shape
    used: tuple[str, ...]
    """Names of the sources mixed into it."""
    pool: tuple[str, ...] = ()
    """Names of all sources of its group."""


def patch(image: Image, points: Shape, at: list[int], pull: float = 0.2) -> Floats:
    """Median colours around some landmarks, drawn `pull` of the way to the face's middle."""
    centre = points.mean(0)
    cells = []
    for point in points[at] + (centre - points[at]) * pull:
        x, y = np.clip(point.astype(int), 6, np.array(image.shape[1::-1]) - 7)
        cells.append(np.median(image[y - 5 : y + 6, x - 5 : x + 6].reshape(-1, 3), 0))
    return np.array(cells, np.float32)


def flaws(source: Source) -> float:
    """How far a picture is from frontal, even light, forehead seen, mouth closed, in colour.

    0 is ideal, about 1 each thing at the edge of use; infinite where landmarks lie outside.
    """
    p, image = source.points, source.image
    size = np.array(image.shape[1::-1])
    if p[4:19].min() < 0 or p.min() < -0.2 * size[0] or (p.max(0) > 1.02 * size).any():
        return float("inf")
    width = np.linalg.norm(p[17] - p[5])
    turned = abs(np.linalg.norm(p[66] - p[5]) - np.linalg.norm(p[66] - p[17])) / width
    cheeks = patch(image, p, [6, 16], 0.35)
    brow = patch(image, p, [1, 0, 21, 3, 19], 0.22)
    light = abs(cheeks[0] - cheeks[1]).mean()
    covered = float(abs(brow - cheeks.mean(0)).mean(1).max())
    mouth = (p[82, 1] - p[76, 1]) / np.linalg.norm(p[73] - p[79])
    grey = max(0.0, 14 - float(np.ptp(cheeks.mean(0)))) / 6
    terms = [turned / 0.08, light / 22, covered / 45, max(0.0, mouth - 0.28) / 0.10, grey]
    return float(np.sum(np.square(terms)))


class Group:
    """The clear pictures of one group, aligned; principal components of shape and texture."""

    def __init__(self, sources: list[Source], components: int = 24) -> None:
        marks = np.array([flaws(s) for s in sources])
        limit = min(MOST_SOURCES, len(sources) * 2 // 3)
        self.sources = [sources[i] for i in np.argsort(marks)[:limit] if np.isfinite(marks[i])]
        self.mean = mean_shape([s.points for s in self.sources])
        self.mesh = Mesh(self.mean)
        self.shapes = np.array(
            [moved(s.points, similarity(s.points, self.mean)) for s in self.sources]
        )
        self.textures = np.array([self.mesh.pull(s.image, s.points) for s in self.sources])
        self._match_colours()
        self.mean_texture = np.mean(self.textures, 0)
        self._tame()
        self._components(components)

    def _match_colours(self) -> None:
        """Gives every texture the group's mean colour, so that mixing does not blotch."""
        inside = self.mesh.inside
        means = np.array([t[inside].mean(0) for t in self.textures])
        spread = np.array([t[inside].std() for t in self.textures])
        for texture, mean, width in zip(self.textures, means, spread, strict=True):
            texture -= mean
            texture *= float(np.clip(np.median(spread) / width, 0.7, 1.4))
            texture += np.median(means, 0)

    def _tame(self) -> None:
        """Draws in what lies far from the group at a pixel: glasses, hair on the brow, glare."""
        limit = 1.7 * np.std(self.textures, 0)
        for texture in self.textures:
            away = texture - self.mean_texture
            texture += np.clip(away, -limit, limit) - away

    def _components(self, count: int) -> None:
        small = np.array(
            [cv2.resize(t, (52, 52), interpolation=cv2.INTER_AREA) for t in self.textures]
        )
        shape, look = (
            x.reshape(len(x), -1) - x.reshape(len(x), -1).mean(0) for x in (self.shapes, small)
        )
        joint = np.hstack(
            [shape / shape.std(), look / look.std() * np.sqrt(shape.shape[1] / look.shape[1])]
        )
        u, s, _ = np.linalg.svd(joint, full_matrices=False)
        self.codes = u[:, :count] * np.sqrt(len(joint))
        self.spread = s[:count] / s[0]

    def compose(
        self, seed: int, mix: int = 16, exaggerate: float = 1.5, noise: float = 0.5
    ) -> Face:
        """One face of nobody.

        The `mix` sources nearest a random direction are averaged, with random weights; the distance
        from the group's mean is multiplied by `exaggerate`; then random coefficients (each within
        `noise` standard deviations) over all sources of the group move shape and texture once more.
        """
        rng = np.random.default_rng(seed)
        way = rng.normal(size=self.codes.shape[1]) * np.sqrt(self.spread)
        closeness = self.codes @ way / np.linalg.norm(self.codes, axis=1)
        chosen = np.argsort(-closeness)[:mix]
        weights = rng.dirichlet(np.full(mix, 25.0))
        shape, look = self._mixed(chosen, weights, exaggerate)
        drift = self.codes @ rng.normal(size=self.codes.shape[1]) / len(self.codes) * noise
        shape = shape + np.tensordot(drift, self.shapes - self.mean, 1)
        look = look + np.tensordot(drift.astype(np.float32), self.textures - self.mean_texture, 1)
        return self._finished(shape, look, tuple(self.sources[i].name for i in chosen))

    def _mixed(
        self, chosen: NDArray[np.int64], weights: Floats, gain: float
    ) -> tuple[Floats, Floats]:
        shape = self.mean + gain * (np.tensordot(weights, self.shapes[chosen], 1) - self.mean)
        mixed = np.tensordot(weights.astype(np.float32), self.textures[chosen], 1)
        away = mixed - self.mean_texture
        coarse = cv2.GaussianBlur(away, (0, 0), 40)
        # what is broader than the features is light, not identity: it is not exaggerated
        return shape, self.mean_texture + gain * (away - coarse) + 0.3 * coarse

    def _finished(self, shape: Floats, look: Floats, used: tuple[str, ...]) -> Face:
        shape = evened(shape.astype(np.float32))
        texture = Mesh(shape).pull(sharpened(look), self.mean)
        return Face(texture, shape, used, tuple(s.name for s in self.sources))


def evened(shape: Shape) -> Shape:
    """The shape, drawn towards its mean with its own mirror image."""
    middle = shape[:, 0].mean()
    mirrored = shape[MIRROR].copy()
    mirrored[:, 0] = 2 * middle - mirrored[:, 0]
    return ((1 - EVEN / 2) * shape + EVEN / 2 * mirrored).astype(np.float32)


def sharpened(look: Floats) -> Floats:
    """Averages are soft: a mild unsharp mask at two widths, kept inside 0..255."""
    fine = look - cv2.GaussianBlur(look, (0, 0), 1.5)
    middle = look - cv2.GaussianBlur(look, (0, 0), 5)
    return np.clip(look + 0.9 * fine + 0.35 * middle, 0, 255)
