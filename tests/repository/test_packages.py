"""The public surface of each package, and what importing it must not bring along."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys

import kiosk
from tests.support.paths import ROOT

SURFACES = {
    "capture": {"open_source"},
    "cli": set(),
    "client": set(),
    "core": set(),
    "datasets": set(),
    "enrolment": {"Enroller", "EnrolmentSession"},
    "evaluation": set(),
    "inference": {"build_face", "build_voice"},
    "recognition": {"Identifier", "Visit"},
    "runtime": {"engine_factory", "open_gallery", "open_source", "open_workbench"},
    "server": {"create_app"},
    "storage": {"MemoryGallery", "SqlGallery", "SqlOutbox", "open_gallery", "open_outbox"},
    "training": set(),
    "ui": {"run_screen"},
}
"""What others import from the package itself. Of core (values, ports, arithmetic), and of the
packages behind one command each, the modules are the surface."""
HEAVY = ("torch", "torchaudio", "PySide6", "cv2", "av", "facenet_pytorch", "matplotlib", "scipy")


def test_nothing_but_packages_lies_at_the_root() -> None:
    found = {module.name: module.ispkg for module in pkgutil.iter_modules(kiosk.__path__)}
    assert found.pop("__main__") is False
    assert found == dict.fromkeys(SURFACES, True)


def test_every_package_offers_its_surface_and_says_what_it_is_for() -> None:
    for name, expected in SURFACES.items():
        package = importlib.import_module(f"kiosk.{name}")
        assert set(getattr(package, "__all__", ())) == expected, name
        assert all(callable(getattr(package, offered)) for offered in expected)
        assert package.__doc__, name


def brought_along(statement: str, packages: tuple[str, ...] = HEAVY) -> list[str]:
    """Those of the packages in memory after a statement, in an interpreter of its own."""
    listed = f"[name for name in {packages} if name in sys.modules]"
    code = f"{statement}\nimport json, sys\nprint(json.dumps({listed}))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_command_brings_nothing_heavy() -> None:
    read_settings = ("numpy", "pydantic", "pydantic_settings", "tomlkit")
    assert brought_along("import kiosk.cli.main", (*HEAVY, *read_settings)) == []


def test_asking_for_help_brings_nothing_heavy() -> None:
    call = "from kiosk.cli.main import cli; cli.main(['--help'], standalone_mode=False)"
    assert brought_along(call, (*HEAVY, "numpy", "pydantic", "rich")) == []


def test_composition_brings_neither_network_nor_screen() -> None:
    assert set(brought_along("import kiosk.runtime, kiosk.inference.manifest")) <= {"cv2"}


def test_screens_bring_no_network() -> None:
    brought = brought_along("import kiosk.ui.app, kiosk.ui.launch")
    assert "PySide6" in brought
    assert not {"torch", "torchaudio", "facenet_pytorch"} & set(brought)


def test_tests_import_no_other_test_module() -> None:
    """What tests share is in tests/support; a test can be read, moved and deleted alone."""
    pattern = re.compile(r"^\s*(?:from|import) tests\.(?:\w+\.)*test_\w+", re.MULTILINE)
    files = sorted((ROOT / "tests").rglob("*.py"))
    found = [str(file) for file in files if pattern.search(file.read_text("utf-8"))]
    assert len(files) > 100
    assert not found
