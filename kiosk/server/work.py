"""What requests ask for, done with the tools of the service's one thread; plain JSON comes out."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.core.attribute_fusion import wanted
from kiosk.core.errors import InputError, ModelError, SettingsError
from kiosk.core.events import VisitDecision, VisitEvent
from kiosk.core.media import Frame, Modality
from kiosk.core.names import clean_name, name_key
from kiosk.core.records import GROUND_VERSION, Consent, stated_ground
from kiosk.core.samples import FaceSample
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.collector import Collector
from kiosk.enrolment.enroller import EnrolmentResult
from kiosk.recognition import timeline
from kiosk.recognition.formats import decision_as_dict
from kiosk.recognition.visit import Visit
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server.media import MediaLimits, Playing, in_order, name_of
from kiosk.server.refusals import NameTaken, UnknownSubject
from kiosk.server.worker import Task
from kiosk.storage import SqlGallery

SCHEMA = "kiosk.service/1"
FACES_A_SECOND = 4.0
MOST_FACES = 400
"""Looks of one request."""

Json = dict[str, Any]
Hears = Callable[[VisitDecision], None]


@dataclass(frozen=True)
class ConsentGiven:
    """That somebody agreed, as the client tells it."""

    version: str
    language: str
    text: str
    witness: str = ""

    @classmethod
    def by_ground(cls, ground: str, witness: str = "") -> ConsentGiven:
        """Another legal ground in its place. Raises InputError."""
        return cls(GROUND_VERSION, "", stated_ground(ground), witness)

    def record(self) -> Consent:
        """With the moment."""
        return Consent(datetime.now(UTC), self.version, self.language, self.text, self.witness)


# --- who it is -----------------------------------------------------------------------------


def identify(
    tools: ServiceTools, task: Task[Any], files: Sequence[Path], limits: MediaLimits
) -> tuple[Json, VisitDecision]:
    """Who is in these files, as one visit; the first final decision, as `--headless --once`."""
    decision, source = _decided(tools.visit, tools, task, files, limits)
    return _told(decision, source), decision


def verify(
    tools: ServiceTools,
    task: Task[Any],
    files: Sequence[Path],
    limits: MediaLimits,
    subject_id: int,
) -> tuple[Json, VisitDecision]:
    """Whether these files are of the subject they claim to be of. Raises UnknownSubject."""
    name = subject_name(tools, subject_id)
    decision, source = _decided(
        lambda publish: tools.claim(subject_id, publish), tools, task, files, limits
    )
    verified = decision.decision.outcome == "identified"
    claimed = {"subject_id": subject_id, "name": name, "verified": verified}
    return claimed | _told(decision, source), decision


def _decided(
    new_visit: Callable[[Callable[[VisitEvent], None]], Visit],
    tools: ServiceTools,
    task: Task[Any],
    files: Sequence[Path],
    limits: MediaLimits,
) -> tuple[VisitDecision, Playing]:
    found: list[VisitDecision] = []

    def hear(event: VisitEvent) -> None:
        if isinstance(event, VisitDecision) and event.final:
            found.append(event)

    visit = new_visit(hear)
    source = Playing(files, tools.open_file, limits, task)
    try:
        with source:
            for event in source.events():
                visit.feed(event)
                if found:
                    break
            else:
                visit.finish()
    finally:
        tools.learner.ended()
    return found[0], source


def _told(decision: VisitDecision, source: Playing) -> Json:
    return {
        "schema": SCHEMA,
        "decision": decision_as_dict(decision),
        "seconds": round(source.seconds, 3),
        "notices": source.notices,
    }


# --- estimates -----------------------------------------------------------------------------


def analyse(
    tools: ServiceTools,
    task: Task[Any],
    files: Sequence[Path],
    limits: MediaLimits,
    text: str | None,
    step: float,
) -> Json:
    """Emotion, age and gender along recordings; see docs/schema/analysis.json."""
    _require_estimates(tools, text)
    done = []
    for file in in_order(files):
        source = Playing([file], tools.open_file, limits, task)
        found = tools.analyser(step).recording(source, name_of(file), text)
        done.append(timeline.as_dict(found))
        task.progress = len(done) / len(files)
    return {"schema": SCHEMA, "analyses": done}


def read_text(tools: ServiceTools, text: str) -> Json:
    """The emotion of a sentence."""
    _require_estimates(tools, text)
    if tools.estimators.text is None:
        raise ModelError("There is no model for text.", "`kiosk models list` shows what there is.")
    return {"schema": SCHEMA, "analyses": [timeline.as_dict(tools.analyser(2.0).text(text))]}


def _require_estimates(tools: ServiceTools, text: str | None) -> None:
    want = wanted(tools.settings)
    if not want.anything:
        raise SettingsError(
            "emotion, age and gender are all switched off.", "Switch one on: --set age=on."
        )
    if text is not None and not want.emotion:
        profile = tools.settings.profile
        reason = f"the profile is {profile!r}"
        if profile == "standard":
            reason = "the setting emotion is off"
        raise SettingsError(
            f"Emotion is not estimated, for {reason}.",
            "Ask for something else, or see the setting emotion.",
        )


# --- faces ---------------------------------------------------------------------------------


def faces(
    tools: ServiceTools,
    task: Task[Any],
    files: Sequence[Path],
    limits: MediaLimits,
    *,
    crops: bool,
) -> Json:
    """Face preprocessing alone: four looks a second, each with its outcome 0-6 and the face cut
    out as PNG."""
    source = Playing(files, tools.open_file, limits, task)
    pipeline = tools.models.pipelines().face
    looks: list[Json] = []
    next_look = 0.0
    with source:
        for event in source.events():
            if not isinstance(event, Frame):
                continue
            sample = pipeline.look(event)
            if event.time + 1e-6 < next_look or len(looks) >= MOST_FACES:
                continue
            next_look = event.time + 1 / FACES_A_SECOND - 1e-6
            looks.append(_look(sample, crops=crops))
    return {
        "schema": SCHEMA,
        "faces": looks,
        "seconds": round(source.seconds, 3),
        "notices": source.notices,
    }


def _look(sample: FaceSample, *, crops: bool) -> Json:
    box, pose, marks = sample.box, sample.pose, sample.landmarks
    height, width = sample.frame.image.shape[:2]
    return {
        "time": round(sample.frame.time, 3),
        "outcome": int(sample.outcome),
        "outcome_name": sample.outcome.name.lower(),
        "hint": sample.hint.value if sample.hint is not None else None,
        "quality": round(sample.quality, 4),
        "face_count": sample.face_count,
        "picture": {"width": width, "height": height},
        "box": (
            {key: round(float(value), 1) for key, value in vars(box).items()}
            if box is not None
            else None
        ),
        "landmarks": [[round(float(v), 1) for v in mark] for mark in marks]
        if marks is not None
        else None,
        "pose": (
            {key: round(float(value), 1) for key, value in vars(pose).items()}
            if pose is not None
            else None
        ),
        "crop": _crop(sample) if crops else None,
    }


def _crop(sample: FaceSample) -> str | None:
    """The aligned face, PNG in base64."""
    import cv2

    from kiosk.inference.face.geometry.face_crop import face_crop

    face = face_crop(sample.located) if sample.located is not None else None
    if face is None:
        return None
    encoded, png = cv2.imencode(".png", face[:, :, ::-1])
    return base64.b64encode(png.tobytes()).decode() if encoded else None


# --- people --------------------------------------------------------------------------------


def subject_name(tools: ServiceTools, subject_id: int) -> str:
    """The name behind an id. Raises UnknownSubject."""
    with unknown("Nobody of that id is enrolled."):
        return tools.gallery.subject_name(subject_id)


@contextmanager
def unknown(text: str | None = None) -> Iterator[None]:
    """An InputError of the gallery inside is that nobody like that is enrolled."""
    try:
        yield
    except InputError as error:
        remedy = "GET /v1/subjects lists everyone." if text else error.remedy
        raise UnknownSubject(text or error.text, remedy) from error


def require_free(gallery: SqlGallery, name: str) -> None:
    """Raises NameTaken; InputError for a name that cannot be used."""
    wanted_key = name_key(clean_name(name))
    try:
        gallery.require_free(name)
    except InputError as error:
        if any(name_key(each.name) == wanted_key for each in gallery.subjects()):
            raise NameTaken(error.text, error.remedy) from error
        raise


def enrol(
    tools: ServiceTools,
    task: Task[Any],
    files: Sequence[Path],
    limits: MediaLimits,
    name: str,
    *,
    note: str = "",
    only: Modality | None = None,
    allow_duplicate: bool = False,
    consent: ConsentGiven | None = None,
) -> Json:
    """A new subject. Raises NameTaken, EnrolmentRefused, InputError."""
    require_free(tools.gallery, name)
    collector = _collected(tools, task, files, limits)
    result = tools.enroller().enrol(
        name,
        collector.collected,
        "file",
        only=only,
        allow_duplicate=allow_duplicate,
        note=note,
        consent=consent.record() if consent is not None else None,
    )
    return _enrolled(tools, result)


def re_enrol(
    tools: ServiceTools,
    task: Task[Any],
    files: Sequence[Path],
    limits: MediaLimits,
    subject_id: int,
    *,
    kind: EnrolmentKind,
    only: Modality | None = None,
    force: bool = False,
    consent: ConsentGiven | None = None,
) -> Json:
    """New templates of a subject. Raises UnknownSubject, EnrolmentRefused, InputError."""
    name = subject_name(tools, subject_id)
    collector = _collected(tools, task, files, limits)
    result = tools.enroller().re_enrol(
        name,
        collector.collected,
        "file",
        kind=kind,
        only=only,
        force=force,
        consent=consent.record() if consent is not None else None,
    )
    return _enrolled(tools, result)


def _collected(
    tools: ServiceTools, task: Task[Any], files: Sequence[Path], limits: MediaLimits
) -> Collector:
    collector = tools.collector()
    for number, file in enumerate(in_order(files)):
        collector.read(Playing([file], tools.open_file, limits, task))
        task.progress = (number + 1) / len(files)
    task.check()
    return collector


def _enrolled(tools: ServiceTools, result: EnrolmentResult) -> Json:
    subject_id = result.record.subject_id
    return {
        "subject_id": subject_id,
        "name": tools.gallery.subject_name(subject_id),
        "kind": result.record.kind.value,
        "face_templates": result.faces_used,
        "face_samples_dropped": result.faces_dropped,
        "voice_templates": result.voices_used,
        "speech_seconds": round(result.speech_seconds, 2),
    }


def is_other_name(old: str, new: str) -> bool:
    """Whether a new name is more than another spelling of the old one. Raises InputError."""
    return name_key(old) != name_key(clean_name(new))
