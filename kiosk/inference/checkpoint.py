"""The one file format of the kiosk's own networks: safetensors with a description as metadata.

    format    "kiosk-checkpoint-1", what this page describes
    network   which code the tensors belong to, such as "kiosk-face-net"
    version   of that network's layers, a whole number
    config    its dataclass as JSON; other parts of the description have names of their own

Nothing in such a file is ever run: safetensors holds numbers and text alone. Tensors are kept in
half precision where they are large. A tensor named `cohort` (k, dims) belongs to no layer: unit
vectors that stand for no single person, for normalising scores.

Files made before this format say "NETWORK-VERSION" as their format; they are read as they are, and
where they lack a config their network has the sizes of its defaults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import BugError, ModelError

FORMAT = "kiosk-checkpoint"
FORMAT_VERSION = 1
CONFIG = "config"
COHORT = "cohort"
HALF_FROM = 4096
"""Numbers of a tensor from which on it is kept in half precision; small ones are offsets, scales
and statistics, which weigh nothing and whose range may be wide."""
REMEDY = "Restore the project's own copy, or make it anew: `kiosk train --help`."

Config = TypeVar("Config")
Part = TypeVar("Part")
Net = TypeVar("Net", bound=nn.Module)

_UNREADABLE = (SafetensorError, OSError, UnicodeDecodeError)
_BUILDS_NOTHING = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, BugError)
"""What a network's constructor ends in when its sizes make no sense."""


@dataclass(frozen=True)
class Description:
    """What a file says of itself: network, its version, and the parts of its description as JSON.

    A file without any description has the network "".
    """

    network: str
    version: int
    parts: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Checkpoint(Generic[Config]):
    """A file that was read: its configuration, tensors in float32 at least, and other parts."""

    name: str
    """Of the file, for messages."""
    config: Config
    tensors: Mapping[str, Tensor]
    description: Description

    def part(self, name: str, kind: type[Part]) -> Part:
        """Another part of the description as a dataclass. Raises ModelError."""
        return _decoded(self.name, self.description, name, kind)

    def build(self, make: Callable[[Config], Net], *, computed: tuple[str, ...] = ()) -> Net:
        """The network that `make` gives for the configuration, filled and ready to be used.

        Tensors whose names begin with one of `computed` follow from the code and are not in files.

        Raises:
            ModelError: the configuration makes no network, or the tensors belong to another one.
        """
        try:
            net = make(self.config)
        except _BUILDS_NOTHING as problem:
            raise ModelError(
                f"{self.name} describes a network that cannot be built: {problem}.", REMEDY
            ) from problem
        wrong = _misfit(self.tensors, net.state_dict(), computed)
        if wrong:
            raise ModelError(f"{self.name} does not fit its network: {wrong}.", REMEDY)
        net.load_state_dict(layers_of(self.tensors), strict=False)
        return net.eval()


def layers_of(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors but for the cohort."""
    return {name: tensor for name, tensor in tensors.items() if name != COHORT}


def _misfit(
    tensors: Mapping[str, Tensor], wanted: Mapping[str, Tensor], computed: tuple[str, ...]
) -> str:
    """The first thing in which a file differs from a network; empty where they fit."""
    found = layers_of(tensors)
    for name in sorted(wanted.keys() - found.keys()):
        if not name.startswith(computed) or not computed:
            return f"{name} is missing"
    for name, tensor in sorted(found.items()):
        if name not in wanted:
            return f"{name} belongs to another network"
        if tensor.shape != wanted[name].shape:
            return f"{name} is {_size(tensor)} and should be {_size(wanted[name])}"
    return ""


def _size(tensor: Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "one number"


def stored(net: nn.Module, computed: tuple[str, ...]) -> dict[str, Tensor]:
    """The tensors of `net` that go into a file: all but those whose names begin with `computed`."""
    state = net.state_dict()
    return {name: value for name, value in state.items() if not name.startswith(computed)}


def save_checkpoint(
    tensors: Mapping[str, Tensor],
    *,
    network: str,
    config: Any,
    version: int = 1,
    cohort: Tensor | None = None,
    **parts: Any,
) -> bytes:
    """The bytes of a file; `config` and the other `parts` of its description are dataclasses."""
    kept = {name: _kept(tensor) for name, tensor in tensors.items()}
    if cohort is not None:
        kept[COHORT] = _kept(cohort)
    about = {
        "format": f"{FORMAT}-{FORMAT_VERSION}",
        "network": network,
        "version": str(version),
        CONFIG: json.dumps(asdict(config)),
    }
    about |= {name: json.dumps(asdict(part)) for name, part in parts.items()}
    return save(kept, metadata=about)


def _kept(tensor: Tensor) -> Tensor:
    half = tensor.dtype is torch.float32 and tensor.numel() > HALF_FROM
    return (tensor.detach().half() if half else tensor.detach()).contiguous()


def load_checkpoint(
    path: Path,
    *,
    network: str,
    config_class: type[Config],
    version: int = 1,
) -> Checkpoint[Config]:
    """The file at `path`, which must hold this version of this network.

    Raises:
        ModelError: the file is missing or damaged, holds another network or another version of it,
            or its configuration is not one of `config_class`.
    """
    found = describe(path)
    _expect(path, found, network, version)
    config = _decoded(path.name, found, CONFIG, config_class)
    return Checkpoint(path.name, config, read_tensors(path), found)


def describe(path: Path) -> Description:
    """What the file says of itself. Raises ModelError where it is missing or damaged."""
    return _read(path, lambda file: _described(path, file.metadata() or {}))


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of any file of safetensors; half precision becomes float32. Raises ModelError."""
    return _read(path, lambda file: {name: _full(file.get_tensor(name)) for name in file.keys()})  # noqa: SIM118


def read_cohort(path: Path) -> Tensor | None:
    """The cohort (k, dims), rows of length one, None where there is none. Raises ModelError."""

    def read(file: Any) -> Tensor | None:
        if COHORT not in set(file.keys()):
            return None
        return functional.normalize(_full(file.get_tensor(COHORT)))

    return _read(path, read)


def _full(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.dtype is torch.float16 else tensor


def _read(path: Path, read: Callable[[Any], Part]) -> Part:
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist.", REMEDY)
    try:
        with safe_open(path, framework="pt") as file:
            return read(file)
    except _UNREADABLE as problem:
        raise ModelError(f"{path.name} is damaged, or no file of weights.", REMEDY) from problem


def _described(path: Path, about: Mapping[str, str]) -> Description:
    kind, _, number = about.get("format", "").rpartition("-")
    if kind != FORMAT:
        return _described_before(kind, number, about)
    if number != str(FORMAT_VERSION):
        raise ModelError(
            f"{path.name} is in format {number}; this kiosk reads {FORMAT_VERSION}.",
            "Use the version of the kiosk that it was made with, or a newer one.",
        )
    return Description(about.get("network", ""), _number(about.get("version", "")), about)


def _described_before(kind: str, number: str, about: Mapping[str, str]) -> Description:
    """Of a file older than the format: "NETWORK-VERSION", for one network the thresholds in place
    of its config, and for another no format but the id of its model."""
    parts = dict(about)
    if "thresholds" in parts:
        parts.setdefault(CONFIG, parts["thresholds"])
    if kind:
        parts.setdefault(CONFIG, "{}")
    if not kind and parts.get("model_id") == "voice-own":
        return Description("kiosk-voice-net", 1, parts)
    return Description(kind, _number(number), parts)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _expect(path: Path, found: Description, network: str, version: int) -> None:
    if found.network != network:
        what = f"the network {found.network}" if found.network else "no network of the kiosk"
        raise ModelError(f"{path.name} holds {what}, not {network}.", REMEDY)
    if found.version != version:
        raise ModelError(
            f"{path.name} holds version {found.version} of {network}; this kiosk reads {version}.",
            "Use the version of the kiosk that it was made with, or train the network again.",
        )


def _decoded(name: str, found: Description, part: str, kind: type[Part]) -> Part:
    try:
        made: Part = _built(kind, json.loads(found.parts[part]))
    except KeyError as problem:
        raise ModelError(f"{name} lacks its {part}.", REMEDY) from problem
    except (ValueError, TypeError) as problem:
        raise ModelError(f"The {part} of {name} cannot be read: {problem}.", REMEDY) from problem
    return made


def _built(kind: Any, value: Any) -> Any:
    """A value out of JSON as a dataclass, a tuple, one of some words, or a plain value.

    Raises ValueError or TypeError where it is something else.
    """
    if is_dataclass(kind):
        return _built_dataclass(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_built(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{value!r} is none of {', '.join(map(str, get_args(kind)))}")
        return value
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return value


def _built_dataclass(kind: Any, value: Any) -> Any:
    kinds = get_type_hints(kind)
    unknown = sorted(set(value) - set(kinds))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not known")
    return kind(**{name: _built(kinds[name], each) for name, each in value.items()})
