"""Restarting and shutting down the machine, through systemd's login manager: whether this account
may is for its rules (polkit) to say."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from kiosk.core.errors import PowerRefused
from kiosk.core.status import PowerAct, PowerPermission

BUS = "busctl"
MANAGER = (
    "org.freedesktop.login1",
    "/org/freedesktop/login1",
    "org.freedesktop.login1.Manager",
)
_QUESTIONS = {PowerAct.RESTART: "CanReboot", PowerAct.SHUT_DOWN: "CanPowerOff"}
_VERBS = {PowerAct.RESTART: "reboot", PowerAct.SHUT_DOWN: "poweroff"}
_TIMEOUT = 10.0


class LoginManagerPower:
    """Implements `MachinePower`."""

    def may(self, act: PowerAct) -> PowerPermission:
        """See `MachinePower`; logind answers yes, no, challenge (with a password) or na."""
        answered = _run([BUS, "--system", "call", *MANAGER, _QUESTIONS[act]])
        if answered is None or answered.returncode:
            return PowerPermission.ABSENT
        words = answered.stdout.split()
        said = words[-1].strip('"') if words else ""
        known = {
            "yes": PowerPermission.YES,
            "no": PowerPermission.DENIED,
            "challenge": PowerPermission.DENIED,
        }
        return known.get(said, PowerPermission.ABSENT)

    def carry_out(self, act: PowerAct) -> None:
        """See `MachinePower`."""
        done = _run(["systemctl", "--no-ask-password", _VERBS[act]])
        if done is None or done.returncode:
            raise PowerRefused(
                "The machine did not let itself be restarted or shut down from here.",
                "Use its own switch.",
            )


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str] | None:
    """None where there is no such program, or it does not answer."""
    try:
        return subprocess.run(  # noqa: S603  # words of our own
            words, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
