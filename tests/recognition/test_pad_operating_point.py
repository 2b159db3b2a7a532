"""How many photographs get through is a setting; nothing is promised that was not measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.recognition.pad_operating_point import (
    PadDevelopment,
    load_pad_development,
    models_key,
    save_pad_development,
)

MEASURED = PadDevelopment(
    living=np.linspace(-0.5, 4.45, 100),
    photographs=np.linspace(-4.0, 1.94, 100),
    films=np.linspace(-3.0, 3.0, 40),
    people=20,
)


@pytest.mark.parametrize("once_in", [2.0, 5.0, 10.0, 20.0])
def test_no_more_photographs_get_through_than_asked_for(once_in: float) -> None:
    at = MEASURED.threshold(once_in)
    assert (MEASURED.photographs >= at).sum() == 100 / once_in
    found = MEASURED.estimate(once_in)
    assert found.photographs.one_in == pytest.approx(once_in)
    assert not found.photographs.bounded


def test_stricter_asks_more_people_again() -> None:
    lax, strict = MEASURED.estimate(5.0), MEASURED.estimate(20.0)
    assert strict.asked_again.one_in < lax.asked_again.one_in
    assert strict.films.one_in > lax.films.one_in


def test_what_so_few_cannot_support_is_not_promised() -> None:
    found = MEASURED.estimate(1000.0)
    assert found.supported == pytest.approx(100 / 3)
    assert MEASURED.threshold(1000.0) > MEASURED.photographs.max()
    assert (found.photographs.bounded, found.photographs.one_in) == (True, found.supported)


def test_where_none_got_through_three_in_so_many_may() -> None:
    few = PadDevelopment(np.array([1.0]), np.array([-3.0, -2.0]), np.array([-9.0] * 30), 3)
    found = few.estimate(3.0)
    assert (found.films.bounded, found.films.one_in) == (True, 10.0)


def test_scores_are_read_for_just_the_networks_they_are_of(tmp_path: Path) -> None:
    file, key = tmp_path / "scores.json", models_key("a", "b")
    save_pad_development(file, key, MEASURED)
    read = load_pad_development(file, key)
    assert read is not None
    assert read.people == 20
    assert np.allclose(read.living, MEASURED.living, atol=1e-3)
    assert load_pad_development(file, models_key("a", "c")) is None
    assert load_pad_development(tmp_path / "none.json", key) is None
    file.write_text("[]", encoding="utf-8")
    assert load_pad_development(file, key) is None
