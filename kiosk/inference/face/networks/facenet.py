"""facenet-pytorch's networks, imported without what they do not use.

MTCNN takes one function of torchvision, to leave out boxes that overlap. To import torchvision as a
whole is to import all of its models, its data sets and torch's compiler: as much time as torch
itself, at every start of a kiosk.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from importlib.util import find_spec, module_from_spec
from threading import Lock
from types import ModuleType
from typing import Any

import torch

_FOLDERS = ("torchvision", "torchvision.ops", "torchvision.transforms", "facenet_pytorch")
"""Packages whose modules are imported, and whose own `__init__` is not needed."""
_ONE_AT_A_TIME = Lock()


def mtcnn(**settings: Any) -> Any:
    """An MTCNN with the weights in its package."""
    return _module("mtcnn").MTCNN(**settings)


def inception_resnet() -> Any:
    """An InceptionResnetV1 without weights; nothing is downloaded."""
    return _module("inception_resnet_v1").InceptionResnetV1(pretrained=None)


def _module(name: str) -> ModuleType:
    with _ONE_AT_A_TIME:
        return _imported(f"facenet_pytorch.models.{name}")


@cache
def _imported(module: str) -> ModuleType:
    """While it is imported, Python knows of the packages only where their modules lie. Afterwards
    it knows nothing of them, so that whoever imports one later gets the whole of it."""
    if "torchvision" in sys.modules or "facenet_pytorch" in sys.modules:
        return importlib.import_module(module)
    before = set(sys.modules)
    try:
        for package in _FOLDERS:
            _know_where_it_lies(package)
        # The only name that the function takes from its package's `__init__`.
        vars(sys.modules["torchvision"])["_is_tracing"] = torch._C._get_tracing_state
        return importlib.import_module(module)
    finally:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] in _FOLDERS:
                del sys.modules[name]


def _know_where_it_lies(package: str) -> None:
    spec = find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    sys.modules[package] = module_from_spec(spec)
