"""The gallery's key sealed to a TPM, as `docs/operations.md` says: a real one in software (swtpm),
real systemd-creds, and the kiosk as the service manager would start it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.servers import wait_ready

NEEDED = ("swtpm", "systemd-creds", "tpm2_pcrextend", "tpm2_flushcontext")
MISSING = [name for name in NEEDED if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not here: {', '.join(MISSING)}")

PORT = 20_000 + os.getpid() % 20_000 // 2 * 2
DEVICE = f"swtpm:host=127.0.0.1,port={PORT}"
BOOT = "7:sha256=" + "a" * 64
"""What firmware measures into PCR 7 (the state of secure boot), to which systemd-creds seals."""


def run(*command: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"TPM2TOOLS_TCTI": DEVICE} | more,
    )


@contextmanager
def started(folder: Path) -> Iterator[None]:
    """A machine with this TPM, from power on; nothing was measured yet."""
    folder.mkdir(exist_ok=True)
    running = subprocess.Popen(
        [
            *("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}"),
            *("--server", f"type=tcp,port={PORT},bindaddr=127.0.0.1,disconnect"),
            *("--ctrl", f"type=tcp,port={PORT + 1},bindaddr=127.0.0.1"),
            *("--flags", "not-need-init,startup-clear"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_ready(running, lambda: measure(BOOT))
        yield
    finally:
        running.terminate()
        running.wait(30)


def measure(what: str) -> bool:
    return run("tpm2_pcrextend", what).returncode == 0


def creds(what: str, source: Path, target: Path) -> bool:
    sealing = ["--with-key=tpm2", "--tpm2-pcrs=7"] if what == "encrypt" else []
    done = run(
        *("systemd-creds", what, *sealing, f"--tpm2-device={DEVICE}", "--name=gallery.key"),
        *(source, target),
    )
    for kind in ("--loaded-session", "--transient-object"):
        run("tpm2_flushcontext", kind)  # no resource manager stands between
    return done.returncode == 0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def kiosk(home: Path, key_file: Path, *command: str) -> subprocess.CompletedProcess[str]:
    settings = [f"database={home / 'data' / 'gallery.db'}", f"key_file={key_file}"]
    return run(
        *(sys.executable, "-m", "kiosk", *(f"--set={each}" for each in settings), *command),
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_STATE_HOME=str(home / "state"),
        CREDENTIALS_DIRECTORY=str(home / "lent"),
        PYTHONPATH=str(ROOT),
    )


def test_the_key_is_sealed_to_this_machine_as_it_boots(home: Path) -> None:
    plain, sealed = home / "config" / "kiosk" / "gallery.key", home / "gallery.key.cred"
    lent = home / "lent" / "gallery.key"
    lent.parent.mkdir(mode=0o700)
    made = kiosk(home, plain, "gallery", "list")
    assert made.returncode == 0, made.stderr
    key = plain.read_text()
    with started(home / "board"):
        assert creds("encrypt", plain, sealed)
        plain.unlink()
        assert key.strip().encode() not in sealed.read_bytes()
    with started(home / "board"):  # the machine was restarted
        assert creds("decrypt", sealed, lent)
        assert lent.read_text() == key
        opened = kiosk(home, lent, "key", "status")
        assert (opened.returncode, "opens" in opened.stdout) == (0, True), opened
        assert kiosk(home, lent, "gallery", "check").returncode == 0
        # The key is exchanged: taken out of the TPM, another one made and sealed in its place.
        assert creds("decrypt", sealed, plain)
        plain.chmod(0o600)
        rotated = kiosk(home, plain, "key", "rotate")
        assert rotated.returncode == 0, rotated.stderr
        sealed.unlink()
        assert creds("encrypt", plain, sealed)
        plain.unlink()
        assert kiosk(home, lent, "gallery", "list").returncode == 6  # the old one opens nothing
        lent.unlink()
        assert creds("decrypt", sealed, lent)
        assert kiosk(home, lent, "gallery", "check").returncode == 0
        # It was started otherwise: another loader, secure boot off.
        assert measure(BOOT)
        assert not creds("decrypt", sealed, home / "otherwise")
    with started(home / "other board"):  # the disk in another machine
        assert not creds("decrypt", sealed, home / "elsewhere")
    lent.unlink()
    refused = kiosk(home, lent, "gallery", "list")
    assert refused.returncode not in (0, 70)
    assert "is missing" in refused.stderr
