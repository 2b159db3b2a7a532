"""Subjects numbered from 0, so that arrays about them are as long as there are subjects."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kiosk.core.scoring import Ids

_FIRST = 64


class SubjectNumbers:
    """A small number for every subject id that has templates; ids themselves may be of any height.

    The number of a subject without templates is given to the next one who comes.
    """

    def __init__(self) -> None:
        self._number: dict[int, int] = {}
        self._templates: list[int] = []
        self._free: list[int] = []
        self._ids: Ids = np.empty(_FIRST, np.int64)

    def __len__(self) -> int:
        """All numbers are below this."""
        return len(self._templates)

    def take(self, subject_ids: Iterable[int]) -> list[int]:
        """The number of each subject, who gets one template more each time they are named."""
        numbers = [self._number_of(subject_id) for subject_id in subject_ids]
        for number in numbers:
            self._templates[number] += 1
        return numbers

    def release(self, number: int) -> bool:
        """One template less; whether it was the last."""
        self._templates[number] -= 1
        if self._templates[number]:
            return False
        del self._number[int(self._ids[number])]
        self._free.append(number)
        return True

    def numbers(self) -> Ids:
        """Of everyone who has templates, ascending."""
        return np.flatnonzero(self._templates)

    def ids(self, numbers: Ids) -> Ids:
        """The subjects behind numbers."""
        return self._ids[numbers]

    def find(self, subject_ids: Iterable[int]) -> list[int]:
        """The numbers of those subjects who have templates."""
        found = (self._number.get(subject_id) for subject_id in subject_ids)
        return [number for number in found if number is not None]

    def subject_ids(self) -> set[int]:
        """Everyone who has templates."""
        return set(self._number)

    def _number_of(self, subject_id: int) -> int:
        known = self._number.get(subject_id)
        if known is not None:
            return known
        number = self._free.pop() if self._free else self._append()
        self._number[subject_id] = number
        self._ids[number] = subject_id
        return number

    def _append(self) -> int:
        number = len(self._templates)
        self._templates.append(0)
        if number == len(self._ids):
            self._ids = np.concatenate([self._ids, np.empty(number, np.int64)])
        return number
