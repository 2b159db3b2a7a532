"""A rollout goes from ring to ring, and not past a kiosk that is not well."""

from __future__ import annotations

import pytest

from kiosk.core.errors import InputError
from kiosk.storage.postgres.administration import roll_out, set_ring, widen
from kiosk.storage.postgres.connection import Connection
from kiosk.storage.postgres.rings import not_well, require_first_ring, require_well
from tests.support.postgres import CentralPlace


def meets(owner: Connection, name: str) -> None:
    owner.execute(
        """UPDATE kiosk.kiosks SET joined = coalesce(joined, clock_timestamp()),
           contact = clock_timestamp() WHERE name = %s""",
        [name],
    )


def tries(owner: Connection, name: str, rollout: int, problem: str = "") -> None:
    owner.execute(
        """INSERT INTO kiosk.rollout_results (kiosk, rollout, problem)
           SELECT kiosk, %s, %s FROM kiosk.kiosks WHERE name = %s""",
        [rollout, problem, name],
    )


def refused(owner: Connection, rollout: int, ring: int) -> str:
    with pytest.raises(InputError) as caught:
        require_well(owner, rollout, ring)
    assert "--anyway" in caught.value.remedy
    return caught.value.text


def test_the_next_ring_waits_until_the_one_before_is_well(place: CentralPlace) -> None:
    for name in ("first", "second", "third", "never joined"):
        place.invite(name)
    with place.owner() as owner:
        for ring, name in enumerate(("first", "second", "third"), start=1):
            set_ring(owner, name, ring)
            meets(owner, name)
        with pytest.raises(InputError, match="Ring 1 comes first"):
            require_first_ring(owner, 2)
        require_first_ring(owner, 1)
        number = roll_out(owner, {"result_seconds": 20}, 1)
        assert "Ring 2 comes before ring 3" in refused(owner, number, 3)
        assert "first does not have it yet" in refused(owner, number, 2)
        tries(owner, "first", number)
        assert "first was not heard of since" in refused(owner, number, 2)
        meets(owner, "first")
        require_well(owner, number, 2)
        widen(owner, number, 2)
        tries(owner, "second", number, "out of range")
        assert not_well(owner, number) == ["second refused it (out of range)"]
        assert "second refused it" in refused(owner, number, 3)
        owner.execute("UPDATE kiosk.kiosks SET left_at = now() WHERE name = 'second'")
        require_well(owner, number, 3)
        owner.execute(
            "UPDATE kiosk.kiosks SET contact = now() - interval '1 hour' WHERE name = 'first'"
        )
        assert "first was not heard of" in refused(owner, number, 3)
        with pytest.raises(InputError, match="no rollout 77"):
            require_well(owner, 77, 1)


def test_a_ring_waits_for_what_its_kiosks_say_of_themselves(place: CentralPlace) -> None:
    for name in ("first", "second"):
        place.invite(name)
    with place.owner() as owner:
        for ring, name in enumerate(("first", "second"), start=1):
            set_ring(owner, name, ring)
            meets(owner, name)
        number = roll_out(owner, {"result_seconds": 20}, 1)
        shows(owner, "first", "green")
        tries(owner, "first", number)
        meets(owner, "first")
        assert "first was not started since" in refused(owner, number, 2)
        shows(owner, "first", "red")
        assert "first is out of order" in refused(owner, number, 2)
        shows(owner, "first", "amber")
        require_well(owner, number, 2)


def shows(owner: Connection, name: str, light: str) -> None:
    owner.execute(
        "UPDATE kiosk.kiosks SET light = %s, started = clock_timestamp() WHERE name = %s",
        [light, name],
    )
