"""The page of people with 10,000 of them: how long the screens' thread is held up at most."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication

from kiosk.core.records import Consent, PersonSummary
from kiosk.core.subjects import Subject
from kiosk.ui.engine.clients import GalleryClient
from kiosk.ui.staff.people.model import Column
from kiosk.ui.staff.people.page import PeoplePage
from kiosk.ui.toolkit.theme import load_fonts, theme
from tools.benchmarks import Result

PEOPLE = 10_000
STEPS = 200
"""Positions of the scroll bar."""


def run() -> Iterator[Result]:
    """Filling, seeking letter by letter, sorting by every column, scrolling."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(["bench"])
    load_fonts()
    page = PeoplePage(GalleryClient())
    scale = theme().scale(QSize(1920, 1080), 27.0, staff=True)
    page.setStyleSheet(theme().style_sheet(scale))
    page.resize(1920, 1000)
    page.rescale(scale)
    page.show()
    application.processEvents()

    def painted(act: Callable[[], object]) -> float:
        """Milliseconds until it is done and drawn."""
        began = time.perf_counter()
        act()
        application.processEvents()
        return 1000 * (time.perf_counter() - began)

    people = _crowd()
    yield Result("10,000 people shown", painted(partial(page.show_people, people)), "ms")
    typed = ["k", "ki", "kim", "kim 0", "kim 09", "kim 099", ""]
    seeking = [painted(partial(page.search.setText, text)) for text in typed]
    yield Result("a letter typed into the search, slowest", max(seeking), "ms")
    down = Qt.SortOrder.DescendingOrder
    sorting = [painted(partial(page.table.sortByColumn, k, down)) for k in Column]
    yield Result("sorted by a column, slowest", max(sorting), "ms")
    bar = page.table.verticalScrollBar()
    places = [round(bar.maximum() * k / STEPS) for k in range(STEPS)]
    moving = [painted(partial(bar.setValue, place)) for place in places]
    yield Result("scrolled a step, median", statistics.median(moving), "ms")
    yield Result("scrolled a step, slowest of 200", max(moving), "ms")
    page.close()


def _crowd() -> list[PersonSummary]:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    agreed = Consent(when, "1", "ko", "")
    return [
        PersonSummary(
            Subject(k, f"{'Kim' if k % 5 else 'Lee'} {k:05}", when + timedelta(minutes=k)),
            5,
            k % 3,
            when + timedelta(days=k % 90) if k % 4 else None,
            agreed if k % 5 else None,
        )
        for k in range(PEOPLE)
    ]
