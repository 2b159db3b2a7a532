"""A face that shows nothing is told no strong emotion: bounds for each emotion, and their fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from click.testing import CliRunner
from PIL import Image

from kiosk.capture.media import MediaSource
from kiosk.cli.main import cli
from kiosk.core.estimates import Emotion
from kiosk.core.media import Frame
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.inference.face.attributes import (
    EMOTIONS,
    NAME,
    NetFaceAttributes,
    load_face_attributes,
    load_net,
)
from kiosk.inference.face.detection import FaceDetector
from kiosk.inference.manifest import find_entry, locate
from kiosk.training.attributes.face_calm import in_less_light, kept_out, out_of_focus
from tests.support.paths import DEMO

CPU = torch.device("cpu")


def first_picture() -> Frame:
    """Of a demo person."""
    with MediaSource(DEMO / "gureum-1.mp4") as source:
        return next(event for event in source.events() if isinstance(event, Frame))


def test_an_emotion_is_sure_from_its_own_bound_on() -> None:
    net = load_net(locate(find_entry(NAME), Settings()), CPU)
    frame = first_picture()
    face = LocatedFace(frame.image, FaceDetector(60).search(frame.image)[0].landmarks)
    found = NetFaceAttributes(net, CPU).estimate([face])[0].emotion
    assert found is not None
    top, highest = EMOTIONS.index(found.top), max(found.probabilities)
    for bound, sure in ((highest - 0.001, True), (highest + 0.001, False)):
        least = tuple(bound if place == top else 1.0 for place in range(len(EMOTIONS)))
        net.config = replace(
            net.config, readout=replace(net.config.readout, emotion_sure=0.0, calm_sure=least)
        )
        told = NetFaceAttributes(net, CPU).estimate([face])[0].emotion
        assert told is not None
        assert told.sure is sure


def test_the_shipped_network_has_bounds_that_were_fitted() -> None:
    readout = load_face_attributes(Settings(emotion="on"))._net.config.readout
    assert len(readout.calm_sure) == len(EMOTIONS)
    assert readout.least(EMOTIONS.index(Emotion.NEUTRAL)) == readout.emotion_sure
    assert max(map(readout.least, range(len(EMOTIONS)))) > readout.emotion_sure


def test_only_neutral_faces_that_were_kept_out_of_training_are_looked_at() -> None:
    emotion = np.tile(np.arange(len(EMOTIONS), dtype=np.float32), 200)
    emotion[::10] = np.nan
    rows = kept_out(emotion, 1)
    assert set(emotion[rows]) == {EMOTIONS.index(Emotion.NEUTRAL)}
    assert 0 < len(rows) < 0.1 * (emotion == EMOTIONS.index(Emotion.NEUTRAL)).sum()
    assert list(rows) != list(kept_out(emotion, 2))


def test_a_view_is_seen_darker_and_out_of_focus() -> None:
    view = np.zeros((1, 20, 20), dtype=np.uint8)
    view[0, :, 10:] = 200
    assert in_less_light(view).max() == 100
    assert len(np.unique(out_of_focus(view))) > 2


def test_the_command_writes_the_network_with_bounds(tmp_path: Path) -> None:
    Image.fromarray(first_picture().image).convert("L").resize((96, 96)).save(tmp_path / "face.png")
    rows = "".join("face.png,neutral\n" for _ in range(400))
    (tmp_path / "faces.csv").write_text(f"file,emotion\n{rows}", encoding="utf-8")
    out = tmp_path / "fitted.safetensors"
    call = ["train", "face-calm", "--data", str(tmp_path / "faces.csv"), "--out", str(out)]
    answer = CliRunner().invoke(cli, call)
    assert answer.exit_code == 0, answer.output
    fitted, shipped = load_net(out, CPU), load_net(locate(find_entry(NAME), Settings()), CPU)
    assert len(fitted.config.readout.calm_sure) == len(EMOTIONS)
    assert all(
        torch.equal(value, shipped.state_dict()[name])
        for name, value in fitted.state_dict().items()
    )


def test_too_few_neutral_faces_are_refused(tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("file,emotion\nface.png,neutral\n", encoding="utf-8")
    call = ["train", "face-calm", "--data", str(tmp_path / "faces.csv"), "--out", "x.safetensors"]
    answer = CliRunner().invoke(cli, call)
    assert answer.exit_code != 0
    assert not (tmp_path / "x.safetensors").exists()
