"""A tiny network as an ONNX file: mean of each colour, then one product; written field by field, as
protocol buffers lay them out, since no library here writes ONNX."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FLOAT, _INT = 1, 2
"""Numbers of the types of a tensor and of an attribute."""


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes | str) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _node(kind: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    named = b"".join(_part(1, each) for each in inputs)
    return _part(1, named + _part(2, output) + _part(3, output) + _part(4, kind) + attribute)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    return _part(5, dims + _number(2, _FLOAT) + _part(8, name) + _part(9, values.tobytes()))


def _value(field: int, name: str, shape: tuple[int, ...]) -> bytes:
    dims = b"".join(_part(1, _number(1, size)) for size in shape)
    tensor = _number(1, _FLOAT) + _part(2, dims)
    return _part(field, _part(1, name) + _part(2, _part(1, tensor)))


def mean_colours(weight: NDArray[np.float32], size: int) -> bytes:
    """(1, 3, size, size) -> (1, outputs): `weight` (outputs, 3) times the mean of each colour."""
    transposed = _part(5, _part(1, "transB") + _number(3, 1) + _number(20, _INT))
    graph = (
        _node("GlobalAveragePool", ["data"], "mean")
        + _node("Flatten", ["mean"], "flat")
        + _node("Gemm", ["flat", "weight", "bias"], "fc1", transposed)
        + _part(2, "tiny")
        + _tensor("weight", weight)
        + _tensor("bias", np.zeros(len(weight), np.float32))
        + _value(11, "data", (1, 3, size, size))
        + _value(12, "fc1", (1, len(weight)))
    )
    return _number(1, 7) + _part(7, graph) + _part(8, _part(1, "") + _number(2, 11))
