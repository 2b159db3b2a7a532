"""Sentences with emotions: two layouts of files in, texts with shares of the seven emotions out.

    text <TAB> labels <TAB> id     GoEmotions (Demszky et al. 2020), numbers 0-6 of Ekman's emotions
    id <TAB> text <TAB> labels     KOTE (Jeon et al. 2022), numbers 0-43 of its 44 labels

A comment of KOTE has about eight labels of five judges. Its mapping to the seven emotions follows
the table by which GoEmotions groups its own 27: pleasure of any kind is happiness, displeasure with
somebody anger, contempt disgust, unease fear, regret and pity sadness, and what is new or puzzling
surprise; "없음" (none) is neutral. The share of an emotion is the number of its labels, by how many
of them the training comments have on average, so that an emotion with many names does not win by
their number; none counts less, as most comments with it have other labels too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.core.errors import InputError
from kiosk.core.estimates import Emotion

EMOTIONS = tuple(Emotion)
EKMAN = (
    Emotion.ANGER,
    Emotion.DISGUST,
    Emotion.FEAR,
    Emotion.HAPPINESS,
    Emotion.NEUTRAL,
    Emotion.SADNESS,
    Emotion.SURPRISE,
)
"""Which emotion each number of the first layout is."""

KOTE_LABELS = 44
KOTE = {
    Emotion.HAPPINESS: (1, 2, 4, 7, 8, 13, 14, 16, 28, 32, 40, 42, 43),
    Emotion.ANGER: (0, 3, 6, 9, 12, 22, 23, 26),
    Emotion.DISGUST: (20, 21, 31),
    Emotion.FEAR: (18, 35, 41),
    Emotion.NEUTRAL: (24,),
    Emotion.SADNESS: (5, 10, 17, 19, 25, 27, 30, 36, 38),
    Emotion.SURPRISE: (15, 29, 33, 34, 39),
}
"""Labels 11 (비장함, resolve) and 37 (재미없음, boredom) belong to none of the seven."""
NEUTRAL_SHARE = 0.4
"""What "none" counts beside other labels."""

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sentences:
    """`texts` (n); `named` (n, 7) emotions given to each; `share` (n, 7) of each, summing to one;
    `labels` (n, 44) of KOTE; `korean` (n,) whether it is Korean; `key` (n) to split by."""

    texts: tuple[str, ...]
    named: Marks
    share: Floats
    labels: Marks
    korean: Marks
    key: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, chosen: Marks) -> Sentences:
        """Some of them."""
        places = np.flatnonzero(chosen)
        return Sentences(
            tuple(self.texts[place] for place in places),
            self.named[chosen],
            self.share[chosen],
            self.labels[chosen],
            self.korean[chosen],
            tuple(self.key[place] for place in places),
        )


def together(one: Sentences, other: Sentences) -> Sentences:
    """Those of both."""
    return Sentences(
        one.texts + other.texts,
        np.concatenate([one.named, other.named]),
        np.concatenate([one.share, other.share]),
        np.concatenate([one.labels, other.labels]),
        np.concatenate([one.korean, other.korean]),
        one.key + other.key,
    )


def read_sentences(paths: Sequence[Path]) -> Sentences:
    """Every sentence of all files. Raises InputError naming the file and the line."""
    rows = [row for path in paths for row in _rows(path)]
    if not rows:
        raise InputError("There are no sentences to learn from.", "Give --data FILE.tsv.")
    labels = np.zeros((len(rows), KOTE_LABELS), bool)
    named = np.zeros((len(rows), len(EMOTIONS)), bool)
    korean = np.array([row.korean for row in rows])
    for place, row in enumerate(rows):
        if row.korean:
            labels[place, list(row.numbers)] = True
        else:
            named[place, [EMOTIONS.index(EKMAN[number]) for number in row.numbers]] = True
    counts = kote_counts(labels)
    named |= counts > 0
    kept = np.asarray(named.any(1))  # a comment of resolve alone has none of the seven
    key = tuple(row.key for row in rows)
    found = Sentences(
        tuple(row.text for row in rows), named, _shares(named, counts, korean), labels, korean, key
    )
    return found if kept.all() else found.rows(kept)


def kote_counts(labels: Marks) -> Floats:
    """How many labels of each emotion: (n, 44) to (n, 7)."""
    return np.stack([labels[:, list(KOTE[emotion])].sum(1) for emotion in EMOTIONS], 1).astype(
        np.float64
    )


USUAL_COUNTS = np.array([2.358, 2.203, 0.591, 0.328, 0.154, 1.026, 1.039])
"""Labels of each emotion a comment of KOTE has on average; a constant, so that shares do not depend
on what else is read."""


def _shares(named: Marks, counts: Floats, korean: Marks) -> Floats:
    lift = counts / USUAL_COUNTS
    lift[:, EMOTIONS.index(Emotion.NEUTRAL)] *= NEUTRAL_SHARE
    amounts = np.where(korean[:, None], lift, named.astype(np.float64))
    return np.asarray(amounts / np.maximum(amounts.sum(1, keepdims=True), 1e-9))


@dataclass(frozen=True)
class _Row:
    text: str
    numbers: tuple[int, ...]
    korean: bool
    key: str


def _rows(path: Path) -> list[_Row]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read: {error}.", "Give a TSV file.") from error
    return [_row(line, path.name, place) for place, line in enumerate(lines, 1) if line.strip()]


def _row(line: str, name: str, place: int) -> _Row:
    cells = line.split("\t")
    korean = len(cells) == 3 and not _numbers(cells[1]) and bool(_numbers(cells[2]))
    numbers = _numbers(cells[2] if korean else cells[1]) if len(cells) in (2, 3) else ()
    if not numbers or max(numbers) >= (KOTE_LABELS if korean else len(EKMAN)):
        raise InputError(
            f"{name}, line {place}, has no labels known here.",
            "Each line is text, labels, id, or id, text, labels, with tabs between them.",
        )
    if korean:
        return _Row(cells[1], numbers, True, cells[0])
    return _Row(cells[0], numbers, False, cells[2] if len(cells) == 3 else cells[0])


def _numbers(cell: str) -> tuple[int, ...]:
    parts = cell.split(",")
    return tuple(map(int, parts)) if all(part.strip().isdecimal() for part in parts) else ()
