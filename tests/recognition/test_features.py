"""Features along a recording: a row for each look and each two seconds, of NaN where nothing is."""

from __future__ import annotations

import numpy as np

from kiosk.core.media import Image
from kiosk.core.samples import VoiceOutcome
from kiosk.recognition.features import LOOKS_A_SECOND, FeatureExtractor, stacked
from tests.support.played_source import PlayedSource
from tests.support.scripted import FPS, NOBODY, Script, picture, scripted_models, sound

SECONDS = 4


def test_rows_stand_for_times_and_what_was_not_there_is_nan() -> None:
    script = Script()
    models = scripted_models(script)
    extractor = FeatureExtractor(models.pipelines, models.face, models.voice, lambda face: None)
    source = PlayedSource()
    for index in range(SECONDS * FPS):
        time = index / FPS
        source.put(picture(0, time, index))
        source.put(sound(1 if time < SECONDS / 2 else 0, time))
    source.close()
    made = extractor.recording(source)
    assert len(made.looks) == SECONDS * LOOKS_A_SECOND
    assert stacked(made.faces, models.face.dims).shape == (len(made.looks), models.face.dims)
    voices = stacked(made.voices, models.voice.dims)
    assert voices.shape == (2, models.voice.dims)
    assert np.isfinite(voices[0]).all()
    assert np.isnan(voices[1]).all()
    assert [each.outcome is VoiceOutcome.NO_SPEECH for each in made.windows] == [False, True]


def test_each_look_is_kept_as_a_crop_and_one_without_a_face_as_none() -> None:
    models = scripted_models(Script())
    extractor = FeatureExtractor(
        models.pipelines, models.face, models.voice, lambda face: face.image
    )
    source = PlayedSource()
    for index in range(FPS):
        source.put(picture(0 if index < FPS / 2 else NOBODY, index / FPS, index))
    source.close()
    crops: list[Image | None] = []
    made = extractor.recording(source, keep_crop=crops.append)
    assert len(crops) == len(made.looks) == LOOKS_A_SECOND
    assert [crop is None for crop in crops] == [False, False, True, True]
    assert [np.isnan(face).all() for face in made.faces] == [False, False, True, True]


def test_windows_lie_on_a_grid_of_two_seconds_wherever_sound_begins() -> None:
    models = scripted_models(Script())
    extractor = FeatureExtractor(models.pipelines, models.face, models.voice, lambda face: None)
    source = PlayedSource()
    for index in range(round(4.5 * FPS)):
        source.put(sound(1, 5.0 + index / FPS))
    source.close()
    made = extractor.recording(source)
    assert [(each.start, round(each.end, 6)) for each in made.windows] == [
        (4.0, 6.0),
        (6.0, 8.0),
        (8.0, 9.48),
    ]
    assert made.looks == []
    assert len(made.voices) == 3
