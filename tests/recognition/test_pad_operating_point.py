"""How many photographs get through is a setting; nothing is promised that was not measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.core.status import Odds
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


FEW = PadDevelopment(
    np.array([0.5, 1.5, 2.0]), np.array([-2.0, -1.0, 0.0, 1.0]), np.array([3.0]), 5
)


def test_a_threshold_lets_as_many_photographs_through_as_are_allowed() -> None:
    for once_in, place in ((4.0, 0.0), (3.9, 0.0), (2.0, -1.0), (4.1, 1.0), (1000.0, 1.0)):
        assert FEW.threshold(once_in) == np.nextafter(place, np.inf)
    assert FEW.threshold(1.0) == -1e9
    assert FEW.supported == pytest.approx(4 / 3)
    none = PadDevelopment(np.empty(0), np.empty(0), np.empty(0), 0)
    assert (none.supported, none.threshold(10.0)) == (1.0, -1e9)


def test_what_a_setting_means_for_each_kind() -> None:
    found = FEW.estimate(4.0)
    assert (found.asked, found.supported, found.people) == pytest.approx((4.0, 4 / 3, 5))
    assert (found.photographs, found.films) == (Odds(4.0, False), Odds(1.0, False))
    assert found.asked_again == Odds(1.0, True)
    strict = FEW.estimate(100.0)
    assert strict.photographs == Odds(4 / 3, True)
    assert strict.asked_again == Odds(3.0, False)
    many = PadDevelopment(np.arange(30.0), np.arange(-12.0, 0.0), np.arange(-6.0, 0.0), 9)
    told = many.estimate(100.0)
    assert (told.photographs, told.films) == (Odds(4.0, True), Odds(2.0, True))
    assert told.asked_again == Odds(10.0, True)


def test_scores_are_written_rounded_and_in_order_and_read_for_their_networks(
    tmp_path: Path,
) -> None:
    file = tmp_path / "pad.json"
    key = models_key("picture@1", "lips@2")
    assert key == models_key("picture@1", "lips@2") != models_key("lips@2", "picture@1")
    assert len(key) == 16
    save_pad_development(
        file, key, PadDevelopment(np.array([2.0, 1.23456]), np.array([-1.0]), np.array([0.0]), 5)
    )
    lines = file.read_text("utf-8").splitlines()
    assert lines == [
        "{",
        f' "models": "{key}",',
        ' "people": 5,',
        ' "living": [1.235, 2.0],',
        ' "photographs": [-1.0],',
        ' "films": [0.0]',
        "}",
    ]
    read = load_pad_development(file, key)
    assert read is not None
    assert (read.living.tolist(), read.people) == ([1.235, 2.0], 5)
    assert (read.photographs.tolist(), read.films.tolist()) == ([-1.0], [0.0])
    assert load_pad_development(file, "another") is None
    assert load_pad_development(tmp_path / "none.json", key) is None
    for text in ("{}", "[]", "no", f'{{"models": "{key}"}}'):
        file.write_text(text, "utf-8")
        assert load_pad_development(file, key) is None
