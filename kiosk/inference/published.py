"""Weights that somebody else published with torch.save: read as data and never as code."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

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
