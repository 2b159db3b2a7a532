"""Which changes of the code are left out of `make mutants`, and that no others are."""

from __future__ import annotations

import pytest

from tools.mutant_kinds import Kind, change, kind

LEFT_OUT = [
    ("for a, b in zip(x, y, strict=True): pass", "strict=True", "strict=False", Kind.STRICT),
    ("for a, b in zip(x, y, strict=True): pass", "strict=True", "strict=None", Kind.STRICT),
    ("for a, b in zip(x, y, strict=True): pass", ", strict=True", ", ", Kind.STRICT),
    ('return text.encode("utf-8")', "utf-8", "UTF-8", Kind.CODEC),
    ('return path.read_text("ascii")', "ascii", "ASCII", Kind.CODEC),
    ('db.execute("VACUUM")', "VACUUM", "vacuum", Kind.SQL),
    ('w = "WHERE a = ?"', "WHERE", "where", Kind.SQL),
    ('np.einsum("ij,ij->i", a, b)', "ij,ij->i", "IJ,IJ->I", Kind.EINSUM),
    ('x = "Give PNG, JPEG or WebP."', "Give PNG, JPEG or WebP.", "XXGive PNG, JPEG or WebP.XX",
     Kind.WORDS),
    ('x = "Give a file."', "Give a file.", "GIVE A FILE.", Kind.WORDS),
]  # fmt: skip
KEPT = [
    ("for a, b in zip(x, y, strict=True): pass", "zip(x, y, strict=True)", "None"),
    ("for a, b in zip(x, y, strict=True): pass", "x, y", "x"),
    ("for a, b in zip(Emotion, p, strict=True): pass", "strict=True", "strict=False"),
    ('return text.encode("utf-8")', "utf-8", "XXutf-8XX"),
    ('return text.encode("utf-8")', '"utf-8"', "None"),
    ('return row["model_id"]', "model_id", "XXmodel_idXX"),
    ('return row["model_id"]', "model_id", "MODEL_ID"),
    ("db.execute(\"SELECT 'a' FROM b\")", "SELECT 'a' FROM b", "SELECT 'A' FROM B"),
    ('db.execute("SELECT a FROM b WHERE c = :who")', ":who", ":WHO"),
    ('x = "Give a file."', '"Give a file."', "None"),
    ('x = "accent_colour"', "accent_colour", "ACCENT_COLOUR"),
    ('x = f"Give {a.lower()} or b."', "lower", "upper"),
    ("return a < b", "<", "<="),
    ("x = 1", "1", "2"),
]


def function(body: str) -> str:
    return f"def f(x, y, a, b):\n    {body}\n"


@pytest.mark.parametrize(("body", "old", "new", "why"), LEFT_OUT)
def test_what_nothing_could_see_has_a_kind(body: str, old: str, new: str, why: Kind) -> None:
    assert kind(change(function(body), function(body.replace(old, new)))) is why


@pytest.mark.parametrize(("body", "old", "new"), KEPT)
def test_what_a_test_could_see_has_none(body: str, old: str, new: str) -> None:
    assert body.replace(old, new) != body
    assert kind(change(function(body), function(body.replace(old, new)))) is None


def test_layout_and_comments_are_no_change() -> None:
    one, two = "def f():\n    return (1, 2)  # both\n", "def f():\n    return (\n        1, 2)\n"
    found = change(one, two)
    assert (found.old, found.new) == ((), ())
