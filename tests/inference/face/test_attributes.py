"""The attribute network: shapes, readout, file, port, calibration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from kiosk.capture.picture import decode_picture
from kiosk.core.errors import ModelError
from kiosk.core.estimates import LEAST_LEAD, Channel
from kiosk.core.samples import LocatedFace
from kiosk.core.settings import Settings
from kiosk.datasets.tight_crops import usual_points
from kiosk.evaluation.extraction.context import face_looker
from kiosk.inference.face.attributes import (
    OLDEST,
    FaceAttributeConfig,
    FaceAttributeNet,
    NetFaceAttributes,
    Readout,
    grey,
    load_face_attributes,
    load_net,
    quantile,
    read_out,
    save_face_attributes,
)
from kiosk.training.attributes import calibration as fit
from kiosk.training.attributes.face_views import plain_view
from tests.support.attribute_faces import SIZE, pattern
from tests.support.paths import ROOT

CPU = torch.device("cpu")
GOLDEN = ROOT / "tests" / "golden" / "face-attributes.npz"


@pytest.fixture(scope="module")
def net() -> FaceAttributeNet:
    """Seeded random weights, large enough for what is seen to reach the answers."""
    torch.manual_seed(3)
    net = FaceAttributeNet(FaceAttributeConfig(mirror=False)).eval()
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return net


# --- network and readout -------------------------------------------------------------------


def test_shapes_of_what_the_network_says(net: FaceAttributeNet) -> None:
    views = torch.from_numpy(np.stack([plain_view(pattern(n), SIZE) for n in range(2)]))
    emotion, age, male = net.logits(views)
    assert emotion.shape == (2, 7)
    assert age.shape == (2, OLDEST + 1)
    assert male.shape == (2,)


def test_a_mirrored_answer_is_the_same_of_the_mirror_image(net: FaceAttributeNet) -> None:
    both = FaceAttributeNet(replace(net.config, mirror=True)).eval()
    both.load_state_dict(net.state_dict())
    view = torch.from_numpy(plain_view(pattern(1), SIZE)[None])
    with torch.no_grad():
        one, other = both.logits(view), both.logits(view.flip(2))
        plain = net.logits(view)
    assert torch.allclose(one[0], other[0], atol=1e-5)
    assert not torch.allclose(one[0], plain[0], atol=1e-5)


@pytest.mark.parametrize(("share", "wanted"), [(0.1, 29.7), (0.5, 30.5), (0.9, 31.3)])
def test_quantiles_lie_between_years(share: float, wanted: float) -> None:
    spread = torch.zeros(1, OLDEST + 1, dtype=torch.float64)
    spread[0, 30] = spread[0, 31] = 0.5
    assert float(quantile(spread, share)) == pytest.approx(wanted)


def test_answers_are_probabilities_and_intervals_hold_their_mean() -> None:
    torch.manual_seed(1)
    readout = Readout(emotion_temperature=2.0, age_temperature=0.1)
    answers = read_out(
        torch.randn(50, 7), 5 * torch.randn(50, OLDEST + 1), torch.randn(50), readout
    )
    assert np.allclose(answers.emotion.sum(1), 1)
    assert ((answers.male > 0) & (answers.male < 1)).all()
    assert (answers.low <= answers.years).all()
    assert (answers.years <= answers.high).all()


def test_a_hotter_emotion_is_less_certain_and_the_same() -> None:
    logits, rest = torch.tensor([[3.0, 0, 0, 0, 0, 0, 1]]), torch.zeros(1, OLDEST + 1)
    cold = read_out(logits, rest, torch.zeros(1), Readout())
    hot = read_out(logits, rest, torch.zeros(1), Readout(emotion_temperature=3.0))
    assert hot.emotion.argmax() == cold.emotion.argmax() == 0
    assert hot.emotion.max() < cold.emotion.max()


def test_the_port_answers_each_face_in_order(net: FaceAttributeNet) -> None:
    rng = np.random.default_rng(5)
    images = [rng.integers(0, 256, (90, 120, 3), dtype=np.uint8) for _ in range(18)]
    faces = [LocatedFace(image, usual_points(image)) for image in images]
    port = NetFaceAttributes(net, CPU)
    found = port.estimate(faces)
    assert len(found) == 18
    alone = port.estimate([faces[17]])[0]
    assert found[17].channel is Channel.FACE
    assert found[17].age is not None
    assert alone.age is not None
    assert found[17].age.years == pytest.approx(alone.age.years, abs=1e-2)
    assert port.estimate([]) == []


def test_colour_changes_nothing_that_luminance_does_not(net: FaceAttributeNet) -> None:
    rng = np.random.default_rng(6)
    colour = cv2.resize(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8), (100, 100))
    image = np.asarray(colour, dtype=np.uint8)
    without = np.repeat(grey(image)[..., None], 3, 2)
    port, points = NetFaceAttributes(net, CPU), usual_points(image)
    seen = port.view(LocatedFace(image, points))
    plain = port.view(LocatedFace(without, points))
    assert np.abs(seen.astype(int) - plain).max() <= 2


@pytest.mark.parametrize("sure", [0.0, 1.01])
def test_not_sure_below_the_threshold(net: FaceAttributeNet, sure: float) -> None:
    readout = Readout(emotion_sure=sure, gender_sure=sure, widest_age=200 * (1 - sure))
    strict = FaceAttributeNet(replace(net.config, readout=readout)).eval()
    image = np.zeros((64, 64, 3), dtype=np.uint8)
    face = LocatedFace(image, usual_points(image))
    found = NetFaceAttributes(strict, CPU).estimate([face])[0]
    assert found.emotion is not None
    assert found.age is not None
    assert found.gender is not None
    if sure:
        assert {found.emotion.sure, found.age.sure, found.gender.sure} == {False}
        return
    # However low the bar: a near tie is not sure, nor the gender of whoever may be a child.
    second, first = sorted(found.emotion.probabilities)[-2:]
    assert found.emotion.sure == (first - second >= LEAST_LEAD)
    assert found.age.sure
    assert found.gender.sure == (not found.age.may_be_child)


# --- file ----------------------------------------------------------------------------------


def test_a_file_gives_back_network_and_readout(net: FaceAttributeNet, tmp_path: Path) -> None:
    net = FaceAttributeNet(replace(net.config, readout=Readout(emotion_sure=0.61)))
    path = tmp_path / "net.safetensors"
    path.write_bytes(save_face_attributes(net))
    back = load_net(path, CPU)
    assert back.config == net.config
    assert torch.allclose(back.head.weight, net.head.weight, atol=1e-3)


@pytest.mark.parametrize("damage", ["missing", "short", "other"])
def test_files_of_another_sort_are_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    if damage == "short":
        path.write_bytes(b"\x10\0\0\0\0\0\0\0{")
    if damage == "other":
        save_file({"weight": torch.zeros(2)}, path, metadata={"format": "something else"})
    with pytest.raises(ModelError, match=r"net\.safetensors"):
        load_net(path, CPU)


def test_golden_answers_of_the_shipped_network() -> None:
    with np.load(GOLDEN) as golden:
        net = load_net(ROOT / "weights" / "face-attributes.safetensors", CPU)
        answers = NetFaceAttributes(net, CPU).answers(list(golden["views"]))
        assert np.allclose(answers.emotion, golden["emotion"], atol=2e-3)
        assert np.allclose(answers.male, golden["male"], atol=2e-3)
        assert np.allclose(answers.years, golden["years"], atol=0.05)
        assert np.allclose(answers.low, golden["low"], atol=0.1)
        assert np.allclose(answers.high, golden["high"], atol=0.1)


def test_sharp_pictures_of_different_people_are_not_all_told_one_emotion() -> None:
    """Emotions are taught in 48 grey pixels; a network that knows the sets apart by their sharpness
    says the same of every camera's picture, for sure."""
    look, port = face_looker(Settings()), load_face_attributes(Settings())
    said = []
    for path in sorted((ROOT / "assets" / "demo" / "stills").glob("*.jpg")):
        image = decode_picture(path.read_bytes(), path.name)
        landmarks = look(image).landmarks
        assert landmarks is not None
        emotion = port.estimate([LocatedFace(image, landmarks)])[0].emotion
        assert emotion is not None
        said.append(emotion)
    chances = np.array([emotion.probabilities for emotion in said])
    assert len(said) == 8
    assert chances.mean(0).max() < 0.8
    assert sum(emotion.sure for emotion in said) <= 4


def test_half_precision_and_single_views_say_nearly_the_same() -> None:
    with np.load(GOLDEN) as golden:
        views = list(golden["views"])
        port = load_face_attributes(Settings())
        both = port.answers(views)
        assert np.allclose(both.emotion, golden["emotion"], atol=0.03)
        assert np.allclose(both.years, golden["years"], atol=1.0)
        sides = [port.answers(views, mirrored) for mirrored in (False, True)]
        flipped = port.answers([np.ascontiguousarray(view[:, ::-1]) for view in views], True)
    assert np.allclose(sides[0].emotion, flipped.emotion, atol=1e-6)
    assert not np.allclose(sides[0].emotion, sides[1].emotion, atol=1e-6)


# --- calibration ---------------------------------------------------------------------------


def test_temperatures_undo_too_much_certainty() -> None:
    rng = np.random.default_rng(0)
    logits = torch.from_numpy(rng.normal(0, 1, (4000, 7)))
    label = torch.multinomial(torch.softmax(logits, 1), 1).squeeze(1)
    assert fit.class_temperature(logits * 3, label) == pytest.approx(3, rel=0.1)
    male = torch.from_numpy(rng.normal(0, 2, 4000))
    drawn = torch.from_numpy(rng.random(4000)) < torch.sigmoid(male)
    assert fit.binary_temperature(male * 2, drawn) == pytest.approx(2, rel=0.1)


def test_coverage_is_met() -> None:
    assert fit.coverage_temperature(lambda t: min(1.0, t / 4), 0.8) == pytest.approx(3.2, rel=1e-3)


def test_sure_begins_where_enough_answers_are_right() -> None:
    highest = np.array([0.9, 0.8, 0.7, 0.6, 0.6, 0.5])
    right = np.array([True, True, False, True, True, False])
    assert fit.sure_from(highest, right, 0.8) == 0.6
    assert fit.sure_from(highest, right, 0.99) == 0.8
    assert fit.sure_from(highest, ~right, 0.99) == 1.0
