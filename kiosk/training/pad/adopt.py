"""MiniFASNetV2 as the beginning: its affine layers folded into the convolutions.

The layers are minivision-ai's (Silent-Face-Anti-Spoofing, Apache-2.0). It reads BGR and ends in
three linear maps with nothing between them: red and blue change places in the first layer, and the
three become one. `adopt_close` does the same with MiniFASNetV2-SE as facenox taught and publishes
it (face-antispoof-onnx, Apache-2.0), whose file has its convolutions folded already: it reads RGB
from 0 to 1.
"""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from torch import Tensor

from kiosk.core.errors import ModelError
from kiosk.inference.liveness.network import CLOSE_SIZE, PictureNet, PictureNetConfig
from kiosk.training.pad.onnx_tensors import NotOnnx, onnx_tensors

_EPSILON = 1e-5
_UNITS = (
    "conv_23",
    *(f"conv_3.model.{k}" for k in range(4)),
    "conv_34",
    *(f"conv_4.model.{k}" for k in range(6)),
    "conv_45",
    *(f"conv_5.model.{k}" for k in range(2)),
)


def adopt_published(path: Path) -> dict[str, Tensor]:
    """The state of a `PictureNet` that answers as the published network does.

    Raises ModelError if the file is missing or another network's.
    """
    try:
        given = torch.load(path, map_location="cpu", weights_only=True)
        state = {name.removeprefix("module."): value for name, value in given.items()}
        return _folded(state)
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} is missing.", "Name the published weights.") from error
    except (OSError, RuntimeError, KeyError, AttributeError, pickle.UnpicklingError) as error:
        raise ModelError(
            f"{path.name} does not hold MiniFASNetV2.", "Give 2.7_80x80_MiniFASNetV2.pth."
        ) from error


CLOSE = PictureNetConfig(size=CLOSE_SIZE, weighed=True, classes=2, living=0)
"""What the layers of `adopt_close` are."""
_SLOPES = ("_act.weight", ".first.weight", ".second.weight")
_BRIGHTEST = 255.0


def adopt_close(path: Path) -> dict[str, Tensor]:
    """The state of a `PictureNet` of `CLOSE` that answers as the published file does.

    Raises ModelError if the file is missing or another network's.
    """
    try:
        given = [torch.from_numpy(one) for one in onnx_tensors(path.read_bytes())]
    except FileNotFoundError as error:
        raise ModelError(f"{path.name} is missing.", "Name the published weights.") from error
    except (OSError, NotOnnx) as error:
        raise ModelError(f"{path.name} is no ONNX file.", "Give best_model.onnx.") from error
    wanted = PictureNet(CLOSE).state_dict()
    layers = [name for name in wanted if not name.endswith(_SLOPES) and "head" not in name]
    slopes = [name for name in wanted if name.endswith(_SLOPES)]
    norm, given = given[:4], given[4:]
    named = dict(zip([*layers, *slopes], given, strict=False))
    rest = given[len(named) :]
    fits = len(rest) == 2 and all(
        tensor.numel() == wanted[name].numel() for name, tensor in named.items()
    )
    if not fits or [len(one) for one in norm] != [len(rest[1])] * 4:
        raise ModelError(
            f"{path.name} does not hold MiniFASNetV2-SE.", "Give facenox's best_model.onnx."
        )
    state = {name: tensor.reshape(wanted[name].shape) for name, tensor in named.items()}
    state["stem.weight"] = state["stem.weight"] / _BRIGHTEST
    weight, bias, mean, variance = norm
    scale = weight / torch.sqrt(variance + _EPSILON)
    state["head.weight"] = rest[1].T @ (scale[:, None] * rest[0].T)
    state["head.bias"] = rest[1].T @ (bias - mean * scale)
    return state


def _folded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    out: dict[str, Tensor] = {}

    def put(name: str, source: str, act: str = "") -> None:
        scale = _scale(state, f"{source}.bn")
        out[f"{name}.weight"] = state[f"{source}.conv.weight"] * scale.view(-1, 1, 1, 1)
        out[f"{name}.bias"] = _shift(state, f"{source}.bn", scale)
        if act:
            out[f"{act}.weight"] = state[f"{source}.prelu.weight"]

    put("stem", "conv1", "stem_act")
    out["stem.weight"] = out["stem.weight"].flip(1)
    put("stem_look", "conv2_dw", "stem_look_act")
    for number, source in enumerate(_UNITS):
        unit = f"units.{number}"
        put(f"{unit}.widen", f"{source}.conv", f"{unit}.first")
        put(f"{unit}.look", f"{source}.conv_dw", f"{unit}.second")
        put(f"{unit}.narrow", f"{source}.project")
    put("last", "conv_6_sep", "last_act")
    put("places", "conv_6_dw")
    scale = _scale(state, "bn")
    out["head.weight"] = state["prob.weight"] @ (scale[:, None] * state["linear.weight"])
    out["head.bias"] = state["prob.weight"] @ _shift(state, "bn", scale)
    return out


def _scale(state: dict[str, Tensor], norm: str) -> Tensor:
    return state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + _EPSILON)


def _shift(state: dict[str, Tensor], norm: str, scale: Tensor) -> Tensor:
    return state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
