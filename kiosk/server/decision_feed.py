"""Every new decision on the gallery, for whoever listens to `/v1/events`.

The record of decisions is the one thing that all kiosks on a gallery share: the screen, a command
and the service itself write there, each in a process of its own. So it is asked twice a second
while somebody listens, and who was away for a while goes on behind the last decision they had.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

from kiosk.core.errors import KnownError
from kiosk.core.records import DecisionRecord
from kiosk.core.redaction import log_failure
from kiosk.server.records import decision_line
from kiosk.server.refusals import Busy
from kiosk.server.service import Service
from kiosk.storage import SqlGallery

_log = logging.getLogger(__name__)
INTERVAL = 0.5
MOST_LISTENERS = 50
MOST_MISSED = 1000
"""Decisions told to somebody who comes back; who missed more asks /v1/decisions."""
BEHIND = 500
"""Decisions that wait for a slow listener before it is cut off."""


class DecisionFeed:
    """Asks for new decisions while somebody listens; on the event loop's thread."""

    def __init__(self, service: Service, interval: float = INTERVAL) -> None:
        self._service = service
        self._interval = interval
        self._listeners: set[asyncio.Queue[DecisionRecord | None]] = set()
        self._asking: asyncio.Task[None] | None = None
        self._last = 0

    def require_place(self) -> None:
        """Raises Busy where too many listen."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise Busy(f"All {MOST_LISTENERS} places are taken.", "Try again in 60 s.", 60)

    async def listen(self, after: int | None) -> AsyncIterator[DecisionRecord]:
        """Decisions as they are made, oldest first; with `after` those behind that id first."""
        queue: asyncio.Queue[DecisionRecord | None] = asyncio.Queue(BEHIND)
        self._listeners.add(queue)  # before anything is read, so that nothing falls between
        try:
            newest = await self._service.read(newest_id)
            self._begin(newest)
            start = told = newest if after is None else after
            for record in await self._service.read(lambda gallery: behind(gallery, start)):
                told = record.decision_id
                yield record
            while (item := await queue.get()) is not None:
                if item.decision_id > told:
                    told = item.decision_id
                    yield item
        finally:
            self._listeners.discard(queue)
            if not self._listeners:
                self._end()

    def close(self) -> None:
        """Let every listener go."""
        self._end()
        for queue in self._listeners:
            with suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    def _begin(self, newest: int) -> None:
        if self._asking is None:
            self._last = newest
            self._asking = asyncio.create_task(self._ask())

    def _end(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _ask(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                found = await self._service.read(lambda gallery: behind(gallery, self._last))
            except KnownError as error:  # locked for a moment: what is missed comes next time
                log_failure(_log, "New decisions could not be asked for: %s.", error)
                continue
            for record in found:
                self._last = max(self._last, record.decision_id)
                self._tell(record)

    def _tell(self, record: DecisionRecord) -> None:
        for queue in list(self._listeners):
            try:
                queue.put_nowait(record)
            except asyncio.QueueFull:
                self._listeners.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)  # it comes back and goes on behind the last it had


def newest_id(gallery: SqlGallery) -> int:
    """The id of the newest decision, 0 where there is none."""
    found = gallery.decisions(1)
    return found[0].decision_id if found else 0


def behind(gallery: SqlGallery, last: int) -> Sequence[DecisionRecord]:
    """The decisions behind an id, oldest first."""
    if newest_id(gallery) <= last:
        return []
    found = [each for each in gallery.decisions(MOST_MISSED) if each.decision_id > last]
    return found[::-1]


def as_event(record: DecisionRecord) -> dict[str, str]:
    """What sse_starlette sends of one."""
    data = json.dumps(decision_line(record), ensure_ascii=False)
    return {"id": str(record.decision_id), "event": "decision", "data": data}
