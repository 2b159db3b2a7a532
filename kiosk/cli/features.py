"""`kiosk analyse --features --crops`: what researchers take along, one set of files a recording."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kiosk.cli.out_folder import check_folder
from kiosk.core.settings import Settings
from kiosk.recognition import feature_files as files
from kiosk.recognition.features import FeatureExtractor, FeatureSet, TextFeatures, stacked

_DIGITS = 4


@dataclass
class ResearchFiles:
    """Writes NAME.face.npy, NAME.voice.npy, NAME.text.npy and NAME.json into one folder, NAME.crops
    .npy and NAME.crops.json into another; either may be None."""

    settings: Settings
    extractor: FeatureExtractor
    text: TextFeatures | None
    text_model: str
    features: Path | None
    crops: Path | None

    def recording(
        self, file: str, stem: str, text: str | None, elapsed: Callable[[float], None]
    ) -> None:
        """Of one recording, and of the words that belong to it."""
        from kiosk.inference.face.geometry.face_crop import CROP_SIDE
        from kiosk.runtime import composition

        source = composition.open_source(self.settings, file)
        with ExitStack() as opened:
            crop_file = None
            if self.crops is not None:
                stream = opened.enter_context(files.written(self.crops / f"{stem}.crops.npy"))
                crop_file = files.CropFile(stream, CROP_SIDE)
            made = self.extractor.recording(
                source,
                crop_file.add if crop_file is not None else None,
                features=self.features is not None,
                elapsed=elapsed,
            )
            if crop_file is not None:
                crop_file.close()
        if self.crops is not None:
            told = {"file": Path(file).name, "face": _looks(made), "notices": made.notices}
            files.write_json(self.crops / f"{stem}.crops.json", told)
        if self.features is not None:
            self._write_features(self.features, file, stem, made, text)

    def words(self, text: str, stem: str) -> None:
        """Of a sentence alone."""
        if self.features is not None:
            told = self._write_text(self.features, stem, text)
            files.write_json(self.features / f"{stem}.json", {"file": None, "text": told})

    def _write_features(
        self, folder: Path, file: str, stem: str, made: FeatureSet, text: str | None
    ) -> None:
        face, voice = self.extractor.face, self.extractor.voice
        files.write_array(folder / f"{stem}.face.npy", stacked(made.faces, face.dims))
        files.write_array(folder / f"{stem}.voice.npy", stacked(made.voices, voice.dims))
        told = {
            "file": Path(file).name,
            "face": {"model": face.model_id, "dims": face.dims, **_looks(made)},
            "voice": {"model": voice.model_id, "dims": voice.dims, **_windows(made)},
            "text": self._write_text(folder, stem, text) if text is not None else None,
            "notices": made.notices,
        }
        files.write_json(folder / f"{stem}.json", told)

    def _write_text(self, folder: Path, stem: str, text: str) -> dict[str, Any] | None:
        if self.text is None:
            return None
        found = self.text.features(text)
        files.write_array(folder / f"{stem}.text.npy", found)
        rows, dims = found.shape
        return {"model": self.text_model, "dims": dims, "pieces": rows}


def open_research(
    settings: Settings, features: Path | None, crops: Path | None, *, text: bool, force: bool
) -> ResearchFiles | None:
    """What writes them, the models loaded; None where neither is asked for. Says what they are.
    Raises InputError for a folder with something in it, ModelError."""
    folders = [folder for folder in (features, crops) if folder is not None]
    if not folders:
        return None
    for folder in folders:
        check_folder(folder, force=force)
    from kiosk.runtime.features import build_extractor, build_text_features

    words, model = build_text_features(settings) if text and features else (None, "")
    click.echo(f"kiosk: {files.ABOUT}", err=True)
    return ResearchFiles(settings, build_extractor(settings), words, model, features, crops)


def _looks(made: FeatureSet) -> dict[str, Any]:
    return {
        "times": [round(look.time, _DIGITS) for look in made.looks],
        "outcomes": [int(look.outcome) for look in made.looks],
        "quality": [round(look.quality, _DIGITS) for look in made.looks],
    }


def _windows(made: FeatureSet) -> dict[str, Any]:
    return {
        "times": [[round(each.start, _DIGITS), round(each.end, _DIGITS)] for each in made.windows],
        "outcomes": [int(each.outcome) for each in made.windows],
        "speech_seconds": [round(each.speech_seconds, _DIGITS) for each in made.windows],
        "quality": [round(each.quality, _DIGITS) for each in made.windows],
    }
