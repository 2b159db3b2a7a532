"""`kiosk analyse`: timelines of attributes; scripted estimators behind the real paths and media."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as PilImage
from referencing import Registry, Resource

from kiosk.cli.main import cli
from kiosk.core.attribute_fusion import wanted
from kiosk.core.errors import InputError, KnownError, SettingsError
from kiosk.core.estimates import Channel
from kiosk.core.settings import Settings
from kiosk.recognition.attribute_gathering import Estimators
from kiosk.runtime import composition
from tests.support.paths import ROOT
from tests.support.recordings import beginning
from tests.support.scripted import scripted_estimators

CLIP = ROOT / "assets" / "demo" / "gureum-2.mp4"
FACE, VOICE, TEXT, FUSED = Channel


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimators that need no weights, limited as the real ones are."""
    monkeypatch.setattr(
        composition,
        "build_estimators",
        lambda settings, *, text: scripted_estimators(wanted(settings)),
    )


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of the recording, long enough for face and voice."""
    return beginning(CLIP, tmp_path_factory.mktemp("clip") / CLIP.name, 3.0)


def analyse(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["analyse", *arguments])


def lines(*arguments: str) -> list[dict[str, Any]]:
    result = analyse(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def fits(line: dict[str, Any]) -> None:
    """Whether a line is as docs/schema/analysis.json says."""
    folder = ROOT / "docs" / "schema"
    schema, headless = (
        json.loads((folder / f"{name}.json").read_text("utf-8"))
        for name in ("analysis", "headless")
    )
    resource = Resource.from_contents(headless)
    registry = Registry().with_resources(
        [("kiosk.headless/1", resource), ("headless.json", resource)]
    )
    jsonschema.Draft202012Validator(schema, registry=registry).validate(line)


def modalities(made: list[dict[str, Any]]) -> list[str]:
    return [estimate["modality"] for estimate in made]


def test_a_clip_has_a_timeline_of_face_voice_and_both(clip: Path) -> None:
    (line,) = lines(str(clip), "--segment", "1")
    fits(line)
    segments = line["segments"]
    assert [s["start"] for s in segments] == pytest.approx(list(range(len(segments))))
    assert all(b["start"] == a["end"] for a, b in pairwise(segments))
    assert {"face", "voice", "fused"} in [set(modalities(s["attributes"])) for s in segments]
    assert modalities(line["whole"]) == ["face", "voice", "fused"]
    assert line["file"] == CLIP.name


def test_text_counts_for_the_whole(clip: Path) -> None:
    (line,) = lines(str(clip), "--text", "나는 지금 너무 슬퍼")
    assert modalities(line["whole"]) == ["face", "voice", "text", "fused"]
    assert "text" not in {m for s in line["segments"] for m in modalities(s["attributes"])}


def test_text_alone() -> None:
    (line,) = lines("--text", "나는 지금 너무 슬퍼")
    fits(line)
    assert line["segments"] == []
    assert line["whole"][0]["emotion"]["top"] == "sadness"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """One frame of the clip."""
    with av.open(str(CLIP)) as container:
        frame = next(container.decode(video=0)).to_ndarray(format="rgb24")
    path = tmp_path / "얼굴.png"
    PilImage.fromarray(frame).save(path)
    return path


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """The clip's sound alone."""
    path = tmp_path / "speech.wav"
    with av.open(str(CLIP)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("pcm_s16le", rate=16_000, layout="mono")
        resampler = av.AudioResampler("s16", "mono", 16_000)
        for frame in source.decode(audio=0):
            for made in resampler.resample(frame):
                target.mux(stream.encode(made))
        target.mux(stream.encode(None))
    return path


def test_a_picture_alone(picture: Path) -> None:
    (line,) = lines(str(picture))
    assert modalities(line["whole"]) == ["face", "fused"]
    assert len(line["segments"]) == 1


def test_sound_alone(speech: Path) -> None:
    (line,) = lines(str(speech))
    assert modalities(line["whole"]) == ["voice", "fused"]
    assert all(segment["face_outcomes"] == {} for segment in line["segments"])


@pytest.mark.parametrize("form", ["text", "csv", "codes"])
def test_every_format_says_the_same(form: str, picture: Path, speech: Path) -> None:
    result = analyse(str(picture), str(speech), "--format", form)
    assert result.exit_code == 0
    if form == "text":
        assert "anger 70 %" in result.stdout
        assert "sadness 60 %" in result.stdout
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert {row["file"] for row in rows} == {picture.name, speech.name}
        assert {row["emotion"] for row in rows} == {"anger", "sadness"}
        assert [row["start"] for row in rows if row["modality"] == "fused"][-1] == ""
    else:
        face, voice = (json.loads(line) for line in result.stdout.splitlines())
        assert face["10002"] == {"face": 0.7, "fused": 0.7}
        assert voice["30002"]["voice"] == 0.98


def test_a_folder_of_results(tmp_path: Path, picture: Path) -> None:
    twin = tmp_path / "other" / picture.name
    twin.parent.mkdir()
    twin.write_bytes(picture.read_bytes())
    out = tmp_path / "out"
    assert analyse(str(CLIP), str(picture), str(twin), "--out", str(out)).exit_code == 0
    stems = [CLIP.stem, picture.stem, f"{picture.stem}-2"]
    expected = {f"{stem}.{kind}" for stem in stems for kind in ("json", "csv", "png")}
    assert {path.name for path in out.iterdir()} == expected
    fits(json.loads((out / f"{CLIP.stem}.json").read_text("utf-8")))
    for stem in stems:
        image = PilImage.open(out / f"{stem}.png")
        assert min(image.size) > 200
        assert len(np.unique(np.asarray(image.convert("L")))) > 10
    again = analyse(str(picture), "--out", str(out))
    assert isinstance(again.exception, InputError)
    assert analyse(str(picture), "--out", str(out), "--force").exit_code == 0


def test_a_bad_file_is_named_and_the_others_are_done(tmp_path: Path, picture: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no recording" * 100)
    result = analyse(str(broken), "none.mp4", str(picture))
    assert result.exit_code == 3
    assert "broken.mp4" in result.stderr
    assert "none.mp4" in result.stderr
    assert "anger" in result.stdout


def test_nothing_usable_is_said(tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    PilImage.fromarray(np.full((360, 640, 3), 127, np.uint8)).save(blank)
    result = analyse(str(blank), "--out", str(tmp_path / "out"))
    assert result.exit_code == 11
    assert "no face" in result.stdout
    assert "nothing to estimate from" in result.stdout


def refused(settings: Settings, *arguments: str) -> KnownError:
    result = CliRunner().invoke(
        cli, ["--set", f"profile={settings.profile}", "--set", f"emotion={settings.emotion}",
              "--set", f"age={settings.age}", "--set", f"gender={settings.gender}",
              "analyse", *arguments]
    )  # fmt: skip
    assert isinstance(result.exception, KnownError), result.output
    return result.exception


@pytest.mark.parametrize("profile", ["workplace", "education"])
def test_a_text_is_refused_where_emotion_is_forbidden(profile: str) -> None:
    error = refused(Settings(profile=profile), "--text", "hello")
    assert isinstance(error, SettingsError)
    assert profile in error.text


def test_switched_off_is_an_error_that_names_the_key() -> None:
    off = replace(Settings(), emotion="off")
    assert "emotion" in refused(off, "--text", "hello").text
    nothing = replace(off, age="off", gender="off")
    assert "age" in refused(nothing, str(CLIP)).text


def test_nothing_to_analyse_is_an_error() -> None:
    assert isinstance(analyse().exception, InputError)


def test_without_a_model_for_text_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = scripted_estimators()
    monkeypatch.setattr(
        composition,
        "build_estimators",
        lambda settings, *, text: Estimators(bare.want, bare.fusion, bare.face, bare.voice),
    )
    error = analyse("--text", "hello").exception
    assert isinstance(error, KnownError)
    assert error.exit_code == 5


def through(path: Path, clip: Path, *arguments: str) -> Result:
    """`analyse` of what another thread writes into a FIFO."""
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(clip.read_bytes(),))
    writer.start()
    try:
        return analyse(*arguments, "--format", "json")
    finally:
        writer.join(10)


def test_what_comes_through_a_pipe_is_analysed_like_the_file(clip: Path, tmp_path: Path) -> None:
    film = tmp_path / "clip.mkv"
    with av.open(str(clip)) as given, av.open(str(film), "w") as made:
        parts = {each.index: made.add_stream_from_template(each) for each in given.streams}
        for packet in given.demux():
            if packet.dts is not None:
                packet.stream = parts[packet.stream_index]
                made.mux(packet)
    result = through(tmp_path / "fifo", film, str(tmp_path / "fifo"))
    [told], [expected] = [json.loads(result.stdout)], lines(str(film))
    assert told | {"file": ""} == expected | {"file": ""}


def test_bare_samples_are_analysed(tmp_path: Path) -> None:
    sound = tmp_path / "sound.raw"
    sound.write_bytes((np.ones(3 * 16_000) * 3277).astype("<i2").tobytes())
    result = through(tmp_path / "fifo", sound, f"pcm:16000:{tmp_path / 'fifo'}")
    assert json.loads(result.stdout)["file"] == "fifo"


def test_what_can_be_read_once_is_not_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    result = analyse(str(tmp_path / "fifo"), "--features", str(tmp_path / "out"))
    assert isinstance(result.exception, InputError)
    assert "can be read only once" in str(result.exception)
    assert not (tmp_path / "out").exists()
