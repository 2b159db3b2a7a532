"""Rings of a rollout: one after the other, and each only when those before it are well."""

from __future__ import annotations

from datetime import timedelta

from kiosk.core.errors import InputError
from kiosk.core.status import Light
from kiosk.storage.postgres.connection import Connection, reporting

HEARD = timedelta(minutes=10)
"""A running kiosk says a word every ten seconds; one that is silent for so long is not well."""
_ANYWAY = "`--anyway` does not wait."
_THERE = "joined IS NOT NULL AND revoked IS NULL AND left_at IS NULL"


def require_first_ring(owner: Connection, ring: int) -> None:
    """A rollout begins at the lowest ring that has kiosks. Raises InputError where it would begin
    at more."""
    first = _ring_after(owner, -1)
    if first is not None and ring > first:
        raise InputError(
            f"Ring {first} comes first; a rollout does not begin with ring {ring}.",
            f"Begin with --ring {first}, then --widen. {_ANYWAY}",
        )


def require_well(owner: Connection, rollout: int, ring: int) -> None:
    """A rollout goes on by one ring, and when every kiosk that has it so far took it, was heard of
    since and, where it says how it is, was started since and is not out of order. Raises
    InputError, naming those that are not well."""
    with reporting():
        row = owner.execute(
            "SELECT ring FROM kiosk.rollouts WHERE rollout = %s", [rollout]
        ).fetchone()
    if row is None:
        raise InputError(f"There is no rollout {rollout}.", "See `kiosk fleet rollout`.")
    after = _ring_after(owner, int(row[0]))
    if after is not None and ring > after:
        raise InputError(
            f"Ring {after} comes before ring {ring}.", f"Go on with --ring {after}. {_ANYWAY}"
        )
    found = not_well(owner, rollout)
    if found:
        raise InputError(
            f"Rollout {rollout} is not well yet: {'; '.join(found)}.",
            f"Mend these kiosks first, or put them into a later ring. {_ANYWAY}",
        )


def not_well(owner: Connection, rollout: int) -> list[str]:
    """Kiosks that are to have a rollout by now and are not well, each with the reason."""
    with reporting():
        rows = owner.execute(
            f"""SELECT k.name, d.kiosk IS NOT NULL, coalesce(d.problem, ''),
                   k.contact > coalesce(d.at, '-infinity')
                   AND k.contact > clock_timestamp() - %s,
                   k.light, k.started > coalesce(d.at, '-infinity')
               FROM kiosk.kiosks k JOIN kiosk.rollouts r ON r.rollout = %s AND k.ring <= r.ring
               LEFT JOIN kiosk.rollout_results d ON d.kiosk = k.kiosk AND d.rollout = r.rollout
               WHERE {_THERE} ORDER BY k.ring, k.name""",  # noqa: S608
            [HEARD, rollout],
        ).fetchall()
    found = []
    for name, tried, problem, heard, light, started in rows:
        if problem:
            found.append(f"{name} refused it ({problem})")
        elif not tried:
            found.append(f"{name} does not have it yet")
        elif not heard:
            found.append(f"{name} was not heard of since")
        elif light and not started:
            found.append(f"{name} was not started since")
        elif light == Light.RED:
            found.append(f"{name} is out of order")
    return found


def _ring_after(owner: Connection, ring: int) -> int | None:
    """The next ring that has kiosks."""
    with reporting():
        row = owner.execute(
            f"SELECT min(ring) FROM kiosk.kiosks WHERE ring > %s AND {_THERE}",  # noqa: S608
            [ring],
        ).fetchone()
    return None if row is None or row[0] is None else int(row[0])
