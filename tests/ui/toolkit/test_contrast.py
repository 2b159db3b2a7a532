"""Focus rings, borders, bars, chart lines and the voice meter as they are rendered: at least 3:1
beside what they lie on (WCAG 2.2, 1.4.11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QComboBox, QLineEdit, QScrollBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kiosk.core.media import Modality
from kiosk.core.samples import VoiceProgress
from kiosk.enrolment.review import Separation
from kiosk.ui.staff.enrolment.separation_plot import SeparationPlot
from kiosk.ui.toolkit.charts import Bars, Plot
from kiosk.ui.toolkit.controls import BadgeButton, Bar, Button, Scaled, VoiceMeter
from kiosk.ui.toolkit.illustrations import HoldRing
from kiosk.ui.toolkit.theme import Scale, load_fonts, theme
from tests.support.ui_support import LANDSCAPE, settle

LEAST = 3.0
GROUNDS = ("ground", "surface", "sunken")
SCALE: Scale = theme().scale(LANDSCAPE, 27.0)


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def name_of(colour: str) -> str:
    """As Qt writes it."""
    return theme().colour(colour).name()


class Sheet:
    """Widgets on a ground, looked at pixel by pixel."""

    def __init__(self, qtbot: QtBot) -> None:
        load_fonts()
        self.window, self._qtbot = QWidget(), qtbot
        self.box = QVBoxLayout(self.window)
        self.box.setContentsMargins(60, 60, 60, 60)
        qtbot.addWidget(self.window)

    def put(self, widget: QWidget, ground: str) -> None:
        colour = theme().colours[ground]
        self.window.setObjectName("sheet")
        sheet = theme().style_sheet(SCALE)
        self.window.setStyleSheet(f"{sheet}\nQWidget#sheet {{ background: {colour}; }}")
        self.window.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.box.addWidget(widget)
        if isinstance(widget, Scaled):
            widget.rescale(SCALE)
        self.window.resize(900, 400)
        with self._qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        settle()

    def picture(self) -> QImage:
        return self.window.grab().toImage()


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[Sheet]:
    made = Sheet(qtbot)
    yield made
    made.window.close()


def across(image: QImage, begin: QPoint, end: QPoint) -> list[QColor]:
    """The colours on a straight way, each once in a row."""
    steps = max(abs(end.x() - begin.x()), abs(end.y() - begin.y()))
    found: list[QColor] = []
    for step in range(steps + 1):
        x = begin.x() + (end.x() - begin.x()) * step // steps
        y = begin.y() + (end.y() - begin.y()) * step // steps
        colour = image.pixelColor(x, y)
        if not found or found[-1] != colour:
            found.append(colour)
    return found


def edge(sheet: Sheet, widget: QWidget) -> list[QColor]:
    """From the ground over the widget's upper edge into it."""
    middle = widget.mapTo(sheet.window, QPoint(widget.width() // 6, 0))
    return across(sheet.picture(), middle - QPoint(0, 10), middle + QPoint(0, 9))


def field() -> QWidget:
    return QLineEdit()


def choice() -> QWidget:
    return QComboBox()


def plain() -> QWidget:
    return Button()


def checked() -> QWidget:
    made = Button()
    made.setCheckable(True)
    made.setChecked(True)
    return made


def quiet() -> QWidget:
    return Button("quiet")


def primary() -> QWidget:
    return Button("primary")


def danger() -> QWidget:
    return Button("danger")


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("make", [field, choice, plain, checked], ids=lambda make: make.__name__)
def test_where_something_can_be_done_its_border_is_seen(
    sheet: Sheet, make: Callable[[], QWidget], ground: str
) -> None:
    widget = make()
    sheet.put(widget, ground)
    sheet.window.setFocus()
    colours = edge(sheet, widget)
    assert max(contrast(colours[0], each) for each in colours) >= LEAST


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize(
    "make",
    [field, choice, plain, checked, quiet, primary, danger],
    ids=lambda make: make.__name__,
)
def test_the_focus_is_seen(sheet: Sheet, make: Callable[[], QWidget], ground: str) -> None:
    """The ring stands out from what lies beside it, on the one side or the other; and it is there
    only with the focus."""
    widget = make()
    sheet.put(widget, ground)
    sheet.window.setFocus()
    without = edge(sheet, widget)
    widget.setFocus()
    settle()
    with_focus = edge(sheet, widget)
    assert with_focus != without
    ring = max(
        (each for each in with_focus if each not in without[:1]),
        key=lambda each: min(contrast(each, with_focus[0]), 21.0),
    )
    inner = with_focus[-1]
    beside = [contrast(one, other) for one, other in pairwise(with_focus)]
    assert max(contrast(ring, with_focus[0]), contrast(ring, inner), *beside) >= LEAST
    if make in (primary, danger):
        rings = [each for each in with_focus if each not in (with_focus[0], inner)]
        assert max(contrast(each, inner) for each in rings) >= LEAST


@pytest.mark.parametrize("ground", GROUNDS)
def test_of_a_bar_both_what_is_done_and_what_is_left_are_seen(sheet: Sheet, ground: str) -> None:
    bar = Bar()
    bar.fill(0.5)
    sheet.put(bar, ground)
    image = sheet.picture()
    place = bar.mapTo(sheet.window, QPoint(0, 0))
    middle = place.y() + bar.height() // 2
    done = image.pixelColor(place.x() + bar.width() // 4, middle)
    left = image.pixelColor(place.x() + 3 * bar.width() // 4, middle)
    assert contrast(done, left) >= LEAST
    x = place.x() + 3 * bar.width() // 4
    rim = across(image, QPoint(x, place.y() - 6), QPoint(x, middle))
    assert max(contrast(rim[0], each) for each in rim) >= LEAST


@pytest.mark.parametrize("ground", ["ground", "surface"])
def test_the_voice_meter_is_seen(sheet: Sheet, ground: str) -> None:
    meter = VoiceMeter()
    meter.hear(VoiceProgress(1.5, 3.0, -12.0, speaking=True))
    sheet.put(meter, ground)
    image = sheet.picture()
    place = meter.mapTo(sheet.window, QPoint(0, meter.height() // 2))
    under = image.pixelColor(place - QPoint(20, 0))
    row = [image.pixelColor(place.x() + x, place.y()) for x in range(meter.width())]
    marks = {each.name() for each in row if contrast(each, under) >= LEAST}
    assert marks >= {name_of(each) for each in ("accent", "accent_deep", "line")}


def test_lines_and_bars_of_a_chart_are_seen(sheet: Sheet) -> None:
    plot = Plot()
    full, opened = [4, 0, 2, 1], [1, 3, 0, 0]
    plot.show_bars(Bars(full, opened, ["a", "b", "c", "d"], ("one", "other"), 2.0, "needed"))
    sheet.put(plot, "surface")
    image = sheet.picture()
    place = plot.mapTo(sheet.window, QPoint(0, 0))
    seen = {
        image.pixelColor(place.x() + x, place.y() + y).name()
        for x in range(plot.width())
        for y in range(plot.height())
    }
    paper = theme().colour("surface")
    for name in ("accent", "accent_deep", "line", "alarm", "ink_soft", "ink"):
        assert name_of(name) in seen, name  # bars, rims, axis, mark, numbers
        assert contrast(theme().colour(name), paper) >= LEAST, name


def test_the_plot_of_an_enrolment_is_seen(sheet: Sheet) -> None:
    plot = SeparationPlot()
    plot.show_separation(Separation(Modality.FACE, (7.9, 7.2), (1.1, 0.4), 4.4, "Ann"))
    sheet.put(plot, "surface")
    image = sheet.picture()
    place = plot.mapTo(sheet.window, QPoint(0, 0))
    under = theme().colour("sunken")
    right = range(plot.width() // 3, plot.width() - 10)
    for share in (0.25, 0.75):  # its own dots, then those of the nearest other
        row = place.y() + round(plot.height() * share)
        colours = [image.pixelColor(place.x() + x, row) for x in right]
        assert sum(contrast(each, under) >= LEAST for each in colours) > 6


def test_the_ring_of_a_long_press_is_seen_and_a_touch_shows_nothing(
    sheet: Sheet, qtbot: QtBot
) -> None:
    stage, hold = QWidget(), QTimer()
    hold.setSingleShot(True)
    hold.setInterval(600)
    sheet.put(stage, "accent_soft")
    ring = HoldRing(stage)
    hold.start()
    ring.follow(hold, QPointF(100, 100), 60)
    seen = {False: 0, True: 0}
    for late in seen:
        if late:
            qtbot.waitUntil(lambda: ring.share > 0.5)
        image = sheet.picture()
        place = ring.mapTo(sheet.window, QPoint(0, 0))
        under = image.pixelColor(place)
        pixels = (
            image.pixelColor(place.x() + x, place.y() + y)
            for x in range(ring.width())
            for y in range(ring.height())
        )
        seen[late] = sum(contrast(each, under) >= LEAST for each in pixels)
    assert not seen[False]
    assert seen[True] > 100
    hold.stop()
    ring.hide()


@pytest.mark.parametrize("ground", ["ground", "surface"])
def test_the_scroll_bar_and_the_badge_are_seen(sheet: Sheet, ground: str) -> None:
    badge, bar = BadgeButton("quiet"), QScrollBar(Qt.Orientation.Vertical)
    badge.count(3, "to check")
    bar.setRange(0, 10)
    bar.setPageStep(10)
    bar.setFixedHeight(120)
    sheet.put(badge, ground)
    sheet.put(bar, ground)
    image = sheet.picture()
    for widget, name in ((badge, "caution"), (bar, "line")):
        place = widget.mapTo(sheet.window, QPoint(0, 0))
        seen = {
            image.pixelColor(place.x() + x, place.y() + y).name()
            for x in range(widget.width())
            for y in range(widget.height())
        }
        assert name_of(name) in seen
        assert contrast(theme().colour(name), theme().colour(ground)) >= LEAST
