"""Recordings taken apart into segments: what is in each, and what of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import pytest

from kiosk.core.estimates import Channel
from kiosk.core.media import AudioChunk, Frame, NoticeKind, SourceNotice
from kiosk.core.ports.capture import FrameListener
from kiosk.core.samples import FaceOutcome
from kiosk.recognition.analysis import NOT_READ, Analyser, Analysis
from tests.support.scripted import (
    FPS,
    NOBODY,
    Script,
    picture,
    scripted_estimators,
    scripted_models,
    sound,
)

Event = Frame | AudioChunk | SourceNotice
FACE, VOICE, FUSED = Channel.FACE, Channel.VOICE, Channel.FUSED


class Played(AbstractContextManager["Played"]):
    """A recording of these events."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events, self.closed = events, False
        self.live, self.dropped, self.lost_sound = False, 0, 0.0
        self.preview: FrameListener | None = None

    def __exit__(self, *_: object) -> None:
        self.close()

    def events(self) -> Iterator[Event]:
        yield from self._events

    def close(self) -> None:
        self.closed = True


def scene(seconds: float, who: int | None, says: int | None, start: float = 0.0) -> list[Event]:
    """Somebody before the camera (or nobody), who speaks or not."""
    events: list[Event] = []
    for k in range(round(seconds * FPS)):
        time = start + k / FPS
        if who is not None:
            events.append(picture(who, time, k))
        if says is not None:
            events.append(sound(says, time))
    return events


def analysed(events: Sequence[Event], seconds: float = 1.0, text: str | None = None) -> Analysis:
    pipelines = scripted_models(Script()).pipelines()
    analyser = Analyser(scripted_estimators(), pipelines.face, pipelines.voice, seconds)
    source = Played(events)
    found = analyser.recording(source, "clip", text)
    assert source.closed
    return found


def channels(analysis: Analysis) -> list[list[Channel]]:
    return [[made.channel for made in segment.attributes] for segment in analysis.segments]


def test_segments_follow_each_other_and_hold_what_was_in_them() -> None:
    found = analysed([*scene(2, 0, None), *scene(2, NOBODY, 1, start=2.0)])
    assert [segment.start for segment in found.segments] == [0, 1, 2, 3]
    assert [segment.end for segment in found.segments] == pytest.approx([1, 2, 3, 4], abs=0.05)
    assert channels(found)[:2] == [[FACE, FUSED], [FACE, FUSED]]
    assert all(FACE not in made for made in channels(found)[2:])
    heard = [segment.speech_seconds for segment in found.segments]
    assert heard[:2] == [0.0, 0.0]
    assert all(0.5 < each <= 1.1 for each in heard[2:])
    counts = [sum(segment.face_outcomes.values()) for segment in found.segments]
    assert counts == [FPS] * 4
    assert set(found.segments[0].face_outcomes) == {FaceOutcome.USABLE}
    assert FaceOutcome.USABLE not in found.segments[3].face_outcomes


def test_the_last_segment_is_as_long_as_the_recording() -> None:
    found = analysed(scene(2.5, None, 1))
    assert found.segments[-1].end == pytest.approx(2.5, abs=1 / FPS)
    assert len(found.segments) == 3


def test_nothing_at_all_is_one_empty_segment() -> None:
    found = analysed([])
    (segment,) = found.segments
    assert (segment.start, segment.end, segment.attributes) == (0.0, 0.0, ())
    assert found.whole == ()
    assert found.of(FACE) is None


def test_the_whole_has_each_channel_once_and_text_if_given() -> None:
    found = analysed(scene(3, 0, 1), text="sad")
    assert [made.channel for made in found.whole] == [FACE, VOICE, Channel.TEXT, FUSED]
    face = found.of(FACE)
    assert face is not None
    assert face.age is not None
    assert face.age.years == pytest.approx(30)


def test_notices_are_kept_and_are_no_events() -> None:
    found = analysed(
        [SourceNotice(NoticeKind.DAMAGED, "The sound is damaged."), *scene(1, 0, None)]
    )
    assert found.notices == ("The sound is damaged.",)
    assert found.name == "clip"


def test_what_is_done_is_told_segment_by_segment() -> None:
    told: list[float] = []
    pipelines = scripted_models(Script()).pipelines()
    analyser = Analyser(scripted_estimators(), pipelines.face, pipelines.voice)
    analyser.recording(Played(scene(5, 0, None)), "clip", elapsed=told.append)
    assert told == [2.0, 4.0]


def test_a_second_recording_knows_nothing_of_the_first() -> None:
    pipelines = scripted_models(Script()).pipelines()
    analyser = Analyser(scripted_estimators(), pipelines.face, pipelines.voice, 1.0)
    analyser.recording(Played(scene(1.5, 0, 1)), "first")
    second = analyser.recording(Played(scene(1, NOBODY, None)), "second")
    assert second.whole == ()
    assert [segment.speech_seconds for segment in second.segments] == [0.0]


def test_a_sentence_alone_has_no_segments() -> None:
    pipelines = scripted_models(Script()).pipelines()
    found = Analyser(scripted_estimators(), pipelines.face, pipelines.voice).text("sad")
    assert (found.name, found.segments) == ("text", ())
    assert [made.channel for made in found.whole] == [Channel.TEXT, FUSED]


def test_a_text_that_is_not_read_is_said_to_be_so() -> None:
    pipelines = scripted_models(Script()).pipelines()
    analyser = Analyser(scripted_estimators(), pipelines.face, pipelines.voice)
    found = analyser.text(" ")
    assert (found.whole, found.notices) == ((), (NOT_READ,))
    assert analyser.recording(Played(scene(1, 0, None)), "clip", " ").notices == (NOT_READ,)
    assert analyser.recording(Played(scene(1, 0, None)), "clip", "sad").notices == ()
    assert analyser.recording(Played(scene(1, 0, None)), "clip").notices == ()
