"""The file format of the kiosk's own networks, its errors, and that all shipped files are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from kiosk.core.errors import ModelError
from kiosk.inference.attribute_fusion import read_fusion
from kiosk.inference.checkpoint import (
    HALF_FROM,
    describe,
    load_checkpoint,
    read_cohort,
    save_checkpoint,
    stored,
)
from kiosk.inference.face.attributes import load_net
from kiosk.inference.face.networks.joined import load_own_net
from kiosk.inference.face.networks.mobile import load_mobile_net
from kiosk.inference.face.occlusion import load_cover_head
from kiosk.inference.liveness.lip_sound import load_lip_sound
from kiosk.inference.liveness.network import load_close_net, load_picture_net
from kiosk.inference.manifest import load_manifest, weights_folder
from kiosk.inference.text.emotion import load_text_net
from kiosk.inference.voice.attributes import load_voice_attribute_net
from kiosk.inference.voice.networks.folded_campplus import load_folded
from kiosk.inference.voice.networks.own import load_voice_net

CPU = torch.device("cpu")
WEIGHTS = weights_folder()


@dataclass(frozen=True)
class Inner:
    bound: float = 0.5


@dataclass(frozen=True)
class Sizes:
    inputs: int = 3
    kind: Literal["plain", "wide"] = "plain"
    heard: tuple[int, ...] = (1, 2)
    inner: Inner = field(default_factory=Inner)


class Line(nn.Module):
    def __init__(self, config: Sizes) -> None:
        super().__init__()
        self.config = config
        self.line = nn.Linear(config.inputs, 2)
        self.register_buffer("table", torch.arange(3.0))


def line(path: Path) -> Line:
    file = load_checkpoint(path, network="line", config_class=Sizes)
    return file.build(Line, computed=("table",))


def written(path: Path, tensors: Mapping[str, Tensor] | None = None, **about: str) -> Path:
    """A file as the format says, with some of it changed."""
    described = {
        "format": "kiosk-checkpoint-1",
        "network": "line",
        "version": "1",
        "config": json.dumps({"inputs": 3}),
    }
    kept = stored(Line(Sizes()), ("table",)) if tensors is None else dict(tensors)
    save_file(kept, path, metadata=described | about)
    return path


def test_a_network_comes_back_with_its_config_and_other_parts(tmp_path: Path) -> None:
    net = Line(Sizes(4, "wide", (0, 2), Inner(0.25)))
    path = tmp_path / "net.safetensors"
    tensors = stored(net, ("table",))
    path.write_bytes(save_checkpoint(tensors, network="line", config=net.config, extra=Inner(0.1)))
    back = line(path)
    assert back.config == net.config
    assert torch.equal(back.line.weight, net.line.weight)
    assert not back.training
    file = load_checkpoint(path, network="line", config_class=Sizes)
    assert file.part("extra", Inner) == Inner(0.1)
    assert read_cohort(path) is None


def test_large_tensors_are_kept_in_half_precision_and_small_ones_as_they_are(
    tmp_path: Path,
) -> None:
    path = tmp_path / "net.safetensors"
    tensors = {
        "large": torch.full((HALF_FROM + 1,), 1 / 3),
        "small": torch.full((HALF_FROM,), 1 / 3),
        "exact": torch.full((HALF_FROM + 1,), 1 / 3, dtype=torch.float64),
        "count": torch.arange(HALF_FROM + 1),
    }
    path.write_bytes(save_checkpoint(tensors, network="line", config=Inner()))
    with safe_open(path, framework="pt") as file:
        kinds = {name: file.get_tensor(name).dtype for name in tensors}
    assert kinds == {
        "large": torch.float16,
        "small": torch.float32,
        "exact": torch.float64,
        "count": torch.int64,
    }
    read = load_checkpoint(path, network="line", config_class=Inner).tensors
    assert read["large"].dtype is torch.float32
    assert read["exact"].dtype is torch.float64


def test_a_cohort_belongs_to_no_layer_and_has_rows_of_length_one(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    tensors = stored(Line(Sizes()), ("table",))
    made = save_checkpoint(
        tensors, network="line", config=Sizes(), cohort=torch.tensor([[3.0, 4.0], [0.0, 2.0]])
    )
    path.write_bytes(made)
    assert line(path).config == Sizes()
    cohort = read_cohort(path)
    assert cohort is not None
    torch.testing.assert_close(cohort, torch.tensor([[0.6, 0.8], [0.0, 1.0]]))


def test_an_older_file_without_a_config_has_the_sizes_of_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    save_file(stored(Line(Sizes()), ("table",)), path, metadata={"format": "line-1"})
    assert line(path).config == Sizes()
    save_file(stored(Line(Sizes(4)), ("table",)), path, metadata={"format": "line-1"})
    with pytest.raises(ModelError, match=r"line.weight is 2 x 4 and should be 2 x 3"):
        line(path)


def _no_config(path: Path) -> None:
    about = {"format": "kiosk-checkpoint-1", "network": "line", "version": "1"}
    save_file(stored(Line(Sizes()), ("table",)), path, metadata=about)


def _cut(path: Path) -> None:
    path.write_bytes(written(path).read_bytes()[:-9])


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "does not exist"),
    "folder": (Path.mkdir, "does not exist"),
    "empty": (Path.touch, "is damaged"),
    "nonsense": (lambda path: path.write_bytes(b"nothing of the kind" * 9), "is damaged"),
    "torch file": (lambda path: torch.save({"a": torch.zeros(2)}, path), "is damaged"),
    "cut short": (_cut, "is damaged"),
    "undescribed": (lambda path: save_file({"a": torch.zeros(2)}, path), "no network of the kiosk"),
    "another network": (lambda path: written(path, network="curve"), "holds the network curve"),
    "later version": (lambda path: written(path, version="2"), "holds version 2 of line"),
    "no version": (lambda path: written(path, version="two"), "holds version 0 of line"),
    "later format": (lambda path: written(path, format="kiosk-checkpoint-2"), "is in format 2"),
    "older network": (lambda path: written(path, format="line-3"), "holds version 3 of line"),
    "no config": (_no_config, "net.safetensors lacks its config"),
    "config not JSON": (lambda path: written(path, config="{"), "config of net.safetensors cannot"),
    "config a list": (lambda path: written(path, config="[1]"), "cannot be read"),
    "config a number": (lambda path: written(path, config="7"), "cannot be read"),
    "unknown size": (lambda path: written(path, config='{"depth": 2}'), "'depth' is not known"),
    "size a word": (lambda path: written(path, config='{"inputs": "3"}'), "'3' is no int"),
    "unknown word": (lambda path: written(path, config='{"kind": "odd"}'), "'odd' is none of"),
    "no tuple": (lambda path: written(path, config='{"heard": 1}'), "cannot be read"),
    "inner unknown": (lambda path: written(path, config='{"inner": {"x": 1}}'), "'x' is not known"),
    "impossible size": (lambda path: written(path, config='{"inputs": -1}'), "cannot be built"),
    "other shapes": (
        lambda path: written(path, config='{"inputs": 5}'),
        "line.weight is 2 x 3 and should be 2 x 5",
    ),
    "part missing": (
        lambda path: written(path, {"line.weight": torch.zeros(2, 3)}),
        "line.bias is missing",
    ),
    "part too many": (
        lambda path: written(path, {**stored(Line(Sizes()), ("table",)), "x": torch.zeros(1)}),
        "x belongs to another network",
    ),
}


def test_every_damage_has_its_own_message(tmp_path: Path) -> None:
    wrong = {}
    for name, (make, told) in DAMAGES.items():
        path = tmp_path / name / "net.safetensors"
        path.parent.mkdir()
        make(path)
        with pytest.raises(ModelError) as caught:
            line(path)
        problem = caught.value
        if told not in problem.text or path.name not in problem.text or not problem.remedy:
            wrong[name] = str(problem)
    assert wrong == {}


LOADERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "face-mobile-2": ("kiosk-face-mobile", lambda path: load_mobile_net(path, CPU)),
    "face-mobile": ("kiosk-face-mobile", lambda path: load_mobile_net(path, CPU)),
    "face-own": ("kiosk-face-joined", lambda path: load_own_net(path, CPU)),
    "face-attributes": ("kiosk-face-attributes", lambda path: load_net(path, CPU)),
    "text-emotion": ("kiosk-text-emotion", load_text_net),
    "voice-campplus": ("kiosk-campplus", load_folded),
    "voice-own": ("kiosk-voice-net", load_voice_net),
    "voice-attributes": ("kiosk-voice-attributes", load_voice_attribute_net),
    "attribute-fusion": ("kiosk-attribute-fusion", read_fusion),
    "face-cover": ("", load_cover_head),
    "face-pad": ("kiosk-pad-picture", load_picture_net),
    "face-pad-close": ("kiosk-pad-close", load_close_net),
    "lip-sound": ("kiosk-lip-sound", load_lip_sound),
}


def test_every_shipped_file_is_read_by_its_own_loader_and_no_other() -> None:
    cohorts = {Path(entry.cohort).stem for entry in load_manifest().values() if entry.cohort}
    networks = {path.stem for path in WEIGHTS.glob("*.safetensors")} - cohorts
    assert networks == set(LOADERS)
    wrong = []
    for name in LOADERS:
        for other, (network, load) in LOADERS.items():
            path = WEIGHTS / f"{name}.safetensors"
            reads = network == LOADERS[name][0]
            try:
                load(path)
            except ModelError:
                wrong += [(name, other)] if reads else []
            else:
                wrong += [] if reads else [(name, other)]
            if other == name and describe(path).network != network:
                wrong.append((name, describe(path).network))
    assert wrong == []


def test_every_number_of_a_shipped_network_is_the_files() -> None:
    different = []
    for name, (_, load) in LOADERS.items():
        path = WEIGHTS / f"{name}.safetensors"
        net = load(path)
        if not isinstance(net, nn.Module):
            continue
        state = net.state_dict()
        with safe_open(path, framework="pt") as file:
            for key in set(file.keys()) - {"cohort"}:
                if not torch.equal(state[key], file.get_tensor(key).to(state[key].dtype)):
                    different.append((name, key))
    assert different == []
