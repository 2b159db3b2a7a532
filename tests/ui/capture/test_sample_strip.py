"""The strip of samples is drawn when there is something new on it, and not after every picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from kiosk.core.media import Modality
from kiosk.enrolment.guided_capture import CaptureProgress, Goal, Kept, Step
from kiosk.ui.capture.sample_strip import SampleStrip
from kiosk.ui.toolkit.language import Language


def test_it_is_drawn_for_what_is_new_alone(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    strip, drawn = SampleStrip(), list[str]()
    qtbot.addWidget(strip)
    monkeypatch.setattr(strip, "update", lambda: drawn.append(strip.told()))
    first = CaptureProgress(Step.POSES, Goal.STRAIGHT)
    strip.show_progress(first)
    strip.show_progress(replace(first, share=0.5, text="The camera is back."))
    assert drawn == [""]
    taken = replace(first, kept=(Kept(Modality.FACE, 0.8, Goal.STRAIGHT),))
    strip.show_progress(taken)
    strip.show_progress(replace(taken, goal=Goal.LEFT))
    strip.show_progress(replace(taken, goal=Goal.LEFT, left_out=(Goal.UP,)))
    assert len(drawn) == 4
    assert "80 %" in drawn[-1]


def test_it_is_drawn_in_the_language_of_the_moment(qtbot: QtBot) -> None:
    strip, language = SampleStrip(), Language("en")
    qtbot.addWidget(strip)
    taken = CaptureProgress(Step.SPEECH, kept=(Kept(Modality.VOICE, 0.8),))
    strip.show_progress(taken)
    english = (strip.accessibleName(), strip.accessibleDescription())
    language.switch_to("ko")
    strip.show_progress(taken)
    korean = (strip.accessibleName(), strip.accessibleDescription())
    language.close()
    assert all(one != other for one, other in zip(english, korean, strict=True))
