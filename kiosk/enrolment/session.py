"""Enrolment at the kiosk: one person at a time, on the engine's thread.

The screens ask for steps by commands and get typed results; models, gallery and source stay here.
Nothing is stored before `save`, and `leave` forgets every sample.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kiosk.core.errors import BugError, EnrolmentRefused, InputError, Interrupted, NotReady
from kiosk.core.liveness import Liveness, LivenessOutcome
from kiosk.core.media import AudioChunk, Frame, Modality, NoticeKind, SourceNotice
from kiosk.core.names import clean_name
from kiosk.core.ports.audit import Act
from kiosk.core.ports.capture import Source, length_of
from kiosk.core.records import Consent, Origin
from kiosk.core.redaction import log_failure
from kiosk.core.settings import Settings
from kiosk.core.subjects import EnrolmentKind, Template
from kiosk.enrolment.collector import Collected, Collector
from kiosk.enrolment.enroller import Enroller, EnrolmentResult
from kiosk.enrolment.guided_capture import CaptureProgress, GuidedCapture, Step
from kiosk.enrolment.living import (
    FROM_FILES,
    SWITCHED_OFF,
    NotLiving,
    despite_note,
    is_doubtful,
)
from kiosk.enrolment.names_alike import looks_like
from kiosk.enrolment.review import Review, ReviewedGallery, Reviewer
from kiosk.enrolment.selection import consistent_faces, dropped_faces
from kiosk.enrolment.self_enrolment import Tries, is_full, numbered_name
from kiosk.recognition.identification import Identifier, Models
from kiosk.recognition.liveness import LivenessCheck
from kiosk.recognition.liveness_gathering import PadModels
from kiosk.recognition.turn_request import NOT_TURNED

_log = logging.getLogger(__name__)
OpenFile = Callable[[Path], Source]
LIVE_SOURCE = "kiosk"
SELF_SOURCE = "self"
FILE_SOURCE = "file"
TELL_EVERY = 0.5
"""Seconds of a recording after which it is told how far it was read."""


@dataclass(frozen=True)
class EnrolmentRequest:
    """Whom to enrol and how. For ADD and REPLACE the name is that of a subject; `alone` is somebody
    who enrols themselves, without staff. `despite` is why staff save although no living person
    seems to have been captured."""

    name: str
    kind: EnrolmentKind
    consent: Consent | None = None
    alone: bool = False
    despite: str = ""


class SelfEnrolmentClosed(EnrolmentRefused):
    """Nobody may enrol themselves now: it is not allowed, or too many wait for staff."""

    def __init__(self) -> None:
        super().__init__("Enrolling oneself is not possible now.", "Ask a member of staff.")


class TooFewSamples(EnrolmentRefused):
    """There are too few usable samples of either modality; `hint` is the commonest cause."""

    def __init__(self, collected: Collected, settings: Settings) -> None:
        super().__init__("There are too few usable samples.", "Record again.")
        self.faces = len(consistent_faces(collected.faces))
        self.faces_needed = settings.enrol_faces
        self.speech = collected.speech_seconds
        self.speech_needed = settings.enrol_speech
        common = collected.hints.most_common(1)
        self.hint = common[0][0] if common else None


@dataclass(frozen=True)
class FileProgress:
    """Reading files: how many of how many are done; `bad` could not be read. `share` of the file
    that is being read is done, 0..1, where its length is known."""

    done: int
    total: int
    bad: int = 0
    share: float = 0.0


Told = CaptureProgress | FileProgress


class EnrolmentSession:
    """Capture, review, save; `tell` hears of the progress."""

    def __init__(
        self,
        models: Models,
        identifier: Identifier,
        gallery: ReviewedGallery,
        settings: Settings,
        open_file: OpenFile,
        tell: Callable[[Told], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._models = models
        self._gallery = gallery
        self._settings = settings
        self._open_file = open_file
        self._tell = tell
        self._enroller = Enroller(models, identifier, gallery, settings)
        self._reviewer = Reviewer(identifier, gallery, settings)
        self._capture: GuidedCapture | None = None
        self._collected: Collected | None = None
        self._source = LIVE_SOURCE
        self._camera = True
        self._alone = False
        self._check = LivenessCheck(PadModels(), required=False)
        self._liveness = SWITCHED_OFF
        self._alone = self._turned = False
        self._now = now
        self._tries = Tries(identifier.face_ratio)

    @property
    def active(self) -> bool:
        """Whether what the source gives is for this."""
        return self._capture is not None

    def look_for_living(self, check: LivenessCheck) -> None:
        """Judge every capture from now on by this check, which is the session's own."""
        self._check = check

    # --- samples -------------------------------------------------------------------------

    def check(self, plan: EnrolmentRequest) -> None:
        """Before anybody takes the trouble: raises InputError for a name that is taken (NEW),
        unknown (ADD, REPLACE) or unusable; for who is alone what `admit` raises, and nothing that
        tells whose names are known here."""
        if plan.alone:
            self.admit()
        self._alone = plan.alone
        if plan.alone:
            clean_name(plan.name)
        elif plan.kind is not EnrolmentKind.NEW:
            self._gallery.subject(plan.name)
        else:
            self._gallery.require_free(plan.name)

    def admit(self) -> None:
        """Before somebody who is alone is asked anything. Raises SelfEnrolmentClosed, also while
        samples that staff took wait to be saved, and NotReady."""
        self._require_camera()
        if self._collected is not None and not self._alone:
            raise SelfEnrolmentClosed
        full = is_full(self._gallery.summaries(), self._now())
        if not self._settings.self_enrolment or full:
            raise SelfEnrolmentClosed

    def capture(self, *, alone: bool = False) -> None:
        """Begin guided capture from the source; who is `alone` is asked for poses in an order
        nobody can foresee. Raises NotReady if that has ended."""
        self._require_camera()
        self.leave()
        self._alone = alone
        self._source = LIVE_SOURCE
        self._check.reset()
        self._capture = GuidedCapture(
            self._models, self._settings, self._tell, self._check, alone=alone
        )

    def _require_camera(self) -> None:
        if not self._camera:
            raise NotReady("The camera is not running.", "Enrol from files instead.")

    def skip(self) -> None:
        """Go on to the next step of the capture without the rest of this one."""
        if self._capture is not None:
            self._capture.skip()
            self._close_capture()

    def feed(self, event: Frame | AudioChunk | SourceNotice) -> None:
        """The next thing from the source."""
        if self._capture is not None:
            self._capture.feed(event)
            self._close_capture()

    def source_ended(self) -> None:
        """Nothing comes any more: whoever stands there is told; files can still be read."""
        self._camera = False
        if self._capture is not None:
            self._capture.feed(SourceNotice(NoticeKind.LOST, "The source has ended."))

    def _close_capture(self) -> None:
        if self._capture is not None and self._capture.step is Step.DONE:
            self._liveness = self._capture.liveness if self._check.looks else SWITCHED_OFF
            self._turned = self._capture.turned_as_asked
            self._collected, self._capture = self._capture.collected, None

    def read(self, files: Sequence[Path], stopped: Callable[[], bool]) -> FileProgress:
        """Samples from files instead; what cannot be read is counted and passed over.

        Raises Interrupted when `stopped` says so, InputError if no file could be read.
        """
        self.leave()
        self._source, self._liveness = FILE_SOURCE, FROM_FILES
        collector = Collector(self._models)
        bad = 0
        for done, file in enumerate(files):
            self._tell(FileProgress(done, len(files), bad))
            bad += not self._read_one(collector, file, stopped, FileProgress(done, len(files), bad))
        if bad == len(files):
            raise InputError("None of the files can be read.", "Choose videos, pictures or sound.")
        self._collected = collector.collected
        return FileProgress(len(files), len(files), bad)

    def _read_one(
        self, collector: Collector, file: Path, stopped: Callable[[], bool], told: FileProgress
    ) -> bool:
        next_at = TELL_EVERY
        try:
            with self._open_file(file) as source:
                for event in source.events():
                    if stopped():
                        raise Interrupted("Reading was stopped.", "Nothing was stored.")
                    collector.feed(event)
                    length = length_of(source)
                    if length and not isinstance(event, SourceNotice) and event.time >= next_at:
                        next_at = event.time + TELL_EVERY
                        self._tell(replace(told, share=min(1.0, event.time / length)))
        except InputError as error:
            log_failure(_log, "A file cannot be read: %s.", error)
            return False
        finally:
            collector.flush()
        return True

    # --- review and end ------------------------------------------------------------------

    def review(self, plan: EnrolmentRequest) -> Review:
        """What the samples would make. Raises EnrolmentRefused with what is missing; for who is
        alone NotLiving and SelfEnrolmentClosed, with the samples forgotten. Who enrols themselves
        learns nothing of anybody else, not even that they are enrolled."""
        templates = self._templates()
        if plan.alone:
            return self._review_alone(templates)
        itself, others = None, self._samples().other_probes
        if plan.kind is not EnrolmentKind.NEW:
            itself = self._gallery.subject(plan.name).subject_id
        duplicates = [
            each
            for each in self._enroller.duplicates(templates, others)
            if each.candidate.subject_id != itself
        ]
        suspects = self._reviewer.suspects(templates, duplicates)
        faces = sum(each.modality is Modality.FACE for each in templates)
        resembles = itself is None or self._enroller.resembles(itself, templates, others)
        return Review(
            faces,
            len(templates) - faces,
            dropped_faces(self._samples()),
            suspects,
            self._reviewer.separations(templates, itself),
            self._reviewer.compared(templates, itself) if itself is not None else (),
            resembles,
            self._liveness,
            self._must_say_why,
            self._samples().portrait.jpeg() if suspects else None,
        )

    @property
    def _must_say_why(self) -> bool:
        """Whether a doubt that somebody living was captured stands in the way of saving."""
        return self._check.required and is_doubtful(self._liveness)

    def _review_alone(self, templates: Sequence[Template]) -> Review:
        self._require_living()
        if self._tries.too_many(templates):
            self.leave()
            raise SelfEnrolmentClosed
        faces = sum(each.modality is Modality.FACE for each in templates)
        dropped = dropped_faces(self._samples())
        return Review(faces, len(templates) - faces, dropped, (), (), liveness=self._liveness)

    def _require_living(self) -> None:
        """Who is alone turned their head as asked, and no check speaks against them."""
        liveness = self._liveness
        if not self._turned:
            liveness = Liveness(LivenessOutcome.NOT_CHECKED, reason=NOT_TURNED)
        elif not self._must_say_why:
            return
        self.leave()
        raise NotLiving(liveness)

    def _save_alone(self, plan: EnrolmentRequest) -> None:
        """Stored, or not if they are somebody enrolled; they are told the same, and either is one
        line in the record."""
        self.check(plan)
        self._require_living()
        templates, others = self._templates(), self._samples().other_probes
        alike = self._reviewer.resembles_anybody(templates, others)
        subjects = self._gallery.subjects()
        name = numbered_name(plan.name, subjects)
        if self._enroller.duplicates(templates, others) or alike:
            self._gallery.note(Act.SELF_REFUSED)
        else:
            self._enroller.enrol(
                name,
                self._samples(),
                SELF_SOURCE,
                only=self._only(),
                allow_duplicate=True,
                note=looks_like(plan.name, subjects),
                consent=plan.consent,
                origin=Origin.SELF,
            )
        self.leave()

    def save(self, plan: EnrolmentRequest) -> EnrolmentResult | None:
        """Store what was reviewed: staff who save have seen the warnings, and who is alone is
        checked once more and hears nothing of what came of it. Raises InputError, EnrolmentRefused,
        StorageError; the samples are forgotten once they are stored."""
        if plan.alone:
            self._save_alone(plan)
            return None
        if self._must_say_why and not plan.despite.strip():
            raise NotLiving(self._liveness)
        collected, only = self._samples(), self._only()
        if plan.kind is EnrolmentKind.NEW:
            result = self._enroller.enrol(
                plan.name,
                collected,
                self._source,
                only=only,
                allow_duplicate=True,
                note=self._note("", plan),
                consent=plan.consent,
            )
        else:
            result = self._enroller.re_enrol(
                plan.name,
                collected,
                self._source,
                kind=plan.kind,
                only=only,
                force=True,
                note=self._note(self._gallery.subject(plan.name).note, plan),
                consent=plan.consent,
            )
        self.leave()
        return result

    def _note(self, note: str, plan: EnrolmentRequest) -> str:
        """What is kept beside the person: a doubt that was overridden, with the reason given. An
        empty note leaves what is there."""
        if not self._must_say_why:
            return ""
        return despite_note(note, self._liveness, plan.despite.strip())

    def leave(self) -> None:
        """Forget every sample; the source is the visits' again."""
        self._capture = self._collected = None
        self._alone = self._turned = False

    def _samples(self) -> Collected:
        if self._collected is None:
            raise BugError("a review without samples")
        return self._collected

    def _only(self) -> Modality | None:
        """The one modality that suffices where the other gave too little: some people cannot show
        a face or cannot speak, and staff see in the review what there is."""
        collected = self._samples()
        enough = self._enroller.enough(collected)
        return next(iter(enough)) if len(enough) == 1 else None

    def _templates(self) -> list[Template]:
        if not self._enroller.enough(self._samples()):
            raise TooFewSamples(self._samples(), self._settings)
        return self._enroller.templates(self._samples(), self._source, self._only())
