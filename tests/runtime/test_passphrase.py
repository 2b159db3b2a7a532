"""The administrator's passphrase: right, wrong, too often, after a restart, damaged."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.core.errors import StorageError
from kiosk.runtime.passphrase import FIRST_WAIT, FREE_TRIES, Passphrase, Verdict

LIGHT = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
RIGHT = "맑은 물 한 그릇"
Make = Callable[[], Passphrase]


class Now:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def make(tmp_path: Path, now: Now) -> Make:
    """The same file opened anew: a restart."""
    return lambda: Passphrase(tmp_path / "config" / "admin.json", now, LIGHT)


def test_first_start_chooses_it(make: Make) -> None:
    assert not make().exists
    assert make().choose("short") is Verdict.TOO_SHORT
    assert not make().exists
    assert make().choose(RIGHT) is Verdict.RIGHT
    assert make().check(RIGHT) is Verdict.RIGHT
    assert make().check(RIGHT + " ") is Verdict.WRONG


def test_the_file_is_private_and_holds_argon2id_alone(make: Make, tmp_path: Path) -> None:
    make().choose(RIGHT)
    file = tmp_path / "config" / "admin.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "$argon2id$" in file.read_text("utf-8")
    assert RIGHT not in file.read_text("utf-8")


def test_waits_grow_and_outlast_a_restart(make: Make, now: Now) -> None:
    make().choose(RIGHT)
    for _ in range(FREE_TRIES):
        assert make().check("wrong guess") is Verdict.WRONG
    assert make().check(RIGHT) is Verdict.TOO_EARLY
    assert make().wait() == pytest.approx(FIRST_WAIT)
    now.time += FIRST_WAIT + 1
    assert make().check("wrong guess") is Verdict.WRONG
    assert make().wait() == pytest.approx(2 * FIRST_WAIT)
    now.time += 2 * FIRST_WAIT + 1
    assert make().check(RIGHT) is Verdict.RIGHT
    assert make().check("wrong guess") is Verdict.WRONG
    assert make().wait() == 0


@pytest.mark.parametrize("content", ["", "{}", '{"hash": "abc"}', '{"other": 1}', "[]"])
def test_a_damaged_file_opens_nothing(make: Make, tmp_path: Path, content: str) -> None:
    make().choose(RIGHT)
    (tmp_path / "config" / "admin.json").write_text(content, "utf-8")
    with pytest.raises(StorageError, match="Delete it"):
        make().check(RIGHT)


def test_as_it_comes_a_guess_is_expensive(tmp_path: Path, now: Now) -> None:
    """RFC 9106, second recommended setting: 64 MiB, three passes."""
    Passphrase(tmp_path / "admin.json", now).choose(RIGHT)
    assert "m=65536,t=3" in (tmp_path / "admin.json").read_text("utf-8")
