"""One thread that owns models or a database connection, and what waits for it.

Requests never touch either: they hand a task in and wait for its future, so that an answer can only
reach whoever asked. What the thread needs is opened by the first task and again by the next one
where that failed: a model that was fetched meanwhile, or a gallery that another process let go,
needs no restart.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any, Generic, TypeVar

from kiosk.core.errors import BugError, Interrupted, NotReady
from kiosk.core.redaction import log_failure
from kiosk.server.refusals import Busy

T = TypeVar("T")
R = TypeVar("R")
_log = logging.getLogger(__name__)
_USUAL_SECONDS = 1.0
"""How long a task takes, before the first has told."""
_MEMORY = 0.2
"""Share of the newest task in the mean of how long they take."""


class Task(Generic[R]):
    """One piece of work: its future, how much of it is done, and whether anybody still wants it."""

    def __init__(self) -> None:
        self.future: Future[R] = Future()
        self.progress = 0.0
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Nobody waits any more: never begun if it waits, ended at the next `check` if it runs."""
        self._given_up.set()
        self.future.cancel()

    def check(self) -> None:
        """Raise Interrupted if nobody waits any more."""
        if self._given_up.is_set():
            raise Interrupted("The client has gone.", "Send the request again.")


Work = Callable[[T, Task[R]], R]


class Worker(Generic[T]):
    """Carries tasks out one after another on one thread, at most `places` waiting or running."""

    def __init__(
        self, name: str, opened: Callable[[], AbstractContextManager[T]], places: int
    ) -> None:
        self._open = opened
        self._places = places
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0
        self._mean = _USUAL_SECONDS
        self._stack = ExitStack()
        self._tools: T | None = None
        self._failure: BaseException | None = None
        self._stopped = False
        self._running: Task[Any] | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.busy_seconds = 0.0
        self.tasks_done = 0

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def prepare(self) -> None:
        """Open what the tasks need before the first of them comes; takes no place."""
        self._queue.put(self._prepare)

    def _prepare(self) -> None:
        with suppress(Exception):  # kept in `failure` and logged; the next task tries again
            self._opened()

    def stop(self, limit: float = 20.0) -> None:
        """End what runs, refuse what waits, close what was opened. Raises BugError if the thread
        does not end within `limit` seconds."""
        self._stopped = True
        running = self._running
        if running is not None:
            running.give_up()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(limit)
        if self._thread.is_alive():
            raise BugError("the thread of the service did not stop")

    @property
    def ready(self) -> bool:
        """Whether everything is open."""
        return self._tools is not None

    @property
    def failure(self) -> BaseException | None:
        """Why the last try to open failed; None while none did."""
        return self._failure

    @property
    def waiting(self) -> int:
        """Tasks that wait or run."""
        return self._waiting

    def seconds_to_wait(self) -> float:
        """About how long until a new task would be done."""
        return self._mean * max(1, self._waiting)

    def require_place(self) -> None:
        """Raise Busy if there is none."""
        if self._waiting >= self._places:
            wait = max(1, round(self.seconds_to_wait()))
            raise Busy(f"All {self._places} places are taken.", f"Try again in {wait} s.", wait)

    def submit(self, work: Work[T, R]) -> Task[R]:
        """Hand a task in. Raises Busy, NotReady."""
        task: Task[R] = Task()
        with self._lock:
            if self._stopped:
                raise NotReady("The service is being stopped.", "Try again when it is started.")
            self.require_place()
            self._waiting += 1
        task.future.add_done_callback(self._left)
        self._queue.put(lambda: self._carry_out(work, task))
        return task

    def _left(self, _future: object) -> None:
        """A task is done, or its client has left: its place is free at once."""
        with self._lock:
            self._waiting -= 1

    def _run(self) -> None:
        try:
            while (item := self._queue.get()) is not None:
                item()
        finally:
            self._refuse_rest()
            self._tools = None
            self._stack.close()

    def _refuse_rest(self) -> None:
        self._stopped = True
        while not self._queue.empty():
            item = self._queue.get()
            if item is not None:
                item()

    def _carry_out(self, work: Work[T, R], task: Task[R]) -> None:
        if not task.future.set_running_or_notify_cancel():
            return
        self._running = task
        began = time.monotonic()
        try:
            result = work(self._opened(), task)
        except BaseException as error:
            task.future.set_exception(error)
        else:
            task.future.set_result(result)
        finally:
            self._running = None
            self._count(time.monotonic() - began)

    def _count(self, seconds: float) -> None:
        self.busy_seconds += seconds
        self.tasks_done += 1
        self._mean += _MEMORY * (seconds - self._mean)

    def _opened(self) -> T:
        """What the tasks work with, opened if it is not. Raises what opening raises."""
        if self._stopped:
            raise NotReady("The service is being stopped.", "Try again when it is started.")
        if self._tools is None:
            try:
                self._tools = self._stack.enter_context(self._open())
            except BaseException as error:
                self._failure = error
                log_failure(_log, "The service could not open what it needs: %s.", error)
                raise
            self._failure = None
        return self._tools
