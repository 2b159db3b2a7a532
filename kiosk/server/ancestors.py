"""The requests of the systems this one descends from, answered as they were.

A client names a file on this machine and gets numbered keys back. That is why the mode is off
unless the operator switches it on and names a folder: whoever reaches the service can have what
lies below it read, and enrol whom they like. Any other path is refused, counted and logged.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.core.decisions import Decision, DecisionOutcome
from kiosk.core.errors import InputError, KnownError, SettingsError
from kiosk.core.estimates import AttributeEstimate, Channel, Emotion, Gender
from kiosk.core.media import Modality
from kiosk.core.records import stated_ground
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind
from kiosk.enrolment.collector import Collector
from kiosk.recognition.estimate_formats import AgeCode, age_groups
from kiosk.recognition.formats import Code
from kiosk.runtime.service_tools import ServiceTools
from kiosk.server import work
from kiosk.server.media import MediaLimits, Playing
from kiosk.server.refusals import Invalid, PathRefused
from kiosk.server.uploads import Form
from kiosk.server.worker import Task

_log = logging.getLogger(__name__)
NOT_FOUND = "Can't find target data. Clarify target path"
ENROLLED, RENEWED = "Registration Completed", "Re-registration Completed"
UNKNOWN = "Unknown"
MOST_TESTED = 1000
AGE_CODES = (AgeCode.TWENTIES, AgeCode.THIRTIES, AgeCode.FORTIES)
"""The decades the ancestors knew."""

Keys = dict[str, Any]


@dataclass(frozen=True)
class Places:
    """The keys of the three answers."""

    fused: str
    face: str
    voice: str

    @classmethod
    def of(cls, order: str) -> Places:
        """As described, or in the order of one published server."""
        first, second, third = (str(int(code)) for code in Code)
        if order == "fused_last":
            return cls(fused=third, face=first, voice=second)
        return cls(fused=first, face=second, voice=third)

    def answer(self, fused: str, face: str, voice: str) -> Keys:
        """In the order of the keys."""
        return dict(sorted({self.fused: fused, self.face: face, self.voice: voice}.items()))


LAST = str(int(Code.VOICE))
"""100003, where it is said that an enrolment is complete, in either order."""


@dataclass(frozen=True)
class Asked:
    """One request for an identification."""

    file: Path | None
    label: str
    renew: bool = False
    only_identify: bool = False


# --- paths ---------------------------------------------------------------------------------


class AncestorFolder:
    """The one folder whose files may be named; counts what leads out of it."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where none is named, or it is the whole machine, and where no
        ground says why people may be enrolled; InputError for one that cannot be kept."""
        self.refused = 0
        folder = settings.ancestor_folder
        if folder == Path() or not folder.is_dir() or folder.resolve() == Path("/"):
            raise SettingsError(
                "ancestor_requests needs a folder of its own, and ancestor_folder names none.",
                "Name the folder below which their files lie.",
                key="ancestor_folder",
            )
        if not settings.ancestor_ground.strip():
            raise SettingsError(
                "ancestor_requests enrols people, and ancestor_ground says nothing.",
                "Say which law or contract asks for it.",
                key="ancestor_ground",
            )
        stated_ground(settings.ancestor_ground)
        self.root = folder.resolve()

    def find(self, *parts: str) -> Path | None:
        """The file behind what a client wrote; None where there is none. Raises PathRefused for
        what lies elsewhere, also by way of a link."""
        if any("\0" in part for part in parts):
            raise self._refuse()
        try:
            path = self.root.joinpath(*(part for part in parts if part)).resolve()
        except (OSError, RuntimeError) as error:
            raise self._refuse() from error
        if not path.is_relative_to(self.root):
            raise self._refuse()
        try:
            return path if path.is_file() else None
        except OSError:
            return None

    def _refuse(self) -> PathRefused:
        self.refused += 1
        _log.warning("A path out of the folder of the ancestors' requests was refused.")
        return PathRefused(
            "The path leads out of the folder of this service.",
            "Name a file below the folder in ancestor_folder.",
        )


def label_of(name: str) -> str:
    """The id of the subject: what stands before the last hyphen."""
    stem = Path(name.replace("\\", "/")).stem
    return stem.rpartition("-")[0] or stem


def flag(form: Form, name: str) -> bool:
    """'True' as Python writes it, in any case."""
    return form.text(name, "False").strip().lower() in ("true", "1")


def asked(form: Form, folder: AncestorFolder) -> Asked:
    """What a form asks for, in either variant. Raises Invalid, PathRefused."""
    renew = flag(form, "re_register")
    if "file_path" in form.fields:
        path = form.text("file_path")
        only = flag(form, "identify")
        return Asked(folder.find(path), label_of(path), renew, only)
    name = form.text("name")
    return Asked(folder.find(form.text("path_dir", ""), name), label_of(name), renew)


def asked_to_test(form: Form, folder: AncestorFolder) -> list[Asked]:
    """The files of a test: fields that repeat, or names between commas or on lines. Raises Invalid,
    PathRefused."""
    listed = "\n".join(form.fields.get("test_list", [])).replace(",", "\n").strip("[] \n")
    names = [line.strip(" '\"") for line in listed.splitlines() if line.strip(" '\"")]
    if not names or len(names) > MOST_TESTED:
        raise Invalid("The field test_list is missing.", f"Name one to {MOST_TESTED} files in it.")
    base = form.text("path_dir", "")
    return [Asked(folder.find(base, name), label_of(name)) for name in names]


# --- identification ------------------------------------------------------------------------


def identification(
    tools: ServiceTools, task: Task[Any], limits: MediaLimits, request: Asked
) -> Keys:
    """Identify, enrol or renew, as `Identification_Request` did."""
    places = Places.of(tools.settings.ancestor_order)
    if request.file is None:
        return places.answer(NOT_FOUND, NOT_FOUND, NOT_FOUND)
    try:
        return _answered(tools, task, limits, request, request.file, places)
    except KnownError as error:  # their clients read keys and know no problem documents
        return places.answer(str(error), str(error), str(error))


def _answered(
    tools: ServiceTools,
    task: Task[Any],
    limits: MediaLimits,
    request: Asked,
    file: Path,
    places: Places,
) -> Keys:
    if request.only_identify:
        return _named(_decided(tools, task, limits, file), places)
    held = _modalities(tools, request.label)
    if held is None:
        stored = _enrol(tools, task, limits, file, request.label)
        return _enrolled(stored, ENROLLED, places)
    if request.renew:
        stored = _store(tools, task, limits, file, request.label, EnrolmentKind.REPLACE)
        return _enrolled(stored, RENEWED, places)
    answer = _named(_decided(tools, task, limits, file), places)
    for missing in set(Modality) - held:
        answer |= _added(tools, task, limits, file, request.label, missing, places)
    return answer


def _decided(tools: ServiceTools, task: Task[Any], limits: MediaLimits, file: Path) -> Decision:
    _told, event = work.identify(tools, task, [file], limits)
    return event.decision


def _modalities(tools: ServiceTools, label: str) -> set[Modality] | None:
    """What there is of a subject; None where nobody of that id is enrolled."""
    try:
        subject = tools.gallery.subject(label)
    except InputError:
        return None
    return {each.modality for each in tools.gallery.templates(subject.subject_id)}


def _named(decision: Decision, places: Places) -> Keys:
    return places.answer(
        f"Multi-modal Speaker Recognition - Speaker ID : {_name(decision)}",
        f"Image Based Speaker Recognition - Speaker ID : {_name(decision.face)}",
        f"Voice Based Speaker Recognition - Speaker ID : {_name(decision.voice)}",
    )


def _name(decision: Decision | None) -> str:
    named = decision is not None and decision.outcome is DecisionOutcome.IDENTIFIED
    return decision.top.name if named and decision is not None and decision.top else UNKNOWN


def _enrolled(stored: dict[Modality, int], completed: str, places: Places) -> Keys:
    """What was stored by modality, and under 100003 that it is complete."""
    told = [
        f"{what} Based Speaker Registration - {stored.get(modality, 0)} templates stored"
        for what, modality in (("Image", Modality.FACE), ("Voice", Modality.VOICE))
    ]
    keys = sorted({places.fused, places.face, places.voice} - {LAST})
    return {keys[0]: told[0], keys[1]: told[1], LAST: completed}


def _added(
    tools: ServiceTools,
    task: Task[Any],
    limits: MediaLimits,
    file: Path,
    label: str,
    missing: Modality,
    places: Places,
) -> Keys:
    """A subject enrolled by the other modality alone gets this one too, and the key says so."""
    key, what = (places.face, "Image") if missing is Modality.FACE else (places.voice, "Voice")
    try:
        _store(tools, task, limits, file, label, EnrolmentKind.ADD, missing)
    except KnownError as error:
        return {key: f"{what} Based Speaker Registration - {error}"}
    return {key: f"{what} Based Speaker {ENROLLED}"}


def _enrol(
    tools: ServiceTools, task: Task[Any], limits: MediaLimits, file: Path, label: str
) -> dict[Modality, int]:
    """A new subject by whatever modality suffices. The ancestors did not look for duplicates, and
    their clients cannot be asked."""
    collector = _collected(tools, task, limits, file)
    result = tools.enroller().enrol(
        label,
        collector.collected,
        "file",
        only=_only(tools, collector),
        allow_duplicate=True,
        consent=work.ConsentGiven.by_ground(tools.settings.ancestor_ground).record(),
    )
    return {Modality.FACE: result.faces_used, Modality.VOICE: result.voices_used}


def _store(
    tools: ServiceTools,
    task: Task[Any],
    limits: MediaLimits,
    file: Path,
    label: str,
    kind: EnrolmentKind,
    only: Modality | None = None,
) -> dict[Modality, int]:
    collector = _collected(tools, task, limits, file)
    result = tools.enroller().re_enrol(
        label,
        collector.collected,
        "file",
        kind=kind,
        only=only or _only(tools, collector),
        force=True,
    )
    return {Modality.FACE: result.faces_used, Modality.VOICE: result.voices_used}


def _collected(tools: ServiceTools, task: Task[Any], limits: MediaLimits, file: Path) -> Collector:
    collector = tools.collector()
    collector.read(Playing([file], tools.open_file, limits, task))
    task.check()
    return collector


def _only(tools: ServiceTools, collector: Collector) -> Modality | None:
    """The one modality of which there is enough, where it is one."""
    enough = tools.enroller().enough(collector.collected)
    return next(iter(enough)) if len(enough) == 1 else None


# --- tests ---------------------------------------------------------------------------------


def tested(
    tools: ServiceTools, task: Task[Any], limits: MediaLimits, requests: Sequence[Asked]
) -> Keys:
    """The three accuracies over labelled files, and the CSV of label, prediction and result of
    face and voice together. A file that is not there or cannot be used counts as wrong. Nothing of
    it is enrolled."""
    places = Places.of(tools.settings.ancestor_order)
    lines: list[tuple[str, str, str]] = []
    right = dict.fromkeys((places.fused, places.face, places.voice), 0)
    for number, request in enumerate(requests):
        names = _predicted(tools, task, limits, request, places)
        for key, name in names.items():
            right[key] += _same(name, request.label)
        fused = names[places.fused]
        lines.append((request.label, fused, str(_same(fused, request.label))))
        task.progress = (number + 1) / len(requests)
    kinds = {places.fused: "Multi-modal", places.face: "Image Based", places.voice: "Voice Based"}
    share = {key: 100 * count / len(requests) for key, count in sorted(right.items())}
    told = {
        key: f"{kinds[key]} Speaker Recognition - Accuracy : {value:.2f}"
        for key, value in share.items()
    }
    return {**told, "csv": _table(lines)}


def _predicted(
    tools: ServiceTools, task: Task[Any], limits: MediaLimits, request: Asked, places: Places
) -> dict[str, str]:
    unusable = dict.fromkeys((places.fused, places.face, places.voice), UNKNOWN)
    if request.file is None:
        return unusable
    try:
        decision = _decided(tools, task, limits, request.file)
    except InputError:
        return unusable
    return {
        places.fused: _name(decision),
        places.face: _name(decision.face),
        places.voice: _name(decision.voice),
    }


def _same(name: str, label: str) -> bool:
    return name.casefold() == label.casefold()


def _table(lines: Sequence[tuple[str, str, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([("label", "prediction", "result"), *lines])
    return out.getvalue()


# --- estimates -----------------------------------------------------------------------------


def estimates(
    tools: ServiceTools,
    task: Task[Any],
    limits: MediaLimits,
    file: Path | None,
    text: str | None,
    channel: Channel,
) -> Keys:
    """Codes as numbers: a probability to each of 10001-10007, 20003-20005, 30001 and 30002, years
    under 20000; null for what nothing was said about."""
    if text is not None and tools.estimators.text is None:
        work.read_text(tools, text)  # says why
    analyser = tools.analyser(2.0)
    if file is not None:
        found = analyser.recording(Playing([file], tools.open_file, limits, task), "", text)
    else:
        found = analyser.text(text or "")
    return as_numbers(found.of(channel), emotion_alone=channel is Channel.TEXT)


def as_numbers(made: AttributeEstimate | None, *, emotion_alone: bool = False) -> Keys:
    """The ancestors' codes of one estimate."""
    found: dict[int, float | None] = {int(kind): None for kind in Emotion}
    if not emotion_alone:
        codes = (AgeCode.YEARS, *AGE_CODES, Gender.MALE, Gender.FEMALE)
        found |= {int(code): None for code in codes}
    if made is not None and made.emotion is not None:
        shares = zip(Emotion, made.emotion.probabilities, strict=True)
        found |= {int(kind): round(share, 4) for kind, share in shares}
    if made is not None and made.age is not None and not emotion_alone:
        groups = age_groups(made.age)
        found |= {int(code): round(groups[code], 4) for code in AGE_CODES}
        found[int(AgeCode.YEARS)] = round(made.age.years, 1)
    if made is not None and made.gender is not None and not emotion_alone:
        male = round(made.gender.male, 4)
        found |= {int(Gender.MALE): male, int(Gender.FEMALE): round(1 - male, 4)}
    return {str(code): value for code, value in sorted(found.items())}
