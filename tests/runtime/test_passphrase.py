"""Who may open the staff pages: right, wrong, too often, at once, after a restart, damaged."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from kiosk.core import boot_clock
from kiosk.core.boot_clock import Moment
from kiosk.core.errors import InputError, StorageError
from kiosk.runtime.passphrase import (
    FIRST_WAIT,
    FREE_TRIES,
    LONGEST_WAIT,
    MOST_PEOPLE,
    Passphrase,
    Role,
    Verdict,
)

LIGHT = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
RIGHT = "맑은 물 한 그릇"
OTHER = "brass otter window"
Make = Callable[[], Passphrase]


class Now:
    """The machine's own clock, which nobody can set, and which start of it this is."""

    seconds = 1000.0
    boot = "first"

    def __call__(self) -> Moment:
        return Moment(self.boot, self.seconds)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "admin.json"


@pytest.fixture
def make(file: Path, now: Now) -> Make:
    """The same file opened anew: a restart."""
    return lambda: Passphrase(file, now, LIGHT)


def test_before_one_is_set_nothing_opens(make: Make) -> None:
    assert not make().exists
    assert make().check(RIGHT).verdict is Verdict.NOT_SET
    assert not make().exists
    make().choose(RIGHT)
    assert make().check(RIGHT).verdict is Verdict.RIGHT
    assert make().check(RIGHT + " ").verdict is Verdict.WRONG


@pytest.mark.parametrize("text", ["short", "password2026", "kiosk1234", "비밀번호1234"])
def test_a_weak_one_is_refused(make: Make, text: str) -> None:
    with pytest.raises(InputError):
        make().choose(text)
    assert not make().exists


def test_the_file_is_private_and_holds_argon2id_alone(make: Make, file: Path) -> None:
    make().choose(RIGHT)
    for each in (file, file.with_name("admin-tries.json")):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert "$argon2id$" in file.read_text("utf-8")
    assert RIGHT not in file.read_text("utf-8")


def wrong(made: Passphrase, times: int) -> None:
    for _ in range(times):
        assert made.check("wrong guess").verdict is Verdict.WRONG


def test_waits_grow_and_outlast_a_restart_of_the_program(make: Make, now: Now) -> None:
    make().choose(RIGHT)
    wrong(make(), FREE_TRIES)
    assert make().check(RIGHT).verdict is Verdict.TOO_EARLY
    assert make().wait() == pytest.approx(FIRST_WAIT)
    now.seconds += FIRST_WAIT + 1
    wrong(make(), 1)
    assert make().wait() == pytest.approx(2 * FIRST_WAIT)
    now.seconds += 2 * FIRST_WAIT + 1
    assert make().check(RIGHT).verdict is Verdict.RIGHT
    wrong(make(), 1)
    assert make().wait() == 0


def test_the_wait_has_a_longest_and_tries_meanwhile_do_not_stretch_it(make: Make, now: Now) -> None:
    """A visitor who types nonsense all night keeps staff waiting for five minutes, no longer."""
    made = make()
    made.choose(RIGHT)
    for _ in range(40):
        made.check("nonsense")
        now.seconds += made.wait()
    made.check("nonsense")
    for _ in range(100):
        now.seconds += LONGEST_WAIT / 101
        assert made.check("nonsense").verdict is Verdict.TOO_EARLY
    assert made.wait() <= LONGEST_WAIT / 100
    now.seconds += LONGEST_WAIT / 100
    assert made.check(RIGHT).verdict is Verdict.RIGHT


def test_a_shell_lets_staff_in_at_once(make: Make) -> None:
    make().choose(RIGHT)
    wrong(make(), FREE_TRIES)
    make().unlock()
    assert make().check(RIGHT).verdict is Verdict.RIGHT


def test_the_clock_of_the_wall_changes_nothing() -> None:
    """Waits hang on the machine's own clock, which setting the date does not move."""
    import time

    first = boot_clock.now()
    assert abs(first.seconds - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1
    assert boot_clock.now().boot == first.boot


def test_starting_the_machine_anew_skips_no_wait_and_stretches_none(make: Make, now: Now) -> None:
    make().choose(RIGHT)
    wrong(make(), FREE_TRIES)
    now.seconds += FIRST_WAIT - 1
    for number in range(3):
        now.boot, now.seconds = f"start {number}", 5.0
        assert make().check(RIGHT).verdict is Verdict.TOO_EARLY
        assert make().wait() == pytest.approx(FIRST_WAIT)
    now.seconds += FIRST_WAIT + 1
    assert make().check(RIGHT).verdict is Verdict.RIGHT


def test_a_clock_written_into_the_file_stretches_no_wait(make: Make, file: Path, now: Now) -> None:
    make().choose(RIGHT)
    tries = file.with_name("admin-tries.json")
    tries.write_text(json.dumps({"failures": 9, "boot": now.boot, "until": 1e12}), "utf-8")
    assert make().wait() <= LONGEST_WAIT


def test_tries_at_once_are_counted_together(make: Make, file: Path) -> None:
    make().choose(RIGHT)
    verdicts: list[Verdict] = []
    barrier = threading.Barrier(12)

    def attempt() -> None:
        made = make()
        barrier.wait()
        verdicts.append(made.check("wrong guess").verdict)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts.count(Verdict.WRONG) == FREE_TRIES
    assert verdicts.count(Verdict.TOO_EARLY) == 12 - FREE_TRIES


@pytest.mark.parametrize(
    "content", ["", "{}", '{"hash": 3}', '{"other": 1}', "[]", '{"version": 2, "people": []}']
)
def test_a_damaged_file_opens_nothing_and_is_never_made_anew(
    make: Make, file: Path, content: str
) -> None:
    make().choose(RIGHT)
    file.write_text(content, "utf-8")
    with pytest.raises(StorageError, match="stay closed"):
        make().check(RIGHT)
    with pytest.raises(StorageError):
        make().choose(OTHER)
    assert file.read_text("utf-8") == content


def test_a_hash_that_is_none_opens_nothing(make: Make, file: Path) -> None:
    make().choose(RIGHT)
    file.write_text('{"hash": "abc"}', "utf-8")
    with pytest.raises(StorageError, match="stay closed"):
        make().check(RIGHT)


@pytest.mark.parametrize("content", [None, "", "[]", '{"failures": -3, "boot": "", "until": 0}'])
def test_lost_tries_bring_the_longest_wait(
    make: Make, file: Path, now: Now, content: str | None
) -> None:
    make().choose(RIGHT)
    tries = file.with_name("admin-tries.json")
    tries.unlink() if content is None else tries.write_text(content, "utf-8")
    assert make().check(RIGHT).verdict is Verdict.TOO_EARLY
    assert make().wait() == pytest.approx(LONGEST_WAIT)
    now.seconds += LONGEST_WAIT
    assert make().check(RIGHT).verdict is Verdict.RIGHT


def test_the_first_versions_file_is_an_operators(make: Make, file: Path) -> None:
    file.parent.mkdir(mode=0o700)
    file.write_text(json.dumps({"hash": LIGHT.hash(RIGHT), "failures": 0, "open_at": 0.0}))
    file.chmod(0o600)
    make().unlock()
    answer = make().check(RIGHT)
    assert answer.staff is not None
    assert answer.staff.role is Role.OPERATOR


def test_each_has_a_role_and_a_number_that_is_never_given_again(make: Make) -> None:
    made = make()
    made.choose(RIGHT)
    made.choose(OTHER, "desk", Role.ENROLLER)
    answer = made.check(OTHER)
    assert answer.staff is not None
    assert (answer.staff.name, answer.staff.role, answer.staff.number) == (
        "desk",
        Role.ENROLLER,
        2,
    )
    made.remove("desk")
    made.choose("seven green boats", "night", Role.AUDITOR)
    assert [(each.name, each.number) for each in made.people()] == [("admin", 1), ("night", 3)]


def test_two_people_never_share_one(make: Make) -> None:
    make().choose(RIGHT)
    with pytest.raises(InputError, match="Somebody else has"):
        make().choose(RIGHT, "desk", Role.ENROLLER)


def test_an_operator_is_always_left(make: Make) -> None:
    with pytest.raises(InputError, match="Nobody would be left"):
        make().choose(OTHER, "desk", Role.ENROLLER)
    make().choose(RIGHT)
    with pytest.raises(InputError, match="Nobody would be left"):
        make().remove("admin")
    with pytest.raises(InputError, match="Nobody would be left"):
        make().choose(OTHER, "admin", Role.AUDITOR)


def test_people_are_as_many_as_a_try_can_bear(make: Make) -> None:
    made = make()
    for number in range(MOST_PEOPLE):
        made.choose(f"gravel piano {number} thursday", f"s{number}")
    with pytest.raises(InputError, match="have one already"):
        made.choose(RIGHT, "one more")


def test_a_hash_grows_with_what_is_asked_of_it(file: Path, now: Now) -> None:
    Passphrase(file, now, LIGHT).choose(RIGHT)
    heavier = PasswordHasher(time_cost=2, memory_cost=2048, parallelism=1)
    assert Passphrase(file, now, heavier).check(RIGHT).verdict is Verdict.RIGHT
    assert "m=2048,t=2" in file.read_text("utf-8")
    assert Passphrase(file, now, heavier).check(RIGHT).verdict is Verdict.RIGHT


def test_as_it_comes_a_guess_is_expensive(file: Path, now: Now) -> None:
    """RFC 9106, second recommended setting: 64 MiB, three passes."""
    Passphrase(file, now).choose(RIGHT)
    assert "m=65536,t=3" in file.read_text("utf-8")
