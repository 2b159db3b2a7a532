"""The first screen at rest: dimmed when nobody is there, dark outside its hours, woken by touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from kiosk.ui.visitor.panels import AttractPanel
from kiosk.ui.visitor.screen_care import SHIFTS, WOKEN_SECONDS, Light, ScreenCare
from kiosk.ui.visitor.walkup import Page
from tests.support.ui_support import ScreenMaker, decision, looking, settle

MONDAY = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NIGHT = MONDAY.replace(hour=23)
WEEK = "Mo-Fr 07:30-19:00"


class Hall:
    """A walk-up window with its care, two clocks turned by hand."""

    def __init__(self, screen: ScreenMaker, wall: datetime = MONDAY, **changes: object) -> None:
        self.made = screen(**changes)  # type: ignore[arg-type]
        self.wall = wall
        window, model = self.made.window, self.made.model
        self.care = ScreenCare(window, self.made.settings, self.made.clock, lambda: self.wall)
        model.changed.connect(self.care.follow)
        self.care.slept.connect(model.suspend)
        self.care.woken.connect(model.go_on)
        self.care.shifted.connect(window.move_by)
        self.care.begin()
        self.care.tick()

    def wait(self, seconds: float) -> None:
        self.made.clock.now += seconds
        self.wall += timedelta(seconds=seconds)
        self.made.model.tick()
        self.care.tick()

    def light(self) -> Light:
        return self.care.light

    def page(self) -> Page:
        return self.made.model.view.page

    def touch(self) -> None:
        panel = self.made.window.panels[Page.ATTRACT]
        assert isinstance(panel, AttractPanel)
        QTest.mouseClick(panel.button, Qt.MouseButton.LeftButton)
        settle()

    def brightness(self) -> int:
        settle()
        image = self.made.window.grab().toImage()
        return QColor(image.pixel(5, image.height() - 5)).value()


OpenHall = Callable[..., Hall]


@pytest.fixture
def hall(screen: ScreenMaker) -> Iterator[OpenHall]:
    made: list[Hall] = []

    def make(wall: datetime = MONDAY, **changes: object) -> Hall:
        made.append(Hall(screen, wall, **changes))
        return made[-1]

    yield make
    for each in made:
        each.care.end()


def test_an_idle_first_screen_dims_and_moves_by_a_hair(hall: OpenHall) -> None:
    here = hall(dim_after=10)
    bright = here.brightness()
    here.wait(599)
    assert here.light() is Light.FULL
    here.wait(1)
    assert here.light() is Light.DIM
    assert here.brightness() < 0.6 * bright
    places = set()
    for _ in SHIFTS:
        margins = here.made.window.box.contentsMargins()
        places.add((margins.left(), margins.top()))
        here.wait(60)
    assert len(places) == len(SHIFTS)
    widths = {
        (margins.left() + margins.right(), margins.top() + margins.bottom())
        for margins in [here.made.window.box.contentsMargins()]
    }
    here.touch()
    margins = here.made.window.box.contentsMargins()
    assert {(margins.left() + margins.right(), margins.top() + margins.bottom())} == widths
    assert here.light() is Light.FULL


def test_a_touch_on_a_dimmed_screen_does_what_is_touched(hall: OpenHall) -> None:
    here = hall(dim_after=1)
    here.wait(61)
    assert here.light() is Light.DIM
    here.touch()
    assert here.page() is Page.LOOK


def test_whoever_steps_up_finds_a_lit_screen(hall: OpenHall) -> None:
    here = hall(dim_after=1, start="walk_up")
    here.wait(120)
    assert here.light() is Light.DIM
    here.made.model.take(looking())
    assert here.light() is Light.FULL
    here.wait(70)
    assert here.light() is Light.FULL, "somebody is there"


def test_zero_never_dims(hall: OpenHall) -> None:
    here = hall(dim_after=0)
    here.wait(90_000)
    assert here.light() is Light.FULL


def test_outside_its_hours_the_screen_is_black_and_nobody_is_looked_at(hall: OpenHall) -> None:
    here = hall(NIGHT, screen_hours=WEEK, start="walk_up")
    assert here.light() is Light.DARK
    assert here.brightness() == 0
    assert here.made.control.asked[-1] == "pause"
    assert here.made.window.cursor().shape() == Qt.CursorShape.BlankCursor
    here.made.model.take(looking())  # a picture that was on its way
    assert here.page() is Page.ATTRACT


def test_a_touch_wakes_and_presses_nothing_and_a_visit_follows_as_by_day(hall: OpenHall) -> None:
    here = hall(NIGHT, screen_hours=WEEK)
    here.touch()
    assert here.light() is Light.FULL
    assert here.page() is Page.ATTRACT, "nobody saw the button"
    here.wait(10)
    here.touch()
    assert here.page() is Page.LOOK
    here.made.model.take(looking())
    here.made.model.take(decision())
    here.wait(5)
    assert here.page() is Page.IDENTIFIED
    assert here.light() is Light.FULL
    here.made.model.finish()
    here.wait(WOKEN_SECONDS + 1)
    assert here.light() is Light.DARK


def test_nobody_who_comes_after_a_touch_leaves_it_dark_again(hall: OpenHall) -> None:
    here = hall(NIGHT, screen_hours=WEEK, start="walk_up")
    here.touch()
    assert here.made.control.asked[-1] == "resume"
    here.wait(WOKEN_SECONDS - 1)
    assert here.light() is Light.FULL
    here.wait(2)
    assert here.light() is Light.DARK
    assert here.made.control.asked[-1] == "pause"


def test_a_visit_under_way_when_the_hours_end_goes_on(hall: OpenHall) -> None:
    here = hall(MONDAY.replace(hour=18, minute=59, second=50), screen_hours=WEEK)
    here.touch()
    here.made.model.take(looking())
    here.wait(15)
    assert here.wall > MONDAY.replace(hour=19)
    assert here.light() is Light.FULL
    here.made.model.finish()
    here.wait(1)
    assert here.light() is Light.DARK


def test_in_the_morning_it_is_lit_by_itself(hall: OpenHall) -> None:
    here = hall(MONDAY.replace(hour=7), screen_hours=WEEK, start="walk_up", dim_after=1)
    assert here.light() is Light.DARK
    here.wait(1790)
    assert here.light() is Light.DARK
    here.wait(11)
    assert here.light() is Light.FULL
    assert here.made.control.asked[-1] == "resume"
    assert here.made.window.cursor().shape() != Qt.CursorShape.BlankCursor


def test_staff_at_work_have_light(hall: OpenHall) -> None:
    here = hall(NIGHT, screen_hours=WEEK)
    here.touch()
    here.care.keep_awake(awake=True)
    here.wait(3600)
    assert here.light() is Light.FULL
    here.care.keep_awake(awake=False)
    here.wait(1)
    assert here.light() is Light.FULL
    here.wait(WOKEN_SECONDS)
    assert here.light() is Light.DARK


def test_new_hours_are_followed_at_once(hall: OpenHall) -> None:
    here = hall(screen_hours="")
    assert here.light() is Light.FULL
    here.care.adopt(replace(here.made.settings, screen_hours="Sa 09:00-13:00"))
    here.care.tick()
    assert here.light() is Light.DARK
