"""The mirror of the walk-up screen: right way round, never waiting, forgetting."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from kiosk.core.media import Frame
from tests.support.ui_support import LANDSCAPE, ScreenMaker, frame, settle


def half_and_half() -> Frame:
    """Left half red, right half blue."""
    image = np.zeros((90, 160, 3), np.uint8)
    image[:, :80, 0] = image[:, 80:, 2] = 255
    return Frame(image, 0.0)


def test_the_picture_is_mirrored_and_keeps_its_shape(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen(LANDSCAPE)
    made.model.start()
    settle()
    camera_preview = made.window.camera_preview
    before = camera_preview.painted
    made.mailbox.put(half_and_half())
    qtbot.waitUntil(lambda: camera_preview.painted > before)
    picture = camera_preview.grab().toImage()
    middle = picture.height() // 5
    left = picture.pixelColor(picture.width() // 8, middle)
    right = picture.pixelColor(picture.width() * 7 // 8, middle)
    assert (left.blue(), left.red()) == (255, 0)
    assert (right.red(), right.blue()) == (255, 0)


def test_preview_is_painted_while_nothing_is_decided(screen: ScreenMaker, qtbot: QtBot) -> None:
    """The engine may be as slow as it likes: pictures come past it."""
    made = screen()
    made.model.start()
    settle()
    before = made.window.camera_preview.painted
    made.mailbox.put(frame(1, 10))
    qtbot.waitUntil(lambda: made.window.camera_preview.painted > before)
    between = made.window.camera_preview.painted
    made.mailbox.put(frame(2, 200))
    qtbot.waitUntil(lambda: made.window.camera_preview.painted > between)


def test_the_mirror_forgets(screen: ScreenMaker, qtbot: QtBot) -> None:
    made = screen()
    made.model.start()
    settle()
    before = made.window.camera_preview.painted
    made.mailbox.put(half_and_half())
    qtbot.waitUntil(lambda: made.window.camera_preview.painted > before)
    made.mailbox.put(half_and_half())
    made.model.finish()
    assert made.mailbox.take() is None
    made.window.stage.setCurrentWidget(made.window.camera_preview)
    picture = made.window.camera_preview.grab().toImage()
    colours = {picture.pixelColor(x, 200).rgb() for x in range(100, 900, 50)}
    assert len(colours) == 1


def test_nothing_is_painted_for_nobody(screen: ScreenMaker) -> None:
    made = screen()
    made.mailbox.put(frame())
    settle()
    assert made.mailbox.take() is not None  # the attract page does not touch the camera's picture
