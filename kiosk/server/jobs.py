"""Long work that its client does not wait for: asked for with `Prefer: respond-async`.

A result lies in memory alone, for whoever asked for it, and is forgotten after some minutes.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from kiosk.server.refusals import Busy, NoSuchThing
from kiosk.server.worker import Task

KEPT_SECONDS = 600.0
MOST_JOBS = 200


@dataclass
class Job:
    """One piece of work: whose it is, and when it was handed in and done."""

    job_id: str
    owner: str
    what: str
    task: Task[Any]
    began: float
    ended: float | None = None

    @property
    def state(self) -> str:
        """waiting, running, done, failed or cancelled."""
        future = self.task.future
        if future.cancelled():
            return "cancelled"
        if future.running():
            return "running"
        if not future.done():
            return "waiting"
        return "failed" if future.exception() is not None else "done"

    @property
    def error(self) -> BaseException | None:
        """Why it failed."""
        try:
            return self.task.future.exception(0) if self.task.future.done() else None
        except CancelledError:
            return None

    @property
    def result(self) -> Any:
        """What came out; None before, and where nothing did."""
        return self.task.future.result() if self.state == "done" else None


class Jobs:
    """Those that wait, run, or were done in the last minutes; on the thread of the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}

    def require_place(self) -> None:
        """Raises Busy where too many results wait to be fetched."""
        self._forget()
        if len(self._jobs) >= MOST_JOBS:
            raise Busy(f"All {MOST_JOBS} places are taken.", "Try again in 60 s.", 60)

    def add(self, task: Task[Any], owner: str, what: str) -> Job:
        """Keep an eye on a task that was handed in."""
        job = Job(secrets.token_urlsafe(16), owner, what, task, self._clock())
        self._jobs[job.job_id] = job

        def over(_future: object) -> None:
            job.ended = self._clock()

        task.future.add_done_callback(over)
        return job

    def find(self, job_id: str, owner: str) -> Job:
        """A job of this owner. Raises NoSuchThing, also for one of somebody else."""
        self._forget()
        job = self._jobs.get(job_id)
        if job is None or job.owner != owner:
            raise NoSuchThing(
                "There is no such job.",
                f"Results are kept for {KEPT_SECONDS / 60:.0f} minutes; send the request again.",
            )
        return job

    def drop(self, job: Job) -> None:
        """Stop it if it still runs, and forget its result."""
        job.task.give_up()
        self._jobs.pop(job.job_id, None)

    def __len__(self) -> int:
        return len(self._jobs)

    def _forget(self) -> None:
        now = self._clock()
        old = [
            each
            for each, job in self._jobs.items()
            if job.ended is not None and now - job.ended > KEPT_SECONDS
        ]
        for each in old:
            del self._jobs[each]
