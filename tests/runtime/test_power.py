"""Restart and shut-down of the machine, with programs that answer as systemd's do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.core.errors import PowerRefused
from kiosk.core.status import PowerAct, PowerPermission
from kiosk.runtime.power import LoginManagerPower


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which alone programs are looked for."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, lines: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{lines}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("yes", PowerPermission.YES),
        ("no", PowerPermission.DENIED),
        ("challenge", PowerPermission.DENIED),
        ("na", PowerPermission.ABSENT),
    ],
)
def test_what_the_login_manager_says_counts(
    programs: Path, said: str, meant: PowerPermission
) -> None:
    put(programs, "busctl", f"""[ "$6" = CanReboot ] && echo 's "{said}"'""")
    assert LoginManagerPower().may(PowerAct.RESTART) is meant
    assert LoginManagerPower().may(PowerAct.SHUT_DOWN) is PowerPermission.ABSENT


def test_without_a_login_manager_nothing_is_offered(programs: Path) -> None:
    assert LoginManagerPower().may(PowerAct.RESTART) is PowerPermission.ABSENT
    put(programs, "busctl", "echo 'Failed to connect to bus' >&2; exit 1")
    assert LoginManagerPower().may(PowerAct.RESTART) is PowerPermission.ABSENT


@pytest.mark.parametrize(
    ("act", "verb"), [(PowerAct.RESTART, "reboot"), (PowerAct.SHUT_DOWN, "poweroff")]
)
def test_it_is_done_without_asking_for_a_password(programs: Path, act: PowerAct, verb: str) -> None:
    put(programs, "systemctl", f'echo "$@" > {programs}/asked')
    LoginManagerPower().carry_out(act)
    assert (programs / "asked").read_text() == f"--no-ask-password {verb}\n"


def test_a_refusal_is_told(programs: Path) -> None:
    with pytest.raises(PowerRefused, match="did not let itself"):
        LoginManagerPower().carry_out(PowerAct.SHUT_DOWN)
    put(programs, "systemctl", "exit 1")
    with pytest.raises(PowerRefused) as refused:
        LoginManagerPower().carry_out(PowerAct.SHUT_DOWN)
    assert "switch" in refused.value.remedy
