"""What a channel needs to judge its recordings, and which channels there are.

A channel is a function from an `AttributeRun` to its `Judged` sets, in a module of its own
(`face.judge_faces`), named in `CHANNELS`. One without recordings gives no set.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from kiosk.core.errors import InputError
from kiosk.core.estimates import Channel
from kiosk.core.settings import Settings
from kiosk.evaluation.attributes.metrics import Judged
from kiosk.evaluation.extraction.extract import ExtractionContext


@dataclass(frozen=True)
class AttributeRun:
    """One call of the command: the operator's own recordings, or the folder of the shared ones."""

    settings: Settings
    context: ExtractionContext
    shared: Path
    given: tuple[Path, ...] = ()
    limit: int | None = None

    def paths(self, usual: Sequence[str], fits: Callable[[Path], bool]) -> list[Path]:
        """What to judge: the given paths that `fits` this channel, or else those of the `usual`
        places in the shared recordings that are there."""
        if self.given:
            return [path for path in self.given if fits(path)]
        return [path for path in map(self.shared.joinpath, usual) if path.exists()]


Judge: TypeAlias = Callable[[AttributeRun], list[Judged]]

CHANNELS = {
    Channel.FACE: "face.judge_faces",
    Channel.VOICE: "voice.judge_voices",
    Channel.TEXT: "text.judge_text",
    Channel.FUSED: "fusion.judge_fused",
}
"""Module here and function, imported when asked for: they bring torch."""


def judge(channel: Channel) -> Judge:
    """The function of a channel."""
    module, function = CHANNELS[channel].split(".")
    loaded = importlib.import_module(f"kiosk.evaluation.attributes.{module}")
    found: Judge = getattr(loaded, function)
    return found


def judge_all(run: AttributeRun, channels: Sequence[Channel]) -> list[Judged]:
    """Every set of these channels. Raises InputError where there is nothing to judge."""
    sets = [judged for channel in channels for judged in judge(channel)(run)]
    if not sets:
        raise InputError(
            "There are no labelled recordings to judge.",
            "Give an index CSV with emotion, age or gender, or the shared recordings.",
        )
    return sets
