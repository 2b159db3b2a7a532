"""Names that look the same are the same, whatever they are spelt with."""

from __future__ import annotations

import pytest

from kiosk.core.name_skeleton import name_skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paul", "Раul"),  # Cyrillic
        ("Paul", "Pau\u200dl"),
        ("Paul", "Pa\u00adul"),
        ("Paul", "Ｐａｕｌ"),
        ("Paul", "P a  u l"),
        ("Paul", "PAUL"),
        ("Paul", "Paul."),
        ("Paul", "ℙ𝔞𝓾𝕝"),
        ("Ill", "lll"),
        ("Bob 10", "B0b IO"),
        ("Carmen", "Carrnen"),
        ("김민준", "김 민 준"),
        ("김민준", "\u1100\u1175\u11b7민준"),
        ("김민준", "김\u3164민준"),
        ("Jose", "José"),
        ("Ωmega", "Ωmega"),
    ],
)
def test_what_looks_alike_is_one(one: str, other: str) -> None:
    assert name_skeleton(one) == name_skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Paul", "Paula"), ("김민준", "김민중"), ("Ann", "Anna"), ("Lee 1", "Lee 2"), ("王", "玉")],
)
def test_what_does_not_is_not(one: str, other: str) -> None:
    assert name_skeleton(one) != name_skeleton(other)


def test_a_skeleton_of_a_skeleton_is_itself() -> None:
    for name in ("Раul 10", "김 민준", "Carrnen", "José", "ſtraße"):
        assert name_skeleton(name_skeleton(name)) == name_skeleton(name)
