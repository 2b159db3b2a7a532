"""Operations are applied to the central gallery: each exactly once, in one order for all.

Whoever applies some holds the row of their site until they are kept, so that the changes of a site
are counted without a gap in the order in which they became visible. What decides between kiosks
that did not know of each other is here, and told in docs/fleet.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from uuid import UUID

import numpy as np
from pgvector import HalfVector

from kiosk.core.errors import BugError, FleetError
from kiosk.core.fleet import Act, Applied, Operation, Outcome, Privacy, TemplatePart
from kiosk.core.names import LONGEST_NAME
from kiosk.core.template_scores import SHORTEST
from kiosk.storage.postgres.connection import Connection, reporting
from kiosk.storage.postgres.parts import Body, seal_consent, seal_template, vectors
from kiosk.storage.postgres.sealing import Sealed, Sealing
from kiosk.storage.resident.vectors import STORED

CHANNEL = "kiosk_changes"
"""On which waiting kiosks hear that there is something new; the payload is the site."""


class CentralWriter:
    """Applies operations over one connection, as one kiosk or, without one, as the owner."""

    def __init__(
        self, connection: Connection, sealing: Sealing, privacy: Privacy, kiosk: UUID | None
    ) -> None:
        self._connection, self._sealing = connection, sealing
        self._privacy, self._kiosk = privacy, kiosk
        self._models: dict[tuple[str, str, int], int] = {}
        self._heads: dict[str, int] = {}
        self._begun: dict[str, int] = {}

    def apply(self, operations: Sequence[Operation]) -> list[Applied]:
        """All of them, in this order, in one transaction. Raises FleetError and its children."""
        with reporting(), self._connection.transaction():
            self._heads.clear()
            self._begun.clear()
            self._hold({each.site for each in operations} | self._sites_of_others(operations))
            done = [self._apply(each) for each in operations]
            self._settle()
        return done

    def _sites_of_others(self, operations: Sequence[Operation]) -> set[str]:
        others = [each.other for each in operations if each.other is not None]
        if not others:
            return set()
        rows = self._connection.execute(
            "SELECT DISTINCT site FROM kiosk.subjects WHERE subject = ANY(%s)", [others]
        )
        return {row[0] for row in rows}

    def _hold(self, sites: set[str]) -> None:
        """Nobody else changes these sites until this transaction is over."""
        missing = sorted(sites - self._heads.keys())
        rows = self._connection.execute(
            "SELECT site, head FROM kiosk.sites WHERE site = ANY(%s) ORDER BY site FOR UPDATE",
            [missing],
        ).fetchall()
        self._heads.update(rows)
        self._begun.update(rows)
        for site in missing:
            if site not in self._heads:
                raise FleetError(
                    f"This kiosk may not change the site {site}, or there is none.",
                    "See `kiosk fleet status`: it may have been revoked or moved.",
                )

    def _settle(self) -> None:
        for site, head in self._heads.items():
            if head != self._begun[site]:
                self._connection.execute(
                    "UPDATE kiosk.sites SET head = %s WHERE site = %s", [head, site]
                )
                self._connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, site])

    # --- one operation -----------------------------------------------------------------------

    def _apply(self, operation: Operation) -> Applied:
        known = self._connection.execute(
            "SELECT seq, outcome, told FROM kiosk.operations WHERE site = %s AND operation = %s",
            [operation.site, operation.uid],
        ).fetchone()
        if known is not None:
            seq, outcome, told = known
            said = self._sealing.open(Sealed.NOTICE, operation.uid, told) if told else b""
            return Applied(operation.uid, seq, Outcome(outcome), said.decode())
        found = self._find(operation.subject)
        if operation.act is Act.MERGE:
            outcome, text = self._merge(operation, found), ""
        elif isinstance(found, Outcome):
            if found is Outcome.UNKNOWN and operation.act is Act.REMOVE:
                found = Outcome.GONE
            if found is Outcome.GONE or operation.created is None:
                return self._kept(operation, found, "")
            outcome, text = self._begin(operation)
        elif operation.act is Act.REMOVE:
            self._remove(operation, *found)
            outcome, text = Outcome.APPLIED, ""
        else:
            outcome, text = self._change(operation, *found)
        return self._kept(operation, outcome, text)

    def _kept(self, operation: Operation, outcome: Outcome, text: str) -> Applied:
        """Remember that this one was applied. What nobody knows of here is not: the kiosk tells it
        anew, in whole."""
        seq = self._heads[operation.site]
        if outcome is not Outcome.UNKNOWN:
            told = self._sealing.seal(Sealed.NOTICE, operation.uid, text.encode()) if text else None
            self._connection.execute(
                """INSERT INTO kiosk.operations (site, operation, kiosk, seq, outcome, told)
                   VALUES (%s, %s, %s, %s, %s, %s)""",
                [operation.site, operation.uid, self._kiosk, seq, outcome.value, told],
            )
        return Applied(operation.uid, seq, outcome, text)

    def _find(self, subject: UUID) -> tuple[str, UUID] | Outcome:
        """Site and UUID of a subject, or of the one it has become a part of."""
        for _ in range(1000):
            row = self._connection.execute(
                "SELECT site FROM kiosk.subjects WHERE subject = %s", [subject]
            ).fetchone()
            if row is not None:
                self._hold({row[0]})
                return str(row[0]), subject
            gone = self._connection.execute(
                "SELECT merged_into FROM kiosk.removed WHERE subject = %s", [subject]
            ).fetchone()
            if gone is None:
                return Outcome.UNKNOWN
            if gone[0] is None:
                return Outcome.GONE
            subject = gone[0]
        raise BugError("subjects that are merged in a circle")

    def _tell(self, site: str, subject: UUID, operation: Operation) -> int:
        """One more line of the change feed."""
        self._heads[site] += 1
        self._connection.execute(
            """INSERT INTO kiosk.changes (site, seq, subject, act, operation, kiosk)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            [site, self._heads[site], subject, operation.act.value, operation.uid, self._kiosk],
        )
        return self._heads[site]

    def _begin(self, operation: Operation) -> tuple[Outcome, str]:
        """A subject that is new here."""
        subject, site = operation.subject, operation.site
        name = self._claimed(operation.name or "", subject, site)
        body = Body(
            name,
            operation.note or "",
            operation.origin or Body.origin,
            operation.ground or "",
        )
        self._connection.execute(
            """INSERT INTO kiosk.subjects (site, subject, created, body, picture)
               VALUES (%s, %s, %s, %s, %s)""",
            [
                site,
                subject,
                operation.created,
                body.sealed(self._sealing, subject),
                self._sealed_picture(subject, operation.picture),
            ],
        )
        self._put_parts(operation, site, subject)
        self._tell(site, subject, operation)
        return (Outcome.APPLIED, "") if name == operation.name else (Outcome.RENAMED, name)

    def _change(self, operation: Operation, site: str, subject: UUID) -> tuple[Outcome, str]:
        outcome, text = self._change_body(operation, site, subject)
        if operation.picture is not None:
            self._connection.execute(
                "UPDATE kiosk.subjects SET picture = %s WHERE site = %s AND subject = %s",
                [self._sealed_picture(subject, operation.picture), site, subject],
            )
        self._put_parts(operation, site, subject)
        self._tell(site, subject, operation)
        return outcome, text

    def _change_body(self, operation: Operation, site: str, subject: UUID) -> tuple[Outcome, str]:
        given = (operation.name, operation.note, operation.origin, operation.ground)
        if all(each is None for each in given):
            return Outcome.APPLIED, ""
        row = self._connection.execute(
            "SELECT body FROM kiosk.subjects WHERE site = %s AND subject = %s", [site, subject]
        ).fetchone()
        assert row is not None
        body = Body.opened(self._sealing, subject, row[0])
        outcome, text = Outcome.APPLIED, ""
        if operation.name is not None and operation.name != body.name:
            name = self._claimed(operation.name, subject, site)
            if name != operation.name:
                outcome, text = Outcome.RENAMED, name
            elif operation.name_before not in (None, body.name):
                outcome, text = Outcome.OVERTOOK, body.name
            body = replace(body, name=name)
        if operation.note is not None:
            body = replace(body, note=operation.note)
        if operation.origin is not None:
            body = replace(body, origin=operation.origin)
        if operation.ground is not None:
            body = replace(body, ground=operation.ground)
        self._connection.execute(
            "UPDATE kiosk.subjects SET body = %s WHERE site = %s AND subject = %s",
            [body.sealed(self._sealing, subject), site, subject],
        )
        return outcome, text

    def _claimed(self, name: str, subject: UUID, site: str) -> str:
        """The name, with a number behind it where somebody else has it."""
        for number in count(1):
            ending = f" ({number})" if number > 1 else ""
            tried = name[: LONGEST_NAME - len(ending)] + ending
            row = self._connection.execute(
                "SELECT kiosk.claim_name(%s, %s, %s)", [self._sealing.tag(tried), subject, site]
            ).fetchone()
            if row is not None and row[0]:
                return tried
        raise BugError("numbers ended")

    def _sealed_picture(self, subject: UUID, picture: bytes | None) -> bytes | None:
        return self._sealing.seal(Sealed.PICTURE, subject, picture) if picture else None

    # --- parts -------------------------------------------------------------------------------

    def _put_parts(self, operation: Operation, site: str, subject: UUID) -> None:
        cursor = self._connection.cursor()
        if operation.enrolments:
            cursor.executemany(
                """INSERT INTO kiosk.enrolments
                       (site, enrolment, subject, kind, time, face, voice, undone)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
                   ON CONFLICT (site, enrolment) DO UPDATE SET
                       undone = enrolments.undone OR EXCLUDED.undone""",
                [
                    (site, e.uid, subject, e.kind.value, e.time, e.face, e.voice, e.undone)
                    for e in operation.enrolments
                ],
            )
        self._put_templates(operation, site, subject)
        if operation.gone:
            self._connection.execute(
                "DELETE FROM kiosk.templates WHERE subject = %s AND template = ANY(%s)",
                [subject, list(operation.gone)],
            )
        if operation.consents:
            cursor.executemany(
                """INSERT INTO kiosk.consents (site, consent, subject, time, withdrawn, body)
                   VALUES (%s, %s, %s, %s, %s, %s)
                   ON CONFLICT (site, consent) DO UPDATE SET
                       withdrawn = coalesce(consents.withdrawn, EXCLUDED.withdrawn)""",
                [
                    (site, c.uid, subject, c.time, c.withdrawn, seal_consent(self._sealing, c))
                    for c in operation.consents
                ],
            )
        if operation.templates or operation.gone or operation.consents:
            self._centre(site, subject)

    def _put_templates(self, operation: Operation, site: str, subject: UUID) -> None:
        new = [each for each in operation.templates if each.halves is not None]
        known = [each for each in operation.templates if each.halves is None]
        cursor = self._connection.cursor()
        if new:
            cursor.executemany(
                """INSERT INTO kiosk.templates
                       (site, template, subject, enrolment, retired_by, model, created, sealed)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %b)
                   ON CONFLICT (site, template) DO UPDATE SET retired_by = EXCLUDED.retired_by""",
                [
                    (
                        site,
                        each.uid,
                        subject,
                        each.enrolment,
                        each.retired_by,
                        self.model_number(each),
                        each.created,
                        seal_template(self._sealing, each),
                    )
                    for each in new
                ],
            )
        if known:
            cursor.executemany(
                "UPDATE kiosk.templates SET retired_by = %s WHERE subject = %s AND template = %s",
                [(each.retired_by, subject, each.uid) for each in known],
            )

    def model_number(self, part: TemplatePart) -> int:
        """How the server counts a model. Raises BugError for a vector of another size."""
        dims = len(part.halves or b"") // STORED.itemsize
        key = (part.modality.value, part.model_id, dims)
        if key not in self._models:
            row = self._connection.execute("SELECT kiosk.model_number(%s, %s, %s)", key).fetchone()
            assert row is not None
            if row[0] < 0:
                raise BugError(f"{dims} dimensions for {part.model_id}, which has {-row[0]}")
            self._models[key] = int(row[0])
        return self._models[key]

    def _centre(self, site: str, subject: UUID) -> None:
        """Where the server searches: the mean direction of what is in use, turned."""
        if self._privacy is not Privacy.SEARCHABLE:
            return
        self._connection.execute(
            "DELETE FROM kiosk.centroids WHERE site = %s AND subject = %s", [site, subject]
        )
        rows = self._connection.execute(
            """SELECT model, model_id, array_agg(template) FROM kiosk.templates
               JOIN kiosk.models USING (model)
               WHERE subject = %(subject)s AND retired_by IS NULL AND NOT (
                   EXISTS (SELECT 1 FROM kiosk.consents WHERE subject = %(subject)s) AND
                   NOT EXISTS (SELECT 1 FROM kiosk.consents
                               WHERE subject = %(subject)s AND withdrawn IS NULL))
               GROUP BY model, model_id""",
            {"subject": subject},
        ).fetchall()
        for model, model_id, templates in rows:
            found = vectors(self._connection, self._sealing, templates)
            turned = turned_centroid(self._sealing, [v.halves for v in found.values()], model_id)
            self._connection.execute(
                """INSERT INTO kiosk.centroids (site, subject, model, turned)
                   VALUES (%s, %s, %s, %s)""",
                [site, subject, model, str(turned.to_text())],
            )

    # --- removing and merging ----------------------------------------------------------------

    def _remove(self, operation: Operation, site: str, subject: UUID) -> None:
        seq = self._tell(site, subject, operation)
        self._erase(site, subject)
        self._connection.execute("DELETE FROM kiosk.decisions WHERE subject = %s", [subject])
        self._connection.execute(
            "UPDATE kiosk.decisions SET corrected_to = NULL WHERE corrected_to = %s", [subject]
        )
        self._connection.execute(
            "INSERT INTO kiosk.removed (site, subject, seq, kiosk) VALUES (%s, %s, %s, %s)",
            [site, subject, seq, self._kiosk],
        )

    def _erase(self, site: str, subject: UUID) -> None:
        self._connection.execute("SELECT kiosk.release_name(%s)", [subject])
        for table in ("subjects", "enrolments", "templates", "consents", "centroids"):
            self._connection.execute(
                f"DELETE FROM kiosk.{table} WHERE site = %s AND subject = %s",  # noqa: S608
                [site, subject],
            )

    def _merge(self, operation: Operation, kept: tuple[str, UUID] | Outcome) -> Outcome:
        assert operation.other is not None
        other = self._find(operation.other)
        if isinstance(other, Outcome):
            return other
        if isinstance(kept, Outcome):
            # Where it was merged the other one is gone: it is told of again, and lives on.
            self._tell(*other, operation)
            return kept
        if kept == other:
            return Outcome.APPLIED  # another kiosk did the same, or the reverse
        self._move(other, kept)
        (at, subject), (other_at, other_subject) = kept, other
        self._tell(at, subject, operation)
        seq = self._tell(other_at, other_subject, operation)
        self._connection.execute("SELECT kiosk.release_name(%s)", [other_subject])
        for table in ("subjects", "centroids"):
            self._connection.execute(
                f"DELETE FROM kiosk.{table} WHERE site = %s AND subject = %s",  # noqa: S608
                [other_at, other_subject],
            )
        self._connection.execute(
            """INSERT INTO kiosk.removed (site, subject, seq, kiosk, merged_into)
               VALUES (%s, %s, %s, %s, %s)""",
            [other_at, other_subject, seq, self._kiosk, subject],
        )
        self._centre(at, subject)
        return Outcome.APPLIED

    def _move(self, other: tuple[str, UUID], kept: tuple[str, UUID]) -> None:
        """What began the other subject becomes an addition, which can be rolled back."""
        values = [kept[0], kept[1], other[1]]
        for statement in (
            """UPDATE kiosk.enrolments SET site = %s, subject = %s,
                   kind = CASE kind WHEN 'new' THEN 'add' ELSE kind END WHERE subject = %s""",
            # Under new numbers: by them alone others can tell that something has changed.
            """UPDATE kiosk.templates SET site = %s, subject = %s, number = renumbered.fresh
               FROM (SELECT template, nextval('kiosk.numbers') AS fresh FROM
                         (SELECT template FROM kiosk.templates WHERE subject = %s
                          ORDER BY number) AS old) AS renumbered
               WHERE templates.template = renumbered.template""",
            "UPDATE kiosk.consents SET site = %s, subject = %s WHERE subject = %s",
        ):
            self._connection.execute(statement, values)
        for statement in (
            "UPDATE kiosk.decisions SET subject = %s WHERE subject = %s",
            "UPDATE kiosk.decisions SET corrected_to = %s WHERE corrected_to = %s",
        ):
            self._connection.execute(statement, [kept[1], other[1]])
        rows: dict[UUID, bytes | None] = dict(
            self._connection.execute(
                "SELECT subject, picture FROM kiosk.subjects WHERE subject = ANY(%s)",
                [[kept[1], other[1]]],
            ).fetchall()
        )
        theirs = rows.get(other[1])
        if rows.get(kept[1]) is None and theirs is not None:
            picture = self._sealing.open(Sealed.PICTURE, other[1], theirs)
            self._connection.execute(
                "UPDATE kiosk.subjects SET picture = %s WHERE subject = %s",
                [self._sealed_picture(kept[1], picture), kept[1]],
            )


def turned_centroid(sealing: Sealing, halves: Sequence[bytes], model_id: str) -> HalfVector:
    """The mean direction of vectors, of length one, turned by the fleet's key and in halves."""
    rows = np.stack([np.frombuffer(each, STORED).astype(np.float32) for each in halves])
    total = rows.sum(axis=0)
    centre = total / max(float(np.linalg.norm(total)), SHORTEST)
    return HalfVector(sealing.transform.apply(centre, model_id))


def moment_of(connection: Connection) -> datetime:
    """What time it is at the server."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    found: datetime = row[0]
    return found
