"""From a frame to a judged face: find or follow, look at quality, say what is wrong."""

from __future__ import annotations

from dataclasses import replace

from kiosk.core.media import Frame
from kiosk.core.samples import FaceOutcome, FaceSample, Hint
from kiosk.core.settings import Settings
from kiosk.inference.face.detection import FaceDetector
from kiosk.inference.face.occlusion import CoverHead, load_cover_head
from kiosk.inference.face.quality import QualityLimits, judge, measure
from kiosk.inference.face.tracking import FaceTracker, Followed
from kiosk.inference.manifest import shipped


class TrackedFacePipeline:
    """Follows and judges the face of one session (the port `FacePipeline`), on one thread.

    Without a `cover` the shipped one is read. Raises ModelError.
    """

    def __init__(
        self,
        detector: FaceDetector,
        settings: Settings,
        cover: CoverHead | None = None,
        limits: QualityLimits | None = None,
    ) -> None:
        self._tracker = FaceTracker(detector, settings.detect_every)
        self._limits = replace(limits or QualityLimits(), min_face=float(settings.min_face))
        self._cover = cover or load_cover_head(shipped("face-cover"))

    def reset(self) -> None:
        """Forget the track; the next frame is searched whatever its time."""
        self._tracker.reset()

    def look(self, frame: Frame) -> FaceSample:
        """Find or follow the nearest face and judge it."""
        followed = self._tracker.follow(frame)
        if followed is None:
            return FaceSample(frame, FaceOutcome.NO_FACE, Hint.STEP_UP)
        return self._judge(frame, followed)

    def _judge(self, frame: Frame, followed: Followed) -> FaceSample:
        face = followed.face
        rival = max((other.box.width for other in followed.others), default=0.0)
        cover = self._cover.probability(face)
        measures = measure(face, followed.view, frame.image.shape, rival, cover)
        judgement = judge(measures, self._limits)
        counted = [o for o in followed.others if o.box.width >= self._limits.min_face]
        return FaceSample(
            frame=frame,
            outcome=judgement.outcome,
            hint=judgement.hint,
            quality=judgement.quality,
            box=face.box,
            located=followed.located,
            pose=measures.pose,
            track=followed.track,
            face_count=1 + len(counted),
        )
