"""The one theme: colours, type scale, spacing, fonts and icons, from assets/theme and assets/icons.

All sizes follow from one length, the body text: three shapes of screen stay one design.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from math import hypot
from string import Template as Text

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QBoxLayout

from kiosk.core.colours import branded, theme_colours
from kiosk.core.errors import BugError
from kiosk.core.shipped import shipped_folder

ASSETS = shipped_folder("assets")
MM_PER_INCH = 25.4
FAMILY = "Kiosk Sans"
STAFF_BUTTONS = 0.8
STAFF_NARROW = 52
"""In body sizes: on narrower screens the tabs of staff stand closer."""
ARROW = "down"
"""The sign of a choice."""


@dataclass(frozen=True)
class Scale:
    """Lengths in pixels for one size of window.

    `pixels_per_mm` takes the window for the whole screen: a window on a desk is a model of it.
    """

    width: int
    height: int
    body: float
    pixels_per_mm: float
    staff: bool = False

    @property
    def portrait(self) -> bool:
        """Whether picture and words stand above each other."""
        return self.height > self.width

    @property
    def compact(self) -> bool:
        """Whether the body text is so large against the screen that words must be few."""
        return self.body > min(self.width, self.height) * 0.05

    @property
    def low(self) -> bool:
        """Whether so few lines fit above each other that some must go."""
        return self.height < 26 * self.body

    def direction(self, *, high: bool = False) -> QBoxLayout.Direction:
        """How a picture and what is to be touched stand: beside each other, or on a tall screen
        above each other, with the touched part above where `high` is set."""
        if not self.portrait:
            return QBoxLayout.Direction.LeftToRight
        return QBoxLayout.Direction.BottomToTop if high else QBoxLayout.Direction.TopToBottom

    def px(self, bodies: float) -> int:
        """A length given in body sizes."""
        return max(1, round(bodies * self.body))

    def gap(self, steps: float = 1.0) -> int:
        """Space in steps of a third of the body, tighter where there is little room."""
        return self.px(steps / (4.2 if self.compact else 3.0))


@dataclass(frozen=True)
class Theme:
    """Tokens of assets/theme/theme.toml."""

    colours: dict[str, str]
    pairs: dict[str, tuple[str, str]]
    strokes: dict[str, tuple[str, str]]
    type: dict[str, float]
    type_compact: dict[str, float]
    shape: dict[str, float]
    motion: dict[str, float]

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """A colour by its name; `alpha` 0..1."""
        colour = QColor(self.colours[name])
        colour.setAlphaF(alpha)
        return colour

    def scale(self, size: QSize, inches: float, *, staff: bool = False) -> Scale:
        """Lengths for a window of this size on a screen of this diagonal; `staff` reads from
        near, and reads tables."""
        pixels_per_mm = hypot(size.width(), size.height()) / (inches * MM_PER_INCH)
        cap, share = ("staff_cap_mm", "staff_share") if staff else ("cap_mm", "body_share")
        legible = self.type[cap] * pixels_per_mm / self.type["cap_share"]
        wanted = self.type[share] * min(size.width(), size.height())
        return Scale(size.width(), size.height(), max(legible, wanted), pixels_per_mm, staff)

    def style_sheet(self, scale: Scale) -> str:
        """assets/theme/kiosk.qss with this scale's pixels."""
        sizes = {role: scale.px(self.size(role, scale)) for role in self.type_compact}
        # Qt gives what is lower than two radii square corners.
        card = self.shape["card_radius"] * (0.6 if scale.compact else 1)
        sizes["card_radius"] = scale.px(card)
        sizes["button_height"] = scale.px(self.button_height(scale))
        sizes["button_pad"] = scale.px(self.shape["button_pad"] * (0.6 if scale.compact else 1))
        sizes["bar_height"] = scale.px(self.shape["bar_height"])
        sizes["notice_radius"] = scale.px(card * 0.6)
        sizes["radius"] = scale.px(self.button_height(scale) / 2)
        sizes["line_width"] = scale.px(self.shape["hairline"])
        sizes["focus_width"] = scale.px(self.shape["hairline"] * 2)
        # A wider border on focus takes its room from inside: nothing moves.
        wider = sizes["focus_width"] - sizes["line_width"]
        sizes["focus_height"] = sizes["button_height"] - 2 * wider
        sizes["focus_pad"] = sizes["button_pad"] - wider
        sizes["bar_focus_height"] = sizes["bar_height"] - 2 * wider
        sizes["tab_radius"] = sizes["bar_height"] // 2
        wide = 0.7 if scale.width >= STAFF_NARROW * scale.body else 0.3
        sizes["tab_pad"] = scale.px(wide) if scale.staff else sizes["focus_width"]
        sizes["tab_focus_pad"] = sizes["tab_pad"] - wider
        # Where a rim is seen the words keep away from it.
        sizes["rim_pad"] = sizes["tab_pad"] if scale.staff else scale.px(0.5)
        sizes["rim_focus_pad"] = sizes["rim_pad"] - wider
        sizes["field_height"], sizes["field_pad"] = scale.px(2.1), scale.px(0.6)
        sizes["field_radius"] = scale.px(0.6)
        sizes["key_radius"] = scale.px(0.35)
        sizes["key_height"] = scale.px(1.15 if scale.compact else 1.5 if scale.low else 2.1)
        sizes["name_height"] = scale.px(1.6 if scale.compact else 2.6)
        sizes["arrow_size"] = scale.px(0.9)
        sizes["bar_width"], sizes["bar_radius"] = scale.px(0.7), scale.px(0.3)
        night = self.colour("night")
        scrim = f"rgba({night.red()}, {night.green()}, {night.blue()}, 140)"
        values = {
            "scrim": scrim,
            "arrow": (ASSETS / "icons" / f"{ARROW}.svg").as_posix(),
            **self.colours,
            **sizes,
            "family": f'"{FAMILY}", "Noto Sans CJK KR", sans-serif',
        }
        return Text((ASSETS / "theme" / "kiosk.qss").read_text("utf-8")).substitute(values)

    def size(self, role: str, scale: Scale) -> float:
        """The text size of a role, in body sizes."""
        return (self.type_compact if scale.compact else self.type)[role]

    def button_height(self, scale: Scale) -> float:
        """In body sizes: what a finger needs on a large screen is too much of a small one."""
        share = 0.66 if scale.compact else STAFF_BUTTONS if scale.staff else 1.0
        return self.shape["button_height"] * share


_brand = {"accent": "", "ground": ""}


def use_colours(accent: str = "", ground: str = "") -> None:
    """An operator's colours from now on, in what is made from now on; empty ones are the theme's.
    Raises SettingsError for colours that cannot be read."""
    branded(theme_colours(), accent, ground)
    _brand.update(accent=accent, ground=ground)
    theme.cache_clear()


@cache
def theme() -> Theme:
    """The theme, read once."""
    tokens = tomllib.loads((ASSETS / "theme" / "theme.toml").read_text("utf-8"))
    tokens["colour"] = branded(tokens["colour"], **_brand)
    pairs, strokes = (
        {name: (pair[0], pair[1]) for name, pair in tokens[table].items()}
        for table in ("pairs", "strokes")
    )
    sizes = tokens["type"], tokens["type_compact"]
    return Theme(tokens["colour"], pairs, strokes, *sizes, tokens["shape"], tokens["motion"])


def load_fonts() -> None:
    """Give Qt the fonts that come with the program; raises BugError when they are not usable."""
    for file in sorted((ASSETS / "theme").glob("*.otf")):
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            raise BugError(f"the font {file.name} cannot be loaded")


def font(pixels: float, *, bold: bool = False) -> QFont:
    """The theme's font in a size, for what is painted by hand."""
    made = QFont(FAMILY)
    made.setPixelSize(max(1, round(pixels)))
    made.setBold(bold)
    return made


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    source = (ASSETS / "icons" / f"{name}.svg").read_text("utf-8").replace("#000000", colour)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    if not renderer.isValid():
        raise BugError(f"the icon {name} cannot be drawn")
    return renderer


def paint_icon(painter: QPainter, name: str, area: QRectF, colour: str) -> None:
    """Draw an icon of assets/icons in a colour of the theme."""
    _drawing(name, theme().colours[colour]).render(painter, area)


def pixmap(name: str, pixels: int, colour: str) -> QPixmap:
    """An icon as a square picture, sharp on any screen."""
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    made = QPixmap(round(pixels * ratio), round(pixels * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_icon(painter, name, QRectF(0, 0, made.width(), made.height()), colour)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, pixels: int, colour: str) -> QIcon:
    """An icon for a button."""
    made = QIcon(pixmap(name, pixels, colour))
    made.addPixmap(pixmap(name, pixels, "ink_soft"), QIcon.Mode.Disabled)
    return made
