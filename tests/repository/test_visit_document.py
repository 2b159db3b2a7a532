"""The page on the states of a visit is the table in the code."""

from __future__ import annotations

from tools.visit_document import FILE, document


def test_the_page_on_the_states_of_a_visit_is_current() -> None:
    hint = "run `python -m tools.visit_document`"
    assert FILE.read_text(encoding="utf-8") == document(), hint
