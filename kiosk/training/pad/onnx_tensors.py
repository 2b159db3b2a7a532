"""The tensors of an ONNX file, read without a package for it.

An ONNX file is a protobuf message; its tensors lie in the field `initializer` (5) of its `graph`
(7), each with `dims` (1), `data_type` (2; 1 is float32) and `raw_data` (9). The rest is passed
over (onnx.proto3, Apache-2.0; "Protocol Buffers encoding").
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_GRAPH, _INITIALIZER = 7, 5
_DIMS, _DATA_TYPE, _RAW_DATA = 1, 2, 9
_FLOAT = 1
_NUMBER, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST_NUMBER = 10


class NotOnnx(ValueError):
    """The bytes are no such file."""


def onnx_tensors(data: bytes) -> list[NDArray[np.float32]]:
    """Those of float32, in the order of the file. Raises NotOnnx."""
    found = []
    for number, graph in _fields(data):
        if number != _GRAPH or not isinstance(graph, bytes):
            continue
        for part, tensor in _fields(graph):
            if part == _INITIALIZER and isinstance(tensor, bytes):
                read = _tensor(tensor)
                if read is not None:
                    found.append(read)
    if not found:
        raise NotOnnx("there is no tensor in it")
    return found


def _tensor(data: bytes) -> NDArray[np.float32] | None:
    """One tensor; None if it is not of float32."""
    dims: list[int] = []
    kind, raw = 0, b""
    for number, value in _fields(data):
        if number == _DIMS:
            dims += list(_numbers(value)) if isinstance(value, bytes) else [value]
        elif number == _DATA_TYPE and isinstance(value, int):
            kind = value
        elif number == _RAW_DATA and isinstance(value, bytes):
            raw = value
    if kind != _FLOAT:
        return None
    if len(raw) != 4 * int(np.prod(dims)):
        raise NotOnnx("a tensor has not the length it says")
    return np.frombuffer(raw, dtype="<f4").reshape(dims).copy()


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The numbers and values of a message's fields."""
    place = 0
    while place < len(data):
        key, place = _number(data, place)
        kind = key & 7
        if kind == _NUMBER:
            value, place = _number(data, place)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            length, place = _number(data, place)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise NotOnnx("a field is of no known kind")
        if place + length > len(data):
            raise NotOnnx("it ends too early")
        yield key >> 3, data[place : place + length]
        place += length


def _numbers(data: bytes) -> Iterator[int]:
    place = 0
    while place < len(data):
        value, place = _number(data, place)
        yield value


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where the next thing begins."""
    value = 0
    for k in range(_LONGEST_NUMBER):
        if place + k >= len(data):
            break
        value |= (data[place + k] & 0x7F) << (7 * k)
        if data[place + k] < 0x80:
            return value, place + k + 1
    raise NotOnnx("a number does not end")
