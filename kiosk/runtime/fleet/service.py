"""While the kiosk runs, a thread of its own keeps its gallery in step with the fleet.

Visitors are answered from the gallery, whatever the thread is doing or waiting for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kiosk.core.errors import (
    BugError,
    FleetRevoked,
    FleetUnreachable,
    KioskError,
    KnownError,
    ModelError,
    SettingsError,
)
from kiosk.core.extras import require
from kiosk.core.fleet import FleetState, FleetStatus
from kiosk.core.media import Modality
from kiosk.core.redaction import log_failure
from kiosk.core.settings import Settings
from kiosk.runtime.delivery.lease import Lease
from kiosk.runtime.status_file import read_status, status_path

if TYPE_CHECKING:
    from kiosk.runtime.fleet.sync import FleetSync
    from kiosk.storage import SqlGallery

_log = logging.getLogger(__name__)
LOOK = 0.5
"""Seconds after which it is looked whether something was changed here."""
GREET = 10.0
"""Seconds between two words to the server, also where nothing happens."""
IDLE = 5.0
"""Seconds until it is looked again where this kiosk belongs to no fleet, or another process follows
it already."""
FIRST, MOST = 1.0, 30.0
"""Seconds until the next try, doubled after each that failed."""
_JOIN = 15.0

Tell: TypeAlias = Callable[[FleetStatus], None]


@contextmanager
def following(settings: Settings, tell: Tell = lambda status: None) -> Iterator[None]:
    """While this lasts, the gallery follows the fleet, if the settings name a server and the kiosk
    has joined."""
    if not settings.fleet_server:
        yield
        return
    follower = Follower(settings, tell)
    follower.start()
    try:
        yield
    finally:
        follower.stop()


def open_sync(
    settings: Settings, gallery: SqlGallery, tell: Callable[[int, int], None] | None = None
) -> FleetSync:
    """The kiosk's line to its fleet, not opened yet. Raises PackageMissing, FleetError."""
    require("psycopg", "pgvector", for_what="A fleet")
    from kiosk.runtime.fleet.sync import FleetSync
    from kiosk.storage.postgres.connection import ServerAddress

    address = ServerAddress(settings.fleet_server, authority=settings.fleet_authority)
    return FleetSync(
        gallery,
        settings.fleet_server,
        address,
        keep_pictures=settings.keep_pictures,
        tell=tell or (lambda done, of: None),
    )


class Follower:
    """The thread, with a gallery and a connection of its own."""

    def __init__(self, settings: Settings, tell: Tell, clock: Callable[[], float] = time.monotonic):
        self._settings, self._tell, self._clock = settings, tell, clock
        database = settings.database
        self._lease = Lease(database.with_name(f"{database.name}-fleet.lock"))
        self._stop = threading.Event()
        self._gallery: SqlGallery | None = None
        self._sync: FleetSync | None = None
        self._status: FleetStatus | None = None
        self._failures = 0
        self._thread = threading.Thread(target=self._work, name="kiosk-fleet", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, at the latest after what is being written is written."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN)

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                self._stop.wait(self._step())
        finally:
            self._close()
            self._lease.release()

    def _step(self) -> float:
        """One round and the wait for the next; seconds to rest."""
        try:
            if not self._lease.acquire():
                return IDLE
            if self._sync is None and not self._opened():
                return IDLE
            assert self._sync is not None
            self._round(self._sync)
            self._failures = 0
            self._wait(self._sync)
            return 0.0
        except FleetRevoked as error:
            self._destroy(error)
            return IDLE
        except (KioskError, OSError) as error:
            return self._failed(error)

    def _opened(self) -> bool:
        """Whether there is a fleet to follow."""
        from kiosk import storage
        from kiosk.storage.sqlite import fleet_state

        gallery = storage.open_gallery(self._settings.database, self._settings.key_file)
        if not fleet_state.is_member(gallery.database):
            gallery.close()
            return False
        gallery.actor = "fleet"
        self._gallery = gallery
        self._sync = open_sync(self._settings, gallery)
        return True

    def _round(self, sync: FleetSync) -> None:
        sync.greet()
        self._show(sync)
        for number, settings in sync.rollouts():
            sync.rolled_out(number, apply_settings(settings, own=self._settings))
        standing = sync.round()
        self._say(
            FleetStatus(
                FleetState.CURRENT if not standing.behind else FleetState.BUSY,
                standing.contact,
                standing.waiting,
                standing.behind,
                standing.skew,
                *wrong_clock(standing.skew),
            )
        )

    def _show(self, sync: FleetSync) -> None:
        """How this kiosk is, as `kiosk status` tells it: rings of a rollout wait for that."""
        status = read_status(status_path(self._settings))
        if status is not None and status.is_fresh(time.time()):
            sync.show(status.verdict.light, status.running_seconds)
        else:
            sync.show("", 0.0)

    def _wait(self, sync: FleetSync) -> None:
        """Until something happens on either side, or it is time for a word."""
        until = self._clock() + GREET
        while not self._stop.is_set() and self._clock() < until:
            if sync.listen(LOOK) or sync.waiting().count:
                return

    def _failed(self, error: KioskError | OSError) -> float:
        self._failures += 1
        reached = not isinstance(error, FleetUnreachable)
        told = error if isinstance(error, KnownError) else None
        waiting = 0
        with suppress(KioskError):
            waiting = self._sync.waiting().count if self._sync is not None else 0
        before = self._status
        self._say(
            FleetStatus(
                FleetState.REFUSED if reached else FleetState.UNREACHABLE,
                before.contact if before else None,
                waiting,
                before.behind if before else 0,
                problem=told.text if told else type(error).__name__,
                remedy=told.remedy if told else "See the log.",
            )
        )
        if before is None or before.state is not (self._status and self._status.state):
            log_failure(_log, "The fleet cannot be followed: %s.", error)
        if isinstance(error, BugError):
            _log.error("The fleet cannot be followed: %s", type(error).__name__)
        self._close()
        return float(min(MOST, FIRST * 2.0 ** min(self._failures - 1, 30)))

    def _destroy(self, error: FleetRevoked) -> None:
        assert self._gallery is not None
        assert self._sync is not None
        destroy(self._settings, self._gallery)
        with suppress(KioskError):
            self._sync.confirm_destroyed()
        self._say(FleetStatus(FleetState.REVOKED, problem=error.text, remedy=error.remedy))
        self._close()
        self._stop.set()

    def _say(self, status: FleetStatus) -> None:
        if self._status is None or replace(status, contact=None) != replace(
            self._status, contact=None
        ):
            _log.info("The fleet: %s.", status.state)
        self._status = status
        self._tell(status)

    def _close(self) -> None:
        sync, self._sync = self._sync, None
        gallery, self._gallery = self._gallery, None
        if sync is not None:
            with suppress(KioskError, OSError):
                sync.close()
        if gallery is not None:
            gallery.close()


def wrong_clock(skew: float) -> tuple[str, str]:
    """What is wrong and what to do where the clocks differ; empty where they do not."""
    from kiosk.runtime.fleet.sync import WRONG_CLOCK

    if abs(skew) < WRONG_CLOCK:
        return "", ""
    way = "ahead of" if skew > 0 else "behind"
    return (
        f"This kiosk's clock is {abs(skew) / 3600:.1f} hours {way} that of the fleet's server.",
        "Set it, or let it be set (NTP). Changes are not put in order by clocks, but times of "
        "decisions and of deletions are this kiosk's own.",
    )


def apply_settings(
    changes: Mapping[str, object], config: Path | None = None, own: Settings | None = None
) -> str:
    """Write settings that the fleet rolled out; what is wrong with them, empty if nothing. Where
    things lie, the service and the fleet itself are nobody's to roll out; a model is taken only
    where its file is there and is the one that the manifest means."""
    from kiosk.core.settings import find_setting
    from kiosk.core.settings_file import SettingsFile

    try:
        for key in changes:
            if not find_setting(key).declared.group.on_page:
                return f"{key} cannot be rolled out: it is each kiosk's own."
        _require_models(changes, own or Settings())
        SettingsFile(config).save(changes)
    except ModelError as error:
        return f"{error.text} {error.remedy}"
    except SettingsError as error:
        return error.text
    return ""


def _require_models(changes: Mapping[str, object], own: Settings) -> None:
    """Raises ModelError for a model that this program does not know, or that lacks its file."""
    from kiosk.inference import manifest

    for modality in Modality:
        name = changes.get(f"{modality.value}_model", "auto")
        if name == "auto":
            continue
        known = manifest.embedders(modality)
        if name not in known:
            raise ModelError(
                f"This kiosk knows no {modality.value} model {name!r}.", "Update its program first."
            )
        manifest.locate(known[str(name)], own)


def destroy(settings: Settings, gallery: SqlGallery) -> None:
    """The kiosk was revoked: everybody goes from the gallery at once, also for the process that
    has it open, and then the keys by which its file and its copies open. Raises StorageError."""
    from kiosk.core.own_files import anchor_file, subject_key_file, transform_file
    from kiosk.core.ports.audit import Act
    from kiosk.storage.keys.file import destroy_key
    from kiosk.storage.sqlite import fleet_state

    with gallery.from_fleet() as notes:
        for table in ("decisions", "subjects"):
            gallery.database.execute(f"DELETE FROM {table}")  # noqa: S608
        fleet_state.forget_member(gallery.database)
        notes.add(Act.FLEET, what="revoked")
    destroy_key(settings.key_file)
    key_file = settings.key_file
    for file in (transform_file(key_file), subject_key_file(key_file), settings.database):
        with suppress(OSError):
            file.unlink(missing_ok=True)
    with suppress(OSError):
        anchor_file(settings.key_file).unlink(missing_ok=True)
    _log.warning("This kiosk was revoked at %s; its keys are destroyed.", datetime.now(UTC))
