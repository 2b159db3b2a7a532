"""Names that look like those of others, told to staff in every way of enrolling."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.core.name_skeleton import name_skeleton
from kiosk.core.subjects import Subject


def looks_like(name: str, subjects: Sequence[Subject]) -> str:
    """What staff read beside a person whose name looks like that of others, else nothing. A number
    that was put behind a name is no part of it."""
    own = name_skeleton(name)
    alike = [s.subject_id for s in subjects if own in (_bare(s.name), name_skeleton(s.name))]
    if not alike:
        return ""
    which = ", ".join(f"no. {number}" for number in alike[:3])
    return f"This name looks like that of somebody enrolled before ({which})."


def _bare(name: str) -> str:
    head, _, last = name.rpartition(" ")
    return name_skeleton(head if last.isdigit() and head else name)
