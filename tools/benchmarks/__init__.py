"""Speed and memory, measured by `make bench`; ratios against an alternative of the same run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One figure; `ratio` is how many times better than `against` it is."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None


@dataclass(frozen=True)
class Note:
    """A line in place of figures that could not be taken: what is absent, and how to get it."""

    text: str
