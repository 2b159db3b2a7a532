"""Threads of networks sleep while they wait, unless the operator says otherwise."""

from __future__ import annotations

import os
import subprocess
import sys


def policy_with(package: str, **environment: str) -> str:
    """The policy in force when torch is loaded by a package of ours."""
    code = f"import {package}, torch, os; print(os.environ['OMP_WAIT_POLICY'])"
    kept = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout.strip()


def test_both_packages_with_networks_let_threads_sleep() -> None:
    assert policy_with("kiosk.inference.devices") == "PASSIVE"
    assert policy_with("kiosk.training.loop") == "PASSIVE"


def test_the_operator_is_obeyed() -> None:
    assert policy_with("kiosk.inference.devices", OMP_WAIT_POLICY="ACTIVE") == "ACTIVE"
