"""Kiosks of a fleet, each with its own encrypted gallery, in one process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kiosk.runtime.fleet.membership import Invitation
from kiosk.runtime.fleet.sync import FleetSync, join
from kiosk.storage import SqlGallery
from tests.support.postgres import CentralPlace
from tests.support.storage_support import NEW, open_in, template


class FleetKiosk:
    """A kiosk that has joined; `gallery` is as its engine has it, the sync has one of its own."""

    def __init__(
        self,
        place: CentralPlace,
        folder: Path,
        name: str,
        sites: Sequence[str] = ("main",),
        server: str | None = None,
    ) -> None:
        self.place, self.folder, self.name = place, folder, name
        self.server = server or place.address
        credentials = place.invite(name, sites)
        self.invitation = Invitation(
            place.fleet,
            credentials.kiosk,
            name,
            credentials.role,
            sites[0],
            place.privacy,
            credentials.password,
            place.keys,
        )
        self.gallery = open_in(folder)
        join(self.gallery, self.invitation.membership())
        self.opened: list[SqlGallery] = [self.gallery]
        self.sync = self.line()
        self.sync.greet()
        self.sync.introduce()

    def line(self) -> FleetSync:
        """Another start of what keeps it in step."""
        own = open_in(self.folder)
        self.opened.append(own)
        return FleetSync(own, self.server, keep_pictures=True)

    def meet(self) -> None:
        """One round."""
        self.sync.greet()
        self.sync.round()

    def enrol(self, name: str, *seeds: int) -> None:
        self.gallery.enrol(name, [template(each) for each in seeds or (1,)], NEW)

    def names(self) -> list[str]:
        return [each.name for each in self.gallery.subjects()]

    def seeds(self, name: str) -> list[float]:
        """The first numbers of the templates in use: they say which these are."""
        found = self.gallery.templates(self.gallery.subject(name).subject_id)
        return sorted(round(float(np.float64(each.vector[0])), 3) for each in found)

    def close(self) -> None:
        self.sync.close()
        for each in self.opened:
            each.close()


def meet_all(*kiosks: FleetKiosk, rounds: int = 2) -> None:
    """So many rounds of each: what the first tells the last has heard, and the other way round."""
    for _ in range(rounds):
        for each in kiosks:
            each.meet()


def firsts(*seeds: int) -> list[float]:
    """What `FleetKiosk.seeds` says of templates made of these."""
    return sorted(round(float(np.float64(np.float16(template(s).vector[0]))), 3) for s in seeds)


def same(one: FleetKiosk, other: FleetKiosk) -> None:
    """Two kiosks have the same people, and both galleries are sound."""
    assert told(one) == told(other)
    assert one.gallery.problems() == other.gallery.problems() == []


def told(kiosk: FleetKiosk) -> dict[str, object]:
    gallery = kiosk.gallery
    found: dict[str, object] = {}
    for each in gallery.summaries():
        number, name = each.subject.subject_id, each.subject.name
        found[name] = (
            each.subject.note,
            each.origin,
            (each.face_templates, each.voice_templates),
            [(c.text, c.withdrawn is None) for c in gallery.consents(name)],
            sorted(gallery.pictures([number]).values()),
            sorted((h.kind, h.active, h.face_templates) for h in gallery.history(name)),
            kiosk.seeds(name),
            gallery.ground(number),
        )
    return found
