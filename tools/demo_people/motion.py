"""A portrait comes to life: the head turns, the jaw follows the sound, eyes blink, light falls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from drawing import HEIGHT, WIDTH, Mask, smooth_noise
from faces import Floats, Shape
from numpy.typing import NDArray
from portrait import Portrait

SIZE = (640, 360)
"""Of the clip's picture, width and height."""


@dataclass(frozen=True)
class Scene:
    """One recording's picture: where light comes from, how it is coloured, how the head moves."""

    light: tuple[float, float, float]
    """Direction towards the lamp: right, down, towards the viewer."""
    contrast: float
    """0 flat .. 1 one side dark."""
    warmth: float
    """-1 blue .. 1 orange."""
    exposure: float
    wall: tuple[float, float, float]
    zoom: float
    """Picture pixels per canvas pixel."""
    at: tuple[float, float]
    """Where the face's middle stands in the picture."""
    pose: tuple[float, float, float]
    """Resting yaw, pitch, roll in degrees."""
    sway: tuple[float, float, float]
    """How far each of them swings."""
    noise: float = 2.5
    blur: float = 0.6


def smoothstep(x: NDArray[np.floating]) -> Floats:
    """0 below 0, 1 above 1, smooth between."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x), np.float32)


class Depth:
    """How far towards the viewer each canvas pixel is, and how much it moves with the head."""

    def __init__(self, points: Shape) -> None:
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        middle, chin, brow = (points[4] + points[18]) / 2, points[11], points[:22, 1].min()
        half, tall = np.linalg.norm(points[18] - points[4]) / 2, chin[1] - brow
        self.pivot = np.array([middle[0], brow + 0.55 * tall, 0], np.float32)
        u, v = (x - middle[0]) / (1.12 * half), (y - self.pivot[1] + 0.04 * tall) / (0.72 * tall)
        z = np.sqrt(np.maximum(0.02, 1 - u**2 - v**2)) * half * 0.95
        nose, scale = points[66] - [0, 0.05 * tall], half / 118
        z += 30 * scale * bump(x, y, nose, 15 * scale, 20 * scale)
        z += 10 * scale * bump(x, y, (points[60] + points[72]) / 2 + [0, 8], 8 * scale, 30 * scale)
        z += 7 * scale * bump(x, y, points[[76, 82]].mean(0), 30 * scale, 16 * scale)
        z += 7 * scale * bump(x, y, chin - [0, 16], 24 * scale, 16 * scale)
        for eye in (points[58], points[59]):
            z -= 9 * scale * bump(x, y, eye, 24 * scale, 13 * scale)
        self.z = np.asarray(cv2.GaussianBlur(z, (0, 0), 4), np.float32)
        self.follow = 1 - 0.93 * smoothstep((y - chin[1] + 8) / 130)
        self.normal = self._normal()

    def _normal(self) -> Floats:
        z = cv2.GaussianBlur(self.z, (0, 0), 8)
        gx, gy = (
            cv2.Sobel(z, cv2.CV_32F, 1, 0, ksize=3) / 8,
            cv2.Sobel(z, cv2.CV_32F, 0, 1, ksize=3) / 8,
        )
        n = np.stack([-np.clip(gx, -1.6, 1.6), -np.clip(gy, -1.6, 1.6), np.ones_like(z)], -1)
        return np.asarray(n / np.linalg.norm(n, axis=-1, keepdims=True), np.float32)


def bump(x: Mask, y: Mask, at: NDArray[np.floating], wide: float, tall: float) -> Mask:
    """A Gaussian hill of height 1."""
    return np.asarray(
        np.exp(-0.5 * (((x - at[0]) / wide) ** 2 + ((y - at[1]) / tall) ** 2)), np.float32
    )


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """Turn to the picture's right, up, clockwise, in degrees; y points down, z to the viewer."""
    a, b, c = np.radians([yaw, pitch, roll])
    around_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    around_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    around_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(around_z @ around_x @ around_y, np.float32)


class Expression:
    """Opens the mouth and shuts the eyes of a frontal picture by moving what is there."""

    def __init__(self, portrait: Portrait) -> None:
        self.portrait, p = portrait, portrait.points
        self.scale = float(np.linalg.norm(p[18] - p[4])) / 236
        self.box = (
            int(p[4, 0]) - 20,
            int(p[24:34, 1].min()) - 45,
            int(p[18, 0]) + 20,
            min(HEIGHT, int(p[11, 1]) + 90),
        )
        x0, y0, x1, y1 = self.box
        self.y, self.x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        self.lip = self._lip_line()
        self.eyes = [
            self._eye(p[[46, 45, 44, 43, 42]], p[[46, 47, 48, 49, 42]], p[28:31, 1].max()),
            self._eye(p[[54, 53, 52, 51, 50]], p[[54, 55, 56, 57, 50]], p[38:41, 1].max()),
        ]

    def _lip_line(self) -> Floats:
        """The line between the lips, y for every x of the box: the darkest row, as a parabola."""
        p = self.portrait.points
        grey = cv2.GaussianBlur(self.portrait.colour.sum(2), (0, 0), 1.5)
        left, right = p[79], p[73]
        columns = np.linspace(left[0] + 8, right[0] - 8, 40).astype(int)
        top = np.interp(
            columns, p[[79, 78, 77, 76, 75, 74, 73], 0], p[[79, 78, 77, 76, 75, 74, 73], 1]
        )
        low = np.interp(
            columns, p[[79, 80, 81, 82, 83, 84, 73], 0], p[[79, 80, 81, 82, 83, 84, 73], 1]
        )
        dark = []
        for x, a, b in zip(columns, top, low, strict=True):
            rows = slice(int(a + 0.25 * (b - a)), int(a + 0.68 * (b - a)) + 2)
            dark.append(rows.start + int(np.argmin(grey[rows, x])))
        fit = np.polyfit(
            np.r_[left[0], columns, right[0]],
            np.r_[left[1], dark, right[1]],
            2,
            w=np.r_[6, np.ones(40), 6],
        )
        across = np.clip(self.x[0], left[0] - 6, right[0] + 6)
        return np.asarray(np.polyval(fit, across), np.float32)

    def _eye(self, upper: Shape, lower: Shape, brow: float) -> tuple[Floats, Floats, float]:
        order = np.argsort(upper[:, 0])
        low = np.argsort(lower[:, 0])
        u = np.interp(self.x[0], upper[order, 0], upper[order, 1], left=np.nan, right=np.nan)
        d = np.interp(self.x[0], lower[low, 0], lower[low, 1], left=np.nan, right=np.nan)
        return np.asarray(u, np.float32), np.asarray(d, np.float32), float(brow)

    def _jaw(self, gap: float) -> tuple[Floats, Mask, Mask]:
        """Where each pixel's row comes from, what is inside the mouth, how deep it lies there."""
        p = self.portrait.points
        left, right, chin = p[79, 0], p[73, 0], p[11, 1]
        u = (self.x - (left + right) / 2) / ((right - left) / 2 - 3)
        opening = gap * np.maximum(0, 1 - u**2) ** 0.8
        wide = (p[14, 0] - p[8, 0]) / 2
        jaw = 0.85 * gap * (1 - smoothstep((np.abs(self.x - chin_x(p)) / wide - 0.55) / 0.75))
        below = smoothstep((self.y - self.lip) / (0.8 * (chin - self.lip)))
        drop = (0.8 * opening * (1 - below) + jaw * below) * (
            1 - smoothstep((self.y - chin - 12) / 50)
        )
        rise = (
            0.2 * opening * np.clip(1 - (self.lip - self.y) / (0.75 * (self.lip - p[66, 1])), 0, 1)
        )
        top, low = self.lip - 0.2 * opening, self.lip + 0.8 * opening
        row = np.where(
            self.y < top, np.minimum(self.y + rise, self.lip), np.maximum(self.y - drop, self.lip)
        )
        inside = (
            smoothstep((self.y - top + 0.7) / 1.8)
            * smoothstep((low - self.y + 0.7) / 1.8)
            * (opening > 1.2)
        )
        return (
            np.asarray(row, np.float32),
            np.asarray(inside, np.float32),
            np.asarray((self.y - top) / (opening + 1e-3), np.float32),
        )

    def _lids(self, row: Floats, shut: float) -> tuple[Floats, Mask]:
        lash = np.zeros_like(row)
        for upper, lower, brow in self.eyes:
            lid = upper + shut * (lower - upper) * 0.96
            covered = (self.y > brow) & (self.y <= lid)
            stretched = brow + (self.y - brow) * (upper - brow) / np.maximum(lid - brow, 1)
            row = np.where(covered, stretched, row)
            lash = np.maximum(
                lash,
                np.nan_to_num(np.exp(-(((self.y - lid) / (1.6 * self.scale)) ** 2)))
                * min(1, shut * 2),
            )
        return np.asarray(row, np.float32), np.asarray(lash, np.float32)

    def __call__(self, gap: float, shut: float) -> Floats:
        """The portrait's colour, mouth open by `gap` canvas pixels, eyes shut by 0..1."""
        out = self.portrait.colour.copy()
        x0, y0, x1, y1 = self.box
        row, inside, deep = self._jaw(gap * self.scale) if gap > 0.6 else (self.y, None, None)
        lash = None
        if shut > 0.03:
            row, lash = self._lids(row, shut)
        part = cv2.remap(self.portrait.colour, self.x, row, cv2.INTER_LINEAR)
        if inside is not None:
            teeth = 0.75 * smoothstep((0.42 - deep) / 0.12) * min(1.0, gap / 9)
            mouth = (
                np.array([38, 30, 62], np.float32) * (1 - teeth[..., None])
                + np.array([150, 165, 172], np.float32) * teeth[..., None]
            )
            part = part * (1 - inside[..., None]) + mouth * inside[..., None]
        if lash is not None:
            part = part * (1 - 0.55 * lash[..., None])
        out[y0:y1, x0:x1] = part
        return np.asarray(out, np.float32)


def chin_x(points: Shape) -> float:
    """The column of the chin."""
    return float(points[11, 0])


def wall(scene: Scene, rng: np.random.Generator) -> Floats:
    """A room out of focus: a wall with a fall of light, and a few soft upright and level shapes."""
    w, h = SIZE
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    base = np.array(scene.wall, np.float32)
    out = base * (1 + 0.20 * scene.light[0] * (x / w - 0.5) - 0.22 * (y / h - 0.4))[..., None]
    for _ in range(rng.integers(3, 6)):
        a, b = rng.uniform(-0.1, 1, 2) * [w, h]
        size = rng.uniform(0.08, 0.32) * w, rng.uniform(0.15, 0.8) * h
        tone = base * rng.uniform(0.72, 1.22) + rng.normal(size=3) * 8
        box = (
            smoothstep((x - a) / 9)
            * smoothstep((a + size[0] - x) / 9)
            * smoothstep((y - b) / 9)
            * smoothstep((b + size[1] - y) / 9)
        )
        out = out * (1 - 0.7 * box[..., None]) + tone * 0.7 * box[..., None]
    out += smooth_noise((h, w), (40, 40), rng)[..., None] * 2
    return np.asarray(cv2.GaussianBlur(out, (0, 0), 5), np.float32)


class Film:
    """The frames of one recording."""

    def __init__(self, portrait: Portrait, scene: Scene, seed: int) -> None:
        self.portrait, self.scene = portrait, scene
        self.rng = np.random.default_rng(seed)
        self.depth = Depth(portrait.points)
        self.face = Expression(portrait)
        self.wall = wall(scene, self.rng)
        self.shade = self._shade() * portrait.alpha[..., None]
        self.centre = portrait.points[:22].mean(0)
        w, h = SIZE
        self.grid = np.stack(np.meshgrid(np.arange(w), np.arange(h)), -1).astype(np.float32)
        self.at = self._places()
        self.phase = self.rng.uniform(0, 2 * np.pi, 6)

    def _shade(self) -> Floats:
        light = np.array(self.scene.light, np.float32)
        lit = np.maximum(0, self.depth.normal @ (light / np.linalg.norm(light)))
        facing = max(0.2, float(light[2] / np.linalg.norm(light)))
        gain = 1 + self.scene.contrast * (lit / facing - 1)
        return np.clip(cv2.GaussianBlur(gain, (0, 0), 4), 0.25, 1.5)[..., None]

    def _places(self) -> Floats:
        """Canvas points relative to the pivot times how much they follow the head, at half size."""
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        at = (np.stack([x, y, self.depth.z], -1) - self.depth.pivot) * self.depth.follow[..., None]
        return np.asarray(
            cv2.resize(at, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA), np.float32
        )

    def pose(self, time: float) -> tuple[float, float, float]:
        """Yaw, pitch, roll at a time in seconds: slow swings, no two of the same period."""
        s, r, f = self.scene.sway, self.scene.pose, self.phase
        swing = [
            np.sin(2 * np.pi * time / t + f[k])
            + 0.4 * np.sin(2 * np.pi * time / (0.43 * t) + f[k + 3])
            for k, t in enumerate((4.1, 3.3, 5.2))
        ]
        return (r[0] + s[0] * swing[0], r[1] + s[1] * swing[1], r[2] + s[2] * swing[2])

    def _map(self, time: float) -> Floats:
        """For every pixel of the picture, the canvas point it shows."""
        turn = (rotation(*self.pose(time)) - np.eye(3, dtype=np.float32))[:2]
        shift = np.asarray(cv2.transform(self.at, turn), np.float32)
        nod = np.array(
            [3 * np.sin(time * 1.1 + self.phase[0]), 2 * np.sin(time * 1.7 + self.phase[1])],
            np.float32,
        )
        wanted = (
            self.grid - np.array(self.scene.at, np.float32) - nod
        ) / self.scene.zoom + self.centre
        found = wanted.copy()
        for _ in range(4):
            half = (found + 0.5) / 2 - 0.5
            found = wanted - cv2.remap(
                shift, half, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        return np.asarray(found, np.float32)

    def frame(self, time: float, gap: float, shut: float) -> NDArray[np.uint8]:
        """One picture, (360, 640, 3) BGR."""
        where = self._map(time)
        both = np.dstack([self.face(gap, shut) * self.shade, self.portrait.alpha])
        scale = 1 / self.scene.zoom
        if scale > 1.2:
            both = cv2.GaussianBlur(both, (0, 0), 0.35 * scale)
        seen = cv2.remap(both, where, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        out = seen[..., :3] + self.wall * (1 - seen[..., 3:])
        return self._camera(out)

    def _camera(self, picture: Floats) -> NDArray[np.uint8]:
        s = self.scene
        tint = np.array([1 - 0.16 * s.warmth, 1 - 0.01 * s.warmth, 1 + 0.12 * s.warmth], np.float32)
        out = cv2.GaussianBlur(picture * tint * s.exposure, (0, 0), s.blur)
        out = 255 * (1 - np.exp(-1.35 * out / 255)) / (1 - np.exp(-1.35)) * 0.55 + out * 0.45
        out += (
            self.rng.normal(size=out.shape).astype(np.float32)
            * s.noise
            * (0.6 + 0.4 * (1 - out / 255))
        )
        return np.clip(out, 0, 255).astype(np.uint8)

    def frames(self, mouth: NDArray[np.floating], rate: float) -> Iterator[NDArray[np.uint8]]:
        """All frames; `mouth` gives each one's opening, 0..1."""
        blinks = np.cumsum(self.rng.uniform(1.3, 2.9, 12)) - 0.6
        for number, opening in enumerate(mouth):
            time = number / rate
            shut = float(np.max(np.clip(1 - np.abs(time - blinks) / 0.11, 0, 1)))
            yield self.frame(time, 17 * float(opening), min(1.0, 1.5 * shut))
