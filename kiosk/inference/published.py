"""Weights that somebody else published with torch.save: read as data and never as code."""

from __future__ import annotations

import math
import os
import pickle
import struct
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, BinaryIO

import torch

from kiosk.core.errors import ModelError

UNREADABLE = (
    OSError,
    RuntimeError,
    EOFError,
    UnpicklingError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    struct.error,
    RecursionError,
    MemoryError,
)
"""What reading tensors out of some other file ends in."""


@contextmanager
def published(path: Path, network: str, remedy: str) -> Iterator[Any]:
    """The content of `path`, for a block that fills the network of that name with it.

    Raises:
        ModelError: the file is missing or damaged, or the block cannot use what is in it.
    """
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist.", remedy)
    try:
        # int8 tensors make torch warn of a class of its own that the user never sees
        with warnings.catch_warnings(action="ignore"):
            content = torch.load(path, map_location="cpu", weights_only=True)
        yield content
    except UNREADABLE as problem:
        raise ModelError(f"{path.name} does not hold {network}.", remedy) from problem


@contextmanager
def published_module(path: Path, network: str, remedy: str) -> Iterator[dict[str, torch.Tensor]]:
    """Weights by name out of a file in which a whole network was pickled, as torch did before its
    version 1.6, for a block as in `published`. Whatever the file calls by name is an empty shell
    here, and nothing of it is ever run.

    Raises:
        ModelError: see `published`.
    """
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist.", remedy)
    try:
        with path.open("rb") as file:
            yield dict(_weights(_Pickled(file).network()))
    except UNREADABLE as problem:
        raise ModelError(f"{path.name} does not hold {network}.", remedy) from problem


class _Shell:
    """Stands for any object a pickle makes: it keeps what it is given, as an object does."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments


_NUMBERS = {"FloatStorage": torch.float32, "LongStorage": torch.int64}
"""Kinds of storages that weights and counts of batches lie in."""
_HEADER = 3
"""Pickles before the network: torch's mark, its version, the machine it was written on."""


class _Pickled(pickle.Unpickler):
    """Reads one such file; of its names only an ordered mapping means what it says."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._file = file
        self._storages: dict[str, tuple[torch.dtype, int]] = {}
        self._numbers: dict[str, torch.Tensor] = {}
        self._seen: set[int] = set()

    def find_class(self, module: str, name: str) -> Any:
        """An empty shell of that name."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        return type(name, (_Shell,), {})

    def persistent_load(self, pid: Any) -> Any:
        """A class that came with its source, or a storage that follows at the file's end."""
        if pid[0] == "module":
            return pid[1]
        _, kind, key, _, size, _ = pid
        self._storages[key] = (_NUMBERS[kind.__name__], size)
        return key

    def network(self) -> dict[str, Any]:
        """What was pickled: parameters, buffers and parts of each module by name."""
        for _ in range(_HEADER):
            self.load()
        found, keys = self.load(), self.load()
        for key in keys:
            self._numbers[key] = self._read(*self._storages[key])
        return self._filled(found)

    def _read(self, dtype: torch.dtype, size: int) -> torch.Tensor:
        """The numbers of the next storage at the file's end."""
        (count,) = struct.unpack("<q", self._file.read(8))
        if count != size or not 0 < count * dtype.itemsize <= self._left():
            raise ValueError("the numbers of a storage are missing")
        return torch.frombuffer(bytearray(self._file.read(count * dtype.itemsize)), dtype=dtype)

    def _left(self) -> int:
        """Bytes from here to the file's end."""
        return os.fstat(self._file.fileno()).st_size - self._file.tell()

    def _filled(self, shell: Any) -> dict[str, Any]:
        """A pickled module's tensors and parts, each part likewise; every part and every storage
        is used once, so that a small file cannot become a large network."""
        kept = vars(shell)
        if id(shell) in self._seen:
            raise ValueError("a part stands in two places")
        self._seen.add(id(shell))
        tensors = {**kept["_parameters"], **kept["_buffers"]}
        return {
            **{name: self._tensor(value) for name, value in tensors.items() if value is not None},
            **{name: self._filled(part) for name, part in kept["_modules"].items()},
        }

    def _tensor(self, shell: Any) -> torch.Tensor:
        if isinstance(shell.arguments[0], _Shell):
            shell = shell.arguments[0]  # a parameter round its tensor
        key, offset, size, stride, *_ = shell.arguments
        numbers = self._numbers.pop(key)
        if math.prod(size) > len(numbers):
            raise ValueError("a tensor is larger than its storage")
        return torch.as_strided(numbers, size, stride, offset).clone()


def _weights(parts: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    for name, part in parts.items():
        if isinstance(part, torch.Tensor):
            yield f"{prefix}{name}", part
        else:
            yield from _weights(part, f"{prefix}{name}.")
