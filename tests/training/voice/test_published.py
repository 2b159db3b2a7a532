"""The published network becomes the kiosk's file, and what moods change in a voice counts less."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from kiosk.core.errors import InputError, ModelError
from kiosk.datasets.splits import Half, half_of
from kiosk.inference.checkpoint import read_cohort
from kiosk.inference.voice.networks.campplus import CamPlus
from kiosk.inference.voice.networks.folded_campplus import FoldedCamPlus, FoldedConfig, load_folded
from kiosk.training.voice import published
from kiosk.training.voice.data import Recording
from tests.support.speech_files import write_wave
from tests.support.synthetic_voice import syllables

QUIET = Console(quiet=True)
SMALL = FoldedConfig(channels=4, entry=16, growth=8, narrow=16, layers=(2,), dilations=(1,), dims=6)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    file = tmp_path_factory.mktemp("published") / "campplus_cn_en_common.pt"
    torch.save(CamPlus().state_dict(), file)
    return file


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("others")
    for speaker in range(30, 42):
        (folder / f"s{speaker}").mkdir()
        write_wave(folder / f"s{speaker}" / "0.wav", syllables(speaker, 0.8))
    return str(folder)


@pytest.fixture(scope="module")
def actors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("actors")
    for speaker in range(8):
        (folder / f"s{speaker}").mkdir()
        for number in range(3):
            sound = syllables(speaker, 0.8, seed=number)
            write_wave(folder / f"s{speaker}" / f"{number}.wav", sound)
    return folder


def test_a_published_file_becomes_one_of_the_kiosk(
    teacher: Path, actors: Path, others: str, tmp_path: Path
) -> None:
    path = published.adopt(teacher, [str(actors)], [others], tmp_path / "run", QUIET)
    assert path.name == "voice-campplus.safetensors"
    assert load_folded(path).config == FoldedConfig()
    cohort = read_cohort(path)
    assert cohort is not None
    assert cohort.shape[1] == 192


def test_what_is_no_published_network_is_refused(actors: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, file)
    with pytest.raises(ModelError, match="CAM"):
        published.adopt(file, [str(actors)], [], tmp_path / "run", QUIET)


def test_who_was_heard_once_says_nothing_of_moods(teacher: Path, tmp_path: Path) -> None:
    for speaker in range(8):
        write_wave(tmp_path / f"talk/s{speaker}/0.wav", syllables(speaker, 0.8))
    with pytest.raises(InputError, match="several moods"):
        published.adopt(teacher, [str(tmp_path / "talk")], [], tmp_path / "run", QUIET)


def test_a_centroid_stands_for_three_people_or_is_left_out() -> None:
    directions = np.repeat(np.eye(3), 8, axis=0)
    people = np.array([*"abcdefgh", *"aabbaabb", *"klmnopqr"])
    assert len(published.centroids_of(directions, people, 1)) == 2
    with pytest.raises(InputError, match="too few people"):
        published.centroids_of(directions[:0], people[:0], 1)


def test_half_of_those_who_are_not_held_out_teach() -> None:
    everybody = [Recording("set", str(n), f"{n}.wav") for n in range(40)]
    chosen = published.teachers(everybody)
    assert 5 < len(chosen) < 25
    assert all(half_of("set", each.speaker) is Half.REPORT for each in chosen)


def test_what_differs_within_people_counts_less() -> None:
    torch.manual_seed(2)
    net = FoldedCamPlus(SMALL).eval()
    bands = torch.randn(1, 120, 80)
    with torch.inference_mode():
        before = net(bands)[0]
    within = np.diag([9.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    published.install(net, within)
    with torch.inference_mode():
        after = net(bands)[0]
    shrunk = after / before
    assert float(shrunk[0]) < 0.8 * float(shrunk[1])
    assert torch.allclose(shrunk[1:], shrunk[1], atol=1e-4)


def test_the_quiet_before_and_after_is_left_out() -> None:
    speech = syllables(3, 1.0)
    quiet = np.zeros(8000, np.float32)
    found = published.trimmed(np.concatenate([quiet, speech, quiet]))
    assert abs(len(found) - len(speech)) < 2000
