"""The service itself, without HTTP: threads, limits, tokens, uploads, jobs and counters."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from platformdirs import user_state_path

from kiosk.core.fleet import FleetState, FleetStatus
from kiosk.core.settings import Settings
from kiosk.runtime import composition
from kiosk.runtime.fleet.service import following
from kiosk.runtime.metrics import RuntimeMetrics
from kiosk.runtime.service_tools import ServiceTools, open_service
from kiosk.server.access import FILE_NAME, Role, Token, TokenFile, no_token
from kiosk.server.ancestors import AncestorFolder
from kiosk.server.counters import Counters
from kiosk.server.jobs import Jobs
from kiosk.server.media import MediaLimits
from kiosk.server.rates import Rates
from kiosk.server.refusals import Busy, WrongRole
from kiosk.server.uploads import MEGABYTE, UploadFolder, UploadLimits
from kiosk.server.worker import Task, Work, Worker
from kiosk.storage import SqlGallery

R = TypeVar("R")
RECORD_PLACES = 500
"""Requests that wait for the gallery alone: each takes milliseconds."""
UPLOADS_TO_A_PLACE = 4
"""Uploads that come in at once, for each that may wait for the models."""
WORK_FACTOR = 2.0
"""Seconds of work that a recording may take, to a second of it at most."""


@dataclass(frozen=True)
class Caller:
    """Who asks: the token, or nobody's where none is needed; `key` tells clients apart."""

    role: Role
    key: str
    token: Token | None = None

    @property
    def actor(self) -> str:
        """Who stands on the record of what was done, by number."""
        return NOBODY if self.token is None else f"token {self.token.token_id}"

    def require(self, needed: Role) -> None:
        """Raises WrongRole."""
        if not self.role.allows(needed):
            raise WrongRole(
                f"The token has the role {self.role.value}; this needs {needed.value}.",
                "Use a token of that role.",
            )


NOBODY = "service"
"""Who does what was asked for without a token."""
OpenTools = Callable[[], AbstractContextManager[ServiceTools]]
OpenRecords = Callable[[], AbstractContextManager[SqlGallery]]


class Service:
    """What the routes ask. `start` and `stop` on the event loop's thread.

    Two threads: `recogniser` owns the models and the connection with which they compare, `records`
    a connection of its own for what needs no model, so that a list of people does not wait behind a
    recording. `local`: only this machine is listened to, and a token is needed where
    `require_token`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        local: bool = True,
        require_token: bool = False,
        open_tools: OpenTools | None = None,
        open_records: OpenRecords | None = None,
        tokens: TokenFile | None = None,
        upload_root: Path | None = None,
    ) -> None:
        self.settings = settings
        self.local = local
        self.require_token = require_token or not local
        self.steps = RuntimeMetrics()
        self.recogniser: Worker[ServiceTools] = Worker(
            "kiosk-recogniser",
            open_tools or (lambda: open_service(settings, self.steps)),
            settings.service_queue,
        )
        self.records: Worker[SqlGallery] = Worker(
            "kiosk-records",
            open_records or (lambda: composition.open_gallery(settings)),
            RECORD_PLACES,
        )
        self.tokens = tokens or TokenFile(settings.key_file.parent / FILE_NAME)
        root = upload_root or user_state_path("kiosk", appauthor=False) / "uploads"
        self.uploads = UploadFolder(root)
        self.jobs = Jobs()
        self.rates = Rates(settings.service_rate)
        self.counters = Counters(self.steps)
        self.ancestor_folder = AncestorFolder(settings) if settings.ancestor_requests else None
        self._receiving = 0
        self._fleet = ExitStack()
        self._watch()

    def start(self) -> None:
        """Begin to load; returns at once. Raises StorageError where uploads cannot be kept."""
        self.uploads.open()
        self.recogniser.start()
        self.records.start()
        self.recogniser.prepare()
        self._fleet.enter_context(following(self.settings, self.steps.fleet))

    def stop(self) -> None:
        """End what runs and close everything."""
        try:
            self._fleet.close()
            self.recogniser.stop()
            self.records.stop()
        finally:
            self.uploads.close()

    @property
    def upload_limits(self) -> UploadLimits:
        """Of one body with files."""
        return UploadLimits(self.settings.service_megabytes * MEGABYTE)

    @property
    def media_limits(self) -> MediaLimits:
        """Of the recordings in one request."""
        seconds = self.settings.service_seconds
        return MediaLimits(seconds, max(30.0, seconds * WORK_FACTOR))

    def caller(self, authorization: str | None, address: str) -> Caller:
        """Who sent a request. Raises NotAllowed."""
        if authorization is None:
            if self.require_token:
                raise no_token()
            return Caller(Role.ADMIN, f"address {address}")
        kind, _, text = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise no_token()
        token = self.tokens.check(text.strip())
        return Caller(token.role, f"token {token.token_id}", token)

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """While a body comes in. Raises Busy where too many come at once, or nobody could look at
        it afterwards."""
        self.recogniser.require_place()
        most = UPLOADS_TO_A_PLACE * self.settings.service_queue
        if self._receiving >= most:
            wait = max(1, round(self.recogniser.seconds_to_wait()))
            raise Busy(f"All {most} places are taken.", f"Try again in {wait} s.", wait)
        self._receiving += 1
        try:
            yield
        finally:
            self._receiving -= 1

    async def read(self, work: Callable[[SqlGallery], R], caller: Caller | None = None) -> R:
        """Something from the gallery, or changed in it by `caller`, for which no model is needed.
        Once it has begun it is finished, whether its client waits or not."""
        actor = NOBODY if caller is None else caller.actor

        def done(gallery: SqlGallery, _task: Task[R]) -> R:
            with acting(gallery, actor):
                return work(gallery)

        return await asyncio.wrap_future(self.records.submit(done).future)

    def recognise(self, work: Work[ServiceTools, R], caller: Caller) -> Task[R]:
        """Hand something in for the models; what it changes was `caller`. Raises Busy, NotReady."""

        def done(tools: ServiceTools, task: Task[R]) -> R:
            with acting(tools.gallery, caller.actor):
                return work(tools, task)

        return self.recogniser.submit(done)

    async def wait_for(self, task: Task[R], gone: Callable[[], Awaitable[None]]) -> R:
        """The result of a task, for as long as its client waits."""
        future, left = watched(task.future), asyncio.ensure_future(gone())
        either: set[asyncio.Future[Any]] = {future, left}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if future.done():
                return future.result()
            raise ClientGone
        finally:
            left.cancel()
            if not task.future.done():
                task.give_up()

    def _watch(self) -> None:
        watch, models = self.counters.watch, self.recogniser
        watch("kiosk_ready", "Whether models and gallery are open.", lambda: float(models.ready))
        watch(
            "kiosk_queue",
            "Requests that wait for the models or are worked on.",
            lambda: float(models.waiting),
        )
        watch("kiosk_receiving", "Uploads that are coming in.", lambda: float(self._receiving))
        folder = self.ancestor_folder
        watch(
            "kiosk_ancestor_paths_refused",
            "Paths of ancestors' requests that led out of their folder.",
            lambda: float(folder.refused if folder is not None else 0),
        )
        watch("kiosk_jobs", "Jobs whose result is kept.", lambda: float(len(self.jobs)))
        watch("kiosk_work_seconds", "Seconds the models have worked.", lambda: models.busy_seconds)
        if self.settings.fleet_server:
            self._watch_fleet()

    def _watch_fleet(self) -> None:
        """How this kiosk stands with its fleet, as far as it has met it."""
        nothing = FleetStatus(FleetState.UNREACHABLE)

        def status() -> FleetStatus:
            return self.steps.pulse().fleet or nothing

        def contact() -> float:
            found = status().contact
            return found.timestamp() if found else 0.0

        watch = self.counters.watch
        watch("kiosk_fleet_waiting", "Operations still to be told.", lambda: status().waiting)
        watch("kiosk_fleet_behind", "Changes still to be taken over.", lambda: status().behind)
        watch(
            "kiosk_fleet_contact_timestamp_seconds",
            "When the server last answered; 0 for never.",
            contact,
        )
        watch(
            "kiosk_fleet_skew_seconds", "This clock ahead of the server's.", lambda: status().skew
        )
        watch(
            "kiosk_fleet_current",
            "1 if nothing is missing on either side.",
            lambda: float(status().state is FleetState.CURRENT),
        )


@contextmanager
def acting(gallery: SqlGallery, actor: str) -> Iterator[None]:
    """While this lasts, what is changed in the gallery was `actor`."""
    before, gallery.actor = gallery.actor, actor
    try:
        yield
    finally:
        gallery.actor = before


def watched(future: Future[R]) -> asyncio.Future[R]:
    """The future of a task on the event loop; an error nobody waits for is no news."""
    made = asyncio.wrap_future(future)
    made.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    return made


class ClientGone(Exception):
    """Nobody is there to be answered."""
