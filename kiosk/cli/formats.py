"""What `--headless` can write."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """How decisions are written."""

    TEXT = "text"
    JSON = "json"
    CODES = "codes"
