"""An analysis as JSON, CSV and text, to the letter, and as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from kiosk.core.errors import StorageError
from kiosk.core.estimates import (
    AgeEstimate,
    AttributeEstimate,
    Channel,
    Emotion,
    GenderEstimate,
)
from kiosk.core.samples import FaceOutcome
from kiosk.recognition import timeline
from kiosk.recognition.analysis import Analysis, Segment
from tests.support.scripted import HAPPY

AGE = AgeEstimate(27.04, 22.0, 34.0, sure=True)
FACE = AttributeEstimate(Channel.FACE, HAPPY, AGE, GenderEstimate(0.12345, sure=True), 0.8)
BARE = AttributeEstimate(Channel.VOICE, None, None, None, 0.6)
FUSED = AttributeEstimate(Channel.FUSED, HAPPY, AGE, GenderEstimate(0.1, sure=True), 0.8)
EMPTY = Segment(2.0, 3.1234, (), {FaceOutcome.TOO_SMALL: 5, FaceOutcome.NO_FACE: 2}, 0.125)
MUTE = Segment(4.0, 5.0)
ANALYSIS = Analysis(
    "clip.mp4",
    (Segment(0.00049, 2.0, (FACE, BARE, FUSED), {FaceOutcome.USABLE: 50}, 1.5), EMPTY, MUTE),
    (FACE, FUSED),
    ("The sound is damaged.",),
)


def test_an_object_for_programs() -> None:
    told = timeline.as_dict(ANALYSIS)
    assert (told["schema"], told["file"]) == (timeline.SCHEMA, "clip.mp4")
    assert told["notices"] == ["The sound is damaged."]
    first, empty, _ = told["segments"]
    assert (first["start"], first["end"], first["speech_seconds"]) == (0.0, 2.0, 1.5)
    assert [made["modality"] for made in first["attributes"]] == ["face", "voice", "fused"]
    assert (empty["end"], empty["speech_seconds"]) == (3.123, 0.12)
    assert empty["face_outcomes"] == {"1": 2, "3": 5}
    assert list(empty["face_outcomes"]) == ["1", "3"]
    assert [made["modality"] for made in told["whole"]] == ["face", "fused"]


def test_rows_of_a_table() -> None:
    rows = list(csv.DictReader(io.StringIO(timeline.as_csv([ANALYSIS]))))
    assert [(row["start"], row["modality"]) for row in rows] == [
        ("0.0", "face"),
        ("0.0", "voice"),
        ("0.0", "fused"),
        ("", "face"),
        ("", "fused"),
    ]
    face, voice = rows[:2]
    assert {row["file"] for row in rows} == {"clip.mp4"}
    assert (face["end"], rows[3]["end"]) == ("2.0", "")
    assert (face["quality"], face["emotion"], face["emotion_sure"]) == ("0.8", "happiness", "True")
    assert float(face["happiness"]) == pytest.approx(max(HAPPY.probabilities))
    assert sum(float(face[kind.name.lower()]) for kind in Emotion) == pytest.approx(1, abs=1e-3)
    assert (face["age"], face["age_low"], face["age_high"]) == ("27.0", "22.0", "34.0")
    assert (face["age_sure"], face["male"], face["gender_sure"]) == ("True", "0.1235", "True")
    empty = set(timeline.COLUMNS) - {"file", "start", "end", "modality", "quality"}
    assert {voice[name] for name in empty} == {""}
    assert timeline.as_csv([]) == ",".join(timeline.COLUMNS) + "\n"


def test_lines_for_people() -> None:
    happy = "happiness 70 %, 22-34 years, female"
    assert timeline.as_text(ANALYSIS).splitlines() == [
        "clip.mp4:",
        f"     0.00 -    2.00 s  {happy} 90 %  by face+voice",
        "     2.00 -    3.12 s  nothing usable (face: too small)",
        "     4.00 -    5.00 s  no usable speech",
        f"  whole, face          {happy} 88 %",
        f"  whole, fused         {happy} 90 %",
        "  note: The sound is damaged.",
    ]
    nothing = timeline.as_text(Analysis("silence.wav"))
    assert nothing.splitlines() == [
        "silence.wav:",
        "  nothing to estimate from: no usable face, speech or words",
    ]


def test_three_files_beside_each_other(tmp_path: Path) -> None:
    written = timeline.write(ANALYSIS, tmp_path / "a" / "b", "clip")
    assert [path.name for path in written] == ["clip.json", "clip.csv", "clip.png"]
    assert json.loads(written[0].read_text("utf-8")) == timeline.as_dict(ANALYSIS)
    assert written[1].read_text("utf-8") == timeline.as_csv([ANALYSIS])
    assert written[2].read_bytes().startswith(b"\x89PNG")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        timeline.write(ANALYSIS, tmp_path / "file", "clip")
