"""Head and shoulders around a composite face: ears, neck, clothes and hair are drawn, never copied.

Everything is painted once, from the front, on a canvas larger than the picture; `motion` moves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from drawing import HEIGHT, WIDTH, Canvas, Mask, curve, polygon, smooth_noise
from faces import CANVAS, CONTOUR, Face, Floats, Shape

FACE_AT = (450, 258)
"""Where on the canvas the middle of the face's square is pasted."""
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Looks:
    """What is drawn: colours are BGR 0..255; hair is short, bob, long, tied or thin."""

    hair: str
    hair_colour: Colour
    cloth: Colour
    collar: str = "round"
    grey: float = 0.0
    parting: float = 0.0
    """Where the hair parts: -1 left temple .. 1 right temple."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """Painted person: colour (HEIGHT, WIDTH, 3) 0..255, alpha 0..1, landmarks (86, 2)."""

    colour: Floats
    alpha: Mask
    points: Shape


class Painter:
    """Paints one person from a face and looks; the same seed paints the same person."""

    def __init__(self, face: Face, looks: Looks, seed: int) -> None:
        self.face, self.looks = face, looks
        self.rng = np.random.default_rng(seed)
        self.points = face.points + (np.array(FACE_AT) - CANVAS / 2).astype(np.float32)
        self.canvas = Canvas()
        self.skin = self._skin()
        self.grid = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), -1).astype(
            np.float32
        )
        self._head_outline()

    def _skin(self) -> Floats:
        p = self.face.points
        cells = []
        for a, b in ((6, 64), (16, 68), (9, 79), (13, 73)):
            x, y = (0.55 * p[a] + 0.45 * p[b]).astype(int)
            cells.append(
                np.median(self.face.texture[y - 6 : y + 7, x - 6 : x + 7].reshape(-1, 3), 0)
            )
        return np.median(cells, 0).astype(np.float32)

    def _head_outline(self) -> None:
        p = self.points
        self.middle = (p[4] + p[18]) / 2
        self.half = float(np.linalg.norm(p[18] - p[4]) / 2)
        self.chin = p[11]
        self.brow = float(p[CONTOUR][:, 1].min())
        self.tall = float(self.chin[1] - self.brow)

    # --- parts, from the back to the front ---------------------------------------------------

    def portrait(self) -> Portrait:
        """All parts painted."""
        back = self.looks.hair in ("long", "bob")
        if back:
            self._back_hair()
        self._neck()
        self._clothes()
        self._ears()
        self._face()
        self._front_hair()
        if back:
            self._side_hair()
        return Portrait(np.clip(self.canvas.colour, 0, 255), self.canvas.alpha, self.points)

    def _neck(self) -> None:
        p, h = self.points, self.half
        x, y = self.chin
        wide = 0.60 * h if self.looks.hair in ("long", "bob", "tied") else 0.74 * h
        left = [
            (x - wide - 4, p[8][1]),
            (x - wide, y + 10),
            (x - wide * 1.02, y + 45),
            (x - wide * 1.5, y + 85),
        ]
        right = [(2 * x - a, b) for a, b in reversed(left)]
        edge = np.vstack(
            [
                curve(np.array(left)),
                [(x - 2 * h, HEIGHT + 9), (x + 2 * h, HEIGHT + 9)],
                curve(np.array(right)),
            ]
        )
        across = np.abs(self.grid[..., 0] - x) / wide
        under = np.exp(-np.maximum(self.grid[..., 1] - y + 6, 0) / 34)
        shade = 0.97 - 0.12 * np.clip(across, 0, 1.2) ** 2 - 0.22 * under
        cords = smooth_noise((HEIGHT, WIDTH), (16, 60), self.rng) * 0.015
        tint = np.array([0.94, 0.98, 1.0], np.float32)
        self.canvas.paint(self.skin * tint * (shade + cords)[..., None], polygon(edge, 1.6))

    def _clothes(self) -> None:
        x, y, h = self.chin[0], self.chin[1], self.half
        top = y + 62
        dip = {"round": 22, "vee": 62, "shirt": 40, "high": -14}[self.looks.collar]
        left = np.array(
            [
                (x - 0.86 * h, top - 6),
                (x - 1.25 * h, top + 18),
                (x - 2.1 * h, top + 45),
                (x - 2.75 * h, top + 95),
                (x - 3.0 * h, HEIGHT + 40),
            ]
        )
        right = np.stack([2 * x - left[:, 0], left[:, 1]], -1)[::-1]
        neckline = curve(
            np.array(
                [
                    (x - 0.86 * h, top - 6),
                    (x - 0.5 * h, top + dip * 0.6),
                    (x, top + dip),
                    (x + 0.5 * h, top + dip * 0.6),
                    (x + 0.86 * h, top - 6),
                ]
            )
        )
        edge = np.vstack([curve(left)[::-1], neckline, curve(right)[::-1]])
        folds = smooth_noise((HEIGHT, WIDTH), (22, 40), self.rng) * 0.05
        weave = smooth_noise((HEIGHT, WIDTH), (0.8, 0.8), self.rng) * 0.02
        round_ = 1.02 - 0.14 * np.clip(np.abs(self.grid[..., 0] - x) / (3 * h), 0, 1) ** 2
        cloth = np.array(self.looks.cloth, np.float32) * (round_ + folds + weave)[..., None]
        self.canvas.paint(cloth, polygon(edge))
        self._collar(neckline, x, top, h, dip)

    def _collar(self, neckline: Shape, x: float, top: float, h: float, dip: float) -> None:
        tone = np.array(self.looks.cloth, np.float32)
        if self.looks.collar == "shirt":
            for side in (-1, 1):
                flap = np.array(
                    [
                        (x + side * 0.90 * h, top - 16),
                        (x + side * 0.2 * h, top + dip),
                        (x + side * 0.45 * h, top + dip + 44),
                        (x + side * 1.18 * h, top + 14),
                    ]
                )
                self.canvas.paint(np.minimum(tone * 1.12 + 8, 250), polygon(flap, 1.5))
            return
        band = np.zeros((HEIGHT, WIDTH), np.float32)
        cv2.polylines(
            band,
            [np.round(neckline + np.array((0, 5))).astype(np.int32)],
            False,
            1.0,
            9,
            cv2.LINE_AA,
        )
        self.canvas.paint(tone * 0.86, np.asarray(cv2.GaussianBlur(band, (0, 0), 1.5), np.float32))

    def _ears(self) -> None:
        if self.looks.hair in ("long", "bob"):
            return
        p = self.points
        for a, b, side in ((p[4], p[7], -1), (p[18], p[15], 1)):
            x, y = a * 0.5 + b * 0.5 + np.array([side * 3.0, 0])
            tall = abs(b[1] - a[1]) * 0.40
            outer = np.zeros((HEIGHT, WIDTH), np.float32)
            centre = (round(float(x)), round(float(y)))
            cv2.ellipse(outer, centre, (14, round(tall)), side * 9.0, 0, 360, 1.0, -1, cv2.LINE_AA)
            self.canvas.paint(
                self.skin * np.array([0.90, 0.91, 0.97], np.float32),
                cv2.GaussianBlur(outer, (0, 0), 1.5),
            )
            inner = np.zeros((HEIGHT, WIDTH), np.float32)
            cv2.ellipse(
                inner,
                (centre[0] + side * 3, centre[1] - 2),
                (6, round(tall * 0.66)),
                side * 9.0,
                0,
                360,
                0.5,
                -1,
                cv2.LINE_AA,
            )
            self.canvas.paint(
                self.skin * np.array([0.68, 0.70, 0.80], np.float32),
                cv2.GaussianBlur(inner, (0, 0), 3.0),
            )

    def _face(self) -> None:
        whole = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        x, y = FACE_AT[0] - CANVAS // 2, FACE_AT[1] - CANVAS // 2
        whole[y : y + CANVAS, x : x + CANVAS] = self.face.texture
        outline = curve(np.vstack([self.points[CONTOUR], self.points[:1]]), closed=True)
        centre = outline.mean(0)
        soft = cv2.GaussianBlur(polygon(centre + (outline - centre) * 0.955, 1), (0, 0), 5.5)
        solid = polygon(centre + (outline - centre) * 1.0, 1.5)
        self.canvas.paint(self.skin * 0.94, solid)
        pores = (
            smooth_noise((HEIGHT, WIDTH), (1.0, 1.0), self.rng) * 0.006
            + smooth_noise((HEIGHT, WIDTH), (3.5, 3.5), self.rng) * 0.006
        )
        self.canvas.paint(whole * (1 + pores)[..., None], soft)

    # --- hair ------------------------------------------------------------------------------------

    def _strands(self, at: tuple[float, float]) -> Floats:
        """Hair-coloured picture whose streaks run away from the point `at`."""
        d = self.grid - np.array(at, np.float32)
        angle = (np.arctan2(d[..., 0], d[..., 1]) / (2 * np.pi) + 0.5) * 2047
        away = np.hypot(d[..., 0], d[..., 1]) / 700 * 511
        fine = (
            smooth_noise((512, 2048), (1.6, 45), self.rng) * 0.55
            + smooth_noise((512, 2048), (7, 60), self.rng) * 0.8
        )
        streak = cv2.remap(
            fine, angle.astype(np.float32), away.astype(np.float32), cv2.INTER_LINEAR
        )
        white = smooth_noise((512, 2048), (3.0, 50), self.rng)
        white = cv2.remap(
            white, angle.astype(np.float32), away.astype(np.float32), cv2.INTER_LINEAR
        )
        shine = np.exp(-(((away - 118) / 26) ** 2)) * 0.22
        colour = np.array(self.looks.hair_colour, np.float32)
        base = colour * np.clip(1 + 0.15 * streak + shine, 0.35, 2.2)[..., None]
        grey = np.clip(self.looks.grey * 1.2 + 0.08 * white * (self.looks.grey > 0), 0, 0.95)[
            ..., None
        ]
        silver = (
            np.array([165, 166, 168], np.float32)
            * np.clip(1 + 0.09 * streak + shine * 0.4, 0.5, 1.4)[..., None]
        )
        return np.asarray(base * (1 - grey) + silver * grey, np.float32)

    def _ragged(self, mask: Mask, amount: float) -> Mask:
        """The mask with an edge broken up as ends of hair are."""
        noise = smooth_noise(mask.shape, (1.6, 6.0), self.rng) + smooth_noise(
            mask.shape, (9, 9), self.rng
        )
        shift = np.stack(
            [self.grid[..., 0] + noise * amount * 0.6, self.grid[..., 1] + noise * amount], -1
        )
        out = cv2.remap(mask, shift.astype(np.float32), None, cv2.INTER_LINEAR)
        return np.asarray(np.clip(out, 0, 1), np.float32)

    def _crown(self) -> tuple[float, float]:
        """Where strands seem to come from: above the head, so that they fall rather than burst."""
        return (
            float(self.middle[0] + self.looks.parting * 0.8 * self.half),
            self.brow - 0.5 * self.tall,
        )

    def _top(self, lift: float, side: float) -> Shape:
        """The outline of the hair over the skull from the left temple to the right one."""
        m, h, top = self.middle, self.half, self.brow - lift
        temple = self.points[5][1] * 0.35 + self.points[4][1] * 0.65
        ring = [
            (m[0] - h * side, temple),
            (m[0] - h * (side + 0.035), m[1] - 40),
            (m[0] - h * 0.93, top + 52),
            (m[0] - h * 0.55, top + 12),
            (m[0], top),
            (m[0] + h * 0.55, top + 12),
            (m[0] + h * 0.93, top + 52),
            (m[0] + h * (side + 0.035), m[1] - 40),
            (m[0] + h * side, temple),
        ]
        return curve(np.array(ring))

    def _hairline(self) -> Shape:
        """Where hair meets the forehead, right temple to left, after the style."""
        p, h, m = self.points, self.half, self.middle
        brow = float(min(p[24][1], p[34][1]))
        high = self.brow
        line = {"short": 0.30, "thin": -0.02, "tied": 0.14, "bob": 0.78, "long": 0.16}[
            self.looks.hair
        ]
        y = high + line * (brow - high)
        part = m[0] + self.looks.parting * 0.5 * h
        inset = {"short": 0.92, "thin": 0.97, "tied": 0.93, "bob": 0.86, "long": 0.84}[
            self.looks.hair
        ]
        low_right, low_left = (m[0] + h * inset, p[17][1] - 12), (m[0] - h * inset, p[5][1] - 12)
        rise = 0.0 if self.looks.hair == "bob" else 0.12
        points = [
            low_right,
            (m[0] + h * inset * 0.97, m[1] - 22),
            (m[0] + h * 0.72, y + 0.26 * (brow - high)),
            (m[0] + h * 0.36, y + 3),
            (part, y - rise * (brow - high)),
            (m[0] - h * 0.36, y + 3),
            (m[0] - h * 0.72, y + 0.26 * (brow - high)),
            (m[0] - h * inset * 0.97, m[1] - 22),
            low_left,
        ]
        points = sorted(points, key=lambda q: -q[0])
        return curve(np.array(points))

    def _front_hair(self) -> None:
        lift = {"short": 44, "thin": 22, "tied": 34, "bob": 46, "long": 42}[self.looks.hair]
        side = {"short": 1.06, "thin": 1.03, "tied": 1.03, "bob": 1.16, "long": 1.12}[
            self.looks.hair
        ]
        edge = np.vstack([self._top(lift, side), self._hairline()])
        rough = {"short": 2.0, "thin": 2.2, "tied": 0.9, "bob": 1.3, "long": 1.0}[self.looks.hair]
        mask = self._ragged(polygon(edge, 2.4), rough)
        shadow = np.roll(cv2.GaussianBlur(mask, (0, 0), 7), 6, 0) * 0.38 * self.canvas.alpha
        self.canvas.colour *= (1 - shadow * (1 - mask))[..., None]
        if self.looks.hair == "thin":
            mask = mask * 0.93
        self.canvas.paint(self._strands(self._crown()), mask)

    def _fall(self) -> float:
        return self.chin[1] + (125 if self.looks.hair == "long" else -8)

    def _back_hair(self) -> None:
        m, h, low = self.middle, self.half, self._fall()
        wide = 1.32 if self.looks.hair == "long" else 1.24
        ring = [
            (m[0] - h * 1.1, m[1] - 60),
            (m[0] - h * wide, m[1] + 60),
            (m[0] - h * wide, low - 30),
            (m[0] - h * 0.9, low + 4),
            (m[0], low),
            (m[0] + h * 0.9, low + 4),
            (m[0] + h * wide, low - 30),
            (m[0] + h * wide, m[1] + 60),
            (m[0] + h * 1.1, m[1] - 60),
        ]
        mask = self._ragged(polygon(curve(np.array(ring)), 2), 1.2)
        self.canvas.paint(self._strands(self._crown()) * 0.62, mask)

    def _side_hair(self) -> None:
        """Locks in front of the ears and the edges of the cheeks."""
        m, h, p, low = self.middle, self.half, self.points, self._fall()
        for side, contour in ((-1, p[[4, 5, 6, 7, 8]]), (1, p[[18, 17, 16, 15, 14]])):
            inner = contour - np.array([side * 9.0, 0])
            outer_x = 1.30 if self.looks.hair == "long" else 1.23
            end = low - (20 if self.looks.hair == "long" else 2)
            tail = (
                [(contour[-1][0] + side * 10, end)]
                if self.looks.hair == "long"
                else [(contour[-1][0] + side * 4, end)]
            )
            outer = [
                (m[0] + side * h * (outer_x - 0.06), end + 3),
                (m[0] + side * h * outer_x, p[7][1]),
                (m[0] + side * h * 1.20, m[1]),
                (m[0] + side * h * 1.10, m[1] - 62),
            ]
            start = [(m[0] + side * h * 0.84, m[1] - 30)]
            edge = np.vstack([curve(np.vstack([start, inner, tail])), curve(np.array(outer))])
            mask = self._ragged(polygon(edge, 2.2), 1.1)
            shadow = cv2.GaussianBlur(mask, (0, 0), 8) * 0.30 * self.canvas.alpha
            self.canvas.colour *= (1 - shadow * (1 - mask))[..., None]
            self.canvas.paint(self._strands((self._crown()[0], self._crown()[1] - 120)), mask)
