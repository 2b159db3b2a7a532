"""Within one sex and across channels: who is compared with whom, and what a telephone leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kiosk.core.errors import InputError
from kiosk.datasets.embeddings import Samples
from kiosk.evaluation.extraction.channels import telephone
from kiosk.evaluation.metrics.intervals import Estimate
from kiosk.evaluation.tables.voice_conditions import Harder, across_channels, harder_table
from tests.support.synthetic_voice import syllables


def _samples() -> Samples:
    """Two people with two recordings each, of vectors that say who and which."""
    vectors = np.eye(4, dtype=np.float32)
    return Samples(
        "toy",
        vectors,
        np.ones(4),
        np.array([0, 3, 5, 8]),
        np.array([0, 0, 1, 1]),
        np.array(["f", "f", "m", "m"]),
        np.array(["", "", "", ""]),
    )


def test_no_recording_is_compared_with_itself_through_another_channel() -> None:
    pairs = across_channels(_samples(), _samples())
    assert len(pairs.score) == 12
    assert pairs.score.max() == 0  # of one recording it would be one
    assert pairs.same.sum() == 4


def test_moods_are_compared_across_channels_only_with_others() -> None:
    moods = replace(_samples(), condition=np.array(["calm", "calm", "calm", "angry"]))
    pairs = across_channels(moods, moods)
    assert pairs.same.sum() == 2
    assert set(pairs.a[pairs.same]) == {1}


def test_without_templates_nobody_can_be_compared() -> None:
    with pytest.raises(InputError, match="other channel"):
        across_channels(None, _samples())


def test_a_telephone_leaves_its_band_and_the_sound_of_the_voice() -> None:
    speech = syllables(4, 1.0)
    heard = telephone(speech)
    hertz = np.fft.rfftfreq(len(speech), 1 / 16_000)
    before, after = (np.abs(np.fft.rfft(sound)) ** 2 for sound in (speech, heard))
    outside = (hertz < 250) | (hertz > 3600)
    assert after[outside].sum() < 0.01 * after.sum()
    inside = (hertz > 350) & (hertz < 3300)
    assert after[inside].sum() == pytest.approx(before[inside].sum(), rel=0.05)


def test_a_row_for_every_set_and_model() -> None:
    some = Estimate(0.1, 0.05, 0.2, 40)
    table = harder_table({"a": {"talks": Harder(some, None)}, "b": {"talks": Harder(None, some)}})
    assert [row[0] for row in table.rows] == ["talks, a", "talks, b"]
    assert table.rows[0][2] == table.rows[1][1] == "-"
