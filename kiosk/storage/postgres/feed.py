"""What is new at the central gallery, in order, and the whole of it in pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from kiosk.core.errors import FleetError
from kiosk.core.fleet import Person, Point
from kiosk.storage.postgres.connection import Connection, one_view, reporting
from kiosk.storage.postgres.parts import Held, people, vectors
from kiosk.storage.postgres.sealing import Sealing


class ServerIsOlder(FleetError):
    """The server lacks changes that this kiosk has seen: it was put back from a copy."""


class FeedPruned(FleetError):
    """The changes after this kiosk's place are not kept any more: it begins from a snapshot."""


@dataclass(frozen=True)
class News:
    """A stretch of a site's feed: who is as they are told now, and who is gone; `point` is where it
    ends, `head` where the feed does."""

    point: Point
    head: int
    people: tuple[Held, ...]
    removed: tuple[tuple[UUID, UUID | None], ...]
    """Who is gone, and what of them has become a part of somebody."""


@dataclass(frozen=True)
class Page:
    """A part of everybody at a site: those after one number, up to `last`; None after the end."""

    people: tuple[Held, ...]
    last: int | None


class CentralReader:
    """Reads over one connection what a kiosk needs for its replica."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection, self._sealing = connection, sealing

    def sites(self) -> list[str]:
        """Those of this kiosk, its own first."""
        with reporting():
            rows = self._connection.execute("SELECT unnest(kiosk.my_sites()) ORDER BY 1")
            return [str(row[0]) for row in rows]

    def head(self, site: str) -> Point:
        """Where the feed of a site ends now."""
        with reporting():
            row = self._connection.execute(
                """SELECT head, (SELECT operation FROM kiosk.changes
                                 WHERE changes.site = sites.site AND seq = head)
                   FROM kiosk.sites WHERE site = %s""",
                [site],
            ).fetchone()
        if row is None:
            raise FleetError(f"This kiosk may not read the site {site}.", "See its fleet's status.")
        return Point(site, int(row[0]), row[1])

    def news(self, point: Point, limit: int) -> News:
        """What came after a place, `limit` changes at most; vectors are asked for by themselves.

        Raises FeedPruned, ServerIsOlder, and FleetError for a feed that has a gap.
        """
        with reporting(), one_view(self._connection):
            head = self._checked_head(point)
            rows = self._connection.execute(
                """SELECT seq, subject, operation FROM kiosk.changes
                   WHERE site = %s AND seq > %s ORDER BY seq LIMIT %s""",
                [point.site, point.seq, limit],
            ).fetchall()
            _require_whole(point, [row[0] for row in rows], head, limit)
            wanted = {row[1] for row in rows}
            found = people(self._connection, self._sealing, wanted)
            into: dict[UUID, UUID | None] = dict(
                self._connection.execute(
                    "SELECT subject, merged_into FROM kiosk.removed WHERE subject = ANY(%s)",
                    [list(wanted - found.keys())],
                ).fetchall()
            )
        end = Point(point.site, rows[-1][0], rows[-1][2]) if rows else point
        gone = {row[1]: None for row in rows if row[1] not in found}  # in the order of the feed
        removed = tuple((each, into.get(each)) for each in gone)
        there = sorted(found.values(), key=lambda held: held.number)
        return News(end, head, tuple(there), removed)

    def _checked_head(self, point: Point) -> int:
        row = self._connection.execute(
            """SELECT head, horizon, (SELECT operation FROM kiosk.changes
                                      WHERE changes.site = sites.site AND seq = %s)
               FROM kiosk.sites WHERE site = %s""",
            [point.seq, point.site],
        ).fetchone()
        if row is None:
            raise FleetError(
                f"This kiosk may not read the site {point.site}.", "See `kiosk fleet status`."
            )
        head, horizon, mark = row
        if point.seq > head or (mark is not None and point.mark not in (None, mark)):
            raise ServerIsOlder(
                f"The fleet's server lacks changes of the site {point.site} that this kiosk has "
                "seen: it was put back from an older copy.",
                "Nothing need be done: this kiosk tells it again what it did, and begins anew.",
            )
        if point.seq < horizon:
            raise FeedPruned(
                f"The changes of the site {point.site} since this kiosk was last here are not kept "
                "any more.",
                "Nothing need be done: it takes everybody over anew.",
            )
        return int(head)

    def page(self, site: str, after: int, limit: int) -> Page:
        """Some of everybody at a site."""
        with reporting(), one_view(self._connection):
            rows = self._connection.execute(
                """SELECT subject, number FROM kiosk.subjects
                   WHERE site = %s AND number > %s ORDER BY number LIMIT %s""",
                [site, after, limit],
            ).fetchall()
            found = people(self._connection, self._sealing, [row[0] for row in rows])
        last = rows[-1][1] if len(rows) == limit else None
        return Page(tuple(sorted(found.values(), key=lambda held: held.number)), last)

    def filled(self, persons: list[Person], known: Collection[UUID]) -> list[Person]:
        """People with the vectors of the templates that are not known yet."""
        return fill(persons, known, self._connection, self._sealing)


def fill(
    persons: list[Person], known: Collection[UUID], connection: Connection, sealing: Sealing
) -> list[Person]:
    """Put in the vectors that are not known; a template that is gone meanwhile is left out, for the
    feed tells of that next."""
    missing = [t.uid for person in persons for t in person.templates if t.uid not in known]
    with reporting():
        found = vectors(connection, sealing, missing) if missing else {}
    done = []
    for person in persons:
        parts = []
        for part in person.templates:
            if part.uid in found:
                vector = found[part.uid]
                parts.append(
                    replace(
                        part, quality=vector.quality, source=vector.source, halves=vector.halves
                    )
                )
            elif part.uid in known:
                parts.append(part)
        done.append(replace(person, templates=tuple(parts)))
    return done


def _require_whole(point: Point, found: list[int], head: int, limit: int) -> None:
    """Raises FleetError where changes are missing between the place and the head."""
    expected = list(range(point.seq + 1, min(head, point.seq + limit) + 1))
    if found != expected:
        missing = next((a for a, b in zip(expected, [*found, 0], strict=False) if a != b), head)
        raise FleetError(
            f"The change feed of the site {point.site} has a gap at {missing}.",
            "The server's database was damaged or edited: run `kiosk fleet sync --anew`, which "
            "takes everybody over from it again, and look into its backups.",
        )
