"""What reads files from outside refuses nonsense in our words: a corpus, and changes by chance.

`python -m tools.fuzz` looks further, guided by coverage.
"""

from __future__ import annotations

import random

import pytest

from tools.fuzz.targets import TARGETS, read, seeds

CHANGES = 25
SEEDS = seeds()


@pytest.mark.parametrize("target", TARGETS)
def test_nonsense_is_refused_in_our_words(target: str) -> None:
    for content in SEEDS[target]:
        read(target, content)


@pytest.mark.parametrize("target", TARGETS)
def test_changes_by_chance_are_refused_in_our_words(target: str) -> None:
    chance = random.Random(target)
    for _ in range(CHANGES):
        content = bytearray(chance.choice(SEEDS[target])[:2000] or b"x")
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(content))
            how = chance.randrange(3)
            if how == 0:
                content[at] = chance.randrange(256)
            elif how == 1:
                del content[at : at + chance.randint(1, 20)]
                content = content or bytearray(b"x")
            else:
                content[at:at] = chance.choice([b"\0", b"[", b'"', b"-1", b"9" * 400, b"\xff"])
        read(target, bytes(content))


def test_what_is_right_is_not_refused() -> None:
    assert read("settings", SEEDS["settings"][0]) == ""
    assert "TOML" in read("settings", b"a = [")
