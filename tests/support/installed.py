"""An environment of its own that holds the kiosk as a wheel, and only what a kiosk needs to run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.paths import ROOT
from tools.without_cuda import SERVES_CUDA

SOURCES = ("kiosk", "weights", "assets")
BESIDE = ("setup.py", "MANIFEST.in", "pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY.md")
_CLUTTER = shutil.ignore_patterns("__pycache__", "*.egg-info", "demo")


def build_wheel(folder: Path) -> Path:
    """Built without network from a copy, so that nothing an earlier build left can get in."""
    source = folder / "source"
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=_CLUTTER)
    for name in BESIDE:
        shutil.copy(ROOT / name, source / name)
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder)]
    _pip("wheel", *options, str(source))
    return next(folder.glob("*.whl"))


def environment_with(wheel: Path, folder: Path) -> Path:
    """The interpreter of a new environment: the wheel installed by pip, and beside it links to
    every installed distribution that the wheel needs, whole, and to no other."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    _pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    paths = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    needs = next(site.glob("kiosk-*.dist-info"))
    for name in _closure(Distribution.at(needs)):
        for entry in _entries(distribution(name)):
            if not (site / entry.name).exists():
                (site / entry.name).symlink_to(entry)
    return python


def _closure(root: Distribution) -> set[str]:
    """Names of the distributions that one needs here, with what these need."""
    found: set[tuple[str, str]] = set()
    waiting = [(root, "")]
    while waiting:
        for name, extra in set(_needs(*waiting.pop())) - found:
            if SERVES_CUDA.match(name) and not _is_here(name):
                continue  # left out where there is no GPU, and torch starts without
            found.add((name, extra))
            waiting.append((distribution(name), extra))
    return {name for name, _extra in found}


def _is_here(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _needs(dist: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    """What a distribution, or an extra of it, needs: names, each with the extra that is asked of
    it or with none."""
    for text in dist.requires or ():
        need = Requirement(text)
        if need.marker is None or need.marker.evaluate({"extra": extra}):
            yield need.name, ""
            yield from ((need.name, each) for each in need.extras)


def _entries(dist: Distribution) -> set[Path]:
    """What a distribution put directly into site-packages."""
    tops = {file.parts[0] for file in dist.files or ()} - {"..", "__pycache__"}
    return {Path(str(dist.locate_file(top))) for top in tops}


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
