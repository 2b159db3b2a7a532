"""The recognisers that are present on this machine, loaded for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console

from kiosk.core.errors import ModelError
from kiosk.core.media import Modality
from kiosk.core.settings import Settings
from kiosk.evaluation.extraction.models import BenchmarkedFaceModel, BenchmarkedVoiceModel
from kiosk.inference import manifest
from kiosk.inference.devices import choose_device, limit_threads
from kiosk.inference.face.embedders import build_face
from kiosk.inference.manifest import ModelEntry, Presence
from kiosk.inference.voice.embedders import build_voice


def entries(settings: Settings, modality: Modality, names: Sequence[str] = ()) -> list[ModelEntry]:
    """The recognisers of a modality that are present, best first; or only those named.

    Raises ModelError for a name that is unknown or whose weights are missing.
    """
    known = manifest.embedders(modality)
    if names:
        wanted = [known[name] for name in names if name in known]
        for entry in wanted:
            manifest.locate(entry, settings)
        return wanted
    there = [e for e in known.values() if manifest.presence(e, settings) is Presence.READY]
    return sorted(there, key=lambda entry: -entry.rank)


def check_names(names: Sequence[str]) -> None:
    """Raises ModelError naming the first that is no recogniser."""
    known = [name for modality in Modality for name in manifest.embedders(modality)]
    for name in names:
        if name not in known:
            raise ModelError(f"There is no recogniser {name!r}.", f"Known: {', '.join(known)}.")


def faces(
    settings: Settings, console: Console, names: Sequence[str] = ()
) -> list[BenchmarkedFaceModel]:
    """Face models, loaded; one that cannot be loaded is named and left out unless asked for."""
    limit_threads(settings)
    device = choose_device(settings)
    found = []
    for entry in entries(settings, Modality.FACE, names):
        try:
            embedder = build_face(entry, settings, device)
        except ModelError as error:
            _left_out(entry, error, console, asked=bool(names))
            continue
        size = manifest.locate(entry, settings).stat().st_size
        found.append(
            BenchmarkedFaceModel(
                entry.name, embedder, entry.fitted, parameter_count(embedder), size
            )
        )
    return found


def voices(
    settings: Settings, console: Console, names: Sequence[str] = ()
) -> list[BenchmarkedVoiceModel]:
    """Voice models, loaded; one that cannot be loaded is named and left out unless asked for."""
    limit_threads(settings)
    device = choose_device(settings)
    found = []
    for entry in entries(settings, Modality.VOICE, names):
        try:
            embedder = build_voice(entry, settings, device)
        except ModelError as error:
            _left_out(entry, error, console, asked=bool(names))
            continue
        size = manifest.locate(entry, settings).stat().st_size
        found.append(
            BenchmarkedVoiceModel(
                entry.name, embedder, entry.fitted, parameter_count(embedder), size
            )
        )
    return found


def _left_out(entry: ModelEntry, error: ModelError, console: Console, *, asked: bool) -> None:
    if asked:
        raise error
    console.print(f"{entry.name} is left out: {error}", markup=False, highlight=False)


def parameter_count(embedder: object) -> int:
    """Numbers learnt by the networks an embedder holds."""
    parts: list[Any] = [part for part in vars(embedder).values() if hasattr(part, "parameters")]
    return sum(int(tensor.numel()) for part in parts for tensor in part.parameters())


def with_models(settings: Settings, names: Sequence[str]) -> Settings:
    """The settings with the recognisers of these names. Raises ModelError for an unknown one."""
    check_names(names)
    for modality in Modality:
        for name in names:
            if name in manifest.embedders(modality):
                changed: dict[str, Any] = {f"{modality}_model": name}
                settings = replace(settings, **changed)
    return settings
