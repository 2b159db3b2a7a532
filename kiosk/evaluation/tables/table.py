"""docs/accuracy.md in one run: every model that is present on the same protocols."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.datasets.collections import Collection, Kind, read_collection
from kiosk.evaluation.extraction.extract import ExtractionContext
from kiosk.evaluation.extraction.models import (
    BenchmarkedFaceModel,
    BenchmarkedVoiceModel,
    face_milliseconds,
    voice_milliseconds,
    with_plain,
    with_plain_voices,
)
from kiosk.evaluation.protocols.chimeric import Join
from kiosk.evaluation.reporting.report import Report, Table
from kiosk.evaluation.tables.table_faces import (
    FaceResult,
    adults,
    face_result,
    faces_report,
    reporting,
)
from kiosk.evaluation.tables.table_fusion import (
    FusionResult,
    fusion_report,
    fusion_result,
    report_halves,
    voices_together,
)
from kiosk.evaluation.tables.table_voices import kept_speakers, voice_result, voices_report

JoinFor = Callable[[BenchmarkedFaceModel, BenchmarkedVoiceModel], Join | None]
"""Gives the feature-level fusion of two models, None to leave it out."""


@dataclass(frozen=True)
class TableData:
    """The recordings of the table, by the layout of the shared folder."""

    identities: Collection | None
    strangers: Collection | None
    voices: tuple[Collection, ...]


@dataclass(frozen=True, eq=False)
class TableRun:
    """What a run is given."""

    faces: Sequence[BenchmarkedFaceModel]
    voices: Sequence[BenchmarkedVoiceModel]
    data: TableData
    context: ExtractionContext
    seed: int
    everyone: bool
    known_share: float
    join: JoinFor


def find_data(root: Path, limit: int | None) -> TableData:
    """faces/lfw, faces/utkface and voices/* below `root`. Raises InputError if none is there."""
    lfw, utkface = root / "faces/lfw", root / "faces/utkface"
    identities = read_collection(lfw) if lfw.is_dir() else None
    strangers = adults(read_collection(utkface)) if utkface.is_dir() else None
    folders = sorted(path for path in (root / "voices").glob("*") if path.is_dir())
    voices = [read_collection(path) for path in folders]
    if not (identities or voices):
        raise InputError(
            f"{root} holds neither faces/lfw nor voices.", "Name the shared data folder."
        )
    return TableData(
        identities.limited(limit) if identities else None,
        strangers.limited(limit) if strangers else None,
        tuple(voice.limited(limit) for voice in voices),
    )


def run_table(run: TableRun, facts: dict[str, str]) -> Report:
    """Faces, voices, fusion and cost, one after the other."""
    report = Report("Accuracy", facts | machine())
    kept = kept_speakers(run.data.voices, everyone=run.everyone)
    results: list[FaceResult] = []
    if run.data.identities is not None and run.faces:
        results = [
            face_result(face, run.data.identities, run.data.strangers, run.context, run.seed)
            for face in with_plain(run.faces)
        ]
        report.extend(faces_report(results))
    if kept and run.voices:
        heard = [
            voice_result(voice, kept, run.context, run.seed)
            for voice in with_plain_voices(run.voices)
        ]
        report.extend(voices_report(heard, everyone=run.everyone))
    fused = _fusion(run, results, kept)
    if fused:
        report.extend(fusion_report(fused, run.known_share))
    report.extend(cost_report(run.faces, run.voices))
    report.numbers["skipped"] = dict(run.context.tally.reasons)
    return report


def _fusion(
    run: TableRun, results: Sequence[FaceResult], kept: Sequence[Collection]
) -> list[FusionResult]:
    """Every calibrated face model with every calibrated voice model."""
    if run.data.identities is None:
        return []
    faces = [
        (r.benchmarked, reporting(r.samples, run.data.identities.of(Kind.PICTURE)))
        for r in results
        if r.benchmarked.calibration is not None
    ]
    found = []
    for voice in run.voices:
        if voice.calibration is None:
            continue
        samples = voices_together(voice, report_halves(kept), run.context)
        if samples is None:
            continue
        found += [
            fusion_result(
                face, (voice, samples), run.known_share, run.seed, run.join(face[0], voice)
            )
            for face in faces
        ]
    return found


def cost_report(
    faces: Sequence[BenchmarkedFaceModel], voices: Sequence[BenchmarkedVoiceModel]
) -> Report:
    """Milliseconds a sample at batch 1, parameters and file size."""
    report = Report("Cost", {})
    models: list[BenchmarkedFaceModel | BenchmarkedVoiceModel] = [*faces, *voices]
    times = {face.name: face_milliseconds(face.embedder) for face in faces}
    times |= {voice.name: voice_milliseconds(voice.embedder) for voice in voices}
    rows = [
        (
            model.name,
            f"{times[model.name]:.1f}",
            f"{model.parameters / 1e6:.2f} M",
            f"{model.file_bytes / 1e6:.1f} MB",
        )
        for model in models
    ]
    note = (
        "Median of 20, batch 1, alignment or mel features included; a voice sample is 3 s. "
        "Measured in this run, whatever else the machine did."
    )
    report.tables.append(
        Table("Cost", ("model", "ms a sample", "parameters", "file"), tuple(rows), note)
    )
    report.numbers = {
        "cost": {
            model.name: {
                "milliseconds": times[model.name],
                "parameters": model.parameters,
                "bytes": model.file_bytes,
            }
            for model in models
        }
    }
    return report


def machine() -> dict[str, str]:
    """When and where: enough to read times, nothing that identifies a machine."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} processor cores, {platform.machine()}, load {load}",
    }
