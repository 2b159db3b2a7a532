"""What is new at the central gallery, in order, and the whole of it in pages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from kiosk.core.errors import FleetError
from kiosk.core.fleet import Person, Point
from kiosk.storage.postgres.connection import Connection, one_view, reporting
from kiosk.storage.postgres.parts import Held, people_told, vectors
from kiosk.storage.postgres.sealing import Sealing


class ServerIsOlder(FleetError):
    """The server lacks changes that this kiosk has seen: it was put back from a copy."""


class FeedPruned(FleetError):
    """The changes after this kiosk's place are not kept any more: it begins from a snapshot."""


Marks: TypeAlias = Callable[[Collection[UUID]], Mapping[UUID, str]]
"""Says by `Person.mark` what a kiosk has of people."""


@dataclass(frozen=True)
class Stretch:
    """What of a site's feed a kiosk lacks: whoever it tells of, each once, with the number of the
    first change of theirs in it and in that order; `end` is where the feed ends."""

    subjects: tuple[tuple[int, UUID], ...]
    end: Point


@dataclass(frozen=True)
class News:
    """Some of a stretch: who is as they are told now, and who is gone. `done` of its subjects are
    told with it, and `point` is where that leads."""

    point: Point
    done: int
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

    def stretch(self, point: Point) -> Stretch:
        """What came after a place. However often somebody was changed since, they are told once.

        Raises FeedPruned, ServerIsOlder, and FleetError for a feed that has a gap.
        """
        with reporting(), one_view(self._connection):
            head = self._checked_head(point)
            rows = self._connection.execute(
                """SELECT min(seq), subject, count(*) FROM kiosk.changes
                   WHERE site = %s AND seq > %s GROUP BY subject ORDER BY 1""",
                [point.site, point.seq],
                binary=True,
            ).fetchall()
            if sum(row[2] for row in rows) != head - point.seq:
                raise _gap(point.site, self._first_missing(point))
            end = self._point(point.site, head) if rows else point
        return Stretch(tuple((row[0], row[1]) for row in rows), end)

    def news(self, stretch: Stretch, after: int, marks: Marks, limit: int, whole: int) -> News:
        """Those of a stretch that follow `after` others, `limit` at most, and no more than `whole`
        of whom more is told than the subject itself. Vectors are asked for by themselves."""
        some = [each for _, each in stretch.subjects[after : after + limit]]
        with reporting(), one_view(self._connection):
            found = people_told(self._connection, self._sealing, some, marks(some), whole)
            done = len(found.asked)
            into: dict[UUID, UUID | None] = dict(
                self._connection.execute(
                    "SELECT subject, merged_into FROM kiosk.removed WHERE subject = ANY(%s)",
                    [[each for each in found.asked if each not in found.held]],
                ).fetchall()
            )
            point = self._reached(stretch, after + done)
        gone = [each for each in found.asked if each not in found.held]  # in the order of the feed
        there = sorted(found.held.values(), key=lambda held: held.number)
        return News(point, done, tuple(there), tuple((each, into.get(each)) for each in gone))

    def _reached(self, stretch: Stretch, done: int) -> Point:
        """How far a kiosk is that has taken over so many of a stretch: of whoever comes after them
        nothing was told before their first change."""
        if done >= len(stretch.subjects):
            return stretch.end
        return self._point(stretch.end.site, stretch.subjects[done][0] - 1)

    def _point(self, site: str, seq: int) -> Point:
        row = self._connection.execute(
            "SELECT operation FROM kiosk.changes WHERE site = %s AND seq = %s", [site, seq]
        ).fetchone()
        return Point(site, seq, row[0] if row else None)

    def _first_missing(self, point: Point) -> int:
        rows = self._connection.execute(
            "SELECT seq FROM kiosk.changes WHERE site = %s AND seq > %s ORDER BY seq",
            [point.site, point.seq],
        )
        expected = point.seq + 1
        for (seq,) in rows:
            if seq != expected:
                break
            expected += 1
        return expected

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

    def page(self, site: str, after: int, limit: int, marks: Marks, whole: int) -> Page:
        """Some of everybody at a site, `limit` at most, and no more than `whole` of whom more is
        told than the subject itself."""
        with reporting(), one_view(self._connection):
            rows = self._connection.execute(
                """SELECT subject, number FROM kiosk.subjects
                   WHERE site = %s AND number > %s ORDER BY number LIMIT %s""",
                [site, after, limit],
            ).fetchall()
            some = [row[0] for row in rows]
            found = people_told(self._connection, self._sealing, some, marks(some), whole)
        done = len(found.asked)
        last = rows[done - 1][1] if len(rows) == limit or done < len(rows) else None
        return Page(tuple(sorted(found.held.values(), key=lambda held: held.number)), last)

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
        if person.bare:
            done.append(person)
            continue
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


def _gap(site: str, seq: int) -> FleetError:
    return FleetError(
        f"The change feed of the site {site} has a gap at {seq}.",
        "The server's database was damaged or edited: run `kiosk fleet sync --anew`, which takes "
        "everybody over from it again, and look into its backups.",
    )
