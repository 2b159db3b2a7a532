"""docs/accuracy.md in one run: every model that is present on the same protocols."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.errors import InputError
from kiosk.core.media import Modality
from kiosk.core.scoring import Policy
from kiosk.datasets.collections import Collection, Kind, read_collection
from kiosk.datasets.embeddings import Samples
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
from kiosk.evaluation.protocols.decision import Channel, Rates, decision_report, run_cases
from kiosk.evaluation.reporting.report import Report, Table
from kiosk.evaluation.reporting.stages import Stages
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
from kiosk.evaluation.tables.table_voices import (
    Speakers,
    VoiceResult,
    kept_speakers,
    voice_result,
    voices_report,
    who_they_are,
)

DECIDED_SIZES = (10, 29, 100, 1000)
"""Galleries in which the kiosk's own decision is counted."""

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
    speakers: Speakers
    policy: Policy
    join: JoinFor
    fitted: bool
    """Whether calibrations were fitted on one half of the people, rather than shipped."""


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
    """Faces, voices, fusion, the default decision and cost, one after the other."""
    report = Report("Accuracy", facts | machine())
    stages = Stages(run.context.console)
    kept = kept_speakers(run.data.voices, run.speakers)
    results = _faces(run, stages)
    if results:
        report.extend(faces_report(results, fitted=run.fitted))
    heard = _voices(run, kept, stages)
    if heard:
        who = who_they_are(run.data.voices, run.speakers)
        report.extend(voices_report(heard, who, fitted=run.fitted))
    fused = _fusion(run, results, kept, stages)
    if fused:
        report.extend(fusion_report(fused, run.policy.known_share, fitted=run.fitted))
    rates = [] if run.fitted else _decisions(run, results, kept, stages)
    if rates:
        report.extend(decision_report(rates, run.policy.stranger_named_once_in, {}))
    stages.begin("cost")
    report.extend(cost_report(run.faces, run.voices))
    stages.end()
    report.numbers |= {"skipped": dict(run.context.tally.reasons), "stages": stages.seconds}
    return report


def _faces(run: TableRun, stages: Stages) -> list[FaceResult]:
    identities = run.data.identities
    if identities is None:
        return []
    found = []
    for face in with_plain(run.faces):
        stages.begin(f"faces, {face.name}")
        data = (identities, run.data.strangers, run.context, run.seed)
        found.append(face_result(face, *data, fitted=run.fitted))
    return found


def _voices(run: TableRun, kept: Sequence[Collection], stages: Stages) -> list[VoiceResult]:
    found = []
    for voice in with_plain_voices(run.voices) if kept else []:
        stages.begin(f"voices, {voice.name}")
        found.append(voice_result(voice, kept, run.context, run.seed, fitted=run.fitted))
    return found


def _fusion(
    run: TableRun, results: Sequence[FaceResult], kept: Sequence[Collection], stages: Stages
) -> list[FusionResult]:
    """Every calibrated face model with every calibrated voice model."""
    faces = [
        (r.benchmarked, _reported(r, run)) for r in results if r.benchmarked.calibration is not None
    ]
    found = []
    for voice in run.voices:
        if voice.calibration is None or not faces:
            continue
        stages.begin(f"fusion with {voice.name}")
        samples = _heard(voice, kept, run)
        if samples is None:
            continue
        share = run.policy.known_share
        found += [
            fusion_result(face, (voice, samples), share, run.seed, run.join(face[0], voice))
            for face in faces
        ]
    return found


def _reported(result: FaceResult, run: TableRun) -> Samples:
    if not run.fitted or run.data.identities is None:
        return result.samples
    return reporting(result.samples, run.data.identities.of(Kind.PICTURE))


def _heard(
    voice: BenchmarkedVoiceModel, kept: Sequence[Collection], run: TableRun
) -> Samples | None:
    return voices_together(voice, report_halves(kept) if run.fitted else kept, run.context)


def _decisions(
    run: TableRun, results: Sequence[FaceResult], kept: Sequence[Collection], stages: Stages
) -> list[Rates]:
    """The kiosk's own decision with the first calibrated recogniser of each modality."""
    stages.begin("the default decision")
    channels: dict[Modality, Channel] = {}
    for result in results:
        calibration = result.benchmarked.calibration
        if calibration is not None and Modality.FACE not in channels:
            channels[Modality.FACE] = Channel(result.samples, calibration)
    for voice in run.voices:
        samples = _heard(voice, kept, run) if Modality.VOICE not in channels else None
        if samples is not None and voice.calibration is not None:
            channels[Modality.VOICE] = Channel(samples, voice.calibration)
    return run_cases(channels, run.policy, DECIDED_SIZES, run.seed)


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
