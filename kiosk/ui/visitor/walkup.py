"""The walk-up screen's page: what to show, from what the visit publishes, touches and time.

No widget here: `WalkUp` turns events into a `View`, and the window shows it. Where a visit stands,
whether its person has gone and which hint is to be read says the visit itself; here is only which
page that is, and what belongs to the screen alone: touches, time-outs and faults.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from kiosk.core.decisions import DecisionOutcome, DecisionReason
from kiosk.core.events import (
    Fault,
    Phase,
    VisitDecision,
    VisitEnded,
    VisitEvent,
    VisitProgress,
)
from kiosk.core.media import Modality
from kiosk.core.ports.capture import Clock
from kiosk.core.samples import FaceReport, Hint, VoiceProgress
from kiosk.core.settings import Settings
from kiosk.ui.engine.visit_control import VisitControl

MIN_UNUSABLE_SECONDS = 4.0
"""How long the reason stays when a next attempt begins by itself."""
ENROL_PATIENCE = 4.0
"""So many times longer than a result the steps of an enrolment stay: they are read and typed."""
WARNING_SHARE = 0.4
MAX_WARNING_SECONDS = 10.0
FAULT_SECONDS = 0.8
"""A fault that does not say which device is shown in full only if no picture follows it."""
RETRY_SECONDS = 60.0
"""How long the page of a fault stands before everything begins anew by itself."""
ENOUGH_SPEECH = 0.97
SOURCE_ENDED = "SourceEnded"
"""The code of the fault that a recording which ran out leaves behind."""


class Page(StrEnum):
    """What the screen shows."""

    ATTRACT = "attract"
    LOOK = "look"
    SPEAK = "speak"
    THINK = "think"
    IDENTIFIED = "identified"
    UNKNOWN = "unknown"
    CONTRADICTED = "contradicted"
    UNUSABLE = "unusable"
    NOT_LIVE = "not_live"
    NOT_ME = "not_me"
    ENROL = "enrol"
    FAULT = "fault"


LIVE = {Page.LOOK, Page.SPEAK, Page.THINK}
RESULTS = {
    Page.IDENTIFIED,
    Page.UNKNOWN,
    Page.CONTRADICTED,
    Page.UNUSABLE,
    Page.NOT_LIVE,
    Page.NOT_ME,
}
STRANGER = {DecisionReason.BELOW_THRESHOLD, DecisionReason.EMPTY_GALLERY}
"""Reasons of a decision that resembles nobody: only such visitors may enrol themselves."""
_RESULT_PAGES = {
    DecisionOutcome.IDENTIFIED: Page.IDENTIFIED,
    DecisionOutcome.UNKNOWN: Page.UNKNOWN,
    DecisionOutcome.UNUSABLE: Page.UNUSABLE,
    DecisionOutcome.CONTRADICTED: Page.CONTRADICTED,
    DecisionOutcome.NOT_LIVE: Page.NOT_LIVE,
}


@dataclass(frozen=True, eq=False)
class View:
    """Everything the window needs.

    `ready` says that models and devices are there; `voice_only` is a visit that does not look at
    faces; `limited` is a fault the kiosk works on with; `warning` is seconds until the result is
    cleared, if that is near; `digits` are to be read aloud in place of the phrase, if any are.
    """

    page: Page = Page.ATTRACT
    ready: bool = False
    face: FaceReport | None = None
    voice: VoiceProgress | None = None
    hint: Hint | None = None
    good_frames: int = 0
    voice_only: bool = False
    decision: VisitDecision | None = None
    fault: Fault | None = None
    limited: Fault | None = None
    warning: int | None = None
    phrase: int = 0
    digits: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether it is a recording that has run out: there is nothing to try again."""
        return self.fault is not None and self.fault.code == SOURCE_ENDED

    @property
    def stranger(self) -> bool:
        """Whether this is the result of somebody who resembles nobody enrolled."""
        made = self.decision.decision if self.decision is not None else None
        return self.page is Page.UNKNOWN and made is not None and made.reason in STRANGER


def _is_over(fault: Fault | None, returned: Modality | None) -> bool:
    """Whether the return of a device, or of all where it is not said which, ends a fault."""
    return fault is None or returned is None or fault.modality in (returned, None)


class WalkUp(QObject):
    """Which page is shown; lives on the GUI thread."""

    changed = Signal(object)
    forgotten = Signal()
    retry = Signal()
    """A fault has lasted: everything should begin anew."""

    def __init__(
        self,
        settings: Settings,
        control: VisitControl,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._control = control
        self._clock = clock
        self._view = View()
        self._deadline: float | None = None
        self._shown_at = 0.0
        self._fault_at: float | None = None
        self._suspended = self._halted = False
        if settings.start == "touch":
            control.pause()

    @property
    def view(self) -> View:
        """What is shown now."""
        return self._view

    # --- from the engine -----------------------------------------------------------------

    @Slot(object)
    def take(self, event: VisitEvent) -> None:
        """An event of the engine."""
        if self._suspended and not isinstance(event, Fault):
            return
        if isinstance(event, Fault):
            self._take_fault(event)
        elif isinstance(event, VisitDecision):
            self._take_decision(event)
        elif isinstance(event, VisitEnded):
            self._take_end()
        else:
            self._take_progress(event)

    def _take_fault(self, fault: Fault) -> None:
        if fault.restored:
            self._take_return(fault.modality)
        elif fault.modality is Modality.VOICE:
            self._set(limited=fault)
        elif fault.code == SOURCE_ENDED and self._view.page in RESULTS | {Page.ENROL}:
            self._set(fault=fault)  # what was begun goes on as long as any
        else:
            self._fault_at = self._clock.monotonic()
            self._set(fault=fault)

    def _take_return(self, modality: Modality | None) -> None:
        """What failed is back; the notice of another device that is missing stays."""
        view = self._view
        self._set(
            fault=None if _is_over(view.fault, modality) else view.fault,
            limited=None if _is_over(view.limited, modality) else view.limited,
        )
        if self._view.fault is None:
            self._fault_at = None
            if view.page is Page.FAULT:
                self._begin_anew()

    def _take_decision(self, event: VisitDecision) -> None:
        limited = self._view.limited
        if event.final and limited is not None and limited.modality is None:
            self._set(limited=None)  # a visit came to its end: what was wrong would say so again
        if event.final and self._view.page in LIVE:
            self._show(_RESULT_PAGES[event.decision.outcome], decision=event, hint=event.hint)

    def _take_end(self) -> None:
        """Whoever the result is about has gone, or somebody else has stepped in."""
        if self._view.page in RESULTS - {Page.UNUSABLE}:
            self._home(left=True)

    def _take_progress(self, event: VisitProgress) -> None:
        self._recover_from_fault(event)
        page = self._view.page
        if page in LIVE:
            self._follow(event)
        elif page is Page.ATTRACT:
            self._invite(event)
        elif page is Page.UNUSABLE:
            self._try_next(event)

    def _recover_from_fault(self, event: VisitProgress) -> None:
        """A picture came after a fault: it was not the camera's, or it is over."""
        fault = self._view.fault
        if not self._view.ready:
            self._set(ready=True)
        if fault is None:
            return
        blind = fault.modality is Modality.FACE and event.face is None
        if blind and not self._view.voice_only:
            return  # sound alone does not say that the camera is back
        self._fault_at = None
        limited = self._view.limited if fault.modality is Modality.FACE else fault
        self._set(fault=None, limited=limited)
        if self._view.page is Page.FAULT:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """After a fault: whoever waited before the kiosk is looked at again at once."""
        self._control.end()
        self._home(left=True)

    def _invite(self, event: VisitProgress) -> None:
        somebody = event.phase in (Phase.LOOKING, Phase.LISTENING)
        if self._settings.start == "walk_up" and somebody:
            self._show(Page.LOOK)
            self._follow(event)

    def _follow(self, event: VisitProgress) -> None:
        """Picture, hint and progress while a visit gathers."""
        if event.phase is Phase.WAITING and self._settings.start == "walk_up":
            self._home(left=True)
            return
        if event.phase is not Phase.WAITING:
            self._extend()
        page = self._live_page(event)
        if page is not self._view.page:
            self._show(page, keep=True)
        voice, good = event.voice, event.good_frames
        self._set(
            face=event.face,
            voice=voice,
            good_frames=good,
            hint=event.hint,
            digits=event.digits,
        )

    def _live_page(self, event: VisitProgress) -> Page:
        if self._view.voice_only and event.phase is not Phase.LISTENING:
            return self._view.page
        thinks = self._view.page is Page.THINK and not event.digits
        if thinks and event.phase in (Phase.LISTENING, Phase.DECIDED):
            return Page.THINK
        if event.phase is Phase.LISTENING:
            voice = event.voice
            done = voice is not None and (
                voice.speech_seconds >= ENOUGH_SPEECH * voice.needed_seconds
            )
            return Page.THINK if done and not event.digits else Page.SPEAK
        return Page.LOOK

    def _try_next(self, event: VisitProgress) -> None:
        """After an unusable attempt the engine begins again when it can."""
        long_enough = self._clock.monotonic() - self._shown_at >= MIN_UNUSABLE_SECONDS
        if event.phase in (Phase.LOOKING, Phase.LISTENING) and long_enough:
            self._show(Page.LOOK)
            self._follow(event)

    @Slot()
    def prepared(self) -> None:
        """The models are loaded, whether or not anybody may be looked at yet."""
        if not self._view.ready:
            self._set(ready=True)

    # --- from people ---------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Begin a visit, or begin it again."""
        self._control.end()
        self._control.resume()
        self._show(Page.LOOK)

    @Slot()
    def skip_voice(self) -> None:
        """Go on with the face alone."""
        self._control.answer()
        self._show(Page.THINK, keep=True)

    @Slot()
    def by_voice(self) -> None:
        """Go by voice alone."""
        self._control.listen_only()
        self._show(Page.SPEAK)
        self._set(voice_only=True)

    @Slot()
    def not_me(self) -> None:
        """The name shown is somebody else's."""
        self._control.deny()
        self._show(Page.NOT_ME)

    @Slot()
    def enrol(self) -> None:
        """Who is not known enrols themselves, where that is allowed; no visit runs meanwhile."""
        if self._settings.self_enrolment and self._view.stranger:
            self._halted = True
            self._control.pause()
            self._show(Page.ENROL)

    @Slot()
    def finish(self) -> None:
        """Done: forget everything."""
        self._home()

    def adopt(self, settings: Settings) -> None:
        """Staff have changed something; languages, ways to begin and times follow at once."""
        self._settings = settings

    @Slot()
    def suspend(self) -> None:
        """Staff are at work: forget the visit, look at and listen to nobody."""
        self._home()
        self._control.pause()
        self._suspended = True

    @Slot()
    def go_on(self) -> None:
        """Staff have finished."""
        if self._suspended and self._settings.start == "walk_up":
            self._control.resume()
        self._suspended = False

    @Slot()
    def touched(self) -> None:
        """Any key or touch gives the full time again."""
        self._extend()

    # --- time ----------------------------------------------------------------------------

    @Slot()
    def tick(self) -> None:
        """Called a few times a second."""
        if self._suspended:
            return
        now = self._clock.monotonic()
        waited = self._fault_at is not None and now - self._fault_at >= FAULT_SECONDS
        if waited and self._view.page is not Page.FAULT:
            self._show(Page.FAULT)
        tried = self._view.fault is not None and self._view.fault.tried
        if waited and not tried and not self._view.ended and now - self._shown_at >= RETRY_SECONDS:
            self._shown_at = now
            self.retry.emit()
        if self._deadline is None:
            return
        left = self._deadline - now
        if left <= 0:
            self._home()
            return
        near = min(MAX_WARNING_SECONDS, WARNING_SHARE * self._patience)
        warning = ceil(left) if left <= near else None
        if warning != self._view.warning:
            self._set(warning=warning)

    @property
    def _patience(self) -> float:
        longer = ENROL_PATIENCE if self._view.page is Page.ENROL else 1.0
        return longer * self._settings.result_seconds

    def _extend(self) -> None:
        if self._view.page in LIVE | RESULTS | {Page.ENROL}:
            self._deadline = self._clock.monotonic() + self._patience
        if self._view.warning is not None:
            self._set(warning=None)

    # --- showing -------------------------------------------------------------------------

    def _home(self, *, left: bool = False) -> None:
        """Forget everything of the visit, here and in the engine.

        Who has not `left` and is still in front of the camera is not at once looked at again.
        """
        if self._settings.start == "touch":
            self._control.pause()
        else:
            if self._halted:
                self._control.resume()
            if not left:
                self._control.rest()
        self._halted = False
        fault = self._view.fault
        ended = fault is not None and fault.code == SOURCE_ENDED
        self._show(Page.FAULT if ended else Page.ATTRACT)
        self.forgotten.emit()

    def _show(
        self,
        page: Page,
        *,
        keep: bool = False,
        decision: VisitDecision | None = None,
        hint: Hint | None = None,
    ) -> None:
        """Go to a page; without `keep` nothing of the one before is carried on."""
        old = self._view
        phrase = old.phrase + (page is Page.ATTRACT)
        base = old if keep else View(fault=old.fault, limited=old.limited, phrase=phrase)
        self._view = replace(base, page=page, ready=old.ready, decision=decision, hint=hint)
        self._shown_at = self._clock.monotonic()
        self._deadline = None
        self._extend()
        self.changed.emit(self._view)

    def _set(self, **values: Any) -> None:
        self._view = replace(self._view, **values)
        self.changed.emit(self._view)
