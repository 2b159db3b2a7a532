"""Visits without a screen, on the calling thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from kiosk.core.ports.capture import Source
from kiosk.core.settings import Settings
from kiosk.recognition.identification import Identifier
from kiosk.recognition.visit import Publish, Visit, run_visits
from kiosk.recognition.visit_log import LenientLog, VisitLog
from kiosk.runtime.activity_log import log_setup, logged
from kiosk.runtime.composition import (
    build_estimators,
    build_learner,
    build_liveness,
    build_models,
)
from kiosk.runtime.events_out import Wake, delivering
from kiosk.runtime.fleet.service import following
from kiosk.runtime.health import LocalHealthService
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.runtime.policy import policy
from kiosk.runtime.status_file import StatusWriter, status_path

if TYPE_CHECKING:
    from kiosk.storage import SqlGallery


def run_headless(
    settings: Settings,
    gallery: SqlGallery,
    source: Source,
    publish: Publish,
    *,
    once: bool | None,
    duration: float | None = None,
) -> bool:
    """Run visits until the source ends, `once` is done or time is up; returns whether it was once.

    Where `once` is left open, one visit suffices unless what comes is live. While a live source is
    watched, its status is written for `kiosk status`.
    """
    with delivering(settings) as wake:
        log_setup(settings)
        metrics = RuntimeMetrics()
        told = logged(metrics.told(publish))
        with _prepared(settings, gallery, metrics, told, wake, source) as visit:
            one = not source.live if once is None else once
            with ExitStack() as written:
                if source.live and not one:
                    written.enter_context(following(settings, metrics.fleet))
                    health = LocalHealthService(settings, metrics)
                    written.enter_context(StatusWriter(status_path(settings), health))
                _run(metrics.watch(source), visit, once=one, duration=duration)
        return one


@contextmanager
def _prepared(
    settings: Settings,
    gallery: SqlGallery,
    metrics: RuntimeMetrics,
    publish: Publish,
    wake: Wake,
    source: Source,
) -> Iterator[Visit]:
    """A visit with everything it needs, and the source called where only that tells what comes."""
    from kiosk.capture.sources import find_out

    models = metrics.timed(build_models(settings, gallery))
    identifier = Identifier(models, gallery, policy(settings), gallery.reported_mismatches)
    log = LenientLog(
        lambda: VisitLog(gallery, settings, recorded=wake, from_devices=lambda: source.live),
        publish,
    )
    learner = build_learner(settings, gallery, identifier, models)
    estimators = build_estimators(settings)
    find_out(source)  # late, for a stream that is live does not wait
    liveness = build_liveness(settings, live=source.live)
    try:
        yield Visit(
            models,
            identifier,
            settings,
            publish,
            log,
            estimators,
            learner=learner,
            liveness=liveness,
        )
    finally:
        learner.ended()


def _run(source: Source, visit: Visit, *, once: bool, duration: float | None) -> None:
    stop_at = time.monotonic() + duration if duration is not None else float("inf")
    # A source that is silent gives no event at which the time could be looked at.
    alarm = threading.Timer(duration, source.close) if duration is not None else None
    if alarm is not None:
        alarm.daemon = True
        alarm.start()
    try:
        run_visits(
            source,
            visit,
            lambda: not (once and visit.decisions_made) and time.monotonic() < stop_at,
        )
        if time.monotonic() >= stop_at:
            visit.finish()
    finally:
        if alarm is not None:
            alarm.cancel()
